"""Single lines that commands print."""

from __future__ import annotations

import re

import pytest

from cinecast.cli.app import COMMANDS, load_command
from cinecast.cli.console import made_and_kept
from cinecast.cli.live_display import figures_line
from helpers.command_line import call_cli


@pytest.mark.parametrize(
    ("made", "what", "verb", "kept", "line"),
    [
        (1, "result", "made", 13, "1 result made, 13 were up to date."),
        (20, "result", "made", 0, "20 results made, 0 were up to date."),
        (2, "result", "made", 1, "2 results made, 1 was up to date."),
        (1, "search", "done in 8 s", 0, "1 search done in 8 s, 0 were up to date."),
        (4, "search", "done in 8 s", 0, "4 searches done in 8 s, 0 were up to date."),
    ],
)
def test_one_is_no_plural(made: int, what: str, verb: str, kept: int, line: str) -> None:
    assert made_and_kept(made, what, verb, kept) == line


def test_a_live_line_has_units_behind_numbers_and_leaves_out_what_is_not_known() -> None:
    figures = {"forecasts": "13", "calibration, s": "3.3", "latency 95 %, ms": "1.74", "error, mm": "none"}
    assert figures_line(figures) == "forecasts 13, calibration 3.3 s, latency 95 % 1.74 ms"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_text_leaves_its_lines_to_the_terminal(name: str) -> None:
    assert not re.search(r"[^\n]\n[^\n]", load_command(name).help)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_option_is_shown_as_it_is_written_with_its_default(name: str) -> None:
    shown = re.sub(r"[│\s]", "", call_cli(name, "--help").output)
    for each in load_command(name).params:
        text = re.sub(r"\s", "", each.help or "")
        assert text in shown, text
