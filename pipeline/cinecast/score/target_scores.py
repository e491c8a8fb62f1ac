"""How far forecast targets are off: their masks against reference masks, frame by frame and over the test span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.masks import Target
from cinecast.score.delivered_dose import d98_ratio
from cinecast.score.main_metric import TARGET_REGION as TARGET_REGION
from cinecast.score.mask_scores import MASK_METRICS, score_mask
from cinecast.score.patient_axes import axes_in_plane
from cinecast.score.scoring import Score, summarise_runs
from cinecast.sequence import Sequence
from cinecast.target import MaskSeries

# What reference masks that a user gives are called as a ruler.
LABELS = "labels"
CENTROID_METRIC, DICE_METRIC = "centroid_mm", "dice"
# Of a frame; in the summary parts of the centroid's error stand along the patient's axes.
TARGET_FRAME_METRICS = MASK_METRICS
_MEANS = ("dice", "hd95_mm", "masd_mm", "surface_mm", "centroid_mm")
_ROWS, _COLUMNS = (MASK_METRICS.index(name) for name in ("centroid_rows_mm", "centroid_columns_mm"))
_MISSED = MASK_METRICS.index("missed")


@dataclass(frozen=True, eq=False)
class TargetReference:
    """Reference masks of one target.

    Parameters
    ----------
    target
        The target as it was given.
    against
        ``measured`` or ``labels``.
    masks
        T masks.
    frames
        The test frames that have a reference mask to score against: not the target's own frame, nor one whose motion
        is held.
    """

    target: Target
    against: str
    masks: MaskSeries
    frames: tuple[int, ...]

    @property
    def region(self) -> str:
        """Its region in tables of scores."""
        return TARGET_REGION + self.target.name


class TargetScores(NamedTuple):
    """Scores of one target against one reference.

    Parameters
    ----------
    reference
        What it was held against.
    values
        Shape (R, frames, `TARGET_FRAME_METRICS`), for the frames of the reference; NaN for an empty reference mask and
        for a run without a forecast.
    """

    reference: TargetReference
    values: NDArray[np.float64]


def score_target(
    reference: TargetReference,
    masks: MaskSeries,
    known: NDArray[np.bool_],
    first: int,
    spacing_mm: tuple[float, float],
) -> TargetScores:
    """Score the masks of one target.

    Parameters
    ----------
    reference
        Reference masks.
    masks
        Forecast masks of R runs and F frames.
    known
        Whether there was a motion to follow, shape (R, F).
    first
        Index of the first of the F frames, which follow one another.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    TargetScores
        Of every run and frame of the reference.
    """
    values = np.full((len(known), len(reference.frames), len(MASK_METRICS)), np.nan)
    for i, t in enumerate(reference.frames):
        real = reference.masks.mask(t)
        for run in np.flatnonzero(known[:, t - first]):
            score = score_mask(masks.mask(int(run), t - first), real, spacing_mm=spacing_mm)
            if score is not None:
                values[run, i] = score
    return TargetScores(reference, values)


def summarise_target(scores: TargetScores, known: NDArray[np.bool_], sequence: Sequence) -> list[Score]:
    """Return the mean over frames and runs, with half range over runs.

    Parameters
    ----------
    scores
        From `score_target`.
    known
        Whether each run has a forecast of every frame, shape (R,); one that has not does not count.
    sequence
        Its spacing, and its axes for the parts of the centroid's error.

    Returns
    -------
    list[Score]
        ``dice``, distances in mm, mean absolute parts of the centroid's error, ``d98_ratio``, the number of frames in
        which the target is ``missed``, and of those ``without_reference``, which are left out. Nothing where no frame
        has a reference.
    """
    reference, values = scores.reference, scores.values[known]
    scored = np.isfinite(values[0, :, 0]) if len(values) else np.zeros(0, dtype=bool)
    if not scored.any():
        return []
    values = values[:, scored]
    found = {name: values[:, :, MASK_METRICS.index(name)].mean(axis=1) for name in _MEANS}
    errors_mm = values[:, :, [_ROWS, _COLUMNS]]
    for axis, direction in axes_in_plane(sequence).items():
        found[f"centroid_{axis}_mm"] = np.array([_mean_known(np.abs(run[:, ::-1] @ direction)) for run in errors_mm])
    spacing_mm = sequence.spacing_mm
    plan = reference.target.mask
    region = _scanned_region(sequence)
    ratios = [d98_ratio(plan, run, spacing_mm=spacing_mm, scanned_region=region) for run in errors_mm]
    found["d98_ratio"] = np.array(ratios)
    found["missed"] = values[:, :, _MISSED].sum(axis=1)
    found["without_reference"] = np.full(len(values), float((~scored).sum()))
    rows = [summarise_runs(reference.region, name, runs, against=reference.against) for name, runs in found.items()]
    return [row for row in rows if np.isfinite(row.value)]


def _scanned_region(sequence: Sequence) -> str | None:
    """Return the region that stands beside a case of TrackRAD2025, of which the reader names the file in brackets."""
    said = sequence.origins.get("scanned_region")
    return said.rsplit(" (", 1)[0] if said else None


def _mean_known(values: NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def measured_score(reference: TargetReference, measured: MaskSeries, spacing_mm: tuple[float, float]) -> TargetScores:
    """Score the measured motion's own masks against labels, as one run.

    Parameters
    ----------
    reference
        Labels of the target.
    measured
        Its T masks along the measured motion.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    TargetScores
        Shape (1, frames, metrics).
    """
    known = np.ones((1, len(measured.bits)), dtype=bool)
    return score_target(reference, MaskSeries(measured.bits[np.newaxis], measured.shape), known, 0, spacing_mm)
