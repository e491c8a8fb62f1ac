"""The band of every forecast of a trace: limits that were known when the forecast was issued."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.score.scoring import Score, summarise_runs
from cinecast.series.plan import SeriesPlan
from cinecast.series.scores import REGION
from cinecast_models import Bands, SeriesForecast, conformal_bands, forecast_conditions, inside

# Share of samples in their band, 0 to 1, and half the mean width of a band in the unit of the trace.
BAND_METRICS = ("inside", "radius")


def trace_bands(plan: SeriesPlan, forecast: SeriesForecast) -> Bands:
    """Return the band of every forecast, each column on its own but for how hard a forecast is, which all tell.

    Nothing is learned from instants that no sample came for.

    Parameters
    ----------
    plan
        The trace, and the probability asked for.
    forecast
        Forecasts of this trace.

    Returns
    -------
    Limits of shape (R, T, K) each, in the unit of the trace; NaN where there is no forecast, no sample came, or no
    error was known yet.
    """
    trace = plan.trace
    kept = _one_of_each_gap(trace.unknown)
    lost, forecasts = trace.lost[kept], forecast.forecasts[:, kept].copy()
    forecasts[:, lost] = np.nan
    samples = np.where(lost[:, np.newaxis], np.nan, trace.samples[kept])
    newest = np.flatnonzero(~trace.lost[: forecast.train_end])[-1]
    start = int(np.count_nonzero(kept[: newest + 1]))
    conditions = forecast_conditions(samples, forecasts, horizon=forecast.horizon, start=start)
    samples = np.nan_to_num(samples)  # of a lost instant there is no error
    bands = conformal_bands(samples, forecasts, horizon=forecast.horizon, level=plan.level, conditions=conditions)
    low, high = np.full((2, *forecast.forecasts.shape), np.nan)
    low[:, kept], high[:, kept] = bands
    return Bands(low, high)


def _one_of_each_gap(unknown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which instants bands are made of, shape (T,): of a long gap the first alone, as on the clock of a run.

    The sample before a gap stands for each of its instants. With all of them, a pause in the train span would make that
    one sample the usual one, however the trace moves.
    """
    return np.asarray(~unknown | np.concatenate([[True], ~unknown[:-1]]))


def score_bands(plan: SeriesPlan, forecast: SeriesForecast, bands: Bands) -> list[Score]:
    """Return how often the scored samples lay in their bands and how wide these were, over runs that did not diverge.

    Parameters
    ----------
    plan
        The trace and its test span.
    forecast
        Forecasts of this trace.
    bands
        Their bands, from `trace_bands`.

    Returns
    -------
    One score for each of `BAND_METRICS`, means over samples that have a band, and over columns that change: of the
    others every forecast is right, so that their bands of width 0 hold always.
    """
    test = slice(plan.split.validation_end, plan.split.test_end)
    scored = plan.scored(forecast.horizon)
    kept = ~forecast.diverged
    changing = [name not in plan.trace.constant_columns for name in plan.trace.columns]
    truth = plan.trace.samples[test][scored][:, changing]
    own = Bands(*(limits[kept, test][:, scored][..., changing] for limits in (bands.low, bands.high)))
    hits, radii = inside(truth, own), (own.high - own.low) / 2
    return [
        summarise_runs(REGION, metric, np.array([_mean(run) for run in values]))
        for metric, values in zip(BAND_METRICS, (hits, radii), strict=True)
    ]


def _mean(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else np.nan
