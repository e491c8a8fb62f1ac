"""The radii of a whole series, compiled: tracked and steered frame after frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled, copy
from cinecast_models.conformal.kernels import TrackerState, track
from cinecast_models.conformal.steering_kernels import kept_of, remember_miss, steering_scale

Errors = NDArray[np.floating]
Numbers = NDArray[np.float64]


@compiled(error_model="numpy")
def radii_of_series(
    errors: Errors,
    difficulty: Numbers,
    place: Numbers,
    level: float,
    start: float,
    horizon: int,
    stride: int,
    places: Numbers,
    excess: Numbers,
) -> Errors:  # pragma: no cover - compiled
    """Return the radii that were issued with the forecasts of a series, a horizon before their errors came.

    Parameters
    ----------
    errors
        Shape (T, N), 0 or more; NaN where there was no forecast.
    difficulty
        How hard each forecast is, shape (T,).
    place
        Where in a breath it was issued, shape (T, 3); NaN where there is none.
    level, start, horizon
        As `track` takes them.
    stride
        As `remember_miss` takes it.
    places, excess
        Room for what is remembered of earlier bands, shape (M, 3) and (M,).

    Returns
    -------
    Array of shape (T, N); NaN before any error is known.
    """
    frames, components = errors.shape
    kind = errors.dtype.type
    tracked, scales = np.full(errors.shape, kind(np.nan)), np.ones(frames)
    known, count, nowhere = np.zeros(3), 0, np.full(3, np.nan)
    radii, following = np.full(components, kind(np.nan)), np.empty(components, errors.dtype)
    factors, sums = np.ones(components, errors.dtype), np.zeros(components, errors.dtype)
    largest = np.zeros(components, errors.dtype)
    for t in range(frames):
        state = TrackerState(radii, factors, sums, largest, known)
        missed = track(errors[t], tracked[t], scales[t], level, start, horizon, state, following)
        # The first radii were issued with nothing known.
        own = place[t] if t >= horizon else nowhere
        count = remember_miss(places, excess, count, stride, own, missed - (1 - level))
        radii, following = following, radii
        ahead = t + horizon
        if ahead < frames:
            kept = kept_of(count, stride, len(excess))
            copy(tracked[ahead], radii)
            scales[ahead] = difficulty[ahead] * steering_scale(places[:kept], excess[:kept], place[ahead])
    for t in range(frames):
        for i in range(components):
            tracked[t, i] *= kind(scales[t])
    return tracked
