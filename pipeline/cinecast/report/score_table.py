"""The table of scores as people read it: one row per method, horizon and region, one column per metric."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from cinecast.report.data import ReportData, is_reference
from cinecast.report.random_runs import finished_runs
from cinecast.rounding import half_range_text
from cinecast.score.landmark_scores import P95_METRIC, PART_METRICS
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS, MAIN_METRIC
from cinecast.score.target_scores import TARGET_REGION


class Column(NamedTuple):
    """One metric: its group and heading, unit, decimals, which end is better, and whether it is a main column."""

    metric: str
    group: str
    heading: str
    unit: str
    decimals: int
    better: str = "low"
    main: bool = True


# The share of pixels, and of landmarks, inside, in the part of the breathing cycle where it is smallest.
WORST_PHASE = "pixels_inside_worst_phase"
WORST_LANDMARK_PHASE = "landmarks_inside_worst_phase"
_PARTS = dict(zip(PART_METRICS, ("SI", "AP", "LR", "rows", "columns"), strict=True))
COLUMNS = (
    Column(LANDMARK_METRIC, "Landmark error", "mean", "mm", 2),
    Column(P95_METRIC, "Landmark error", "95th pct.", "mm", 2),
    *(
        Column(metric, "Landmark error", f"along {_PARTS[axis]}", "mm", 2, main=False)
        for axis, metric in PART_METRICS.items()
    ),
    Column(MAIN_METRIC, "Geometric error", "mean", "mm", 2),
    Column("dvf_error_p95_mm", "Geometric error", "95th pct.", "mm", 2),
    Column("dvf_error_max_mm", "Geometric error", "maximum", "mm", 2, main=False),
    Column("nrmse", "Image", "nRMSE", "", 3),
    Column("ssim", "Image", "SSIM", "", 3, better="high"),
    Column("cross_correlation", "Image", "correlation", "", 4, better="high", main=False),
    Column("weights_nrmse", "Weights", "nRMSE", "", 3),
    Column("weights_rmse", "Weights", "RMSE", "weight units", 1, main=False),
    Column("weights_jitter", "Weights", "jitter", "weight units", 1, better="none", main=False),
    Column("pixels_inside", "Radius", "holds", "of pixels", 3, better="none", main=False),
    Column(WORST_PHASE, "Radius", "in the worst phase", "of pixels", 3, better="none", main=False),
    Column("radius_mm", "Radius", "mean", "mm", 2, better="none", main=False),
    Column("landmarks_inside", "Landmark radius", "holds", "of landmarks", 3, better="none", main=False),
    Column(WORST_LANDMARK_PHASE, "Landmark radius", "in the worst phase", "of landmarks", 3, "none", main=False),
    Column("landmarks_radius_mm", "Landmark radius", "mean", "mm", 2, better="none", main=False),
    Column("step_time_ms", "Time per", "step", "ms", 3),
)


class ScoreCell(NamedTuple):
    """A value and its half range over random runs; NaN where there is none."""

    value: float = np.nan
    half_range: float = np.nan

    @classmethod
    def of(cls, score: dict[str, str]) -> ScoreCell:
        """Return the cell of a row of ``score/scores.csv``, in which an empty text is no number."""
        return cls(*(float(text) if text else np.nan for text in (score["value"], score["half_range_95"])))


@dataclass(frozen=True)
class ScoreRow:
    """Scores of one method at one horizon in one region.

    Parameters
    ----------
    method, protocol, region
        As in ``score/scores.csv``.
    horizon_frames, horizon_s
        The horizon.
    runs
        Random runs that the geometric error is the mean of; only the first ones are warped and have one.
    cells
        By metric; errors at landmarks, scores of the weights and the time per step stand in the rows of every region.
    asked, diverged
        Random runs that forecast, and how many of them diverged, which no score counts; 0 where that is unknown.
    against
        What the masks of a target were held against, ``measured`` or ``labels``; empty in the table of other regions.
    """

    method: str
    protocol: str
    region: str
    horizon_frames: int
    horizon_s: float
    runs: int
    cells: dict[str, ScoreCell]
    asked: int = 0
    diverged: int = 0
    against: str = ""

    @property
    def is_reference(self) -> bool:
        """Whether this is no forecaster, which none competes with for the best value."""
        return is_reference(self.method)

    def value(self, metric: str) -> float:
        """Return a value, NaN where there is none."""
        return self.cells.get(metric, ScoreCell()).value


def score_rows(scores: Iterable[dict[str, str]]) -> list[ScoreRow]:
    """Return the rows of ``score/scores.csv`` gathered by method, horizon and region, in their order.

    The landmarks are no region of their own: errors at them stand in the rows of every region. The measured motion,
    which is scored there alone, has a row in every region as well. Targets have a table of their own, `target_rows`.
    """
    scores = [score for score in scores if not score["region"].startswith(TARGET_REGION)]
    regions = [each for each in dict.fromkeys(score["region"] for score in scores) if each != LANDMARKS]
    tables: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for score in scores:
        key = (score["method"], score["protocol"], score["horizon_frames"], score["horizon_s"])
        tables.setdefault(key, []).append(score)
    return [row for key, table in tables.items() for row in _rows_of(key, table, regions)]


def shown_columns(rows: Iterable[ScoreRow]) -> tuple[Column, ...]:
    """Return the columns of a table of scores: all, but for axes that errors at landmarks are not told along."""
    told = {metric for row in rows for metric in row.cells}
    return tuple(column for column in COLUMNS if column.metric not in PART_METRICS.values() or column.metric in told)


def with_diverged_runs(rows: Iterable[ScoreRow], data: ReportData) -> list[ScoreRow]:
    """Return the rows with how many random runs forecast, and how many of them diverged by the last test frame.

    Parameters
    ----------
    rows
        Rows of the table.
    data
        What they are scores of, with the forecasts of its entries.

    Returns
    -------
    The same rows; both numbers are 0 where the forecasts are missing.
    """
    test = data.sequence.split.test_frames
    runs = {
        (entry.method, entry.horizon.frames): (
            len(entry.forecasts),
            len(finished_runs(entry.forecasts, test[entry.last_scored])),
        )
        for entry in data.entries
    }
    counted = []
    for row in rows:
        asked, finished = runs.get((row.method, row.horizon_frames), (0, 0))
        counted.append(replace(row, asked=asked, diverged=asked - finished))
    return counted


def best_values(rows: Iterable[ScoreRow], columns: Iterable[Column] = COLUMNS) -> dict[tuple[int, str, str], float]:
    """Return the best value of the forecasters, references apart, by horizon (frames), region and metric.

    Parameters
    ----------
    rows
        Rows of a table, of one ruler.
    columns
        Its columns, which say whether the lowest or the highest value is best.

    Returns
    -------
    dict
        Nothing where no forecaster has a value.
    """
    columns = tuple(columns)
    best: dict[tuple[int, str, str], float] = {}
    candidates = [row for row in rows if not row.is_reference]
    for row in candidates:
        for column in columns:
            key, value = (row.horizon_frames, row.region, column.metric), row.value(column.metric)
            if column.better != "none" and np.isfinite(value):
                choose = max if column.better == "high" else min
                best[key] = choose(best.get(key, value), value)
    return best


def format_cell(cell: ScoreCell, decimals: int) -> str:
    """Return ``0.86 ± 0.02``; the half range is left out where it is unknown and never shown as a false zero.

    Parameters
    ----------
    cell
        Value and half range.
    decimals
        Digits behind the point, of both.

    Returns
    -------
    A dash where there is no value.
    """
    if not np.isfinite(cell.value):
        return "\N{EN DASH}"
    text = f"{cell.value:.{decimals}f}"
    return f"{text} ± {half_range_text(cell.half_range, decimals)}" if np.isfinite(cell.half_range) else text


def _rows_of(key: tuple[str, ...], table: list[dict[str, str]], regions: list[str]) -> list[ScoreRow]:
    method, protocol, frames, seconds = key
    own_regions = [each for each in dict.fromkeys(score["region"] for score in table) if each != LANDMARKS]
    anywhere = {s["metric"]: s for s in table if s["metric"].startswith(("landmark_", "weights_", "step_time"))}
    rows = []
    for region in own_regions or regions:
        own = anywhere | {score["metric"]: score for score in table if score["region"] == region}
        cells = {metric: ScoreCell.of(score) for metric, score in own.items()}
        judged = [own[MAIN_METRIC]] if MAIN_METRIC in own else own.values()
        runs = max(int(score["runs"] or 0) for score in judged)
        rows.append(ScoreRow(method, protocol, region, int(frames), float(seconds), runs, cells))
    return rows
