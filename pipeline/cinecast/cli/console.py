"""Where the command line writes, and its progress bars."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table

from cinecast.progress import Progress

_ERRORS = 2
_WIDEST = 10_000
# Longer than any path that people write.
_TOO_LONG = re.compile(r"[^\s'\";:,()]{500,}")
# A pipe or a file has no width of its own; a table must not be cut to fit one. A service may have no stream at all.
_WIDTH = None if sys.stdout is not None and sys.stdout.isatty() else max(160, shutil.get_terminal_size().columns)

# Names of files and targets may have brackets, which are no markup.
output = Console(width=_WIDTH, soft_wrap=False, markup=False)
errors = Console(stderr=True, markup=False)


def print_table(table: Table) -> None:
    """Print a table without cutting a word: where the terminal is too narrow for it, its lines are longer."""
    needed = output.measure(table, options=output.options.update(width=_WIDEST)).maximum
    Console(width=max(output.width, needed), markup=False).print(table)


def made_and_kept(made: int, what: str, verb: str, kept: int) -> str:
    """Return how many results were made and how many were up to date, as in "1 result made, 2 were up to date.".

    Parameters
    ----------
    made
        How many were made.
    what
        Their name, in the singular.
    verb
        What was done with them.
    kept
        How many were up to date.

    Returns
    -------
    str
        A sentence.
    """
    several = f"{what}{'es' if what.endswith('ch') else 's'}"
    return f"{made} {what if made == 1 else several} {verb}, {kept} {'was' if kept == 1 else 'were'} up to date."


def _shortened(text: str) -> str:
    """Return a sentence whose words a person can read: a name of thousands of letters shows its beginning."""
    return _TOO_LONG.sub(lambda word: f"{word[0][:80]}... ({len(word[0])} characters)", text)


def say(text: str, *, style: str | None = None) -> None:
    """Print what is no table on the standard output, in lines that a terminal does not break within a word.

    Parameters
    ----------
    text
        One line or several.
    style
        How it is drawn, in the words of rich; None: plainly.
    """
    _print(output, text, style)


def say_error(sentence: str) -> None:
    """Print one sentence on the standard error stream."""
    _print(errors, f"cinecast: {_shortened(sentence)}", "red")


def _print(console: Console, text: str, style: str | None) -> None:
    """Print text: a terminal gets whole words, and what is longer than its lines in one piece, a path or an address.

    A pipe or a file gets each line as it is.
    """
    lines = text.splitlines() if console.is_terminal else []
    whole = (textwrap.fill(line, console.width, break_long_words=False, break_on_hyphens=False) for line in lines)
    console.print("\n".join(whole) if lines else text, style=style, markup=False, highlight=False, soft_wrap=True)


def part_error_stream() -> None:
    """Part our error stream from the one that our processes get, so that theirs can be turned to a file."""
    stream = sys.__stderr__
    if stream is None or sys.stderr is not stream:
        return
    try:
        own = os.dup(_ERRORS) if stream.fileno() == _ERRORS else -1
    except (OSError, ValueError):  # no such stream: nothing to part
        return
    if own < 0:
        return
    sys.stderr = os.fdopen(own, "w", buffering=1, encoding=stream.encoding, errors=stream.errors)


def _say_beside(text: str) -> None:
    """Print one sentence on the error stream, where bars are drawn."""
    _print(errors, f"cinecast: {text}", None)


class ConsoleHandler(logging.Handler):
    """Prints log records as sentences that do not break a progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        _print(errors, f"cinecast: {record.levelname.lower()}: {record.getMessage()}", "yellow")


class TerminalBars(Bars):
    """Bars on a terminal; nothing elsewhere."""

    def __init__(self, *columns: ProgressColumn) -> None:
        super().__init__(*columns, console=errors, disable=not errors.is_terminal)

    def stop(self) -> None:
        """End the bars; rich before 14.3 would end even disabled ones with an empty line."""
        if not self.disable:
            super().stop()


class BarProgress(Progress):
    """Draws a bar for each stage on a terminal; elsewhere it passes on notes only."""

    def note(self, message: str) -> None:
        """Print one sentence."""
        say(message)

    @contextmanager
    def working(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """Draw a bar of ``total`` steps while the block runs."""
        if errors.is_terminal:
            from cinecast.cli.compiling import tell_of_compiling  # with numba, which takes a while to import

            tell_of_compiling(_say_beside)
        columns = (
            TextColumn("{task.description:9s}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with TerminalBars(*columns) as bars:
            task = bars.add_task(what, total=total)
            yield lambda: bars.advance(task)
