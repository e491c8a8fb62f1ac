"""Figures of lines: error against horizon, weights over time with their forecasts."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cinecast.errors import ReportError
from cinecast.figures.choice import FigureChoice, region_of, show
from cinecast.figures.images import caption
from cinecast.figures.shares import share_text, shown_of_all
from cinecast.figures.style import legend_columns, line_style, name_of, new_figure
from cinecast.report.data import ReportData, ReportEntry
from cinecast.report.few_modes import few_modes, forecast_modes
from cinecast.report.random_runs import finished_runs, mean_over_runs
from cinecast.report.score_table import ScoreRow, score_rows
from cinecast.score.main_metric import LANDMARKS, REGION_PLACES, metric_in
from cinecast.settings.causality import flagged

# So many letters of a name stand on one line of a legend of two columns.
_LEGEND_LETTERS = 24
# The longest name in the legend of a wide figure: three short ones stand beside it.
_LETTERS_PER_MM = 0.35
# A line of a legend and the gap below an entry, and a panel that is tall enough for the name of its axis.
_LEGEND_LINE_MM, _LEGEND_GAP_MM, _SHORTEST_PANEL_MM = 3.0, 1.3, 46.0


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
    metric = metric_in(region)
    rows = _rows_in(region, [row for row in score_rows(data.scores) if metric in row.cells])
    names = {row.method: _wrapped(_name_of_row(data, row), _LEGEND_LETTERS) for row in rows}
    columns = legend_columns(width_mm, 2)
    panel_mm = max(0.55 * width_mm, _SHORTEST_PANEL_MM)
    figure = new_figure(width_mm, panel_mm + _legend_mm(list(names.values()), columns))
    axes = figure.subplots()
    for method, name in names.items():
        _draw_method(axes, data, [row for row in rows if row.method == method], metric, name)
    place = REGION_PLACES.get(region, region)
    axes.set(xlabel="horizon (s)", ylabel=f"mean geometric error\n{place} (mm)", ylim=(0, None))
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=columns, handlelength=2.6)
    return figure


def weights(data: ReportData, choice: FigureChoice, width_mm: float) -> Figure:
    """Draw the weights of the first modes over the test span: measured, forecast, with bands and the range over runs.

    Shown are the fewest modes that hold 95 % of the variance that the model explains. Modes that the method does not
    forecast have the measured line alone.

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
    count = few_modes(model.explained_variance)
    drawn = finished_runs(entry.forecasts[:, span.start : span.stop], entry.last_scored)  # as scored
    forecast = np.stack([_broken(run, pauses) for run in drawn]) if len(drawn) else drawn
    known = model.weights[span.start : span.stop].copy()
    known[[t - span.start for t in data.flows[model.flow].held if t in span]] = np.nan  # not measured
    measured = _broken(known, pauses)
    radius = _radius(entry, span, pauses)
    columns = legend_columns(width_mm, 4)
    figure = new_figure(width_mm, 17 + 24 * count + (_LEGEND_LINE_MM + _LEGEND_GAP_MM) * (4 // columns - 1))
    panels = np.atleast_1d(figure.subplots(count, 1, sharex=True))
    for k, axes in enumerate(panels):
        axes.plot(times, measured[:, k], color="black", linewidth=0.9, label="measured")
        if len(forecast) and k < forecast_modes(entry):
            _draw_forecast(axes, data, entry, times, forecast[..., k], None if radius is None else radius[:, k])
        else:
            axes.set_title("not forecast", loc="right", color="#444444", pad=2)
        axes.set_ylabel(f"mode {k + 1} ({share_text(model.explained_variance[k])})")
    panels[-1].set_xlabel("time (s)")
    handles, labels = panels[0].get_legend_handles_labels()
    letters = max(_LEGEND_LETTERS, int(_LETTERS_PER_MM * width_mm))
    figure.legend(
        handles, [_wrapped(label, letters) for label in labels], loc="outside upper left", ncols=columns, handlelength=2
    )
    if said := shown_of_all(model):
        caption(figure, said)
    return figure


def _draw_forecast(
    axes: Axes,
    data: ReportData,
    entry: ReportEntry,
    times: NDArray[np.float64],
    forecasts: NDArray[np.float64],
    radius: NDArray[np.float64] | None,
) -> None:
    """Draw the mean over runs of one weight (R, T), its band (T,) around that, and the range over runs."""
    look, mean = line_style(data, entry.method), forecasts.mean(axis=0)
    fill: Any = {"color": look.color, "linewidth": 0}
    if radius is not None and entry.bands is not None:
        said = f"band of {100 * entry.bands.level:g} %"
        axes.fill_between(times, mean - radius, mean + radius, alpha=0.2, label=said, **fill)
    if len(forecasts) > 1:
        low, high = forecasts.min(axis=0), forecasts.max(axis=0)
        axes.fill_between(times, low, high, alpha=0.4, label="range over runs", **fill)
    axes.plot(times, mean, color=look.color, label=_forecast_name(entry, len(forecasts)))


def _radius(entry: ReportEntry, span: range, pauses: list[int]) -> NDArray[np.float64] | None:
    """Return the radius of each weight in the test frames, mean over the runs; None where nothing has one."""
    if entry.bands is None:
        return None
    radius = mean_over_runs(entry.bands.weight_radius[:, span.start : span.stop], entry.last_scored)
    return _broken(radius, pauses) if np.isfinite(radius).any() else None


def _broken(values: NDArray[np.float64], pauses: list[int]) -> NDArray[np.float64]:
    """Return values of the test frames with NaN where the recording pauses: a line must not reach across."""
    return np.insert(values, pauses, np.nan, axis=0) if pauses else values


def _rows_in(region: str, rows: list[ScoreRow]) -> list[ScoreRow]:
    if region == LANDMARKS:  # they stand in the rows of every region
        return list({(row.method, row.horizon_frames): row for row in rows}.values())
    return [row for row in rows if row.region == region]


def _draw_method(axes: Axes, data: ReportData, rows: list[ScoreRow], metric: str, name: str) -> None:
    look = line_style(data, rows[0].method)
    cells = [row.cells[metric] for row in rows]
    half_ranges = np.array([cell.half_range for cell in cells])  # one that is not known has no bar
    axes.errorbar(
        [row.horizon_s for row in rows],
        [cell.value for cell in cells],
        yerr=half_ranges if np.isfinite(half_ranges).any() else None,
        capsize=2,
        elinewidth=0.8,
        label=name,
        marker=look.marker,
        **look.line(),
    )


def _legend_mm(names: list[str], columns: int) -> float:
    """Return how tall a legend is: names fill one column after the other."""
    rows = max(1, -(-len(names) // columns))
    lines = (sum(name.count("\n") + 1 for name in names[start : start + rows]) for start in range(0, len(names), rows))
    return max(lines, default=0) * _LEGEND_LINE_MM + rows * _LEGEND_GAP_MM


def _wrapped(name: str, letters: int) -> str:
    return "\n".join(textwrap.wrap(name, letters, break_on_hyphens=False))


def _name_of_row(data: ReportData, row: ScoreRow) -> str:
    """Return what a legend calls a method, by its name alone where its scores are whole and its forecasts are not."""
    entry = next((entry for entry in data.entries if entry.method == row.method), None)
    return name_of(entry) if entry else flagged(row.method, row.protocol)


def _forecast_name(entry: ReportEntry, runs: int) -> str:
    mean = f", mean of {runs} runs" if runs > 1 else ""
    return f"{name_of(entry)}, {entry.horizon.seconds:.2f} s ahead{mean}"
