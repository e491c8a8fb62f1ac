"""How well the beam would have been gated by forecast targets, over the test span."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.score.gating import GATING_METRICS, GatingPlan, beam_on, gating_plan, score_gating
from cinecast.score.mask_scores import centroid_mm
from cinecast.score.scoring import Score, summarise_runs
from cinecast.score.target_scores import TargetReference
from cinecast.settings import ScoreSettings
from cinecast.target import MaskSeries

# Frames with the beam on in which the reference shows no target: no share, since nobody knows where it was.
ON_WITHOUT_REFERENCE = "on_without_reference"


@dataclass(frozen=True, eq=False)
class GatedReference:
    """Where a target was, frame by frame, and where it was planned to be.

    Parameters
    ----------
    reference
        Its reference masks.
    plan
        Its plan.
    centroids_mm
        Its centroid in the frames of the reference, shape (F, 2), (row, column), mm; NaN in a frame that does not
        count.
    area_outside
        Share of its pixels outside the plan's window, shape (F,).
    absent
        The frames that would count but show no target, shape (F,): it has left the image, or nobody has drawn it.
    """

    reference: TargetReference
    plan: GatingPlan
    centroids_mm: NDArray[np.float64]
    area_outside: NDArray[np.float64]
    absent: NDArray[np.bool_]

    @property
    def perfect(self) -> NDArray[np.bool_]:
        """When the beam is on with perfect knowledge, shape (1, F)."""
        return beam_on(self.plan, self.centroids_mm)[np.newaxis]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which frames count, shape (F,)."""
        return np.asarray(np.isfinite(self.centroids_mm).all(axis=1))


def gated_reference(
    reference: TargetReference, counted: Collection[int], spacing_mm: tuple[float, float], margin_mm: float
) -> GatedReference:
    """Return what gating by a target is held against.

    Parameters
    ----------
    reference
        Reference masks.
    counted
        The frames that count: for others, a beam with latency has no forecast of the test span to act on.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    margin_mm
        Margin of the plan in mm.

    Returns
    -------
    GatedReference
        Of the frames of the reference; those that are not among ``counted`` or have an empty mask do not count.
    """
    plan = gating_plan(reference.target.mask, spacing_mm=spacing_mm, margin_mm=margin_mm)
    centroids = np.full((len(reference.frames), 2), np.nan)
    outside = np.full(len(reference.frames), np.nan)
    absent = np.zeros(len(reference.frames), dtype=bool)
    for i, t in enumerate(reference.frames):
        if t in counted:
            mask = reference.masks.mask(t)
            absent[i] = not mask.any()
            centroids[i], outside[i] = centroid_mm(mask, spacing_mm=spacing_mm), plan.area_outside(mask)
    return GatedReference(reference, plan, centroids, outside, absent)


def centroids_of(masks: MaskSeries, spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return the centroids of masks.

    Parameters
    ----------
    masks
        R runs of F frames.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    NDArray[np.float64]
        Shape (R, F, 2), (row, column), mm; NaN for an empty mask, of a target that was missed.
    """
    shape = masks.bits.shape[:2]
    found = [centroid_mm(masks.mask(*index), spacing_mm=spacing_mm) for index in np.ndindex(*shape)]
    return np.array(found).reshape(*shape, 2)


def gate_by_forecasts(
    gated: GatedReference,
    centroids_mm: NDArray[np.float64],
    first: int,
    settings: ScoreSettings,
    *,
    acted_on: SequenceOf[int],
    radius_mm: NDArray[np.float64] | None = None,
) -> NDArray[np.bool_]:
    """Return when the beam is on.

    Parameters
    ----------
    gated
        What it will be held against: its frames.
    centroids_mm
        Forecast centroids, shape (R, N, 2), (row, column), mm.
    first
        Index of the first of the N frames, which follow one another.
    settings
        How a radius changes the margin.
    acted_on
        The frame whose forecast the beam acts on in each frame of the reference; below ``first`` for none.
    radius_mm
        Radius of each forecast, shape (R, N).

    Returns
    -------
    NDArray[np.bool_]
        Shape (R, frames of the reference); off where there is no forecast.
    """
    at = np.array(acted_on, dtype=int) - first
    known = at >= 0
    on = np.zeros((len(centroids_mm), len(at)), dtype=bool)
    radius = None if radius_mm is None else radius_mm[:, at[known]]
    on[:, known] = beam_on(gated.plan, centroids_mm[:, at[known]], radius, settings.gate_by_radius)
    return on


def summarise_gating(gated: GatedReference, on: NDArray[np.bool_], runs: NDArray[np.bool_]) -> list[Score]:
    """Return the mean over runs, with half range over runs.

    Parameters
    ----------
    gated
        What it is held against.
    on
        When the beam is on, shape (R, frames of the reference).
    runs
        Whether each run has a forecast of every frame, shape (R,); one that has not does not count.

    Returns
    -------
    list[Score]
        Each of `GATING_METRICS` that a run has; of the others, ``runs`` says how many have. `ON_WITHOUT_REFERENCE` too
        where frames show no target.
    """
    found = [score_gating(gated.plan, each, gated.centroids_mm, gated.area_outside) for each in on[runs]]
    region, against = gated.reference.region, gated.reference.against
    rows = [
        summarise_runs(region, name, np.array([each[name] for each in found]), against=against)
        for name in GATING_METRICS
    ]
    if gated.absent.any():
        beams = np.array([float(each[gated.absent].sum()) for each in on[runs]])
        rows.append(summarise_runs(region, ON_WITHOUT_REFERENCE, beams, against=against))
    return [row for row in rows if np.isfinite(row.value)]
