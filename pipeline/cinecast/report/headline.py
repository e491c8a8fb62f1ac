"""The outcome of a run in one sentence per horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cinecast.references import MEASURED, ORACLE, PERSISTENCE
from cinecast.report.score_table import ScoreRow
from cinecast.score.landmark_scores import P95_METRIC
from cinecast.score.main_metric import LANDMARK_METRIC, MAIN_METRIC, main_region


@dataclass(frozen=True)
class Headline:
    """The best forecaster at one horizon, beside persistence, the oracle and what was measured.

    Parameters
    ----------
    horizon_frames, horizon_s
        The horizon.
    method
        Name of the forecaster with the smallest mean error: at the landmarks where any has one there, else against the
        measured motion. None where none has a score.
    error_mm, persistence_mm, oracle_mm, measured_mm
        Mean errors in mm, of that kind; NaN where there is none.
    asked, diverged
        Random runs of that forecaster, and how many of them diverged: its error is that of the others.
    at_landmarks
        Whether the errors are those at landmarks.
    motion_mm
        Mean error of that forecaster against the measured motion, in mm; NaN where there is none.
    p95_mm
        95th percentile of the errors of that forecaster at the landmarks, in mm; NaN where there is none.
    """

    horizon_frames: int
    horizon_s: float
    method: str | None
    error_mm: float
    persistence_mm: float
    oracle_mm: float
    asked: int = 0
    diverged: int = 0
    at_landmarks: bool = False
    measured_mm: float = np.nan
    motion_mm: float = np.nan
    p95_mm: float = np.nan

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
    own = [row for row in rows if row.horizon_frames == frames]
    metric = LANDMARK_METRIC if at_landmarks(own) else MAIN_METRIC
    errors = {row.method: row.value(metric) for row in own}
    forecasters = {row.method: row.value(metric) for row in own if not row.is_reference}
    best = min((m for m, e in forecasters.items() if np.isfinite(e)), key=forecasters.__getitem__, default=None)
    row_of_best = next((row for row in own if row.method == best), None)
    return Headline(
        frames,
        seconds,
        best,
        errors[best] if best else np.nan,
        errors.get(PERSISTENCE, np.nan),
        errors.get(ORACLE, np.nan),
        row_of_best.asked if row_of_best else 0,
        row_of_best.diverged if row_of_best else 0,
        metric == LANDMARK_METRIC,
        errors.get(MEASURED, np.nan) if metric == LANDMARK_METRIC else np.nan,
        row_of_best.value(MAIN_METRIC) if row_of_best else np.nan,
        row_of_best.value(P95_METRIC) if row_of_best else np.nan,
    )


def at_landmarks(rows: list[ScoreRow]) -> bool:
    """Return whether forecasters are judged at landmarks: where any of them has an error there.

    Without any forecaster, as in a run of `persistence` alone, what they would be judged by is that of the references.
    """
    judged = [row for row in rows if not row.is_reference] or rows
    return any(np.isfinite(row.value(LANDMARK_METRIC)) for row in judged)
