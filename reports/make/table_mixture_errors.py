"""Errors in mm of the study of the mixture: against the measured motion, and at landmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from table_mixture_parts import Array, Case, Forecast

from cinecast.motion.drift import drift_row
from cinecast.score.landmark_scores import sample_dvf

SPANS = ("test", "rolling")
MEASURED = "measured"
_TOGETHER = 16  # frames whose DVFs are rebuilt by one product


class Error(NamedTuple):
    """Mean error of a span and region, and the 95th percentile where it is of landmarks, in mm."""

    span: str
    region: str
    mean_mm: float
    p95_mm: float


def scored_frames(case: Case, horizon: int) -> list[int]:
    """Return the frames of validation and test span that every method has a forecast of and that are no faulty ones."""
    split = case.sequence.split
    first = split.train_end if horizon == 0 else split.train_end - 1 + horizon
    return [t for t in range(first, split.test_end) if t not in case.held]


def errors_of(case: Case, forecast: Forecast, horizon: int) -> Iterator[Error]:
    """Yield the errors of a method at a horizon in frames, in both spans: image, ROI, landmarks if there are any."""
    frames = scored_frames(case, horizon)
    if not np.isfinite(forecast.weights[frames]).all():
        raise ValueError(f"{forecast.name} lacks forecasts of {case.sequence.name}, {horizon} frames ahead")
    distances = _pixel_means(case, forecast, horizon, frames)
    for span, chosen in _spans(case, frames):
        for region, values in distances.items():
            yield Error(span, region, float(values[chosen].mean()), np.nan)
    yield from landmark_errors(case, forecast, horizon)


def landmark_errors(case: Case, forecast: Forecast, horizon: int) -> Iterator[Error]:
    """Yield the errors of a method at the landmarks, in both spans; none where there are no landmarks."""
    frames = scored_frames(case, horizon)
    if case.landmarks is not None:
        yield from _landmark_errors(case, frames, lambda field: _at_landmarks(case, forecast, horizon, frames, field))


def measured_errors(case: Case, horizon: int) -> Iterator[Error]:
    """Yield the errors of the measured motion at the landmarks, over the frames that forecasts are scored on."""
    frames = scored_frames(case, horizon)
    if case.landmarks is not None:
        yield from _landmark_errors(case, frames, lambda sample: np.stack([sample(case.dvf[t]) for t in frames]))


def _spans(case: Case, frames: list[int]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield each span with which of the frames lie in it; `rolling` is validation and test span together."""
    yield "test", np.array(frames) >= case.sequence.split.validation_end
    yield "rolling", np.ones(len(frames), dtype=bool)


def _pixel_means(case: Case, forecast: Forecast, horizon: int, frames: list[int]) -> dict[str, Array]:
    """Return the mean distance to the measured motion in mm, by region, for each frame."""
    assert case.sequence.roi is not None
    regions = {"image": (slice(None), slice(None)), "roi": case.sequence.roi.slices()}
    modes = case.model.modes[: forecast.weights.shape[1]].astype(np.float32).reshape(forecast.weights.shape[1], -1)
    mean, spacing = case.model.mean.astype(np.float32), np.float32(case.sequence.spacing_mm)
    means: dict[str, list[float]] = {region: [] for region in regions}
    for start in range(0, len(frames), _TOGETHER):
        own = frames[start : start + _TOGETHER]
        fields = (forecast.weights[own].astype(np.float32) @ modes).reshape(len(own), *mean.shape)
        for t, field in zip(own, fields, strict=True):
            off = field + mean - case.dvf[t]
            if forecast.follows_drift:
                off += case.drifts[drift_row(t - horizon)]
            distance = np.hypot(off[..., 0] * spacing[1], off[..., 1] * spacing[0])
            for region, pixels in regions.items():
                means[region].append(float(distance[pixels].mean(dtype=np.float64)))
    return {region: np.array(values) for region, values in means.items()}


def _landmark_errors(
    case: Case, frames: list[int], motion: Callable[[Callable[[NDArray[Any]], Array]], Array]
) -> Iterator[Error]:
    """Yield the errors of a motion at the landmarks; `motion` is given how to sample a field there: (frames, N, 2)."""
    assert case.landmarks is not None
    marks = case.landmarks
    seen = marks.displacements[:, frames].transpose(1, 0, 2)
    off = (motion(lambda field: sample_dvf(field, marks.positions)) - seen) * case.sequence.spacing_mm[::-1]
    lengths = np.hypot(off[..., 0], off[..., 1])
    for span, chosen in _spans(case, frames):
        kept = lengths[chosen][np.isfinite(lengths[chosen])]
        yield Error(span, "landmarks", float(kept.mean()), float(np.percentile(kept, 95)))


def _at_landmarks(
    case: Case, forecast: Forecast, horizon: int, frames: list[int], sample: Callable[[NDArray[Any]], Array]
) -> Array:
    """Return the forecast motion at the landmarks, (frames, N, 2), pixels: a sample of a sum is the sum of samples."""
    modes = np.stack([sample(mode) for mode in case.model.modes[: forecast.weights.shape[1]]])
    motion = sample(case.model.mean) + np.tensordot(forecast.weights[frames], modes, axes=1)
    if forecast.follows_drift:
        drifts = np.stack([sample(drift) for drift in case.drifts])
        motion = motion + drifts[[drift_row(t - horizon) for t in frames]]
    return np.asarray(motion)
