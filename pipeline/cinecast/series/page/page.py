"""The HTML of the report of a series: what is read without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from cinecast.references import PERSISTENCE
from cinecast.report.page import STYLES
from cinecast.report.render import joined
from cinecast.report.score_table import ScoreCell, format_cell
from cinecast.series.gaps import stretches
from cinecast.series.page.data import data_scripts
from cinecast.series.shown import ShownSeries
from cinecast.version import __version__

# Raised when the page looks different for the same forecasts.
PAGE_VERSION = 7
# Of those of the report of a run, in the order in which they are run.
SHARED_SCRIPTS = (
    "uplot/uPlot.iife.min.js",
    "marks.js",
    "plot_panel.js",
    "plots.js",
    "plot_picture.js",
)
# Metric, heading, whether it has the unit of the trace, decimals.
COLUMNS = (
    ("rmse", "RMSE", True, 3),
    ("mae", "MAE", True, 3),
    ("max_error", "Largest error", True, 3),
    ("nrmse", "nRMSE", False, 3),
    ("jitter", "Jitter", True, 3),
    ("inside", "Inside band", False, 3),
    ("radius", "Half width of band", True, 3),
    ("step_time_ms", "Time per step (ms)", False, 2),
)


class Line(NamedTuple):
    """One method at one horizon: what it is, its cells, whether its RMSE is the smallest of the forecasters."""

    horizon: str
    method: str
    reference: bool
    cells: list[str]
    best: bool


def render_series(shown: ShownSeries) -> dict[str, bytes]:
    """Return the files of the report of a series by name relative to its folder; ``index.html`` is the one to open."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cinecast.series.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    plan, trace = shown.plan, shown.plan.trace
    page = environment.get_template("series.html").render(
        plan=plan,
        trace=trace,
        objects=str(plan.objects),
        columns=COLUMNS,
        lines=_lines(shown),
        scored=_scored(shown),
        long_gaps=[_gap(shown, *each) for each in stretches(trace.unknown)],
        filled=int(trace.lost.sum() - trace.unknown.sum()),
        missing=int(trace.lost.sum()),
        several=any(each.runs > 1 for each in shown.forecasts),
        version=__version__,
    )
    static = files("cinecast.series.page").joinpath("static")
    assets = {each.name: each.read_bytes() for each in sorted(static.iterdir(), key=lambda file: file.name)}
    assets |= {"charts.js": joined(SHARED_SCRIPTS), "report.css": joined(STYLES)} | data_scripts(shown)
    return {"index.html": page.encode(errors="replace")} | {
        f"assets/{name}": content for name, content in assets.items()
    }


def _lines(shown: ShownSeries) -> list[Line]:
    values = {(r["method"], r["horizon_frames"], r["metric"]): r for r in shown.rows}
    lines = []
    for task in (each.task for each in shown.forecasts):
        own = [values.get((task.method, str(task.horizon.frames), metric)) for metric, *_ in COLUMNS]
        cells = [_cell(row, decimals) for row, (*_, decimals) in zip(own, COLUMNS, strict=True)]
        title = f"{task.horizon.seconds:.2f} s ({task.horizon.frames} sample{'' if task.horizon.frames == 1 else 's'})"
        best = task.method == best_method(shown, task.horizon.frames)
        lines.append(Line(title, task.method, task.method == PERSISTENCE, cells, best))
    return lines


def best_method(shown: ShownSeries, horizon: int) -> str:
    """Return the forecaster with the smallest RMSE at a horizon.

    Parameters
    ----------
    shown
        The series with its scores.
    horizon
        In samples.

    Returns
    -------
    Its name; persistence where there is no other.
    """
    errors = {
        row["method"]: float(row["value"])
        for row in shown.rows
        if row["metric"] == "rmse" and int(row["horizon_frames"]) == horizon and row["value"]
    }
    others = {method: error for method, error in errors.items() if method != PERSISTENCE}
    return min(others, key=others.__getitem__, default=PERSISTENCE)


def _scored(shown: ShownSeries) -> list[tuple[int, int, int]]:
    """Return horizon in samples, scored samples and samples of the test span, where not all are scored."""
    counts = {task.horizon.frames: shown.plan.scored(task.horizon.frames) for task in shown.plan.tasks}
    return [(h, int(scored.sum()), len(scored)) for h, scored in sorted(counts.items()) if not scored.all()]


def _gap(shown: ShownSeries, first: int, end: int) -> dict[str, Any]:
    times = shown.plan.trace.times_s
    last = min(end, len(times) - 1)
    return {"from_s": times[max(first - 1, 0)], "to_s": times[last], "samples": end - first}


def _cell(row: Mapping[str, str] | None, decimals: int) -> str:
    if row is None:
        return "\N{EN DASH}"
    return format_cell(ScoreCell.of(dict(row)), decimals)
