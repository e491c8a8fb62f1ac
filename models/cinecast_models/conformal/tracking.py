"""Online conformal prediction with delayed feedback: how far off a forecast is, with a probability asked for.

A radius is a multiple of the mean of past errors, and the multiple is steered: each miss widens it by a step times
`level`, each hit narrows it by a step times ``1 - level``, on a logarithmic scale. The steps add up to ``step * n``
times the share of misses in excess of ``1 - level``; so, over n forecasts, that excess is the logarithm of how much the
multiple has changed, over ``step * n`` [1]_, [2]_. It vanishes as n grows, as long as the multiple stays off its
limits. Nothing is assumed of the errors, their order or a change of pattern.

References
----------
.. [1] Angelopoulos, Candes, Tibshirani, Conformal PID control for time series prediction, NeurIPS 2023.
.. [2] Gibbs, Candes, Adaptive conformal inference under distribution shift, NeurIPS 2021.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import ForecastingError

# Chosen on motion weights and pixels of recorded cine sequences. A smaller step follows changes too late for spans of a
# hundred frames, a larger one makes radii uneven; memory and warm-up matter little.
STEP = 0.2
MEMORY = 100
# Until so many errors have arrived, the radius is the largest of them times the margin.
WARM_UP = 5
MARGIN = 1.5
# The multiple stays within this factor of the one it starts from, so that a long run of hits is soon undone.
LARGEST_FACTOR = 12.0
# What comes back from a forecast comes a horizon later: until then all misses of a burst widen the radius.
LARGEST_SWING = 4.0
# What an error counts for in the mean, in radii at most: one forecast that runs wild must not widen those after it.
_LARGEST_RADII = 4.0
# Errors beyond this share of the largest number are as good as infinite; multiples of their sum would not be finite.
_LARGEST_SHARE = 1e-5


Errors: TypeAlias = NDArray[np.floating]


class TrackedErrors(NamedTuple):
    """Errors of one frame's forecasts, and the radii issued with these, NaN where no error was known then."""

    errors: Errors
    radius: Errors


class ConformalTracker:
    """Track the radius that holds the next error with the probability asked for, each component on its own.

    It knows only the errors that it was told of: a driver that tells it of each when its target arrives is causal.

    Parameters
    ----------
    level
        Probability that an error lies within its radius, above 0 and below 1.
    horizon
        Frames between a forecast and its target, 1 or more.

    Raises
    ------
    ForecastingError
        If one of these rules is broken.
    """

    def __init__(self, *, level: float, horizon: int) -> None:
        if not 0 < level < 1:
            raise ForecastingError(f"a level must be above 0 and below 1, got {level:g}; ask for 0.9, say")
        if horizon < 1:
            raise ForecastingError(f"a horizon must be 1 frame or more, got {horizon}; bands are of forecasts")
        step = min(STEP, LARGEST_SWING / horizon)
        self._widening, self._narrowing = np.exp(step * level), np.exp(-step * (1 - level))
        # Distances in a plane whose components are normal lie within so many times their mean with this probability.
        self._start = np.sqrt(-np.log1p(-level) * 4 / np.pi)
        self._count = 0
        self._weight = 0.0
        # Rows of numbers, whatever the shape of the errors.
        self._shape: tuple[int, ...] = ()
        self._sum: Errors = np.zeros(1)
        self._largest: Errors = np.zeros(1)
        self._factor: Errors = np.ones(1)
        self._current: Errors = np.full(1, np.nan)

    def radius(self) -> Errors:
        """Return the radius of a forecast issued now, of the shape and unit of the errors; NaN before the first."""
        return self._current.reshape(self._shape)

    def observe(self, errors: Errors, radius: Errors) -> None:
        """Learn from the errors of a forecast whose target has arrived.

        Parameters
        ----------
        errors
            Distances of forecast and target, 0 or more, any shape, the same each time; nothing is learned from a
            forecast whose errors are not all finite.
        radius
            What `radius` returned when the forecast was issued.
        """
        from cinecast_models.conformal.kernels import all_finite  # compiled, which a plan can do without

        own = np.ascontiguousarray(errors).reshape(-1)
        if not all_finite(own):
            return
        if self._count == 0:
            self._shape, self._largest, self._current = errors.shape, np.zeros_like(own), np.full_like(own, np.nan)
            self._sum, self._factor = np.zeros_like(own), np.ones_like(own)
        issued = _row(radius, own)
        if radius.shape != errors.shape or not all_finite(issued):
            issued = issued[:0]
        self._move(own, issued)
        self._count += 1

    def _move(self, errors: Errors, issued: Errors) -> None:
        """Take in errors, and set the next radius; without radii the multiple stays."""
        from cinecast_models.conformal.kernels import next_radii

        kind = errors.dtype.type
        decay, warm = 1 - 1 / MEMORY, self._count >= WARM_UP
        largest = _largest_error(errors.dtype)
        if not warm:
            self._largest = np.maximum(self._largest, np.minimum(errors, largest))
        self._weight = decay * self._weight + 1
        found = next_radii(
            errors,
            issued,
            self._current,
            self._factor,
            self._sum,
            (kind(self._widening), kind(self._narrowing)),
            (kind(1 / LARGEST_FACTOR), kind(LARGEST_FACTOR)),
            kind(decay),
            (largest, kind(_LARGEST_RADII if warm else 0.0)),
            kind(self._start / self._weight),
        )
        # The first radii are told by the largest error alone.
        self._current = found if self._count + 1 >= WARM_UP else np.asarray(MARGIN * self._largest)


