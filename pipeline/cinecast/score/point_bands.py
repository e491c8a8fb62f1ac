"""Radii of single places: of each landmark, and of the centroid of each target; how often they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import Instants
from cinecast.score.bands import radii_by_frame
from cinecast.score.main_metric import LANDMARKS
from cinecast.score.mask_scores import centroid_mm
from cinecast.score.scoring import Score, Truth, summarise_runs
from cinecast_models import Conditions

if TYPE_CHECKING:
    from cinecast.target import MaskPropagator

# Share of the landmarks that lie within their radius, 0 to 1, and their mean radius.
LANDMARK_BAND_METRICS = ("landmarks_inside", "landmarks_radius_mm")
# The same of the centroid of a target, over frames.
CENTROID_BAND_METRICS = ("centroid_inside", "centroid_radius_mm")

# How far the centroid of a disc's mask may be off by itself, in pixels: see `cinecast.target.signed_distance`.
MASK_SHOWS_PX = 0.28


class TargetCentroids:
    """How far the centroids of targets are off: those of their masks, by which they are scored and gated.

    A mask shows motion in steps. With few pixels these are as large as errors, so that the mean motion of the pixels,
    which has none, would tell of smaller ones.

    Parameters
    ----------
    targets
        What carries each target along a DVF.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    """

    def __init__(self, targets: Sequence[MaskPropagator], spacing_mm: tuple[float, float]) -> None:
        self._targets, self._spacing_mm = targets, spacing_mm

    def places(self, dvf: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the centroid of each target where a DVF carries it.

        Parameters
        ----------
        dvf
            Shape (H, W, 2), pixels, last axis (x, y); NaN of a run that has diverged.

        Returns
        -------
        NDArray[np.float64]
            Shape (N, 2), (row, column), mm; NaN where a target has left the image, or there is no motion.
        """
        return np.array([self._place(target, dvf[target.box]) for target in self._targets]).reshape(-1, 2)

    def between(self, forecast: NDArray[np.float64], measured: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distances of two lots of centroids.

        Parameters
        ----------
        forecast, measured
            From `places`, shape (N, 2), mm.

        Returns
        -------
        NDArray[np.float64]
            Shape (N,), mm.
        """
        return np.asarray(np.hypot(*(forecast - measured).T))

    def _place(self, target: MaskPropagator, dvf: NDArray[np.floating]) -> NDArray[np.float64]:
        if not np.isfinite(dvf).all():
            return np.full(2, np.nan)
        return centroid_mm(target.moved(dvf), spacing_mm=self._spacing_mm)


def centroid_radii(learned: NDArray[np.floating], spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return the radii of centroids, no smaller than what a mask can show: see `MASK_SHOWS_PX`.

    A target that moved by less may have the same mask: errors of 0 do not say that the next one is 0.

    Parameters
    ----------
    learned
        A multiple of the mean error each, any shape, mm; NaN where no error is known.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    NDArray[np.float64]
        The same shape, mm.
    """
    return np.asarray(np.maximum(learned, MASK_SHOWS_PX * max(spacing_mm), dtype=np.float64))


def point_radii(
    landmarks_mm: NDArray[np.float64],
    targets_mm: NDArray[np.float64],
    first: int,
    *,
    horizon: int,
    level: float,
    instants: Instants | None = None,
    conditions: Conditions | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the radii of one run's forecasts at its landmarks and targets, as they were issued.

    Landmarks are steered together, as pixels are; each target on its own, as its radius decides over a beam.

    Parameters
    ----------
    landmarks_mm, targets_mm
        Errors of F consecutive frames at N landmarks and M targets, shape (F, N) and (F, M), mm; NaN where one is not
        known.
    first
        Index t of the first frame.
    horizon, level, instants, conditions
        As `cinecast.score.bands.RadiiByFrame` takes them.

    Returns
    -------
    tuple
        Radii of the same shapes, mm; NaN where no error had been known when they were issued.

    Raises
    ------
    cinecast_models.ForecastingError
        If horizon or level is out of range.
    """

    def radii(errors: NDArray[np.float64]) -> NDArray[np.float64]:
        return radii_by_frame(errors, first, horizon=horizon, level=level, instants=instants, conditions=conditions)

    targets = [radii(targets_mm[:, number : number + 1]) for number in range(targets_mm.shape[1])]
    return radii(landmarks_mm), np.concatenate([targets_mm[:, :0], *targets], axis=1)


def landmark_coverage(differences_mm: NDArray[np.float64], radii_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many landmarks lie within their radius, and their mean radius, frame by frame.

    Parameters
    ----------
    differences_mm
        Errors at N landmarks, shape (R, test frames, N, 2), mm.
    radii_mm
        Their radii, shape (R, test frames, N), mm.

    Returns
    -------
    NDArray[np.float64]
        `LANDMARK_BAND_METRICS`, shape (R, test frames, 2), over the landmarks that were followed and had a radius; NaN
        where there is none.
    """
    errors = np.hypot(differences_mm[..., 0], differences_mm[..., 1])
    known = np.isfinite(errors) & np.isfinite(radii_mm)
    count = known.sum(axis=2)
    sums = np.stack([((errors <= radii_mm) & known).sum(axis=2), np.where(known, radii_mm, 0).sum(axis=2)], axis=-1)
    of = count[..., np.newaxis]
    return np.asarray(np.divide(sums, of, out=np.full(sums.shape, np.nan), where=of > 0))


def summarise_landmark_bands(
    truth: Truth, differences_mm: NDArray[np.float64], radii_mm: NDArray[np.float64]
) -> list[Score]:
    """Return means over all landmarks and test frames that have a radius, with half range over runs.

    Parameters
    ----------
    truth
        The landmarks, and which frames are scored.
    differences_mm, radii_mm
        As `landmark_coverage` takes them.

    Returns
    -------
    list[Score]
        `LANDMARK_BAND_METRICS`; a run that lacks a forecast of a landmark that was followed does not count. None where
        nothing was followed, or no run has a radius.
    """
    if truth.landmarks is None:
        return []
    test = slice(truth.test_frames.start, truth.test_frames.stop)
    followed = np.isfinite(truth.landmarks.displacements[:, test]).all(axis=2).T
    followed &= truth.scored_frames[:, np.newaxis]
    errors = np.hypot(differences_mm[..., 0], differences_mm[..., 1])[:, followed]
    found = np.array([_held(*run) for run in zip(errors, radii_mm[:, followed], strict=True)]).reshape(-1, 2)
    rows = zip(LANDMARK_BAND_METRICS, found.T, strict=True)
    scores = [summarise_runs(LANDMARKS, metric, runs, against=LANDMARKS) for metric, runs in rows]
    return [score for score in scores if np.isfinite(score.value)]


def summarise_centroid_bands(
    region: str, against: str, errors_mm: NDArray[np.float64], radii_mm: NDArray[np.float64]
) -> list[Score]:
    """Return how often the centroid of a target lay within its radius, and the mean radius, with half range over runs.

    Parameters
    ----------
    region, against
        Of the rows.
    errors_mm
        Distance of the centroids in the frames that have a reference, shape (R, frames), mm; NaN where the reference
        is empty.
    radii_mm
        The radii of these frames, shape (R, frames), mm.

    Returns
    -------
    list[Score]
        `CENTROID_BAND_METRICS`; none where no frame has both.
    """
    scored = np.isfinite(errors_mm).any(axis=0)
    found = np.array([_held(*run) for run in zip(errors_mm[:, scored], radii_mm[:, scored], strict=True)]).reshape(
        -1, 2
    )
    rows = zip(CENTROID_BAND_METRICS, found.T, strict=True)
    scores = [summarise_runs(region, metric, runs, against=against) for metric, runs in rows]
    return [score for score in scores if np.isfinite(score.value)]


def _held(errors_mm: NDArray[np.float64], radii_mm: NDArray[np.float64]) -> tuple[float, float]:
    """Return share inside and mean radius of what has a radius; NaN for a run that lacks an error."""
    known = np.isfinite(radii_mm)
    if not known.any() or np.isnan(errors_mm).any():
        return float("nan"), float("nan")
    return float((errors_mm <= radii_mm)[known].mean()), float(radii_mm[known].mean())
