"""What a folder's headers say, read once for several questions: which series are there, and what is the sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
_KNOWN: ContextVar[dict[Path, list[Any]] | None] = ContextVar("known", default=None)


@contextmanager
def headers_once() -> Iterator[None]:
    """Have the headers of each path read once within: what is asked later is answered by what was read first."""
    token = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(token)


def known_headers(path: Path, read: Callable[[Path], list[T]]) -> list[T]:
    """Return the headers of a path, read now unless `headers_once` has them.

    Parameters
    ----------
    path
        File or folder.
    read
        Reads them.

    Returns
    -------
    list
        What ``read`` returned, now or before.
    """
    known = _KNOWN.get()
    if known is None:
        return read(path)
    if path not in known:
        known[path] = read(path)
    return known[path]
