"""The interval of a mean difference, held to series whose mean is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit  # type: ignore[import-untyped]  # scipy ships no types

from cinecast.score.paired_difference import paired_difference, student_quantile


def test_the_interval_holds_the_true_mean_as_often_as_it_says(rng: np.random.Generator) -> None:
    # Errors of neighbouring frames share a breath: an autoregressive series whose memory is 10 frames.
    held = 0
    for _ in range(400):
        noise = rng.standard_normal(300)
        series = np.zeros(300)
        for t in range(1, 300):
            series[t] = 0.9 * series[t - 1] + noise[t]
        found = paired_difference(series + 2.0, batch=40)
        held += found.low <= 2.0 <= found.high
    assert 0.9 <= held / 400 <= 0.98


def test_frames_one_by_one_would_be_too_sure(rng: np.random.Generator) -> None:
    breaths = np.repeat(rng.standard_normal(10), 30)
    one_by_one, by_breath = paired_difference(breaths, 1), paired_difference(breaths, 30)
    assert by_breath.high - by_breath.low > 3 * (one_by_one.high - one_by_one.low)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 10, 31, 32, 500, 4001])
def test_quantiles_are_those_of_scipy(degrees: int) -> None:
    assert student_quantile(degrees) == pytest.approx(stdtrit(degrees, 0.975), rel=1e-9)


def test_a_worked_example() -> None:
    # Batches of means 1, 2 and 3: standard error 1 / sqrt(3), and 4.3027 is Student's quantile of 2.
    found = paired_difference(np.array([1.0, 1.0, np.nan, 2.0, 2.0, 3.0, 3.0]), 2)
    assert found.mean == 2.0
    assert found.high == pytest.approx(2.0 + 4.302653 / np.sqrt(3.0))
    assert found.low == pytest.approx(2.0 - 4.302653 / np.sqrt(3.0))


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_frames_have_no_interval(count: int) -> None:
    found = paired_difference(np.arange(count, dtype=float), 3)
    assert np.isnan([found.low, found.high]).all()
    assert found.mean == (count - 1) / 2 if count else np.isnan(found.mean)
