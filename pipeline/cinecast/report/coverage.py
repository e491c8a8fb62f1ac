"""How often the radii of one method at one horizon held, and how wide they were: over time and by breathing phase."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.report.breathing import phases_of
from cinecast.report.data import ReportBands, ReportData
from cinecast.report.random_runs import mean_over_runs
from cinecast.report.score_table import WORST_PHASE, ScoreCell, ScoreRow
from cinecast.score import mean_by_phase
from cinecast.score.bands import BAND_METRICS

# A test span of 20 frames leaves each quarter of the cycle five; a share of fewer frames says nothing.
PHASE_PARTS = 4


class Coverage(NamedTuple):
    """Means over the random runs that did not diverge; NaN where there is none.

    Parameters
    ----------
    over_time
        Share of pixels inside (0 to 1) and mean radius in mm of each test frame, shape (2, regions, test frames).
    by_phase
        Their means in equal parts of the breathing cycle, shape (2, regions, PHASE_PARTS).
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
    over_time = np.moveaxis(mean_over_runs(bands.pixels, last), (2, 1), (0, 1))
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
    The same rows, with a cell `WORST_PHASE` where the method has bands and the phases are known.
    """
    span = data.sequence.split.test_frames
    phases = phases_of(data)[span.start : span.stop]
    worst = {}
    for entry in data.entries:
        if entry.bands is not None:
            coverage = coverage_of(entry.bands, phases, entry.last_scored)
            inside = coverage.by_phase[BAND_METRICS.index("pixels_inside")]
            for region, shares in zip(entry.regions, inside, strict=True):
                if np.isfinite(shares).any():
                    worst[entry.method, entry.horizon.frames, region] = ScoreCell(float(np.nanmin(shares)))
    return [_with_cell(row, worst.get((row.method, row.horizon_frames, row.region))) for row in rows]


def _with_cell(row: ScoreRow, cell: ScoreCell | None) -> ScoreRow:
    return row if cell is None else replace(row, cells=row.cells | {WORST_PHASE: cell})
