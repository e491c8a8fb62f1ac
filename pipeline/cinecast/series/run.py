"""Forecast one task of a plan, and score it."""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np

from cinecast.score.scoring import Score
from cinecast.series.plan import SeriesPlan, SeriesTask
from cinecast.series.scores import score_forecast
from cinecast.single_thread import one_thread, thread_pools
from cinecast_models import SeriesForecast, forecast_series

_LOG = logging.getLogger(__name__)


class SeriesResult(NamedTuple):
    """Forecasts of one task and their scores."""

    forecast: SeriesForecast
    scores: list[Score]


def run_task(plan: SeriesPlan, task: SeriesTask) -> SeriesResult:
    """Return the forecasts of one method at one horizon, and their scores over the test span.

    Parameters
    ----------
    plan
        The trace, its spans and the forecast settings.
    task
        One of the plan's tasks.

    Returns
    -------
    Forecasts of all random runs; scores are over those that did not diverge.

    Raises
    ------
    cinecast_models.ForecastingError
        If every run diverged.
    """
    settings = plan.forecast
    with one_thread(thread_pools()):  # as in a run: else the number of processors gets into the last bits
        forecast = forecast_series(
            plan.trace.samples,
            method=task.method,
            settings=task.settings,
            horizon=task.horizon.frames,
            train_end=task.train_end,
            protocol=settings.protocol,
            runs=settings.runs,
            seed=settings.seed,
            lost=np.flatnonzero(plan.trace.lost).tolist(),
        )
    if forecast.diverged_runs:
        _LOG.warning(
            "%d of %d runs of %s at horizon %d diverged and are left out of its scores",
            forecast.diverged_runs,
            forecast.runs,
            task.method,
            task.horizon.frames,
        )
    return SeriesResult(forecast, score_forecast(plan, forecast))
