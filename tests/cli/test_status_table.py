"""The table of ``cinecast status`` on a terminal of 80 characters."""

from __future__ import annotations

import pytest
from rich.console import Console

from cinecast.batch.status import SequenceStatus
from cinecast.cli.status import status_table
from cinecast.run.scope import STAGES

OF_ALL = ("frames", "flow", "motion", "forecast", "landmarks", "score", "report")


@pytest.mark.parametrize(("more", "gap"), [((), 2), (("target",), 1)])
def test_no_word_is_cut_in_80_columns(more: tuple[str, ...], gap: int) -> None:
    words = dict.fromkeys((*OF_ALL, *more), "missing")
    console = Console(width=80)
    with console.capture() as captured:
        console.print(status_table([SequenceStatus("p1", words, {})]))
    heading, _, line = captured.get().splitlines()
    assert heading.split() == ["sequence", *(stage for stage in STAGES if stage in words)]
    assert line.split() == ["p1", *["missing"] * len(words)]
    assert f"missing{' ' * gap}missing" in line
