"""The other end of a stream, on loopback, with real sockets: says what it is told to, and hangs up."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from cinecast.streams.image import pack_image
from cinecast.streams.openigtlink import pack_message

Talk = Callable[[socket.socket], None]
EPOCH_NS = 1_700_000_000_000_000_000
# Spacings and directions that differ by axis: columns run along the patient's head, rows to the back.
AFFINE = np.array([[0.0, 0.3, 5.0, 10.0], [0.0, -1.2, 0.4, -20.0], [1.5, 0.0, 0.0, 33.0], [0.0, 0.0, 0.0, 1.0]])


def said(*parts: bytes) -> Talk:
    """Return a talk that says some bytes and hangs up."""
    return lambda connected: connected.sendall(b"".join(parts))


@contextmanager
def server(talks: Sequence[Talk]) -> Iterator[int]:
    """Give the port of a server whose n-th connection is the n-th talk; after the last it answers nobody."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = int(listener.getsockname()[1])  # the listener may be closed before this is asked for

    def run() -> None:
        for talk in talks:
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            with connected:
                try:
                    talk(connected)
                except OSError:
                    continue
        listener.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        listener.close()


def image(
    number: int, frame: NDArray[np.generic], *, device: str = "Scan", affine: NDArray[np.float64] = AFFINE
) -> bytes:
    """Return the IMAGE message of a frame, a quarter of a second after the one before it."""
    return pack_message("IMAGE", device, EPOCH_NS + number * 250_000_000, pack_image(frame, affine))


def noise(number: int, rows: int = 12, columns: int = 10) -> NDArray[np.uint16]:
    """Return a frame that no other number has."""
    return np.random.default_rng(number).integers(0, 4000, (rows, columns)).astype(np.uint16)
