"""Bands of a series: known when the forecast is issued, learned from measured samples alone, scored as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cinecast.errors import SettingsError
from cinecast.series import SeriesPlan, Spans, Trace, group_columns, plan_series, run_task
from cinecast.series.bands import score_bands, trace_bands
from cinecast.settings import ForecastSettings
from cinecast_models import Bands, conformal_bands, forecast_conditions

HORIZON, COUNT = 3, 300
FORECAST = ForecastSettings(methods=("rls",), horizons=(str(HORIZON),))


def plan_of(samples: np.ndarray, lost: np.ndarray | None = None, level: float = 0.9) -> SeriesPlan:  # type: ignore[type-arg]
    """Return the plan of a trace at 10 Hz; lost instants are interpolated."""
    gaps = {} if lost is None else {"lost": lost}
    trace = Trace("belt", ("a", "b"), samples, np.arange(len(samples)) / 10, **gaps)
    return plan_series(trace, group_columns(trace.columns), FORECAST, level=level)


@pytest.fixture
def samples(rng: np.random.Generator) -> np.ndarray:  # type: ignore[type-arg]
    times = np.arange(COUNT) / 10
    return np.stack([np.sin(1.6 * times), 3 * np.cos(1.6 * times)], axis=1) + rng.normal(0, 0.1, (COUNT, 2))


def test_bands_are_those_of_the_library_and_scored_by_hand(samples: np.ndarray) -> None:  # type: ignore[type-arg]
    plan = plan_of(samples)
    forecast = run_task(plan, plan.tasks[1]).forecast
    bands = trace_bands(plan, forecast)
    conditions = forecast_conditions(samples, forecast.forecasts, horizon=HORIZON)
    expected = conformal_bands(samples, forecast.forecasts, horizon=HORIZON, level=0.9, conditions=conditions)
    np.testing.assert_array_equal(bands.low, expected.low)
    np.testing.assert_array_equal(bands.high, expected.high)
    hits, radius = score_bands(plan, forecast, bands)
    low, high = (limits[0, plan.split.validation_end :] for limits in bands)
    truth = samples[plan.split.validation_end :]
    assert (hits.metric, radius.metric) == ("inside", "radius")
    assert hits.value == pytest.approx(((low <= truth) & (truth <= high)).mean())
    assert radius.value == pytest.approx((high - low).mean() / 2)
    assert 0.8 < hits.value < 0.98


def test_a_column_that_never_changes_counts_in_no_band(samples: np.ndarray) -> None:  # type: ignore[type-arg]
    """Its forecasts are all right and its bands have no width: it would pass for half of the samples."""
    samples[:, 1] = 2.5
    plan = plan_of(samples)
    forecast = run_task(plan, plan.tasks[1]).forecast
    bands = trace_bands(plan, forecast)
    hits, radius = score_bands(plan, forecast, bands)
    low, high = (limits[0, plan.split.validation_end :, 0] for limits in bands)
    truth = samples[plan.split.validation_end :, 0]
    assert hits.value == pytest.approx(((low <= truth) & (truth <= high)).mean())
    assert radius.value == pytest.approx((high - low).mean() / 2)


def test_a_band_knows_nothing_later_than_its_forecast(samples: np.ndarray) -> None:  # type: ignore[type-arg]
    changed = samples.copy()
    at = 220
    changed[at:] += 5
    found = [trace_bands(p, run_task(p, p.tasks[1]).forecast) for p in (plan_of(samples), plan_of(changed))]
    issued = at - 1 + HORIZON  # the last forecast that was issued before the change
    np.testing.assert_array_equal(found[0].high[:, : issued + 1], found[1].high[:, : issued + 1])
    assert not np.array_equal(found[0].high[:, issued + 1 :], found[1].high[:, issued + 1 :])


def test_nothing_is_learned_from_instants_without_a_sample(samples: np.ndarray) -> None:  # type: ignore[type-arg]
    lost = np.zeros(COUNT, dtype=bool)
    lost[210:214] = True
    plan = plan_of(samples, lost)
    forecast = run_task(plan, plan.tasks[1]).forecast
    other = replace(plan, trace=replace(plan.trace, samples=np.where(lost[:, np.newaxis], 99.0, samples)))
    bands = trace_bands(plan, forecast)
    np.testing.assert_array_equal(bands.low, trace_bands(other, forecast).low)
    assert np.isnan(bands.low[:, 210:214]).all()
    assert np.isfinite(bands.low[0, 214 + HORIZON + 1 :]).all()


# In the train span, shortly before its end, at it, around it, and after it.
@pytest.mark.parametrize(("at", "around"), [(60, False), (95, False), (100, False), (95, True), (150, False)])
def test_the_length_of_a_pause_moves_no_band(samples: np.ndarray, at: int, around: bool) -> None:  # type: ignore[type-arg]
    def bands_with(pause: int) -> Bands:
        paused = np.concatenate([samples[:at], np.full((pause, 2), np.nan), samples[at:]])
        trace = Trace("belt", ("a", "b"), paused, np.arange(len(paused)) / 10, lost=np.isnan(paused[:, 0]))
        train_end = at + 5 if around else 100 + (pause if at < 100 else 0)
        spans = Spans(train_end, train_end + 100)
        plan = plan_series(trace, group_columns(trace.columns), FORECAST, spans=spans)
        forecast = run_task(plan, plan.tasks[1]).forecast
        bands = trace_bands(plan, forecast)
        assert bands.low.shape == forecast.forecasts.shape
        assert np.isnan(bands.low[:, at : at + pause]).all()
        return Bands(*(np.delete(limits, np.s_[at : at + pause], axis=1) for limits in bands))

    short, long = bands_with(11), bands_with(400)
    assert np.isfinite(short.low[0, 200:]).all()
    np.testing.assert_array_equal(long.low, short.low)
    np.testing.assert_array_equal(long.high, short.high)


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5, float("nan")])
def test_a_level_is_a_probability(samples: np.ndarray, level: float) -> None:  # type: ignore[type-arg]
    with pytest.raises(SettingsError, match="--level must be above 0 and below 1, got"):
        plan_of(samples, level=level)
