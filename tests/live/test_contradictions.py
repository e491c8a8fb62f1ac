"""Contradictions are believed once enough of them, all alike, have come in a row."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cinecast.live.contradictions import IN_A_ROW, Contradictions


def verdicts(kinds: Sequence[object]) -> list[bool]:
    contradictions = Contradictions()
    return [contradictions.observe(kind) for kind in kinds]


def test_contradictions_alike_are_believed_from_the_last_that_is_needed_on() -> None:
    assert verdicts([(48, 40)] * (IN_A_ROW + 2)) == [False] * (IN_A_ROW - 1) + [True] * 3


@pytest.mark.parametrize("other", [None, (20, 40)])
def test_another_arrival_in_between_makes_counting_begin_anew(other: object) -> None:
    row = [(48, 40)] * (IN_A_ROW - 1)
    assert not any(verdicts([*row, other, *row]))


def test_what_contradicts_nothing_is_no_contradiction_however_often_it_comes() -> None:
    assert not any(verdicts([None] * (2 * IN_A_ROW)))
