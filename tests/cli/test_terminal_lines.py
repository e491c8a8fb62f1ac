"""What a person sees on a terminal: lines break between words, and what a person copies stays in one piece."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cinecast.cli.console import say
from helpers.command_line import on_terminal, run_cli


def _seen(shown: str) -> list[str]:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "").splitlines()


@pytest.mark.parametrize("columns", [40, 80])
def test_a_sentence_breaks_between_words_on_a_terminal_and_not_at_all_in_a_pipe(columns: int) -> None:
    command = "run", "nowhere", "--out", "out", "--method", "no_such_method", "--horizon", "1"
    code, shown = on_terminal(*command, columns=columns)
    lines = _seen(shown)
    assert code == 2
    assert len(lines) > 1
    assert all(len(line) <= columns for line in lines)
    assert " ".join(lines) == run_cli(*command).sentence


def test_a_path_longer_than_a_line_is_not_broken(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 60) / "nothing.nii.gz"
    _, shown = on_terminal("info", str(path), columns=40)
    assert any(str(path) in line for line in _seen(shown))


def test_lines_keep_their_indentation_and_empty_lines(capsys: pytest.CaptureFixture[str]) -> None:
    say("a title\n\n  - indented")
    assert capsys.readouterr().out == "a title\n\n  - indented\n"
