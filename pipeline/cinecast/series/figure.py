"""A figure of a series for a paper: samples and forecasts with bands over the test span, a panel for each column."""

from __future__ import annotations

import io

import numpy as np

from cinecast.figures.draw import FORMATS
from cinecast.figures.style import PAGE_MM, RESOLUTION_DPI, new_figure, style
from cinecast.report.palette import LIGHT, look_of
from cinecast.series.page.page import best_method
from cinecast.series.shown import ShownSeries
from cinecast.series.units import with_unit
from cinecast.settings.causality import flagged

_PANEL_MM, _AROUND_MM = 24.0, 14.0


def draw_series(shown: ShownSeries, file_format: str) -> bytes:
    """Return the figure of the best method at the shortest horizon as the content of a file.

    Parameters
    ----------
    shown
        The trace with its forecasts.
    file_format
        ``pdf``, ``svg`` or ``png``.

    Returns
    -------
    bytes
        The same for the same forecasts: no date is in it.
    """
    plan, trace = shown.plan, shown.plan.trace
    horizon = min(task.horizon.frames for task in plan.tasks)
    method = best_method(shown, horizon)
    forecast = next(f for f in shown.forecasts if (f.task.method, f.task.horizon.frames) == (method, horizon))
    test = slice(plan.split.validation_end, plan.split.test_end)
    times, measured = trace.times_s[test], np.where(trace.lost[:, np.newaxis], np.nan, trace.samples)[test]
    label = f"{flagged(method, plan.forecast.protocol)}, {forecast.task.horizon.seconds:.2f} s ahead"
    colour, out = LIGHT[look_of(method).colour], io.BytesIO()
    with style():
        figure = new_figure(PAGE_MM, _AROUND_MM + _PANEL_MM * len(trace.columns))
        panels = np.atleast_1d(figure.subplots(len(trace.columns), 1, sharex=True))
        for k, axes in enumerate(panels):
            low, high = forecast.low[test, k], forecast.high[test, k]
            inside = f"band of {100 * plan.level:g} %"
            axes.fill_between(times, low, high, color=colour, alpha=0.25, linewidth=0, label=inside)
            axes.plot(times, measured[:, k], color="black", linewidth=0.9, label="recorded")
            axes.plot(times, forecast.mean[test, k], color=colour, label=label)
            axes.set_ylabel(with_unit(plan.objects.columns[k], trace.unit))
        panels[-1].set_xlabel("time (s)")
        figure.legend(*panels[-1].get_legend_handles_labels(), loc="outside upper left", ncols=3, handlelength=2)
        figure.savefig(out, format=file_format, dpi=RESOLUTION_DPI, metadata=FORMATS[file_format])
    return out.getvalue()
