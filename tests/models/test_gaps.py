"""What is not measured in a series: by instants written out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cinecast_models.errors import ForecastingError
from cinecast_models.gaps import checked_gaps

UNKNOWN = [np.nan, np.nan]


def series(unknown: list[int], count: int = 10) -> np.ndarray:
    samples = np.arange(2.0 * count).reshape(count, 2)
    samples[unknown] = UNKNOWN
    return samples


def test_what_is_held_or_interpolated_is_no_target_and_what_has_no_value_is_unknown() -> None:
    gaps = checked_gaps(series([5, 6]), held=[0, 9, 5], lost=[3, 5, 6])
    assert np.flatnonzero(gaps.filled).tolist() == [0, 3, 9]
    assert np.flatnonzero(gaps.held).tolist() == [0, 9]
    assert np.flatnonzero(gaps.lost).tolist() == [3, 5, 6]
    assert np.flatnonzero(gaps.unknown).tolist() == [5, 6]


@pytest.mark.parametrize(("horizon", "crossed"), [(1, [5, 6, 7]), (3, [5, 6, 7, 8, 9]), (5, [5, 6, 7, 8, 9])])
def test_which_forecasts_reach_across_an_unknown_instant(horizon: int, crossed: list[int]) -> None:
    gaps = checked_gaps(series([5, 6]), held=[], lost=[5, 6])
    assert np.flatnonzero(gaps.crossed(horizon)).tolist() == crossed


def test_before_the_first_horizon_nothing_is_crossed() -> None:
    assert np.flatnonzero(checked_gaps(series([1]), [], [1]).crossed(3)).tolist() == [3, 4]


@pytest.mark.parametrize("lost", [[7.0], np.array([7.5]), series([5])[:, 0] > 1, [True]])
def test_samples_that_are_not_named_by_whole_numbers_are_refused(lost: Any) -> None:
    with pytest.raises(ForecastingError, match=r"must be given by whole numbers, got .*numpy\.flatnonzero"):
        checked_gaps(series([]), held=[], lost=lost)


@pytest.mark.parametrize(("held", "lost", "got"), [([10], [], 10), ([], [-1, 12], -1), ([3, 11, 10], [], 10)])
def test_samples_that_the_series_does_not_have_are_refused(held: list[int], lost: list[int], got: int) -> None:
    with pytest.raises(ForecastingError, match=rf"must be 0 to 9, got {got}; name samples of the series"):
        checked_gaps(series([]), held, lost)


PARTLY = series([])
PARTLY[4, 1] = np.nan


@pytest.mark.parametrize(("samples", "lost"), [(series([4]), []), (series([4]), [5]), (PARTLY, [4])])
def test_a_sample_without_a_value_that_came_is_refused(samples: np.ndarray, lost: list[int]) -> None:
    with pytest.raises(ForecastingError, match="finite"):
        checked_gaps(samples, [], lost)
