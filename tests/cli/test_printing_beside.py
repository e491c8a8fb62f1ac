"""What a live session prints is written by a thread of its own, so that no terminal holds it up."""

from __future__ import annotations

import io
import os
import sys
from threading import Event

import pytest

from cinecast.cli.console import errors, say
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


def test_a_stream_that_nobody_reads_any_more_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        with pytest.raises(BrokenPipeError), printing_beside():
            say("nobody hears it")
        monkeypatch.undo()
        with pytest.raises(BrokenPipeError):  # it tries again when it is closed
            pipe.close()


def test_a_process_without_streams_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with printing_beside() as waits:
        assert (sys.stdout, sys.stderr) == (None, None)
        assert not waits()
