"""Scores of the predicted test frames: one pass over runs and frames feeds errors, bands and landmarks alike."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.score.bands import BAND_METRICS, PixelBand, PixelBands, frame_difficulty
from cinecast.score.geometric import forecast_dvfs, geometric_error, pixel_distance_mm
from cinecast.score.image import likeness_in_rectangles
from cinecast.score.landmark_scores import landmark_differences
from cinecast.score.scoring import Score, Truth, summarise_runs

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
    target_radii
        Mean radius over the pixels of each of N targets, shape (R, test frames, N), mm. NaN where there is no band.
    """

    errors: NDArray[np.float64]
    bands: NDArray[np.float64]
    landmarks: NDArray[np.float64]
    target_radii: NDArray[np.float64]


def score_frames(
    truth: Truth,
    forecasts: NDArray[np.float64],
    predicted: list[NDArray[Any]],
    *,
    level: float | None = None,
) -> FrameScores:
    """Score every predicted test frame of every warped run; each forecast DVF is rebuilt once.

    Parameters
    ----------
    truth
        What to compare with.
    forecasts
        Forecast weights, shape (R, T, K); for the bands all frames count that have one, since they learn from those
        before the test span.
    predicted
        Predicted test frames (test frames, H, W) of the first runs.
    level
        Probability asked of the bands; None for no bands.

    Returns
    -------
    FrameScores
        Of the runs that have predicted frames.
    """
    scores = _without_scores(truth, len(predicted))
    asked = level if truth.motion.horizon else None  # the oracle forecasts nothing
    for run, images in enumerate(predicted):
        own = FrameScores(*(each[run] for each in scores))
        _score_run(truth, forecasts[run], images, asked, own)
    return scores


def _without_scores(truth: Truth, runs: int) -> FrameScores:
    count = len(truth.landmarks.names) if truth.landmarks else 0
    regions, targets = len(truth.regions), len(truth.targets)
    shapes: tuple[tuple[int, ...], ...] = (regions, len(FRAME_METRICS)), (regions, len(BAND_METRICS)), (count, 2)
    shapes = (*shapes, (targets,))
    return FrameScores(*(np.full((runs, len(truth.test_frames), *shape), np.nan) for shape in shapes))


def _of_bands(truth: Truth, forecast: NDArray[np.float64]) -> dict[str, Any]:
    """Return what the bands of one run need to know beforehand; how hard a forecast is, by what was known then."""
    horizon, instants = truth.motion.horizon, truth.sequence.instants
    runs = forecast[np.newaxis]
    (difficulty,) = frame_difficulty(truth.weights, runs, horizon=horizon, instants=instants, left_out=truth.left_out)
    return {"horizon": horizon, "instants": instants, "difficulty": difficulty}


def _score_run(
    truth: Truth, forecast: NDArray[np.float64], images: NDArray[Any], level: float | None, scores: FrameScores
) -> None:
    """Write the scores of one run, whose forecast has the shape (T, K), into ``scores``."""
    test = truth.test_frames
    bands = None if level is None else PixelBands(**_of_bands(truth, forecast), level=level)
    known = np.where(np.arange(len(forecast))[:, np.newaxis] < (0 if bands else test.start), np.nan, forecast)
    spacing_mm = truth.sequence.spacing_mm
    for t, dvf in forecast_dvfs(truth.motion, known[: test.stop]):
        distance = pixel_distance_mm(dvf, truth.dvf[t], spacing_mm=spacing_mm)
        left_out = t in truth.left_out
        # Nothing is learned from what is not a number.
        band = bands.observe(t, np.full_like(distance, np.nan) if left_out else distance) if bands else None
        if band is not None and t in test:
            scores.target_radii[t - test.start] = [float(band.radius_mm[each].mean()) for each in truth.targets]
        if t not in test or left_out or t in truth.without_forecast:
            continue
        if np.isfinite(forecast[t]).all():
            scores.errors[t - test.start] = _frame_errors(truth, t, distance, images[t - test.start])
            if truth.landmarks is not None:
                off = landmark_differences(dvf, truth.landmarks, t, spacing_mm=spacing_mm)
                scores.landmarks[t - test.start] = off
        if band is not None:
            scores.bands[t - test.start, : len(truth.rectangles)] = _band_scores(truth, band)


def _frame_errors(truth: Truth, t: int, distance: NDArray[np.float64], predicted: NDArray[Any]) -> list[list[float]]:
    rectangles, regions = truth.rectangles, truth.regions
    likeness = likeness_in_rectangles(
        predicted, truth.sequence.frames[t], rectangles.values(), data_range=truth.data_range
    )
    unlike = [(np.nan,) * 3] * (len(regions) - len(rectangles))
    errors = (geometric_error(distance[region]) for region in regions.values())
    return [[*error, *alike] for error, alike in zip(errors, [*likeness, *unlike], strict=True)]


def _band_scores(truth: Truth, band: PixelBand) -> list[tuple[float, float]]:
    return [band.inside_and_radius(region) for region in truth.rectangles.values()]


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
