"""The score stage: a method's forecasts at one horizon against what was measured, over the test span."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.landmarks.landmarks import Landmarks
from cinecast.motion.drift import ForecastMotion
from cinecast.references import MEASURED
from cinecast.score.regions import Region, regions_of
from cinecast.sequence import Sequence
from cinecast_models import half_range_95, jitter, nrmse, rmse

if TYPE_CHECKING:
    from cinecast.target import MaskPropagator

SERIES_METRICS = ("weights_nrmse", "weights_rmse", "weights_jitter")
SCORE_COLUMNS = (
    "sequence",
    "method",
    "protocol",
    "horizon_frames",
    "horizon_s",
    "region",
    "against",
    "metric",
    "value",
    "half_range_95",
    "runs",
)


class Score(NamedTuple):
    """One number of a method at a horizon: the mean over runs of the mean over test frames.

    ``against`` says what the forecasts were compared with: `MEASURED`, what was measured in the same way as what they
    are made from, or a ruler that does not come from it, such as ``landmarks``.
    """

    region: str
    against: str
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
    left_out
        Frames that nothing is scored on, nor any band learned from, as their motion was not measured.
    masks
        Pixels of further regions, (H, W) by name, in which the motion is scored, and the image is not.
    landmarks
        Landmarks followed in the real frames; None where there are none.
    targets
        What carries each target along a DVF, of those whose radii are wanted.
    without_forecast
        Frames that nothing is scored on, as frames are missing before them and not every method has a forecast.
    black
        Grey value of black, 0 or less, from which SSIM counts: of values around 0 its means would say nothing.
    train_end
        As `cinecast.score.bands.instant_conditions` takes it.
    """

    sequence: Sequence
    dvf: NDArray[Any]
    motion: ForecastMotion
    weights: NDArray[np.float64]
    data_range: float
    left_out: frozenset[int] = frozenset()
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    landmarks: Landmarks | None = None
    targets: tuple[MaskPropagator, ...] = ()
    without_forecast: frozenset[int] = frozenset()
    black: float = 0.0
    train_end: int | None = None

    def scored(self, values: NDArray[Any], axis: int) -> NDArray[Any]:
        """Return values of the frames that are scored.

        Parameters
        ----------
        values
            One for each test frame along an axis.
        axis
            Which axis that is.

        Returns
        -------
        NDArray[Any]
            Without those of frames that are left out; the array itself where none is.
        """
        left_out = np.flatnonzero(~self.scored_frames).tolist()
        return np.delete(values, left_out, axis=axis) if left_out else values

    @property
    def scored_frames(self) -> NDArray[np.bool_]:
        """Which of the test frames are scored, shape (test frames,)."""
        return np.array([t not in self.left_out and t not in self.without_forecast for t in self.test_frames])

    @property
    def test_frames(self) -> range:
        """Indices of the test frames."""
        return self.sequence.split.test_frames

    @property
    def rectangles(self) -> dict[str, tuple[slice, slice]]:
        """The whole image and, where the sequence has one, the ROI, as slices."""
        return regions_of(self.sequence)

    @property
    def regions(self) -> dict[str, Region]:
        """All regions: rectangles first, then masks."""
        return {**self.rectangles, **self.masks}


def score_series(truth: Truth, forecasts: NDArray[np.float64], step_time_ms: NDArray[np.float64]) -> list[Score]:
    """Return the scores of the weights themselves over the test span, and the median time per step.

    Parameters
    ----------
    truth
        What to compare with: the measured weights, of as many modes as `forecasts` has.
    forecasts
        Forecast weights, shape (R, T, K), pixels; a run that lacks one in the test span is left out.
    step_time_ms
        Shape (T,); NaN where no step was timed.

    Returns
    -------
    list[Score]
        `SERIES_METRICS` and ``step_time_ms``, under the region ``image``; what has no number is left out, such as the
        nRMSE where the measured weights do not change, and the jitter of a single frame.
    """
    span = slice(truth.test_frames.start, truth.test_frames.stop)
    correct = [run[span] for run in forecasts if np.isfinite(truth.scored(run[span], 0)).all()]
    real = truth.scored(truth.weights[span], 0)
    unbroken = _unbroken_spans(truth)
    measured: dict[str, Callable[[NDArray[np.float64]], float]] = {
        "weights_nrmse": lambda run: _nrmse_or_nan(truth.scored(run, 0), real),
        "weights_rmse": lambda run: rmse(truth.scored(run, 0), real),
        "weights_jitter": lambda run: _jitter(run, unbroken),
    }
    rows = [summarise_runs("image", name, np.array([f(run) for run in correct])) for name, f in measured.items()]
    rows.append(median_step_time("image", step_time_ms, len(correct)))
    return [row for row in rows if np.isfinite(row.value)]


