"""Gating: the beam is on while the forecast centroid of a target lies near the planned one.

Functions of arrays alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.horizon import whole_frames
from cinecast.rounding import within
from cinecast.score.mask_scores import centroid_mm
from cinecast.settings import GateByRadius

# Shares are of time, 0 to 1: of all of it, of that with the beam on, or of that with the beam off.
GATING_METRICS = (
    "duty_cycle",
    "gate_correct",
    "outside_while_on",
    "inside_while_off",
    "area_outside_while_on",
    "gating_error_mm",
)


# A latency that rounding changes by less than this, in frames, is said as it was given.
_SAID_FROM = 0.05


@dataclass(frozen=True, eq=False)
class GatingPlan:
    """Where a target is to be while the beam is on.

    Parameters
    ----------
    centroid_mm
        Centroid of the target in its own frame, shape (2,), (row, column), mm from the centre of the first pixel.
    margin_mm
        How far from there its centroid may lie, in mm.
    window
        The target in its own frame, dilated by the margin, shape (H, W).
    """

    centroid_mm: NDArray[np.float64]
    margin_mm: float
    window: NDArray[np.bool_]

    def distance_mm(self, centroids_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distance of centroids, shape (..., 2), from the planned one, shape (...), mm."""
        return np.asarray(np.linalg.norm(centroids_mm - self.centroid_mm, axis=-1))

    def area_outside(self, mask: NDArray[np.bool_]) -> float:
        """Return the share of a mask's pixels, shape (H, W), outside the window; NaN for an empty mask."""
        count = np.count_nonzero(mask)
        return np.count_nonzero(mask & ~self.window) / count if count else float("nan")


def gating_plan(mask: NDArray[np.bool_], *, spacing_mm: tuple[float, float], margin_mm: float) -> GatingPlan:
    """Return the plan of a target.

    Parameters
    ----------
    mask
        The target in its own frame, shape (H, W), at least one pixel inside.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    margin_mm
        How far the target may be off, in mm.

    Returns
    -------
    GatingPlan
        Its window holds the pixels whose centres lie within the margin of the centre of a pixel inside.
    """
    from scipy.ndimage import distance_transform_edt  # type: ignore[import-untyped]

    distance = np.asarray(distance_transform_edt(~mask, sampling=spacing_mm))
    return GatingPlan(centroid_mm(mask, spacing_mm=spacing_mm), margin_mm, within(distance, margin_mm))


def beam_on(
    plan: GatingPlan,
    centroids_mm: NDArray[np.float64],
    radius_mm: NDArray[np.float64] | None = None,
    by_radius: GateByRadius = "ignore",
) -> NDArray[np.bool_]:
    """Return when the beam is on.

    Parameters
    ----------
    plan
        From `gating_plan`.
    centroids_mm
        Where the target is thought to be, shape (..., 2), (row, column), mm; NaN where it is not known: the beam is
        off.
    radius_mm
        How far off that may be, shape (...); NaN where nobody knows. None: it is exact.
    by_radius
        ``ignore`` the radius; ``narrow`` the margin by it, so that the beam is on where the target surely is inside,
        and off where there is no radius; ``widen`` it, so that the beam is off where the target surely is outside.

    Returns
    -------
    NDArray[np.bool_]
        Shape (...).
    """
    distance = plan.distance_mm(centroids_mm)
    if radius_mm is None or by_radius == "ignore":
        return within(distance, plan.margin_mm)
    if by_radius == "narrow":
        return within(distance + radius_mm, plan.margin_mm)
    return within(distance, plan.margin_mm + np.nan_to_num(radius_mm, nan=0.0, posinf=np.inf))


def latency_frames(latency_s: float | None, frame_period_s: float) -> int:
    """Return a latency in whole frames, rounded as horizons are.

    Parameters
    ----------
    latency_s
        Time from a frame to the beam that acts on it, in s; None: the horizon, whatever that is.
    frame_period_s
        Time between two frames in s.

    Returns
    -------
    int
        0 where none is given.
    """
    return 0 if latency_s is None else whole_frames(latency_s, frame_period_s)


def latency_words(latency_s: float, frame_period_s: float) -> str:
    """Return a latency as it was given and, where that is no whole number of frames, as it counts.

    Parameters
    ----------
    latency_s
        Time from a frame to the beam that acts on it, in s.
    frame_period_s
        Time between two frames in s.

    Returns
    -------
    str
        Such as ``0.5 s`` or ``0.5 s, which counts as 3 frames (0.6 s)``.
    """
    frames = latency_frames(latency_s, frame_period_s)
    counted_s = frames * frame_period_s
    if abs(counted_s - latency_s) <= _SAID_FROM * frame_period_s:
        return f"{latency_s:g} s"
    return f"{latency_s:g} s, which counts as {frames} frame{'' if frames == 1 else 's'} ({counted_s:.4g} s)"


def late_frames(latency: int, horizon: int) -> int:
    """Return how many frames before the beam's own the forecast is of that it acts on.

    A forecast of frame s is known after frame ``s - horizon``, and the beam acts on it ``latency`` frames later. Where
    that is after frame s, the target has moved on. Where it is before, the machine waits for s.

    Parameters
    ----------
    latency
        Frames from a frame to the beam that acts on it.
    horizon
        Frames that are forecast; 0 for what forecasts nothing, and so is never late.

    Returns
    -------
    int
        0 or more.
    """
    return max(0, latency - horizon) if horizon else 0


def score_gating(
    plan: GatingPlan, on: NDArray[np.bool_], centroids_mm: NDArray[np.float64], area_outside: NDArray[np.float64]
) -> dict[str, float]:
    """Return how a beam did over F frames.

    Parameters
    ----------
    plan
        From `gating_plan`.
    on
        When the beam was on, shape (F,).
    centroids_mm
        Where the target was, shape (F, 2), (row, column), mm; NaN where nobody knows: the frame does not count.
    area_outside
        Share of the target's pixels outside the window in each frame, shape (F,).

    Returns
    -------
    dict
        `GATING_METRICS`. NaN where there is no time that a number could be of: never on, never off, no frame at all.
    """
    counted = np.isfinite(centroids_mm).all(axis=-1)
    distance, area, on = plan.distance_mm(centroids_mm)[counted], area_outside[counted], on[counted]
    inside = within(distance, plan.margin_mm)
    values = (on, on == inside, ~inside[on], inside[~on], area[on], distance[on])
    return {name: _mean(value) for name, value in zip(GATING_METRICS, values, strict=True)}


def _mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")
