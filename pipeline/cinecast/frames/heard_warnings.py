"""What is said while a sequence is read, kept so that it can be said again where nothing has to be read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_PACKAGE = __name__.rpartition(".")[0]


@contextmanager
def heard_warnings() -> Iterator[list[str]]:
    """Listen to the warnings of all readers; they reach the user as before.

    Yields
    ------
    list[str]
        Grows by one sentence with each warning.
    """
    heard: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    listener = Listener(logging.WARNING)
    package = logging.getLogger(_PACKAGE)
    package.addHandler(listener)
    try:
        yield heard
    finally:
        package.removeHandler(listener)
