"""What a task says while it works, kept for the log of its sequence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cinecast.batch.job import LogLine


class _Listener(logging.Handler):
    """Keeps the records of one thread: a worker with several works on several sequences."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[LogLine] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        if record.thread == self._thread:
            self.lines.append(LogLine(record.created, record.levelname, record.getMessage()))


_LOGGERS = [logging.getLogger(name) for name in ("cinecast", "cinecast_models", "py.warnings")]
_LOCK = threading.Lock()
_listeners = 0


@contextmanager
def listening() -> Iterator[list[LogLine]]:
    """Give the list that fills with what this thread logs, Python's warnings included.

    Nothing of it goes to this process's own streams. Once nobody listens any more, what is logged goes there again: the
    process may be that of the command itself.
    """
    listener = _Listener()
    logging.captureWarnings(True)
    _count(1)
    for logger in _LOGGERS:
        logger.addHandler(listener)
    try:
        yield listener.lines
    finally:
        for logger in _LOGGERS:
            logger.removeHandler(listener)
        _count(-1)


def _count(more: int) -> None:
    global _listeners
    with _LOCK:
        _listeners += more
        for logger in _LOGGERS:
            logger.propagate = _listeners == 0