def _nrmse_or_nan(forecast: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Return the nRMSE of a series (T, K); NaN where the truth does not vary, as in a single frame."""
    return float("nan") if (truth == truth[0]).all() else nrmse(forecast, truth)


def _unbroken_spans(truth: Truth) -> list[slice]:
    """Return the spans of test frames, 0 being the first, without a missing frame or one that has no forecast."""
    test, instants = truth.test_frames, truth.sequence.instants
    breaks = [
        i
        for i, t in enumerate(test)
        if t in truth.without_forecast or (i and instants.instant_of[t] != instants.instant_of[t - 1] + 1)
    ]
    ends = [0, *breaks, len(test)]
    starts = [start + (start in breaks and test[start] in truth.without_forecast) for start in ends[:-1]]
    return [slice(*ends) for ends in zip(starts, ends[1:], strict=True)]


def _jitter(run: NDArray[np.float64], unbroken: list[slice]) -> float:
    """Return the mean distance between forecasts (test frames, K) of consecutive frames; NaN where none are."""
    parts = [run[span] for span in unbroken if span.stop - span.start > 1]
    if len(parts) == 1:
        return jitter(parts[0])  # to the bit
    steps = [len(part) - 1 for part in parts]
    return float(np.average([jitter(part) for part in parts], weights=steps)) if parts else float("nan")


def grey_range_of_test_span(sequence: Sequence, left_out: Collection[int] = ()) -> float:
    """Return the range of grey values of the real test frames, by which SSIM is scaled.

    Parameters
    ----------
    sequence
        The real frames.
    left_out
        Faulty frames, which are not scored: a bright one among them would make all others look more alike.

    Returns
    -------
    float
        In grey levels; NaN where all test frames are left out.
    """
    scored = [sequence.frames[t] for t in sequence.split.test_frames if t not in left_out]
    if not scored:
        return float("nan")
    return max(float(frame.max()) for frame in scored) - min(float(frame.min()) for frame in scored)


def median_step_time(region: str, step_time_ms: NDArray[np.float64], runs: int) -> Score:
    """Return the median time per step as a row of scores.

    Parameters
    ----------
    region
        Region of the row.
    step_time_ms
        Time of each step in ms, which all random runs take together; NaN where no step was timed.
    runs
        Number of random runs that the row tells of.

    Returns
    -------
    Score
        Its value is NaN where no step was timed, its half range always.
    """
    steps = step_time_ms[np.isfinite(step_time_ms)]
    return Score(region, MEASURED, "step_time_ms", float(np.median(steps)) if len(steps) else np.nan, np.nan, runs)


def summarise_runs(region: str, metric: str, runs: NDArray[np.float64], *, against: str = MEASURED) -> Score:
    """Return the mean of a metric over random runs with its 95 % half range; runs without a number are left out.

    Parameters
    ----------
    region, metric
        Names in the row.
    runs
        One number per run, shape (R,); NaN for a run that diverged.
    against
        What the runs were compared with.

    Returns
    -------
    Score
        In the unit of the numbers, with the count of the runs that have one. The value is NaN where none has, the half
        range where fewer than two have.
    """
    correct = runs[np.isfinite(runs)]
    value = float(correct.mean()) if len(correct) else np.nan
    return Score(region, against, metric, value, half_range_95(correct), len(correct))
