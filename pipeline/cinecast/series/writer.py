"""The output folder of a series: forecasts and scores as CSV, settings as TOML; each result whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from numpy.typing import NDArray

from cinecast.score.scoring import SCORE_COLUMNS
from cinecast.series.plan import SeriesPlan, SeriesTask
from cinecast.series.run import SeriesResult, run_task
from cinecast.settings import Settings
from cinecast.settings.toml_file import settings_tables
from cinecast.store import RunFolder, Status
from cinecast.store.digests import fingerprint, json_digest
from cinecast.store.tables import Cell, read_table, table_text, write_table
from cinecast.version import __version__
from cinecast_models.ensemble import ensemble_mean

SETTINGS_FILE, SCORES_FILE, FORECASTS_FILE, MEAN_FILE = "settings.toml", "scores.csv", "forecasts.csv", "mean.csv"
# Raised when a task gives other results for the same samples and settings.
TASK_VERSION = 2


def write_series(out: Path, plan: SeriesPlan, advance: Callable[[], None] = lambda: None) -> list[dict[str, str]]:
    """Forecast every task of a plan that is not up to date in a folder, and write all scores together.

    The folder gets ``forecast/METHOD/hNNN/`` with ``forecasts.csv``, ``scores.csv``, for several runs ``mean.csv``, and
    ``stage.json``; ``scores.csv`` of all tasks; and ``settings.toml``.

    Parameters
    ----------
    out
        The folder; made if it is missing.
    plan
        What to forecast.
    advance
        Called after each task.

    Returns
    -------
    list of dict
        The rows of ``scores.csv``.

    Raises
    ------
    StoreError
        If the folder holds something else, is in use, or cannot be written.
    """
    rows: list[dict[str, str]] = []
    # Named unlike any sequence of images, so that the two never share a folder.
    with RunFolder(out, f"series {plan.trace.name}") as folder:
        samples = _samples_digest(plan)
        for task in plan.tasks:
            settings = plan.task_settings(task)
            mark = fingerprint("series", TASK_VERSION, settings, {"samples": samples, "cinecast": __version__})
            if folder.status(task.key, mark) is not Status.FRESH:
                with folder.commit(task.key, mark, settings) as temporary:
                    _write_task(temporary, plan, task, run_task(plan, task))
            rows += read_table(folder.path(task.key, SCORES_FILE))
            advance()
        folder.write_file(SETTINGS_FILE, _settings_text(plan).encode())
        text = table_text(SCORE_COLUMNS, ([row[name] for name in SCORE_COLUMNS] for row in rows))
        folder.write_file(SCORES_FILE, text.encode())
    return rows


def _samples_digest(plan: SeriesPlan) -> str:
    trace = plan.trace
    lost = np.flatnonzero(trace.lost).tolist()
    samples = np.where(trace.unknown[:, np.newaxis], 0.0, trace.samples).tolist()
    return json_digest([trace.name, samples, trace.times_s.tolist(), *([lost] if lost else [])])


def _write_task(folder: Path, plan: SeriesPlan, task: SeriesTask, result: SeriesResult) -> None:
    forecasts, columns = result.forecast.forecasts, plan.objects.columns
    write_table(folder / FORECASTS_FILE, ("run", "sample", "time_s", *columns), _forecast_rows(plan, forecasts))
    if len(forecasts) > 1:
        spread = [f"{name}_half_range_95" for name in columns]
        write_table(folder / MEAN_FILE, ("sample", "time_s", *columns, *spread, "runs"), _mean_rows(plan, forecasts))
    identity = (plan.trace.name, task.method, plan.forecast.protocol, task.horizon.frames, task.horizon.seconds)
    write_table(folder / SCORES_FILE, SCORE_COLUMNS, [(*identity, *score) for score in result.scores])


def _forecast_rows(plan: SeriesPlan, forecasts: NDArray[np.float64]) -> Iterator[list[Cell]]:
    """Yield one row per run and sample, for the samples that any run has a forecast of."""
    for run, series in enumerate(forecasts):
        for t in _forecast_samples(forecasts):
            yield [run, t, float(plan.trace.times_s[t]), *series[t].tolist()]


def _mean_rows(plan: SeriesPlan, forecasts: NDArray[np.float64]) -> Iterator[list[Cell]]:
    mean, half_range, runs = ensemble_mean(forecasts)
    for t in _forecast_samples(forecasts):
        yield [t, float(plan.trace.times_s[t]), *mean[t].tolist(), *half_range[t].tolist(), int(runs[t])]


def _forecast_samples(forecasts: NDArray[np.float64]) -> list[int]:
    return [int(t) for t in np.flatnonzero(np.isfinite(forecasts).all(axis=2).any(axis=0))]


def _settings_text(plan: SeriesPlan) -> str:
    """Return what was forecast, how the samples came about, and every setting of every method."""
    trace, split = plan.trace, plan.split
    series: dict[str, Any] = {
        "name": trace.name,
        "history": list(trace.history),
        "samples": len(trace.samples),
        "missing_samples": int(trace.lost.sum()),
        "missing_in_long_gaps": int(trace.unknown.sum()),
        "scored_samples": {str(h): int(plan.scored(h).sum()) for h in sorted({t.horizon.frames for t in plan.tasks})},
        "rate_hz": round(1 / trace.period_s, 9),
        "columns": list(plan.objects.columns),
        "objects": str(plan.objects),
        "train_end": split.train_end,
        "validation_end": split.validation_end,
        "offline_train_end": plan.offline_train_end,
        "cinecast": __version__,
    }
    if plan.forecast.protocol == "published":
        series["note"] = "non-causal: the published protocol learns from targets before they exist"
    forecast = settings_tables(Settings(forecast=plan.forecast))["forecast"]
    resolved = {task.method: task.settings.given() for task in plan.tasks}
    return tomli_w.dumps({"series": series, "forecast": forecast | resolved})
