"""The tables of one task of a series: its forecasts, their mean over random runs, and their bands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.series.plan import SeriesPlan, SeriesTask
from cinecast.series.shown import ShownForecast, shown_forecast
from cinecast.store.tables import Cell, read_numbers, write_table
from cinecast_models import Bands
from cinecast_models.ensemble import ensemble_mean

FORECASTS_FILE, MEAN_FILE, BANDS_FILE = "forecasts.csv", "mean.csv", "bands.csv"
# Run, sample, time.
_IDENTITY = 3


def write_forecasts(folder: Path, plan: SeriesPlan, forecasts: NDArray[np.float64], bands: Bands) -> None:
    """Write the tables of a task: forecasts, bands, and for several runs their mean.

    Parameters
    ----------
    folder
        An existing folder.
    plan
        The trace.
    forecasts
        Shape (R, T, K).
    bands
        Their limits, shape (R, T, K) each.
    """
    columns = plan.objects.columns
    samples = _samples_of(forecasts)
    rows = _rows(plan, samples, forecasts)
    write_table(folder / FORECASTS_FILE, ("run", "sample", "time_s", *columns), rows)
    limits = np.concatenate([bands.low, bands.high], axis=2)
    names = (*(f"{name}_low" for name in columns), *(f"{name}_high" for name in columns))
    write_table(folder / BANDS_FILE, ("run", "sample", "time_s", *names), _rows(plan, _samples_of(limits), limits))
    if len(forecasts) > 1:
        spread = [f"{name}_half_range_95" for name in columns]
        rows = _mean_rows(plan, samples, forecasts)
        write_table(folder / MEAN_FILE, ("sample", "time_s", *columns, *spread, "runs"), rows)


def read_forecasts(folder: Path, plan: SeriesPlan, task: SeriesTask) -> ShownForecast:
    """Return the forecasts of a task as they are shown.

    Parameters
    ----------
    folder
        Where `write_forecasts` wrote them.
    plan, task
        What they are forecasts of.

    Returns
    -------
    Means over runs, with bands.
    """
    count = len(plan.objects.columns)
    forecasts = _read(folder / FORECASTS_FILE, plan, count)
    limits = _read(folder / BANDS_FILE, plan, 2 * count, runs=len(forecasts))
    return shown_forecast(task, forecasts, limits[..., :count], limits[..., count:])


def _read(path: Path, plan: SeriesPlan, columns: int, runs: int = 0) -> NDArray[np.float64]:
    _, numbers = read_numbers(path)
    run, sample = (numbers[:, i].astype(np.int64) for i in (0, 1))
    values = np.full((max(runs, int(run.max(initial=0)) + 1), len(plan.trace.samples), columns), np.nan)
    values[run, sample] = numbers[:, _IDENTITY:]
    return values


def _rows(plan: SeriesPlan, samples: list[int], values: NDArray[np.float64]) -> Iterator[list[Cell]]:
    """Yield one row per run and sample."""
    for run, series in enumerate(values):
        for t in samples:
            yield [run, t, float(plan.trace.times_s[t]), *series[t].tolist()]


def _mean_rows(plan: SeriesPlan, samples: list[int], forecasts: NDArray[np.float64]) -> Iterator[list[Cell]]:
    mean, half_range, runs = ensemble_mean(forecasts)
    for t in samples:
        yield [t, float(plan.trace.times_s[t]), *mean[t].tolist(), *half_range[t].tolist(), int(runs[t])]


def _samples_of(values: NDArray[np.float64]) -> list[int]:
    """Return the samples that any run has numbers of."""
    return [int(t) for t in np.flatnonzero(np.isfinite(values).all(axis=2).any(axis=0))]
