"""What has arrived and waits to be taken: nothing is lost, and no more memory is used than is allowed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Condition
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ArrivedFrame:
    """A frame that has arrived.

    Parameters
    ----------
    frame
        Grey values, shape (H, W).
    affine
        Map from (column, row, plane, 1) to patient RAS+ mm, shape (4, 4); None where the message has none.
    stamp_ns
        Time stamp of the message in ns on the clock of its sender; None where it has none.
    acquired_ns
        When it was acquired, likewise.
    arrived_ns
        When its last byte came, in ns since 1970 by the clock of this machine, which cannot jump meanwhile.
    seen_s
        The same as `time.perf_counter` counts.
    """

    frame: NDArray[Any]
    affine: NDArray[np.float64] | None
    stamp_ns: int | None
    acquired_ns: int | None
    arrived_ns: int
    seen_s: float


class ArrivedFault(NamedTuple):
    """A message that should have been a frame and is none: the kind of fault, and the fault in words."""

    kind: str
    sentence: str


Arrived = ArrivedFrame | ArrivedFault


class Arrivals:
    """A queue between the thread that receives and the one that takes.

    Where it is full the receiver waits, and so does the sender at the other end of the connection.

    Parameters
    ----------
    most_bytes
        Pixels that may wait, in bytes.
    most
        How many may wait.

    Attributes
    ----------
    full
        How often the receiver had to wait.
    """

    def __init__(self, most_bytes: int = 512 << 20, most: int = 4096) -> None:
        self._most_bytes, self._most = most_bytes, most
        self._waiting: deque[Arrived] = deque()
        self._bytes = self._frames = self.full = 0
        self._closed = False
        self._changed = Condition()

    def put(self, arrived: Arrived) -> None:
        """Add what has arrived; waits while there is no place."""
        size = arrived.frame.nbytes if isinstance(arrived, ArrivedFrame) else 0
        with self._changed:
            if not self._has_place(size):
                self.full += 1
                self._changed.wait_for(lambda: self._closed or self._has_place(size))
            self._waiting.append(arrived)
            self._bytes += size
            self._frames += isinstance(arrived, ArrivedFrame)  # one without a pixel, too
            self._changed.notify_all()

    def take(self, timeout_s: float) -> tuple[Arrived, bool] | None:
        """Return the oldest that waits, and whether a newer frame waits behind it; None if nothing comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), timeout_s):
                return None
            arrived = self._waiting.popleft()
            if isinstance(arrived, ArrivedFrame):
                self._bytes -= arrived.frame.nbytes
                self._frames -= 1
            self._changed.notify_all()
            return arrived, self._frames > 0

    def close(self) -> None:
        """Let a receiver that waits for a place go on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _has_place(self, size: int) -> bool:
        # One is always taken, however large.
        return not self._waiting or (self._bytes + size <= self._most_bytes and len(self._waiting) < self._most)
