"""The output folder of a series: forecasts and scores as CSV, settings as TOML; each result whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from cinecast.errors import ReportError
from cinecast.score.scoring import SCORE_COLUMNS
from cinecast.series.bands import score_bands, trace_bands
from cinecast.series.plan import SeriesPlan, SeriesTask
from cinecast.series.run import SeriesResult, run_task
from cinecast.series.shown import ShownSeries
from cinecast.series.task_files import read_forecasts, write_forecasts
from cinecast.settings import Settings
from cinecast.settings.toml_file import settings_tables
from cinecast.store import RunFolder, Status
from cinecast.store.digests import fingerprint, json_digest
from cinecast.store.pages import write_files, write_one_file
from cinecast.store.tables import read_table, table_text, write_table
from cinecast.version import __version__

SETTINGS_FILE, SCORES_FILE, REPORT = "settings.toml", "scores.csv", "report"
FIGURE_ENDINGS = (".pdf", ".svg", ".png")
# Raised when a task gives other results for the same samples and settings.
TASK_VERSION = 12


def write_series(
    out: Path, plan: SeriesPlan, advance: Callable[[], None] = lambda: None, figure: Path | None = None
) -> list[dict[str, str]]:
    """Forecast every task of a plan that is not up to date in a folder, and write all scores together.

    The folder gets ``forecast/METHOD/hNNN/`` with ``forecasts.csv``, ``bands.csv``, ``scores.csv``, for several runs
    ``mean.csv``, and ``stage.json``; ``scores.csv`` of all tasks; ``settings.toml``; and ``report/index.html``.

    Parameters
    ----------
    out
        The folder; made if it is missing.
    plan
        What to forecast.
    advance
        Called after each task.
    figure
        File to draw the forecasts of the best method in; its ending says the format. None: none.

    Returns
    -------
    list of dict
        The rows of ``scores.csv``.

    Raises
    ------
    StoreError
        If the folder holds something else, is in use, or cannot be written.
    ReportError
        If the figure has no ending that says a known format.
    """
    if figure is not None:
        check_figure(figure)
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
        folder.write_file(SETTINGS_FILE, _settings_text(plan).encode(errors="replace"))
        text = table_text(SCORE_COLUMNS, ([row[name] for name in SCORE_COLUMNS] for row in rows))
        folder.write_file(SCORES_FILE, text.encode())

        @cache
        def shown() -> ShownSeries:
            return ShownSeries(plan, rows, tuple(read_forecasts(folder.path(t.key), plan, t) for t in plan.tasks))

        _write_page(folder, plan, rows, shown)
        if figure is not None:
            from cinecast.series.figure import draw_series

            write_one_file(figure, draw_series(shown(), figure.suffix[1:].lower()))
    return rows


def check_figure(figure: Path) -> None:
    """Check that the ending of a figure says a known format, before anything is forecast.

    Raises
    ------
    ReportError
        If it does not.
    """
    if figure.suffix.lower() not in FIGURE_ENDINGS:
        raise ReportError(f"a figure must end in {', '.join(FIGURE_ENDINGS)}, got {figure.name!r}; give another name")


def _samples_digest(plan: SeriesPlan) -> str:
    trace = plan.trace
    lost, unknown = (np.flatnonzero(each).tolist() for each in (trace.lost, trace.unknown))
    samples = np.where(trace.unknown[:, np.newaxis], 0.0, trace.samples).tolist()
    gaps = [each for each in (lost, unknown) if each]  # what is filled in may be 0, too
    return json_digest([trace.name, samples, trace.times_s.tolist(), *gaps])


def _write_task(folder: Path, plan: SeriesPlan, task: SeriesTask, result: SeriesResult) -> None:
    bands = trace_bands(plan, result.forecast)
    write_forecasts(folder, plan, result.forecast.forecasts, bands)
    identity = (plan.trace.name, task.method, plan.forecast.protocol, task.horizon.frames, task.horizon.seconds)
    scores = [*result.scores, *score_bands(plan, result.forecast, bands)]
    write_table(folder / SCORES_FILE, SCORE_COLUMNS, [(*identity, *score) for score in scores])


def _write_page(
    folder: RunFolder, plan: SeriesPlan, rows: list[dict[str, str]], shown: Callable[[], ShownSeries]
) -> None:
    """Write the report where it is not that of what the folder holds now."""
    from cinecast.series.page import PAGE_VERSION, render_series

    inputs = {
        "settings": json_digest(_settings_text(plan)),
        "scores": json_digest(rows),
        "samples": _samples_digest(plan),
    }
    inputs |= {task.key: str(folder.record(task.key).get("fingerprint")) for task in plan.tasks}
    mark = fingerprint("series report", PAGE_VERSION, {}, inputs)
    if folder.status(REPORT, mark) is not Status.FRESH:
        with folder.commit(REPORT, mark, {}) as temporary:
            write_files(temporary, render_series(shown()))


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
        "unit": trace.unit,
        "level": plan.level,
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
