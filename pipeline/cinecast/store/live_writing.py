"""Writes for a stream that goes on: all of it beside the stream, and a disk without space stops nothing."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from cinecast.errors import StoreError
from cinecast.store.disk_errors import as_store_error

_LOG = logging.getLogger(__name__)

# So many bytes wait for the disk at most: half a minute or more of a stream.
_MOST_WAITING = 2**26


class LiveWriting:
    """Writes in a thread of its own, or counts what was not written; the first failure is said.

    A disk may take longer than frames can wait. What is asked for is written in that order.

    Parameters
    ----------
    root
        The folder of the session.

    Attributes
    ----------
    unwritten
        How many rows of tables and predicted frames found no place on the disk.
    """

    def __init__(self, root: Path) -> None:
        self._root, self.unwritten = root, 0
        self._thread = ThreadPoolExecutor(1, "cinecast writer")
        self._pending: deque[tuple[Future[None], int]] = deque()
        self._waiting = 0

    def write(self, write: Callable[[], None], pieces: int, size: int) -> None:
        """Have something written, once all that was asked for before is.

        Much of it waits for a disk that is slow or hangs; behind that the stream waits, too, so that memory does not
        grow.

        Parameters
        ----------
        write
            Writes. What it writes must not change any more.
        pieces
            What it counts for where it finds no place.
        size
            Bytes that it holds in memory until then.
        """
        while self._pending and (self._waiting + size > _MOST_WAITING or self._pending[0][0].done()):
            written, held = self._pending.popleft()
            written.result()
            self._waiting -= held
        self._pending.append((self._thread.submit(self._attempt, write, pieces), size))
        self._waiting += size

    def close(self) -> None:
        """Wait until all is written."""
        self._thread.shutdown()
        for written, _ in self._pending:
            written.result()

    def _attempt(self, write: Callable[[], None], pieces: int) -> None:
        try:
            with as_store_error(self._root, "the live session", "end it and choose another --out"):
                write()
        except StoreError as error:
            first, self.unwritten = not self.unwritten, self.unwritten + pieces
            if first:
                _LOG.warning("%s (the stream goes on; what is not written is counted)", error)
