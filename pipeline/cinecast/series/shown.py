"""What the page and the figure of a series show: the mean forecast of each method over its runs, with its band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.report.random_runs import mean_over_runs
from cinecast.series.plan import SeriesPlan, SeriesTask


@dataclass(frozen=True, eq=False)
class ShownForecast:
    """The forecasts of one method at one horizon.

    Parameters
    ----------
    task
        Which.
    runs
        Number of runs that did not diverge.
    mean
        Their mean, shape (T, K), in the unit of the trace; NaN where there is no forecast.
    low, high
        Means of the limits of their bands, shape (T, K); NaN where there is none.
    """

    task: SeriesTask
    runs: int
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ShownSeries:
    """All that was forecast of one trace.

    Parameters
    ----------
    plan
        The trace, its spans and its tasks.
    rows
        Rows of the table of scores.
    forecasts
        One for each task, in their order.
    """

    plan: SeriesPlan
    rows: Sequence[Mapping[str, str]]
    forecasts: tuple[ShownForecast, ...]


def shown_forecast(
    task: SeriesTask, forecasts: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> ShownForecast:
    """Return the forecasts of a task as they are shown.

    Parameters
    ----------
    task
        Which.
    forecasts, low, high
        Of every run, shape (R, T, K); NaN where there is none, and for a run that diverged from then on.

    Returns
    -------
    Means over the runs that have a forecast of the last sample that any of them has one of.
    """
    known = np.flatnonzero(np.isfinite(forecasts).all(axis=2).any(axis=0))
    last = int(known[-1]) if len(known) else -1
    kept = np.isfinite(forecasts[:, last]).all(axis=1)
    means = (mean_over_runs(values[kept], last) for values in (forecasts, low, high))
    return ShownForecast(task, int(kept.sum()), *means)
