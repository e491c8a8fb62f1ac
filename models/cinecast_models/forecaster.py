"""The contract of every forecaster, and the exact saving and restoring that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import ForecastingError
from cinecast_models.settings import SetParameters

Array: TypeAlias = NDArray[np.float64]
State: TypeAlias = dict[str, NDArray[Any]]


class Pair(NamedTuple):
    """A history and its target, which has been seen.

    Parameters
    ----------
    history
        Shape (L, K), oldest sample first.
    target
        Shape (K,): the sample that follows the history after the horizon.
    issued
        Index in the series of the newest sample of the history. What was forecast when that sample was the newest is
        what the target answers.
    arrived
        Index in the series of the target.
    """

    history: Array
    target: Array
    issued: int
    arrived: int


class Forecaster(Protocol):
    """Forecasts a sample of K numbers, `horizon` frames ahead, from the L newest samples.

    A forecaster knows neither the horizon nor the clock: a driver hands it histories and, once they have been
    seen, their targets. So it cannot look ahead. A history is an array of shape (L, K), oldest sample first.

    Attributes
    ----------
    runs
        Number R of random runs advanced together; 1 for deterministic methods. No run depends on another.
    """

    runs: int

    def fit(self, histories: Array, targets: Array) -> None:
        """Learn once from all pairs of the train span; methods that learn online do nothing here.

        Parameters
        ----------
        histories
            Shape (N, L, K), in order of time.
        targets
            Shape (N, K): the sample that follows each history after the horizon.
        """
        ...

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history without changing any learned state.

        Parameters
        ----------
        pending
            Histories not learned from yet, shape (n, L, K), oldest first. A recurrent net rolls its state, which
            lags behind, through all of them with its newest weights; other methods look at ``pending[-1]`` only.

        Returns
        -------
        Array
            One forecast per run, shape (R, K).
        """
        ...

    def learn(self, pair: Pair) -> None:
        """Learn from one pair; pairs come in order of time, each one sample after the one before or a `restart`.

        Its arrays are copies: they may be kept.
        """
        ...

    def skip(self, pair: Pair) -> None:
        """Pass over a pair whose target, or the newest sample of its history, was not measured, in place of `learn`.

        Nothing may be learned from it. The target does stand in the histories that follow, so what only keeps track
        of the series, as the state of a recurrent net, moves on.
        """
        ...

    def restart(self) -> None:
        """Begin the history anew after a long gap: what was learned stays, what keeps track of the series is as new.

        The pairs that follow have histories of samples after the gap only. Forecasts whose targets would have come
        from before it are never answered.
        """
        ...

    def state(self) -> State:
        """Return copies of all that was learned, as plain arrays that `numpy.savez` writes without pickle."""
        ...

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `state` returned; from there on both forecasters give the same bits.

        Raises
        ------
        ForecastingError
            If the arrays are not those of a forecaster with the same settings.
        """
        ...


class ArrayState:
    """Exact `state` and `restore` for a forecaster whose learned state is a few arrays of fixed shape.

    Attributes
    ----------
    learned
        Names of the attributes, all arrays changed in place, that make up the state.
    """

    learned: ClassVar[tuple[str, ...]] = ()

    def state(self) -> State:
        """Return copies of the arrays named in `learned`."""
        return {name: np.array(getattr(self, name)) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Copy the arrays of `state` into this forecaster, after checking names, shapes and types."""
        if set(state) != set(self.learned):
            raise ForecastingError(
                f"a saved state of {type(self).__name__} must hold {_names(self.learned)}, got {_names(state)}; "
                "restore it into the method that saved it"
            )
        for name in self.learned:
            own = getattr(self, name)
            check_array(type(self).__name__, name, state[name], shape=own.shape, dtype=own.dtype)
        for name in self.learned:
            np.copyto(getattr(self, name), state[name])


class ArrayForecaster(SetParameters, ArrayState):
    """A forecaster with such a state that learns nothing, unless a method says when and what.

    Attributes
    ----------
    runs
        1, unless a method draws random numbers.
    """

    runs: int = 1

    def fit(self, histories: Array, targets: Array) -> None:
        """Do nothing: what a method that learns online does.

        Parameters
        ----------
        histories, targets
            Pairs of the train span, shapes (N, L, K) and (N, K).
        """

    def learn(self, pair: Pair) -> None:
        """Do nothing: what a method that is fitted once does."""

    def skip(self, pair: Pair) -> None:
        """Do nothing: what a method does that keeps nothing of a pair but what it learns."""

    def restart(self) -> None:
        """Do nothing: what a method does that keeps nothing of a pair but what it learns."""


def check_array(owner: str, name: str, given: NDArray[Any], *, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Check one array of a saved state against what its owner holds.

    Parameters
    ----------
    owner, name
        Class and attribute that the array is for, for the error message.
    given
        The array.
    shape, dtype
        Those of the attribute.

    Raises
    ------
    ForecastingError
        If shape or type differ.
    """
    if given.shape != shape or given.dtype != dtype:
        raise ForecastingError(
            f"`{name}` of {owner} must be {dtype} of shape {shape}, got {given.dtype} of shape {given.shape}; "
            "restore with the settings and the number of runs it was saved with"
        )


def _names(names: tuple[str, ...] | Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)) or "nothing"
