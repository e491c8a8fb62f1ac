"""Scores against values worked out by hand, and their guards."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast_models import ForecastingError, half_range_95, jitter, mae, maximum_error, nrmse, rmse
from cinecast_models.forecaster import Array

Score = Callable[..., float]

TRUTH = np.array([[0.0, 0.0], [2.0, 4.0]])
FORECAST = np.array([[3.0, 4.0], [2.0, 4.0]])

every_error = pytest.mark.parametrize("score", [nrmse, rmse, mae, maximum_error])


def test_component_by_component() -> None:
    # Errors 3, 4, 0, 0; the truth deviates from its mean (1, 2) by 1, 2, 1, 2.
    assert nrmse(FORECAST, TRUTH) == pytest.approx(math.sqrt(25 / 10))
    assert rmse(FORECAST, TRUTH) == pytest.approx(math.sqrt(25 / 4))
    assert mae(FORECAST, TRUTH) == pytest.approx(7 / 4)
    assert maximum_error(FORECAST, TRUTH) == 4
    assert jitter(FORECAST) == pytest.approx(0.5)


def test_distances_of_objects() -> None:
    # Both components belong to one object: distances 5 and 0; it moves by (-1, 0).
    assert rmse(FORECAST, TRUTH, objects=[0, 0]) == pytest.approx(math.sqrt(25 / 2))
    assert mae(FORECAST, TRUTH, objects=[0, 0]) == pytest.approx(2.5)
    assert maximum_error(FORECAST, TRUTH, objects=[0, 0]) == 5
    assert jitter(FORECAST, objects=[0, 0]) == 1


def test_the_mean_of_the_window_scores_1(rng: np.random.Generator) -> None:
    truth = rng.normal(size=(50, 3))
    assert nrmse(np.broadcast_to(truth.mean(axis=0), truth.shape), truth) == pytest.approx(1)


@given(seed=st.integers(0, 1000), scale=st.floats(1e-6, 1e6))
def test_scores_of_errors_scale_with_the_unit_and_nrmse_does_not(seed: int, scale: float) -> None:
    forecast, truth = np.random.default_rng(seed).normal(size=(2, 20, 3))
    assert nrmse(scale * forecast, scale * truth) == pytest.approx(nrmse(forecast, truth))
    for score in (rmse, mae, maximum_error):
        assert score(scale * forecast, scale * truth) == pytest.approx(scale * score(forecast, truth))
    assert mae(forecast, truth) <= rmse(forecast, truth) <= maximum_error(forecast, truth)


@every_error
def test_a_diverged_run_scores_nan(score: Score) -> None:
    forecast = FORECAST.copy()
    forecast[1, 1] = np.nan
    assert math.isnan(score(forecast, TRUTH))


def test_a_diverged_run_has_no_jitter() -> None:
    assert math.isnan(jitter(np.array([[1.0], [np.nan]])))


@every_error
def test_shapes_must_agree(score: Score) -> None:
    with pytest.raises(ForecastingError, match=r"same shape \(T, K\), got \(1, 2, 2\) and \(2, 2\)"):
        score(FORECAST[None], TRUTH)


@every_error
def test_a_window_must_not_be_empty(score: Score) -> None:
    with pytest.raises(ForecastingError, match=r"the window must hold at least one frame, got shape \(0, 2\)"):
        score(FORECAST[:0], TRUTH[:0])


@every_error
@pytest.mark.parametrize("unknown", [np.nan, np.inf])
def test_the_truth_must_be_finite(score: Score, unknown: float) -> None:
    truth = TRUTH.astype(float)
    truth[1, 0] = unknown
    with pytest.raises(ForecastingError, match="the truth must be finite"):
        score(FORECAST, truth)


def test_nrmse_needs_a_truth_that_varies() -> None:
    with pytest.raises(ForecastingError, match="nRMSE needs a truth that varies, got 2 equal rows"):
        nrmse(FORECAST, np.full((2, 2), 0.1))
    with pytest.raises(ForecastingError, match="nRMSE needs a truth that varies, got 1 equal rows"):
        nrmse(FORECAST[:1], TRUTH[:1])


@pytest.mark.parametrize("forecast", [FORECAST[:1], FORECAST[0]])
def test_jitter_needs_two_frames(forecast: np.ndarray) -> None:
    with pytest.raises(ForecastingError, match="jitter needs a forecast of shape"):
        jitter(forecast)


def test_objects_must_cover_the_components() -> None:
    with pytest.raises(ForecastingError, match="one object per component, got 3 for 2 components"):
        rmse(FORECAST, TRUTH, objects=[0, 0, 1])


@pytest.mark.parametrize("wrong", [float("nan"), 0.5, None, True])
def test_objects_are_whole_numbers(wrong: object) -> None:
    """A component whose object was NaN was left out of all distances."""
    for score in (rmse, mae, maximum_error):
        with pytest.raises(ForecastingError, match=f"objects must be whole numbers.*got {wrong!r}; number them from 0"):
            score(FORECAST, TRUTH, objects=[0, wrong])  # type: ignore[list-item]
    assert rmse(FORECAST, TRUTH, objects=np.array([7, 7])) == rmse(FORECAST, TRUTH, objects=[0, 0])  # type: ignore[arg-type]


def test_half_range_over_runs() -> None:
    assert half_range_95([1.0, np.nan, 3.0]) == pytest.approx(1.96 * math.sqrt(2) / math.sqrt(2))


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, 2.0]])
def test_the_spread_of_a_single_run_is_unknown(values: list[float]) -> None:
    assert math.isnan(half_range_95(values))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int8])
@pytest.mark.parametrize("score", [nrmse, rmse, mae, maximum_error])
def test_differences_of_small_whole_numbers_do_not_wrap(score: Score, kind: type) -> None:
    # With 8 bits, 3 - 100 was 159, or 250 - 3 squared 49: errors of images were too small without a word.
    forecast: Array = np.array([[100, 3], [3, 90]], kind)
    truth: Array = np.array([[3, 120], [110, 3]], kind)
    assert score(forecast, truth) == score(forecast.astype(float), truth.astype(float))
    assert jitter(forecast) == jitter(forecast.astype(float)) == 92.0


def test_what_is_masked_is_no_number() -> None:
    # nRMSE was of all errors over the spread of some.
    values = np.array([[1.0], [2.0], [4.0]])
    masked = np.ma.masked_greater(values, 3.0)
    assert np.isnan(nrmse(masked, values))
    with pytest.raises(ForecastingError, match="must be finite"):
        rmse(values, masked)
    assert half_range_95(np.ma.masked_greater([1.0, 2.0, 1e9], 1e8)) == half_range_95([1.0, 2.0]) == pytest.approx(0.98)
