"""The papers' marker metrics over the test span of a trace, in its own unit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cinecast.score.scoring import Score, median_step_time, summarise_runs
from cinecast.series.plan import SeriesPlan
from cinecast_models import SeriesForecast, jitter, mae, maximum_error, nrmse, rmse

METRICS = ("rmse", "mae", "max_error", "nrmse", "jitter", "step_time_ms")
REGION = "series"


def score_forecast(plan: SeriesPlan, forecast: SeriesForecast) -> list[Score]:
    """Return mean and 95 % half range over the random runs of each metric, and the median time per step.

    Errors are distances of objects, Euclidean over the coordinates of a marker, as in arXiv 2403.01607; the nRMSE is
    over all coordinates. Runs that diverged are left out of all of them. So are samples that were missing, and those
    after a gap that not every method has a forecast of.

    Parameters
    ----------
    plan
        The trace, its objects and its test span.
    forecast
        Forecasts of this trace.

    Returns
    -------
    One score for each of `METRICS`, errors and jitter in the unit of the trace, in the region `REGION`, against the
    samples as they were measured.
    """
    test = slice(plan.split.validation_end, plan.split.test_end)
    scored, objects = plan.scored(forecast.horizon), plan.objects.members
    truth = plan.trace.samples[test][scored]
    measures: dict[str, Callable[[NDArray[np.float64]], float]] = {
        "rmse": lambda run: rmse(run, truth, objects=objects),
        "mae": lambda run: mae(run, truth, objects=objects),
        "max_error": lambda run: maximum_error(run, truth, objects=objects),
        "nrmse": lambda run: nrmse(run, truth),
        "jitter": lambda run: _jitter(run, scored, objects),
    }
    # A run that diverged near the end of the series still has finite, huge forecasts in the test span.
    correct = [run[test][scored] for run in forecast.forecasts[~forecast.diverged]]
    values = {metric: np.array([measure(run) for run in correct]) for metric, measure in measures.items()}
    scores = [summarise_runs(REGION, metric, runs) for metric, runs in values.items()]
    return [*scores, median_step_time(REGION, forecast.step_time_ms, len(correct))]


def _jitter(run: NDArray[np.float64], scored: NDArray[np.bool_], objects: tuple[int, ...]) -> float:
    """Return the mean distance between forecasts of neighbouring instants; NaN where no two are neighbours."""
    if scored.all():
        return jitter(run, objects=objects)
    places = np.flatnonzero(scored)
    parts = [part for part in np.split(run, np.flatnonzero(np.diff(places) > 1) + 1) if len(part) > 1]
    weights = [len(part) - 1 for part in parts]
    return float(np.average([jitter(part, objects=objects) for part in parts], weights=weights)) if parts else np.nan
