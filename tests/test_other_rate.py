"""Where frames come at another rate: intervals written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.clock.other_rate import ChangedRate, OtherRate, changed_rate, other_rate


def times_of(*intervals: tuple[float, int]) -> NDArray[np.float64]:
    """Return times with so many intervals of each length in s."""
    return np.concatenate([[5.0], 5.0 + np.cumsum([length for length, count in intervals for _ in range(count)])])


def test_a_part_at_another_rate_is_named_by_its_frames() -> None:
    assert other_rate(times_of((0.2, 200), (0.22, 200)), 0.2) == pytest.approx(OtherRate(200, 400, 0.22))
    assert other_rate(times_of((0.2, 80), (0.185, 40), (0.2, 280)), 0.2) == pytest.approx(OtherRate(80, 120, 0.185))
    assert other_rate(times_of((0.2, 200), (0.209, 200)), 0.2) is None  # below 5 %
    with_gaps = times_of((0.2, 200), *[(0.22, 38), (1.1, 2)] * 5)
    assert other_rate(with_gaps, 0.2) == pytest.approx(OtherRate(200, 400, 0.22))


def test_gaps_are_no_other_rate() -> None:
    gappy = np.delete(times_of((0.2, 300)), np.arange(3, 300, 7))
    assert other_rate(gappy, 0.2) is None
    assert other_rate(times_of((0.6, 40)), 0.2) is None  # of which none is a period


def test_of_few_frames_jitter_is_no_other_rate() -> None:
    """Of three intervals a mean tells nothing: parts have twenty or more."""
    few = times_of(*[(0.22, 3), (0.18, 3)] * 5)
    assert other_rate(few, 0.2) is None
    assert other_rate(times_of((0.218, 15), (0.2, 15)), 0.2) is None  # one part of 30, 4.5 % off in the mean
    assert other_rate(times_of((0.22, 20), (0.2, 20)), 0.2) == pytest.approx(OtherRate(0, 20, 0.22))


def test_the_frame_from_which_on_the_rate_is_another() -> None:
    found = changed_rate(times_of((0.2, 37), (0.31, 43)))
    assert found == pytest.approx(ChangedRate(37, 0.2, 0.31))
    assert str(found) == "every 0.2 s up to frame 37, and every 0.31 s after it"
    assert changed_rate(times_of((0.2, 40), (0.249, 40))) is None
    assert changed_rate(times_of((0.2, 60), (0.31, 25))) == pytest.approx(ChangedRate(60, 0.2, 0.31))
    assert changed_rate(times_of((0.2, 20), (0.4, 20))) == pytest.approx(ChangedRate(20, 0.2, 0.4))
    assert changed_rate(times_of((0.2, 19), (0.4, 20))) is None  # too few


@pytest.mark.parametrize(("off", "told"), [(4, True), (9, False)])
def test_intervals_of_neither_rate_may_be_one_in_ten(off: int, told: bool) -> None:
    """By 12 % off they are of neither."""
    times = times_of((0.2, 20), (0.224, off), (0.2, 20 - off), (0.4, 40))
    assert (changed_rate(times) is not None) == told


@pytest.mark.parametrize(
    ("after_s", "periods", "thinned", "stretched"),
    [
        (0.4, 2, True, False),
        (0.408, 2, True, False),
        (0.43, 2, False, True),
        (0.66, 3, False, False),
        (0.594, 3, True, False),
        (0.32, 2, False, False),
        (0.1, 0, False, False),
        (0.151, 1, False, False),
    ],
)
def test_what_the_clock_before_makes_of_the_rate_after(
    after_s: float, periods: int, thinned: bool, stretched: bool
) -> None:
    found = ChangedRate(40, 0.2, after_s)
    assert found.periods == periods
    assert (found.thinned, found.stretched) == (thinned, stretched)
