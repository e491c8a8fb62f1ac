"""The outcome of a run in one sentence per horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cinecast.report.score_table import ScoreRow
from cinecast.score.main_metric import MAIN_METRIC, main_region


@dataclass(frozen=True)
class Headline:
    """The best forecaster at one horizon, beside persistence and the oracle.

    Parameters
    ----------
    horizon_frames, horizon_s
        The horizon.
    method
        Name of the forecaster with the smallest mean geometric error; None where none has a score.
    error_mm, persistence_mm, oracle_mm
        Mean geometric errors in mm; NaN where there is none.
    asked, diverged
        Random runs of that forecaster, and how many of them diverged: its error is that of the others.
    """

    horizon_frames: int
    horizon_s: float
    method: str | None
    error_mm: float
    persistence_mm: float
    oracle_mm: float
    asked: int = 0
    diverged: int = 0

    @property
    def beats_persistence(self) -> bool:
        """Whether the best forecaster is nearer than the latest frame; true where there is nothing to compare."""
        return not self.error_mm >= self.persistence_mm


def headlines(rows: list[ScoreRow]) -> list[Headline]:
    """Return the outcome at each horizon, in order of length."""
    region = main_region([{row.region for row in rows}])
    horizons = sorted({(row.horizon_frames, row.horizon_s) for row in rows})
    return [_headline([r for r in rows if r.region == region], *horizon) for horizon in horizons]


def _headline(rows: list[ScoreRow], frames: int, seconds: float) -> Headline:
    errors = {row.method: row.value(MAIN_METRIC) for row in rows if row.horizon_frames == frames}
    finite = {method: error for method, error in errors.items() if np.isfinite(error)}
    forecasters = {row.method: finite[row.method] for row in rows if not row.is_reference and row.method in finite}
    best = min(forecasters, key=lambda method: forecasters[method], default=None)
    row_of_best = next((row for row in rows if row.horizon_frames == frames and row.method == best), None)
    return Headline(
        frames,
        seconds,
        best,
        forecasters[best] if best else np.nan,
        finite.get("persistence", np.nan),
        finite.get("oracle", np.nan),
        row_of_best.asked if row_of_best else 0,
        row_of_best.diverged if row_of_best else 0,
    )
