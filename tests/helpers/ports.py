"""Ports that are free, and stay so until somebody listens there."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

# Below those that systems give to connections of their own: one of these may be taken the moment after it was free.
_FROM, _TO = 15_000, 32_000
_CHANCE = random.SystemRandom()  # tests beside this one, with the same seeds, choose too


def free_port() -> int:
    """Return a port that nobody has."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Return as many ports that nobody has, no two of them the same."""
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            port = _CHANCE.randrange(_FROM, _TO)
            try:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            found.append(port)
    return found
