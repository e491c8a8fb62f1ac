"""One connection to read from: exactly so many bytes, or an error that says where it ended."""

from __future__ import annotations

import socket
from threading import Event
from time import perf_counter

from cinecast.streams.errors import StreamBrokenError, StreamEndedError

_LOOK_EVERY_S = 0.1
# A message that has begun and does not go on for so long is given up: its sender hangs, or is gone without a word.
_PATIENCE_S = 5.0
_SKIP_AT_ONCE = 1 << 16


class Connection:
    """Reads from a socket until it is told to stop.

    Parameters
    ----------
    connected
        The socket; closed by the caller.
    stop
        Once it is set, reading ends as if the other end had closed.
    """

    def __init__(self, connected: socket.socket, stop: Event) -> None:
        self._socket, self._stop = connected, stop
        connected.settimeout(_LOOK_EVERY_S)

    def exactly(self, size: int, *, begun: bool = True) -> bytearray:
        """Return so many bytes.

        Parameters
        ----------
        size
            How many.
        begun
            Whether a message has begun with the bytes before them.

        Returns
        -------
        bytearray
            The bytes.

        Raises
        ------
        StreamEndedError
            If the other end has closed between two messages, or reading is to stop.
        StreamBrokenError
            If the connection ends within a message, or the message does not go on.
        """
        content = bytearray(size)
        view, got = memoryview(content), 0
        last = perf_counter()
        while got < size:
            if self._stop.is_set():
                raise StreamEndedError
            count = self._receive(view[got:])
            if count == 0:
                self._end(begun or got > 0, got, size)
            elif count is not None:
                got, last = got + count, perf_counter()
            elif (begun or got) and perf_counter() - last > _PATIENCE_S:
                raise StreamBrokenError("half", f"it does not go on: {got} of {size} bytes came, then nothing for 5 s")
        return content

    def skip(self, size: int) -> None:
        """Read so many bytes of a message and forget them; raises what `exactly` does."""
        while size > 0:
            size -= len(self.exactly(min(size, _SKIP_AT_ONCE)))

    def _receive(self, view: memoryview) -> int | None:
        try:
            return self._socket.recv_into(view)
        except TimeoutError:
            return None
        except OSError:  # the other end was killed
            return 0

    @staticmethod
    def _end(within: bool, got: int, size: int) -> None:
        if not within:
            raise StreamEndedError
        raise StreamBrokenError("half", f"the connection ended within it, after {got} of {size} bytes")