@cache
def _largest_error(dtype: np.dtype[np.floating]) -> Any:
    """Return what no error counts for more than, of a dtype."""
    return dtype.type(_LARGEST_SHARE) * np.finfo(dtype).max


def _row(numbers: Errors, like: Errors) -> Errors:
    """Return numbers as a row of the type of another."""
    return np.ascontiguousarray(numbers, dtype=like.dtype).reshape(-1)


class IssuedRadii:
    """The radii of a tracker, each kept from when it was issued until the errors of its forecast arrive.

    Parameters
    ----------
    horizon
        Frames between a forecast and its target, 1 or more.
    level
        Probability that an error lies within its radius, above 0 and below 1.

    Raises
    ------
    ForecastingError
        If horizon or level are out of range.
    """

    def __init__(self, *, horizon: int, level: float) -> None:
        self._tracker = ConformalTracker(level=level, horizon=horizon)
        self._waiting = deque([self._tracker.radius()] * horizon)

    def observe(self, errors: Errors) -> TrackedErrors:
        """Learn from the errors of the next frame's forecast; return them with the radius that was issued with it.

        Parameters
        ----------
        errors
            0 or more, the same shape each time; NaN where there was no forecast.
        """
        radius = self._waiting.popleft()
        self._tracker.observe(errors, radius)
        self._waiting.append(self._tracker.radius())
        return TrackedErrors(errors, radius if radius.shape == errors.shape else np.broadcast_to(radius, errors.shape))


def track_errors(errors: Iterable[Errors], *, horizon: int, level: float) -> Iterator[TrackedErrors]:
    """Yield the errors of each forecast with the radius that was issued with it, `horizon` frames before they arrived.

    Parameters
    ----------
    errors
        Errors of the forecasts of consecutive frames, 0 or more, all of one shape; NaN where there was no forecast.
    horizon
        Frames between a forecast and its target, 1 or more.
    level
        Probability that an error lies within its radius.

    Yields
    ------
    TrackedErrors
        Of each frame in turn.

    Raises
    ------
    ForecastingError
        If horizon or level are out of range.
    """
    issued = IssuedRadii(horizon=horizon, level=level)
    yield from map(issued.observe, errors)
