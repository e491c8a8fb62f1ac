"""Figures of lines: error against horizon, weights over time with their forecasts."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cinecast.errors import ReportError
from cinecast.figures.choice import FigureChoice, region_of, show
from cinecast.figures.style import flagged, line_style, name_of, new_figure
from cinecast.report.data import ReportData, ReportEntry
from cinecast.report.random_runs import finished_runs
from cinecast.report.score_table import ScoreRow, score_rows
from cinecast.score.main_metric import LANDMARKS, REGION_PLACES, metric_in

# So many letters of a name stand on one line of a legend of two columns.
_LEGEND_LETTERS = 24


def horizons(data: ReportData, choice: FigureChoice, width_mm: float) -> Figure:
    """Draw the mean geometric error of every method against the horizon, with 95 % half ranges over random runs.

    Parameters
    ----------
    data
        What the run measured, with its scores.
    choice
        Its ``region`` counts.
    width_mm
        Width of the figure.

    Returns
    -------
    Figure
        A line for each method, horizon in s against mm.

    Raises
    ------
    ReportError
        If the run has no scores, or none in the region.
    """
    if not data.scores:
        raise ReportError("the figure needs scores, got a run without any; run 'cinecast run' to the end")
    region = region_of(data, choice)
    figure = new_figure(width_mm, 0.78 * width_mm)
    axes = figure.subplots()
    metric = metric_in(region)
    rows = _rows_in(region, [row for row in score_rows(data.scores) if metric in row.cells])
    for method in dict.fromkeys(row.method for row in rows):
        _draw_method(axes, data, [row for row in rows if row.method == method], metric)
    place = REGION_PLACES.get(region, region)
    axes.set(xlabel="horizon (s)", ylabel=f"mean geometric error {place} (mm)", ylim=(0, None))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=2, handlelength=2.6)
    return figure


def weights(data: ReportData, choice: FigureChoice, width_mm: float) -> Figure:
    """Draw the weight of every mode over the test span, measured and forecast, with the range over random runs.

    Parameters
    ----------
    data
        What the run measured.
    choice
        Method and horizon.
    width_mm
        Width of the figure; its height follows from the number of modes.

    Returns
    -------
    Figure
        A panel for each mode, time in s against the weight in pixels.
    """
    shown = show(data, choice)
    entry, model = shown.entry, shown.model
    span = data.sequence.split.test_frames
    pauses = [t - span.start for t in data.sequence.instants.pauses_end if t in span[1:]]
    times = _broken(data.sequence.times_s[span.start : span.stop], pauses)
    count = len(model.modes)
    drawn = finished_runs(entry.forecasts[:, span.start : span.stop], entry.last_scored)  # as scored
    forecast = np.stack([_broken(run, pauses) for run in drawn]) if len(drawn) else drawn
    measured = _broken(model.weights[span.start : span.stop], pauses)
    figure = new_figure(width_mm, 12 + 24 * count)
    look = line_style(data, entry.method)
    panels = np.atleast_1d(figure.subplots(count, 1, sharex=True))
    for k, axes in enumerate(panels):
        forecasts = forecast[..., k]
        if len(forecasts) > 1:
            low, high = forecasts.min(axis=0), forecasts.max(axis=0)
            axes.fill_between(times, low, high, color=look.color, alpha=0.3, linewidth=0, label="range over runs")
        axes.plot(times, measured[:, k], color="black", linewidth=0.9, label="measured")
        if len(forecasts) > 0:
            axes.plot(times, forecasts.mean(axis=0), color=look.color, label=_forecast_name(entry, len(forecasts)))
        axes.set_ylabel(f"mode {k + 1} ({100 * model.explained_variance[k]:.0f} %)")
    panels[-1].set_xlabel("time (s)")
    figure.legend(*panels[-1].get_legend_handles_labels(), loc="outside upper left", ncols=3, handlelength=2)
    return figure


def _broken(values: NDArray[np.float64], pauses: list[int]) -> NDArray[np.float64]:
    """Return values of the test frames with NaN where the recording pauses: a line must not reach across."""
    return np.insert(values, pauses, np.nan, axis=0) if pauses else values


def _rows_in(region: str, rows: list[ScoreRow]) -> list[ScoreRow]:
    if region == LANDMARKS:  # they stand in the rows of every region
        return list({(row.method, row.horizon_frames): row for row in rows}.values())
    return [row for row in rows if row.region == region]


def _draw_method(axes: Axes, data: ReportData, rows: list[ScoreRow], metric: str) -> None:
    look = line_style(data, rows[0].method)
    cells = [row.cells[metric] for row in rows]
    half_ranges = np.nan_to_num([cell.half_range for cell in cells])
    axes.errorbar(
        [row.horizon_s for row in rows],
        [cell.value for cell in cells],
        yerr=half_ranges if half_ranges.any() else None,
        capsize=2,
        elinewidth=0.8,
        label="\n".join(textwrap.wrap(_name_of_row(data, rows[0]), _LEGEND_LETTERS, break_on_hyphens=False)),
        marker=look.marker,
        **look.line(),
    )


def _name_of_row(data: ReportData, row: ScoreRow) -> str:
    """Return what a legend calls a method, by its name alone where its scores are whole and its forecasts are not."""
    entry = next((entry for entry in data.entries if entry.method == row.method), None)
    return name_of(entry) if entry else flagged(row.method, row.protocol)


def _forecast_name(entry: ReportEntry, runs: int) -> str:
    mean = f", mean of {runs} runs" if runs > 1 else ""
    return f"{name_of(entry)}, {entry.horizon.seconds:.2f} s ahead{mean}"
