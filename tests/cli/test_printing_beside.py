"""What a live session prints is written by a thread of its own, so that no terminal holds it up."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from threading import Event, Thread
from time import sleep

import pytest

from cinecast.cli.console import errors, output, say
from cinecast.cli.printing_beside import printing_beside


class Terminal(io.StringIO):
    """Takes nothing until somebody lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.let = Event()

    def write(self, text: str) -> int:
        assert self.let.wait(60)
        return super().write(text)


def test_nobody_waits_for_a_terminal_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    with printing_beside() as waits:
        assert not waits()
        say("first")
        errors.print("second")
        say("third")
        assert waits()
        assert terminal.getvalue() == ""
        terminal.let.set()
    assert terminal.getvalue() == "first\nsecond\nthird\n"
    assert sys.stdout is terminal
    assert sys.stderr is terminal


@contextmanager
def unread() -> Iterator[None]:
    """Have the standard output be a pipe that nobody reads any more."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as pipe, redirect_stdout(pipe):
        try:
            yield
        finally:
            output.quiet = False


def _print(text: str) -> None:
    with printing_beside():
        say(text)


def test_a_pipe_that_nobody_reads_ends_the_session_and_no_other_thread() -> None:
    others: list[str] = []

    def other() -> None:
        say("said by a thread that looks after the gate")
        others.append("goes on")

    with unread(), printing_beside() as waits:
        say("nobody hears it")
        while waits():
            sleep(0.01)
        thread = Thread(target=other)
        thread.start()
        thread.join()
        assert others == ["goes on"]
        with pytest.raises(SystemExit):
            say("the session ends here")


def test_it_is_told_at_the_end_at_the_latest() -> None:
    with unread(), pytest.raises(SystemExit):
        _print("the last line")


def test_a_process_without_streams_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with printing_beside() as waits:
        assert (sys.stdout, sys.stderr) == (None, None)
        assert not waits()
