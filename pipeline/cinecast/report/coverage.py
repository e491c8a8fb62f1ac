"""How often the radii of one method at one horizon held, and how wide they were: over time and by breathing phase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.report.breathing import phases_of
from cinecast.report.data import ReportBands, ReportData
from cinecast.report.random_runs import mean_over_runs
from cinecast.report.score_table import WORST_LANDMARK_PHASE, WORST_PHASE, ScoreCell, ScoreRow
from cinecast.report.target_data import SHOWN_METRICS, EntryTarget
from cinecast.report.target_table import WORST_CENTROID_PHASE
from cinecast.score import mean_by_phase
from cinecast.score.bands import BAND_METRICS
from cinecast.score.main_metric import LANDMARKS
from cinecast.score.target_scores import CENTROID_METRIC

# A test span of 20 frames leaves each quarter of the cycle five; a share of fewer frames says nothing.
PHASE_PARTS = 4


class Coverage(NamedTuple):
    """Means over the random runs that did not diverge; NaN where there is none.

    Parameters
    ----------
    over_time
        Share inside (0 to 1) and mean radius in mm of each test frame, shape (2, N, test frames): of the pixels of each
        region, and of the landmarks where there are any, as `ReportBands.names` has them.
    by_phase
        Their means in equal parts of the breathing cycle, shape (2, N, PHASE_PARTS).
    """

    over_time: NDArray[np.float64]
    by_phase: NDArray[np.float64]


def coverage_of(bands: ReportBands, phases: NDArray[np.float64], last: int = -1) -> Coverage:
    """Return the coverage of one method at one horizon.

    Parameters
    ----------
    bands
        Its bands.
    phases
        Breathing phase of each test frame, 0 to 1; NaN where it is unknown.
    last
        Place of the last test frame that is scored.

    Returns
    -------
    NaN at frames without a radius, and in parts of the cycle without a frame.
    """
    over_time = np.moveaxis(mean_over_runs(bands.values, last), (2, 1), (0, 1))
    by_phase = [[mean_by_phase(values, phases, PHASE_PARTS) for values in metric] for metric in over_time]
    return Coverage(over_time, np.array(by_phase))


def with_worst_phase(rows: Iterable[ScoreRow], data: ReportData) -> list[ScoreRow]:
    """Return the rows of the table of scores with the smallest share inside of all parts of the breathing cycle.

    Parameters
    ----------
    rows
        Rows of the table.
    data
        What they are scores of, with the bands of its entries.

    Returns
    -------
    The same rows, with cells `WORST_PHASE` and `WORST_LANDMARK_PHASE` where the method has bands in every part of the
    cycle: the worst of fewer may be better than the mean of all frames, most of which lie in no whole breath.
    """
    span = data.sequence.split.test_frames
    phases = phases_of(data)[span.start : span.stop]
    worst = {}
    for entry in data.entries:
        if entry.bands is not None:
            coverage = coverage_of(entry.bands, phases, entry.last_scored)
            inside = coverage.by_phase[BAND_METRICS.index("pixels_inside")]
            for region, shares in zip(entry.bands.names(entry.regions), inside, strict=True):
                if np.isfinite(shares).all():
                    worst[entry.method, entry.horizon.frames, region] = ScoreCell(float(shares.min()))
    return [_with_cells(row, worst) for row in rows]


def _with_cells(row: ScoreRow, worst: Mapping[tuple[str, int, str], ScoreCell]) -> ScoreRow:
    places = {WORST_PHASE: row.region, WORST_LANDMARK_PHASE: LANDMARKS}
    keys = {metric: (row.method, row.horizon_frames, place) for metric, place in places.items()}
    return replace(row, cells=row.cells | {metric: worst[key] for metric, key in keys.items() if key in worst})


def with_worst_target_phase(rows: Iterable[ScoreRow], data: ReportData) -> list[ScoreRow]:
    """Return the rows of the table of targets with the smallest share inside of all parts of the breathing cycle.

    Parameters
    ----------
    rows
        Rows of the table of targets.
    data
        What they are scores of, with the targets of its entries.

    Returns
    -------
    The same rows, with a cell `WORST_CENTROID_PHASE` where the centroid has radii in every part of the cycle.
    """
    span = data.sequence.split.test_frames
    phases = phases_of(data)[span.start : span.stop]
    entries = {(entry.method, entry.horizon.frames): entry for entry in data.entries}
    names = [target.name for target in data.targets]
    found = []
    for row in rows:
        entry = entries.get((row.method, row.horizon_frames))
        own = entry.targets[names.index(row.region)] if entry and entry.targets else None
        worst = float("nan") if own is None else _worst_of(own, row.against, phases)
        cell = {WORST_CENTROID_PHASE: ScoreCell(worst)} if np.isfinite(worst) else {}
        found.append(replace(row, cells=row.cells | cell))
    return found


def _worst_of(own: EntryTarget, against: str, phases: NDArray[np.float64]) -> float:
    """Return the smallest share of frames inside over the parts of the cycle; NaN where one of them has none."""
    if against not in own.radius_mm:
        return float("nan")
    errors_mm, radius_mm = own.scores[against][..., SHOWN_METRICS.index(CENTROID_METRIC)], own.radius_mm[against]
    followed = own.known[:, np.isfinite(errors_mm).any(axis=0)].all(axis=1)  # as scored: of a run that diverged nothing
    errors_mm, radius_mm = errors_mm[followed], radius_mm[followed]
    known = np.isfinite(errors_mm) & np.isfinite(radius_mm)
    held, count = ((errors_mm <= radius_mm) & known).sum(axis=0), known.sum(axis=0)
    inside = np.divide(held, count, out=np.full(len(count), np.nan), where=count > 0)
    return float(mean_by_phase(inside, phases, PHASE_PARTS).min())
