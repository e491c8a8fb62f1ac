"""The tables of targets on a terminal, one for each target and ruler; narrow enough for 80 columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text

from cinecast.cli.tables import NO_NUMBER, best_method, half_range_of, sorted_lines
from cinecast.references import FLOORS
from cinecast.score.gating import latency_words
from cinecast.score.main_metric import TARGET_REGION
from cinecast.settings import ScoreSettings

_RULERS = {"measured": "the measured motion"}
_FLOORS_FIRST = ("perfect", *(name for name in reversed(FLOORS) if name != "perfect"))


class _Column(NamedTuple):
    heading: str
    metric: str
    text: Callable[[float], str]


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _count(value: float) -> str:
    """Return a mean number of frames with three digits, or all of a long recording: no power of ten."""
    return f"{value:.3g}" if value < 999.5 else f"{value:.0f}"


COLUMNS = (
    _Column("centroid\nmm", "centroid_mm", "{:.2f}".format),
    _Column("DSC", "dice", "{:.3f}".format),
    _Column("HD95\nmm", "hd95_mm", "{:.2f}".format),
    _Column("missed", "missed", _count),
    _Column("duty\ncycle\n%", "duty_cycle", _percent),
    _Column("right\n%", "gate_correct", _percent),
)


def target_tables_of(rows: list[dict[str, str]], settings: ScoreSettings) -> list[Table]:
    """Return the main scores of each target against each ruler, one line per horizon and method.

    Parameters
    ----------
    rows
        Rows of a table of scores.
    settings
        How the beam was gated.

    Returns
    -------
    list of Table
        None where there is no target. The smallest centroid error of a horizon is in bold.
    """
    found = dict.fromkeys((row["region"], row["against"]) for row in rows if row["region"].startswith(TARGET_REGION))
    periods = [float(row["horizon_s"]) / int(row["horizon_frames"]) for row in rows if int(row["horizon_frames"])]
    caption = _caption(settings, periods[0] if periods else None)
    own = [[row for row in rows if (row["region"], row["against"]) == each] for each in found]
    return [_table(some, *each, caption) for some, each in zip(own, found, strict=True)]


def _caption(settings: ScoreSettings, frame_period_s: float | None) -> str:
    latency = "as long as the horizon"
    if settings.latency_s is not None and frame_period_s is not None:
        latency = f"of {latency_words(settings.latency_s, frame_period_s)}"
    radius = {"ignore": "", "narrow": " less its radius", "widen": " and its radius"}[settings.gate_by_radius]
    return (
        f"Duty cycle: time with the beam on, for a target forecast within {settings.margin_mm:g} mm{radius} of the "
        f"plan and a latency {latency}. Right: frames with the right decision."
    )


def _table(rows: list[dict[str, str]], region: str, against: str, caption: str) -> Table:
    title = f"Target {region.removeprefix(TARGET_REGION)} against {_RULERS.get(against, against)}"
    protocols = {row["protocol"] for row in rows}
    title += ", NON-CAUSAL" if "published" in protocols else ", CAUSALITY NOT KNOWN" if "unknown" in protocols else ""
    table = Table(
        title=Text(title, style="table.title"), title_justify="left", caption=caption, caption_justify="left",
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0),
    )  # fmt: skip
    table.add_column("horizon", no_wrap=True)
    table.add_column("method", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column.heading, justify="right")
    values = {(row["horizon_frames"], row["method"], row["metric"]): row for row in rows}
    seconds = {row["horizon_frames"]: float(row["horizon_s"]) for row in rows}
    last = ""
    for horizon, method in sorted_lines(rows, _FLOORS_FIRST):
        if last and horizon != last:
            table.add_section()
        cells = [_cell(values.get((horizon, method, column.metric)), column) for column in COLUMNS]
        errors = {m: row for (h, m, metric), row in values.items() if (h, metric) == (horizon, COLUMNS[0].metric)}
        style = "bold" if method == best_method(errors) else None
        table.add_row(f"{seconds[horizon]:.2f} s" if horizon != last else "", method, *cells, style=style)
        last = horizon
    return table


def _cell(row: dict[str, str] | None, column: _Column) -> str:
    if row is None or not row["value"]:
        return NO_NUMBER
    half_range = half_range_of(row, 2) if column is COLUMNS[0] else ""
    return column.text(float(row["value"])) + half_range
