"""Printing beside a stream of frames: a terminal that takes nothing holds up no forecast."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread, current_thread, main_thread
from typing import Any

from cinecast.cli.console import errors, output


@contextmanager
def printing_beside() -> Iterator[Callable[[], bool]]:
    """Have a thread of its own write what is printed while the block runs, and wait for it at the end.

    A terminal takes nothing where somebody has stopped it (Ctrl-S) or selects text in it, and where the line to it
    hangs. Text waits until then, so whoever prints a figure over and over should ask first.

    Yields
    ------
    Callable
        Returns whether text waits to be written.

    Raises
    ------
    SystemExit
        If a pipe has nobody any more who reads it: at the next print, or at the end.
    OSError
        If a stream has taken less for another reason, as on a full disk: at the end.
    """
    if errors.legacy_windows:  # text has its colours and its place from calls beside it
        yield lambda: False
        return
    printer, before = _Printer(), (sys.stdout, sys.stderr)
    sys.stdout, sys.stderr = (None if each is None else _Stream(each, printer) for each in before)
    try:
        yield printer.waits
    finally:
        sys.stdout, sys.stderr = before
        printer.finish()
    try:
        printer.check()
    except BrokenPipeError:
        output.on_broken_pipe()


class _Printer:
    """Writes texts to their streams in the order in which they come."""

    def __init__(self) -> None:
        self._texts: SimpleQueue[tuple[Any, str] | None] = SimpleQueue()
        self._given = self._written = 0
        self._failed: OSError | None = None
        self._thread = Thread(target=self._write, name="cinecast printer", daemon=True)
        self._thread.start()

    def give(self, stream: Any, text: str) -> None:
        if isinstance(self._failed, BrokenPipeError) and current_thread() is main_thread():
            self.check()  # other threads have better things to do than to end for it
        self._given += 1
        self._texts.put((stream, text))

    def waits(self) -> bool:
        return self._written < self._given

    def check(self) -> None:
        """Raise what a stream has failed with, once; of a terminal that has gone nobody is left to tell."""
        failed, self._failed = self._failed, None
        if failed is not None and failed.errno != errno.EIO:
            raise failed

    def finish(self) -> None:
        self._texts.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (next_one := self._texts.get()) is not None:
            stream, text = next_one
            try:
                stream.write(text)
                stream.flush()
            except OSError as error:
                self._failed = error
            self._written += 1


class _Stream:
    """A text stream that is written by a printer; all else is that of the stream itself."""

    def __init__(self, stream: Any, printer: _Printer) -> None:
        self._stream, self._printer = stream, printer

    def write(self, text: str) -> int:
        self._printer.give(self._stream, text)
        return len(text)

    def flush(self) -> None:
        """Do nothing: the printer flushes what it writes."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
