"""Writes for a stream that goes on: large files beside it, and a disk without space stops nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from cinecast.errors import StoreError
from cinecast.store.disk_errors import as_store_error

_LOG = logging.getLogger(__name__)

# So many files, of 32 predicted frames or masks each, wait for the disk at most.
_MOST_WAITING = 6


class LiveWriting:
    """Writes, or counts what was not written; the first failure is said.

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
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, "cinecast writer")
        self._pending: list[Future[None]] = []

    def at_once(self, write: Callable[[], None], pieces: int) -> None:
        """Write before going on.

        Parameters
        ----------
        write
            Writes.
        pieces
            What it counts for where it finds no place.
        """
        try:
            with as_store_error(self._root, "the live session", "end it and choose another --out"):
                write()
        except StoreError as error:
            with self._lock:
                first, self.unwritten = not self.unwritten, self.unwritten + pieces
            if first:
                _LOG.warning("%s (the stream goes on; what is not written is counted)", error)

    def beside(self, write: Callable[[], None], pieces: int) -> None:
        """Write in a thread of its own: a disk may take longer than frames can wait.

        A few files wait for a disk that is slow; behind these the stream waits, too, so that memory does not grow.

        Parameters
        ----------
        write, pieces
            As for `at_once`.
        """
        while self._pending and (len(self._pending) >= _MOST_WAITING or self._pending[0].done()):
            self._pending.pop(0).result()
        self._pending.append(self._thread.submit(self.at_once, write, pieces))

    def close(self) -> None:
        """Wait until all is written."""
        self._thread.shutdown()
        for each in self._pending:
            each.result()
