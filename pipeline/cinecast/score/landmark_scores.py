"""Errors at landmarks: motion against places that were followed in the real frames and owe nothing to the flow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.landmarks import Landmarks
from cinecast.score.main_metric import LANDMARK_METRIC, LANDMARKS
from cinecast.score.patient_axes import axes_in_plane
from cinecast.score.scoring import Score, Truth, summarise_runs

P95_METRIC = "landmark_error_p95_mm"
# Mean absolute part of the error along each axis that the image may show.
PART_METRICS = {axis: f"landmark_error_{axis}_mm" for axis in ("si", "ap", "lr", "rows", "columns")}


class DvfSampler:
    """DVFs at places between their pixels, interpolated bilinearly: what hangs on the places alone is computed once.

    Parameters
    ----------
    positions
        Shape (N, 2), pixels, (x, y); beyond the outermost pixels theirs are taken.
    shape
        Rows and columns of the DVFs.
    """

    def __init__(self, positions: NDArray[np.float64], shape: tuple[int, ...]) -> None:
        last = np.array(shape[1::-1]) - 1
        places = np.clip(positions, 0, last)
        self._corner = np.minimum(places.astype(np.int64), np.maximum(last - 1, 0))
        self._within = places - self._corner

    def __call__(self, dvf: NDArray[Any]) -> NDArray[np.float64]:
        """Return a DVF (H, W, 2), last axis (x = column, y = row), at the places: shape (N, 2), pixels, (x, y)."""
        from cinecast.score.landmark_kernels import interpolated  # compiled, which a plan can do without

        return np.asarray(interpolated(dvf, self._corner, self._within))


def sample_dvf(dvf: NDArray[Any], positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a DVF at places between its pixels, interpolated bilinearly.

    Parameters
    ----------
    dvf
        Shape (H, W, 2), pixels, last axis (x = column, y = row).
    positions
        Shape (N, 2), pixels, (x, y); beyond the outermost pixels theirs are taken.

    Returns
    -------
    NDArray[np.float64]
        Shape (N, 2), pixels, (x, y).
    """
    return DvfSampler(positions, dvf.shape[:2])(dvf)


def landmark_differences(
    dvf: NDArray[Any], landmarks: Landmarks, frame: int, *, spacing_mm: tuple[float, float]
) -> NDArray[np.float64]:
    """Return how far a DVF is off at each landmark.

    Parameters
    ----------
    dvf
        DVF that is said of the frame, shape (H, W, 2), pixels.
    landmarks
        The N landmarks.
    frame
        Index t of the frame.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    NDArray[np.float64]
        DVF less displacement, shape (N, 2), mm, (x, y); NaN where the landmark was not followed.
    """
    pixels = sample_dvf(dvf, landmarks.positions) - landmarks.displacements[:, frame]
    return np.asarray(pixels * np.array(spacing_mm[::-1]))


def measured_differences(truth: Truth) -> NDArray[np.float64]:
    """Return how far the measured motion itself is off at the landmarks.

    Parameters
    ----------
    truth
        The measured DVFs and the landmarks.

    Returns
    -------
    NDArray[np.float64]
        As one run of forecasts, shape (1, test frames, N, 2), mm.
    """
    if truth.landmarks is None:
        return np.empty((1, len(truth.test_frames), 0, 2))
    found, spacing_mm = truth.landmarks, truth.sequence.spacing_mm
    frames = [landmark_differences(truth.dvf[t], found, t, spacing_mm=spacing_mm) for t in truth.test_frames]
    return np.stack(frames)[np.newaxis]


def per_frame_errors(differences_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean error over the landmarks that were followed in each frame.

    Parameters
    ----------
    differences_mm
        Shape (R, test frames, N, 2), mm.

    Returns
    -------
    NDArray[np.float64]
        Shape (R, test frames), mm; NaN where no landmark was followed or the run has no forecast.
    """
    lengths = np.hypot(differences_mm[..., 0], differences_mm[..., 1])
    followed = np.isfinite(lengths)
    counts = followed.sum(axis=2)
    sums = np.where(followed, lengths, 0).sum(axis=2)
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))


def summarise_errors(truth: Truth, differences_mm: NDArray[np.float64]) -> list[Score]:
    """Return the errors over all landmarks and test frames in which they were followed, with half range over runs.

    Parameters
    ----------
    truth
        The landmarks, and the sequence with its axes.
    differences_mm
        From `cinecast.score.frame_scores.score_frames` or `measured_differences`, shape (R, test frames, N, 2), mm.

    Returns
    -------
    list[Score]
        Mean and 95th percentile, then the mean absolute part along each axis of `axes_in_plane`. All runs are taken at
        the same landmarks and frames; one that lacks any of them, because it diverged, does not count. None where
        nothing was followed.
    """
    if truth.landmarks is None:
        return []
    test = slice(truth.test_frames.start, truth.test_frames.stop)
    followed = np.isfinite(truth.landmarks.displacements[:, test]).all(axis=2).T
    followed &= truth.scored_frames[:, np.newaxis]  # places marked by hand may lie in a faulty frame, too
    if not followed.any():
        return []
    kept = differences_mm[:, followed]  # (R, kept, 2)
    lengths = np.hypot(kept[..., 0], kept[..., 1])
    values = {LANDMARK_METRIC: lengths.mean(axis=1), P95_METRIC: np.percentile(lengths, 95, axis=1)}
    for axis, direction in axes_in_plane(truth.sequence).items():
        values[PART_METRICS[axis]] = np.abs(kept @ direction).mean(axis=1)
    rows = [summarise_runs(LANDMARKS, metric, runs, against=LANDMARKS) for metric, runs in values.items()]
    return [row for row in rows if np.isfinite(row.value)]
