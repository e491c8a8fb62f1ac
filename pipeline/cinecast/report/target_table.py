"""The table of targets as people read it: one row per target, ruler, method and horizon, one column per metric."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cinecast.report.score_table import Column, ScoreCell, ScoreRow
from cinecast.score.gating_scores import ON_WITHOUT_REFERENCE
from cinecast.score.point_bands import CENTROID_BAND_METRICS
from cinecast.score.target_scores import CENTROID_METRIC, TARGET_REGION

CENTROID_INSIDE, CENTROID_RADIUS = CENTROID_BAND_METRICS
# The share of frames whose centroid lies within its radius, in the part of the breathing cycle where it is smallest.
WORST_CENTROID_PHASE = "centroid_inside_worst_phase"
_AXES = {"si": "SI", "ap": "AP", "lr": "LR", "rows": "rows", "columns": "columns"}
TARGET_COLUMNS = (
    Column(CENTROID_METRIC, "Centroid", "error", "mm", 2),
    *(
        Column(f"centroid_{axis}_mm", "Centroid", f"along {title}", "mm", 2, main=False)
        for axis, title in _AXES.items()
    ),
    Column("dice", "Overlap", "DSC", "", 3, better="high"),
    Column("hd95_mm", "Borders", "HD95", "mm", 2),
    Column("masd_mm", "Borders", "mean", "mm", 2, main=False),
    Column("surface_mm", "Borders", "directed", "mm", 2, main=False),
    Column("d98_ratio", "Dose", "D98 ratio", "", 3, better="high", main=False),
    Column("duty_cycle", "Gating", "duty cycle", "", 3, better="none"),
    Column("gate_correct", "Gating", "right", "", 3, better="high"),
    Column("outside_while_on", "Gating", "outside while on", "", 3, main=False),
    Column("inside_while_off", "Gating", "inside while off", "", 3, main=False),
    Column("area_outside_while_on", "Gating", "area outside while on", "", 3, main=False),
    Column("gating_error_mm", "Gating", "error while on", "mm", 2, main=False),
    Column(CENTROID_INSIDE, "Radius", "holds", "of frames", 3, better="none", main=False),
    Column(WORST_CENTROID_PHASE, "Radius", "in the worst phase", "of frames", 3, better="none", main=False),
    Column(CENTROID_RADIUS, "Radius", "mean", "mm", 2, better="none", main=False),
    Column("missed", "Frames", "missed", "", 0, better="none"),
    Column("without_reference", "Frames", "without reference", "", 0, better="none", main=False),
    Column(ON_WITHOUT_REFERENCE, "Frames", "without reference, beam on", "", 0, main=False),
)


def target_rows(scores: Iterable[dict[str, str]], names: Iterable[str]) -> list[ScoreRow]:
    """Return the rows of ``score/scores.csv`` that are about targets, one for each ruler.

    Parameters
    ----------
    scores
        Rows of the table as text by column name.
    names
        The targets that are shown.

    Returns
    -------
    list[ScoreRow]
        By target, what it is held against, horizon and error of the centroid; ``region`` is the name of the target.
    """
    places = {name: place for place, name in enumerate(names)}
    tables: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for score in scores:
        name = score["region"].removeprefix(TARGET_REGION)
        if score["region"] != name and name in places:
            key = (name, score["against"], score["method"], score["protocol"], score["horizon_frames"])
            tables.setdefault(key, []).append(score)
    rows = [_row(key[0], key[1], table) for key, table in tables.items()]
    return sorted(rows, key=lambda row: _order(row, places))


def shown_target_columns(rows: Iterable[ScoreRow]) -> tuple[Column, ...]:
    """Return the columns of a table of targets: those that any row has a value in."""
    told = {metric for row in rows for metric in row.cells}
    return tuple(column for column in TARGET_COLUMNS if column.metric in told)


def _row(name: str, against: str, table: list[dict[str, str]]) -> ScoreRow:
    first = table[0]
    cells = {score["metric"]: ScoreCell.of(score) for score in table}
    runs = max(int(score["runs"] or 0) for score in table)
    horizon = int(first["horizon_frames"]), float(first["horizon_s"])
    return ScoreRow(first["method"], first["protocol"], name, *horizon, runs, cells, against=against)


def _order(row: ScoreRow, places: dict[str, int]) -> tuple[int, str, int, float]:
    error = row.value(CENTROID_METRIC)
    return places[row.region], row.against, row.horizon_frames, error if np.isfinite(error) else np.inf
