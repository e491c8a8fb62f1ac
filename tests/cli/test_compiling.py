"""A command that waits for the compiler says so, once."""

from __future__ import annotations

import pytest
from numba import njit

from cinecast.cli import compiling


def test_what_is_compiled_for_long_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_WORTH_A_WORD_S", 0.0)
    said: list[str] = []
    compiling.tell_of_compiling(said.append)
    assert said == []
    for added in range(3):
        one_more = njit(lambda number, added=added: number + added)
        assert one_more(1) == 1 + added
        assert one_more(2) == 2 + added  # not compiled again
        assert len(said) == (added > 0)
    assert "compiled, once after an installation" in said[0]


def test_a_short_wait_is_worth_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_WORTH_A_WORD_S", 1000.0)
    said: list[str] = []
    compiling.tell_of_compiling(said.append)
    for added in range(2):
        assert njit(lambda number, added=added: number - added)(5) == 5 - added
    assert said == []
