"""The score stage: a method's forecasts at one horizon against what was measured, over the test span."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.motion.drift import ForecastMotion
from cinecast.score.geometric import geometric_error, pixel_distance_mm
from cinecast.score.image import cross_correlation, image_nrmse, structural_similarity
from cinecast.sequence import Roi, Sequence
from cinecast_models import half_range_95, jitter, nrmse, rmse

FRAME_METRICS = (
    "dvf_error_mean_mm",
    "dvf_error_p95_mm",
    "dvf_error_max_mm",
    "ssim",
    "nrmse",
    "cross_correlation",
)
SERIES_METRICS = ("weights_nrmse", "weights_rmse", "weights_jitter")
SCORE_COLUMNS = (
    "sequence",
    "method",
    "protocol",
    "horizon_frames",
    "horizon_s",
    "region",
    "metric",
    "value",
    "half_range_95",
    "runs",
)


class Score(NamedTuple):
    """One number of a method at a horizon: the mean over runs of the mean over test frames."""

    region: str
    metric: str
    value: float
    half_range_95: float
    runs: int


@dataclass(frozen=True, eq=False)
class Truth:
    """What forecasts are scored against.

    Parameters
    ----------
    sequence
        The real frames, their spacing, ROI and split.
    dvf
        DVFs measured on the real frames, shape (T, H, W, 2), pixels.
    motion
        Turns forecast weights into DVFs.
    weights
        Weights of the real frames, shape (T, K).
    data_range
        Range of grey values in SSIM.
    """

    sequence: Sequence
    dvf: NDArray[Any]
    motion: ForecastMotion
    weights: NDArray[np.float64]
    data_range: float

    @property
    def test_frames(self) -> range:
        """Indices of the test frames."""
        return self.sequence.split.test_frames

    @property
    def regions(self) -> dict[str, tuple[slice, slice]]:
        """The whole image and, where the sequence has one, the ROI, as slices."""
        return regions_of(self.sequence)


def score_frames(
    truth: Truth,
    forecasts: NDArray[np.float64],
    predicted: list[NDArray[Any]],
) -> NDArray[np.float64]:
    """Score every predicted test frame of every warped run.

    Parameters
    ----------
    truth
        What to compare with.
    forecasts
        Forecast weights, shape (R, T, K).
    predicted
        Predicted test frames (test frames, H, W) of the first runs.

    Returns
    -------
    Array of shape (runs, test frames, regions, len(FRAME_METRICS)); NaN for a run that diverged.
    """
    scores = np.full((len(predicted), len(truth.test_frames), len(truth.regions), len(FRAME_METRICS)), np.nan)
    for run, frames in enumerate(predicted):
        for i, t in enumerate(truth.test_frames):
            if np.isfinite(forecasts[run, t]).all():
                scores[run, i] = _score_frame(truth, t, forecasts[run, t], frames[i])
    return scores


def summarise_frames(truth: Truth, scores: NDArray[np.float64]) -> list[Score]:
    """Return mean over runs and frames, with half range over runs, per region and metric."""
    per_run = scores.mean(axis=1)  # a run that diverged has NaN frames and becomes NaN as a whole
    return [
        summarise_runs(region, metric, per_run[:, r, m])
        for r, region in enumerate(truth.regions)
        for m, metric in enumerate(FRAME_METRICS)
        if np.isfinite(per_run[:, r, m]).any()
    ]


def score_series(truth: Truth, forecasts: NDArray[np.float64], step_time_ms: NDArray[np.float64]) -> list[Score]:
    """Return the scores of the weights themselves, over all runs, and the median time per step."""
    span = slice(truth.test_frames.start, truth.test_frames.stop)
    correct = [run[span] for run in forecasts if np.isfinite(run[span]).all()]
    real = truth.weights[span]
    measured: dict[str, Callable[[NDArray[np.float64]], float]] = {
        "weights_nrmse": lambda run: nrmse(run, real),
        "weights_rmse": lambda run: rmse(run, real),
        "weights_jitter": jitter,
    }
    rows = [summarise_runs("image", name, np.array([f(run) for run in correct])) for name, f in measured.items()]
    rows.append(median_step_time("image", step_time_ms, len(correct)))
    return [row for row in rows if np.isfinite(row.value)]


def grey_range_of_test_span(sequence: Sequence) -> float:
    """Return the range of grey values of the real test frames."""
    span = sequence.split.test_frames
    test = sequence.frames[span.start : span.stop]
    return float(test.max()) - float(test.min())


def regions_of(sequence: Sequence) -> dict[str, tuple[slice, slice]]:
    """Return the whole image and, where the sequence has one, the ROI, as slices of an (H, W) array."""
    rows, columns = sequence.frames.shape[1:]
    whole = {"image": Roi((0, rows), (0, columns)).slices()}
    return whole | ({"roi": sequence.roi.slices()} if sequence.roi else {})


def median_step_time(region: str, step_time_ms: NDArray[np.float64], runs: int) -> Score:
    """Return the median time per step in ms of all runs together; NaN where no step was timed."""
    steps = step_time_ms[np.isfinite(step_time_ms)]
    return Score(region, "step_time_ms", float(np.median(steps)) if len(steps) else np.nan, np.nan, runs)


def _score_frame(truth: Truth, t: int, weights: NDArray[np.float64], predicted: NDArray[Any]) -> list[list[float]]:
    forecast = truth.motion.dvf(t, weights)
    distance = pixel_distance_mm(forecast, truth.dvf[t], spacing_mm=truth.sequence.spacing_mm)
    real = truth.sequence.frames[t]
    rows = []
    for region in truth.regions.values():
        a, b = predicted[region], real[region]
        likeness = (
            structural_similarity(a, b, data_range=truth.data_range),
            image_nrmse(a, b),
            cross_correlation(a, b),
        )
        rows.append([*geometric_error(distance[region]), *likeness])
    return rows


def summarise_runs(region: str, metric: str, runs: NDArray[np.float64]) -> Score:
    """Return the mean of a metric over random runs with its 95 % half range; runs without a number are left out."""
    correct = runs[np.isfinite(runs)]
    value = float(correct.mean()) if len(correct) else np.nan
    return Score(region, metric, value, half_range_95(correct), len(correct))
