"""Scores of the predicted test frames: one pass over runs and frames feeds errors, bands and landmarks alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.score.band_scores import conditions_of
from cinecast.score.bands import BAND_METRICS
from cinecast.score.frame_pass import AT_ONCE, FrameErrors, Picture, RunOfFrames
from cinecast.score.point_bands import centroid_radii
from cinecast.score.scoring import Score, Truth, summarise_runs
from cinecast_models import Conditions

FRAME_METRICS = (
    "dvf_error_mean_mm",
    "dvf_error_p95_mm",
    "dvf_error_max_mm",
    "ssim",
    "nrmse",
    "cross_correlation",
)


class FrameScores(NamedTuple):
    """Scores of every run, test frame and region.

    Parameters
    ----------
    errors
        Shape (R, test frames, regions, len(FRAME_METRICS)); NaN for a frame that a run that diverged has not forecast,
        for one that is left out, and for how alike images are in a region that is no rectangle.
    bands
        Shape (R, test frames, regions, len(BAND_METRICS)): share of pixels within their radius, 0 to 1, and the mean
        radius in mm. NaN where there is no band: before any forecast has been checked, for the oracle, and in a region
        that is no rectangle.
    landmarks
        How far the forecast DVF is off at each of N landmarks, shape (R, test frames, N, 2), mm, (x, y). NaN where the
        landmark was not followed, and for a frame that a run that diverged has not forecast.
    landmark_radii
        Radius of the forecast at each landmark, shape (R, test frames, N), mm. NaN where there is no band.
    target_radii
        Radius of the centroid of each of N targets, shape (R, test frames, N), mm. NaN where there is no band.
    """

    errors: NDArray[np.float64]
    bands: NDArray[np.float64]
    landmarks: NDArray[np.float64]
    landmark_radii: NDArray[np.float64]
    target_radii: NDArray[np.float64]


def score_frames(
    truth: Truth,
    forecasts: NDArray[np.float64],
    picture: Picture,
    *,
    level: float | None = None,
    conditions: Conditions | None = None,
) -> FrameScores:
    """Score every predicted test frame of every run; each forecast DVF is rebuilt once, for all that needs it.

    Frames are taken in turn, a few at a time, all runs of these together: of a frame nothing is kept but its scores.

    Parameters
    ----------
    truth
        What to compare with.
    forecasts
        Forecast weights, shape (R, T, K); for the bands all frames count that have one, since they learn from those
        before the test span.
    picture
        Makes the predicted frame of a run, a test frame and its forecast DVF; the next DVF is written over it.
    level
        Probability asked of the bands; None for no bands.
    conditions
        `cinecast.score.band_scores.conditions_of` the forecasts, where they are known; None: they are computed.

    Returns
    -------
    FrameScores
        Of all runs given.
    """
    scores = _without_scores(truth, len(forecasts))
    asked = level if truth.motion.horizon else None  # the oracle forecasts nothing
    if asked is None:
        runs = [RunOfFrames(truth, forecast, None) for forecast in forecasts]
    else:
        known = (conditions or conditions_of(truth, forecasts)).by_run()
        runs = [RunOfFrames(truth, forecast, asked, own) for forecast, own in zip(forecasts, known, strict=True)]
    errors = FrameErrors(truth)
    begin, end = min((run.frames.start for run in runs), default=0), truth.test_frames.stop
    for first in range(begin, end, AT_ONCE):
        for number, run in enumerate(runs):
            frames = [t for t in range(first, min(first + AT_ONCE, end)) if t in run.frames]
            own = FrameScores(*(each[number] for each in scores))
            # Also where a forecast is missing between two frames that have one: NaN throughout.
            for t, dvf in zip(frames, errors.dvfs(frames, run.forecast[frames]), strict=True):
                _score_frame(truth, errors, run, t, dvf, partial(picture, number, t), own)
    for number, run in enumerate(runs):
        _add_point_radii(truth, run, FrameScores(*(each[number] for each in scores)))
    return scores


def _without_scores(truth: Truth, runs: int) -> FrameScores:
    count = len(truth.landmarks.names) if truth.landmarks else 0
    regions, targets = len(truth.regions), len(truth.targets)
    shapes: tuple[tuple[int, ...], ...] = (regions, len(FRAME_METRICS)), (regions, len(BAND_METRICS)), (count, 2)
    shapes = (*shapes, (count,), (targets,))
    return FrameScores(*(np.full((runs, len(truth.test_frames), *shape), np.nan) for shape in shapes))


def _score_frame(
    truth: Truth,
    errors: FrameErrors,
    run: RunOfFrames,
    t: int,
    dvf: NDArray[np.float64],
    picture: Callable[[NDArray[np.float64]], NDArray[Any]],
    scores: FrameScores,
) -> None:
    """Write the scores of one frame of one run into those of the run."""
    place, left_out = t - truth.test_frames.start, t in truth.left_out
    distance = errors.distance(t, dvf)
    off = errors.at_landmarks(t, dvf)
    if left_out:  # nothing is learned from what is not a number
        distance = np.full_like(distance, np.nan)
    else:
        at = t - run.frames.start
        run.landmark_errors[at], run.target_errors[at] = np.hypot(off[:, 0], off[:, 1]), errors.at_targets(t, dvf)
    band = run.band(t, distance)
    if place < 0 or left_out or t in truth.without_forecast:
        return
    if run.known[t]:
        scores.errors[place] = errors.of_frame(t, distance, picture(dvf))
        scores.landmarks[place] = off
    if band is not None:
        scores.bands[place, : len(truth.rectangles)] = errors.of_band(band)


def _add_point_radii(truth: Truth, run: RunOfFrames, scores: FrameScores) -> None:
    """Write the radii at landmarks and targets in the test frames of one run into its scores."""
    found, test = run.point_radii(), truth.test_frames
    if found is None:
        return
    frames = np.arange(max(run.frames.start, test.start), run.frames.stop)
    landmarks, targets = (radii[frames - run.frames.start] for radii in found)
    scores.landmark_radii[frames - test.start] = landmarks
    scores.target_radii[frames - test.start] = centroid_radii(targets, truth.sequence.spacing_mm)


def summarise_frames(truth: Truth, errors: NDArray[np.float64]) -> list[Score]:
    """Return mean over runs and frames, with half range over runs, per region and metric.

    Parameters
    ----------
    truth
        What the frames were scored against.
    errors
        From `score_frames`.

    Returns
    -------
    list[Score]
        `FRAME_METRICS` in each region; a run that diverged does not count, a metric that no run has a number of is left
        out.
    """
    per_run = truth.scored(errors, 1).mean(axis=1)  # a run that diverged has NaN frames and becomes NaN as a whole
    return [
        summarise_runs(region, metric, per_run[:, r, m])
        for r, region in enumerate(truth.regions)
        for m, metric in enumerate(FRAME_METRICS)
        if np.isfinite(per_run[:, r, m]).any()
    ]
