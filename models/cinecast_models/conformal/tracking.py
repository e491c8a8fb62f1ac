"""Online conformal prediction with delayed feedback: how far off a forecast is, with a probability asked for.

A radius is a multiple of the mean of past errors, and the multiple is steered: each miss widens it by a step times
`level`, each hit narrows it by a step times ``1 - level``, on a logarithmic scale. The steps add up to ``step * n``
times the share of misses in excess of ``1 - level``; so, over n forecasts, that excess is the logarithm of how much the
multiple has changed, over ``step * n`` [1]_, [2]_. It vanishes as n grows, as long as the multiple stays off its
limits. Nothing is assumed of the errors, their order or a change of pattern. The first steps are longer, and their
errors count for more by as much (steps that decay as in [3]_, to a constant).

References
----------
.. [1] Angelopoulos, Candes, Tibshirani, Conformal PID control for time series prediction, NeurIPS 2023.
.. [2] Gibbs, Candes, Adaptive conformal inference under distribution shift, NeurIPS 2021.
.. [3] Angelopoulos, Barber, Bates, Online conformal prediction with decaying step sizes, ICML 2024.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import ForecastingError

if TYPE_CHECKING:
    from cinecast_models.conformal.kernels import Steps

# Chosen on recordings of external markers (docs/bands.md says how). A smaller step follows changes too late for spans
# of a hundred frames, a larger one makes radii uneven, and so wider in the mean.
STEP = 0.1
# The step is twice as large for the first error, and by so many errors later 1.37 times: the first radii are a guess.
EARLY = 30
# Errors that the mean is over; a longer one is slow to follow a change of breathing.
MEMORY = 30
_DECAY = 1 - 1 / MEMORY
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
        self._level, self._horizon = level, horizon
        # Distances in a plane whose components are normal lie within so many times their mean with this probability.
        self._start = np.sqrt(-np.log1p(-level) * 4 / np.pi)
        self._count = 0
        self._weight = 0.0
        self._partly = False  # whether errors of some components were not known
        # Rows of numbers, whatever the shape of the errors.
        self._shape: tuple[int, ...] = ()
        self._sum: Errors = np.zeros(1)
        self._largest: Errors = np.zeros(1)
        self._factor: Errors = np.ones(1)
        self._current: Errors = np.full(1, np.nan)

    def radius(self) -> Errors:
        """Return the radius of a forecast issued now, of the shape and unit of the errors; NaN before the first."""
        return self._current.reshape(self._shape)

    def observe(self, errors: Errors, radius: Errors, scale: float = 1.0) -> float:
        """Learn from the errors of a forecast whose target has arrived.

        Parameters
        ----------
        errors
            Distances of forecast and target, 0 or more, any shape, the same each time; NaN where one is not known, from
            which its component learns nothing.
        radius
            What `radius` returned when the forecast was issued.
        scale
            How much larger than others these errors are expected to be, above 0: they are divided by it.

        Returns
        -------
        float
            Share of the errors that missed their radius, 0 to 1, without components that have never moved nor were
            forecast to: those of which error and radius are 0. NaN where there is none.
        """
        from cinecast_models.conformal.kernels import count_finite, learn, learn_known  # a plan can do without

        own, kind = np.ascontiguousarray(errors).reshape(-1), errors.dtype.type
        known = count_finite(own, kind(scale))
        if known == 0:
            return float("nan")
        if self._count == 0:
            self._shape, self._largest, self._current = errors.shape, np.zeros_like(own), np.full_like(own, np.nan)
            self._sum, self._factor = np.zeros_like(own), np.ones_like(own)
        if known < len(own) and not self._partly:
            self._partly = True
            self._sum = np.full_like(own, np.nan) if self._count == 0 else self._sum
        issued = _row(radius, own) if radius.shape == errors.shape else np.full_like(own, np.nan)
        steps, following = self._steps(kind, scale), np.empty_like(own)
        state = own, issued, self._current, self._factor, self._sum, steps, following
        missed, counted = learn_known(*state, self._weight) if self._partly else learn(*state)
        if self._count < WARM_UP:
            self._largest = np.fmax(self._largest, np.minimum(own / steps.scale, steps.highest))
        self._weight = _DECAY * self._weight + 1
        self._count += 1
        self._current = following if self._count >= WARM_UP else self._first_radius()
        return missed / counted if counted else float("nan")

    def _steps(self, kind: type[np.floating], scale: float) -> Steps:
        """Return the numbers of the next step, of the type of the errors."""
        from cinecast_models.conformal.kernels import Steps

        step, weight = step_after(self._count, self._horizon), _DECAY * self._weight + 1
        return Steps(
            scale=kind(scale),
            widening=kind(np.exp(step * self._level)),
            narrowing=kind(np.exp(-step * (1 - self._level))),
            smallest=kind(1 / LARGEST_FACTOR),
            largest=kind(LARGEST_FACTOR),
            decay=kind(_DECAY),
            highest=kind(_LARGEST_SHARE) * np.finfo(kind).max,
            limit=kind(_LARGEST_RADII if self._count >= WARM_UP else 0.0),
            multiple=kind(self._start / weight),
        )

    def _first_radius(self) -> Errors:
        known = MARGIN * self._largest
        return np.asarray(np.where(np.isnan(self._sum), self._sum, known) if self._partly else known)


def step_after(count: int, horizon: int) -> float:
    """Return how far a radius is moved, in logarithms, by the next error.

    Parameters
    ----------
    count
        Errors that are known already.
    horizon
        Frames between a forecast and its target, 1 or more.

    Returns
    -------
    float
        `STEP` in the end; less at long horizons.
    """
    return min(STEP * (1 + math.exp(-count / EARLY)), LARGEST_SWING / horizon)


def _row(numbers: Errors, like: Errors) -> Errors:
    """Return numbers as a row of the type of another."""
    return np.ascontiguousarray(numbers, dtype=like.dtype).reshape(-1)
