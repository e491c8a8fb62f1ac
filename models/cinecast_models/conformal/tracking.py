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

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import ForecastingError
from cinecast_models.real_samples import is_whole, real_values

if TYPE_CHECKING:
    from cinecast_models.conformal.kernels import TrackerState

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
        check_promise(level, horizon)
        self._level, self._start, self._horizon = level, start_multiple(level), horizon
        self._shape: tuple[int, ...] = ()
        self._state: TrackerState | None = None  # rows of numbers, whatever the shape of the errors

    def radius(self) -> Errors:
        """Return the radius of a forecast issued now, of the shape and unit of the errors; NaN before the first."""
        return np.full((), np.nan) if self._state is None else self._state.radii.reshape(self._shape)

    def observe(self, errors: Errors, radius: Errors, scale: float = 1.0) -> float:
        """Learn from the errors of a forecast whose target has arrived.

        Parameters
        ----------
        errors
            Distances of forecast and target, 0 or more, any shape, the same each time; NaN or masked where one is not
            known, from which its component learns nothing.
        radius
            What `radius` returned when the forecast was issued.
        scale
            How much larger than others these errors are expected to be, above 0: they are divided by it.

        Returns
        -------
        float
            Share of the errors that missed their radius, 0 to 1, without components that have never moved nor were
            forecast to: those of which error and radius are 0. NaN where there is none.

        Raises
        ------
        ForecastingError
            If errors are below 0, or of another shape than those before.
        """
        from cinecast_models.conformal.kernels import track  # compiled, which a plan can do without

        given = checked_errors(errors)
        if self._state is not None and given.shape != self._shape:  # compiled code would write beyond its own numbers
            raise ForecastingError(
                f"errors must have one shape each time, got {given.shape} after {self._shape}; take a new tracker"
            )
        own = _row(given, given if self._state is None else self._state.radii)
        state, self._shape = self._state or new_state(own), given.shape
        issued = _row(radius, own) if radius.shape == given.shape else np.full_like(own, np.nan)
        following = np.empty_like(own)  # the radii before are still with their forecasts
        missed = track(own, issued, float(scale), self._level, self._start, self._horizon, state, following)
        self._state = state._replace(radii=following)
        return float(missed)


def check_promise(level: float, horizon: int) -> None:
    """Refuse a level or a horizon that no band can have.

    Parameters
    ----------
    level
        Probability that an error lies within its radius.
    horizon
        Frames between a forecast and its target.

    Raises
    ------
    ForecastingError
        If the level is not above 0 and below 1, or the horizon no whole number of 1 or more.
    """
    if not 0 < level < 1:
        raise ForecastingError(f"a level must be above 0 and below 1, got {level:g}; ask for 0.9, say")
    check_horizon(horizon)


def check_horizon(horizon: int) -> None:
    """Refuse what is no number of frames ahead.

    Parameters
    ----------
    horizon
        Frames between a forecast and its target.

    Raises
    ------
    ForecastingError
        If it is no whole number, or below 1.
    """
    if not is_whole(horizon) or horizon < 1:
        raise ForecastingError(
            f"a horizon must be 1 frame or more, got {horizon!r}; bands are of forecasts, whole frames ahead"
        )


def start_multiple(level: float) -> float:
    """Return the radius over the mean error that a tracker starts from.

    Distances in a plane whose components are normal lie within so many times their mean with this probability.

    Parameters
    ----------
    level
        The probability, above 0 and below 1.

    Returns
    -------
    float
        Without unit.
    """
    return float(np.sqrt(-np.log1p(-level) * 4 / np.pi))


def new_state(errors: Errors) -> TrackerState:
    """Return the state of a tracker that knows no error.

    Parameters
    ----------
    errors
        Errors of its components, shape (N,), of the same type.

    Returns
    -------
    TrackerState
        It is written over by the first step.
    """
    from cinecast_models.conformal.kernels import TrackerState

    return TrackerState(
        np.full_like(errors, np.nan), np.ones_like(errors), np.zeros_like(errors), np.zeros_like(errors), np.zeros(3)
    )


def checked_errors(errors: Errors) -> Errors:
    """Return errors as compiled code takes them, NaN where one is masked.

    Parameters
    ----------
    errors
        Distances of forecast and target, any shape.

    Returns
    -------
    NDArray[np.floating]
        Of the same shape, in single precision where they were, else in double precision.

    Raises
    ------
    ForecastingError
        If they are complex or below 0.
    """
    known = real_values(errors)
    if (known < 0).any():
        raise ForecastingError(
            f"errors must be distances, 0 or more, got {np.nanmin(known):g}; take their absolute values"
        )
    return known


def _row(numbers: Errors, like: Errors) -> Errors:
    """Return numbers as a row of the type of another."""
    return np.ascontiguousarray(numbers, dtype=like.dtype).reshape(-1)
