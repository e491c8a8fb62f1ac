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


@contextmanager
def listening() -> Iterator[list[LogLine]]:
    """Give the list that fills with what this thread logs, Python's warnings included."""
    listener = _Listener()
    loggers = [logging.getLogger(name) for name in ("cinecast", "cinecast_models", "py.warnings")]
    logging.captureWarnings(True)
    for logger in loggers:
        logger.propagate = False  # the worker's own streams are nobody's to read
        logger.addHandler(listener)
    try:
        yield listener.lines
    finally:
        for logger in loggers:
            logger.removeHandler(listener)
