"""Faults in code of other packages: whoever reads of one must know whose it is, and what to do."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike, NDArray

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array, Forecaster, Pair, State
from cinecast_models.real_samples import real_samples

_LONGEST = 200


def fault_words(error: BaseException) -> str:
    """Return kind, words and place of a fault in one line, such as ``IndexError: too short (my_trend line 12)``.

    Parameters
    ----------
    error
        What was raised.
    """
    said = " ".join(str(error).split())[:_LONGEST].rstrip(" .")
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).stem} line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' if said else ''}{said}{place}"


@contextmanager
def faults_as(make: Callable[[str], Exception], passed_on: type[Exception]) -> Iterator[None]:
    """Turn a fault of the block, which runs code of another package, into an error that names it.

    Parameters
    ----------
    make
        Makes the error from `fault_words`.
    passed_on
        Errors of our own, which are sentences already.

    Yields
    ------
    None
        Once, for the block.

    Raises
    ------
    Exception
        What `make` returns, in the place of any other exception but want of memory, which is nobody's fault.
    """
    try:
        yield
    except (passed_on, MemoryError):
        raise
    except Exception as error:  # other people's code may raise anything
        raise make(fault_words(error)) from error


def named_fault(name: str, source: str, doing: str) -> AbstractContextManager[None]:
    """Return what turns a fault of a block into a sentence that names the method and the package it is of.

    Parameters
    ----------
    name, source
        The method, and name and version of its package.
    doing
        What was asked of it, such as ``predict``.

    Returns
    -------
    AbstractContextManager[None]
        It raises ForecastingError for such a fault.
    """
    return faults_as(
        lambda words: ForecastingError(
            f"a method must forecast with the settings it was given, got {words} in {doing} of {name} of "
            f"{source}; change the settings of {name}, leave it out, or have that package mended"
        ),
        ForecastingError,
    )


def checked_forecast(given: ArrayLike, shape: tuple[int, int], whose: str, remedy: str) -> Array:
    """Return what a method forecasts after a look at it; of another shape it would be spread out, or not fit.

    Parameters
    ----------
    given
        What its ``predict`` returned; a number that is masked is none.
    shape
        Numbers of runs and of components.
    whose
        The method, in words.
    remedy
        What to do.

    Returns
    -------
    Array
        Shape (R, K).

    Raises
    ------
    ForecastingError
        If these are no real numbers, or not one for each run and component.
    """
    try:
        forecast = real_samples(given)
    except ForecastingError:
        raise ForecastingError(f"a forecast must be of real numbers, got complex ones from {whose}; {remedy}") from None
    if forecast.shape != shape:
        raise ForecastingError(
            f"a forecast must have a row for each run and a column for each component, here {shape}, got shape "
            f"{forecast.shape} from {whose}; {remedy}"
        )
    return forecast


class ForecasterOfPackage:
    """A forecaster of another package, whose faults name it.

    Parameters
    ----------
    make
        Makes the forecaster.
    name, source
        Its method, and name and version of its package.
    components
        Number K of components of a sample.

    Raises
    ------
    ForecastingError
        If it cannot be made; from its methods as well, if they fail.
    """

    def __init__(self, make: Callable[[], Forecaster], name: str, source: str, components: int) -> None:
        self._name, self._source, self._components = name, source, components
        with self._named("making"):
            self._own = make()
            self.runs = int(self._own.runs)

    def __getattr__(self, attribute: str) -> Any:
        if "_own" not in vars(self):  # a copy that is being made has nothing yet
            raise AttributeError(attribute)
        return getattr(self._own, attribute)

    def _named(self, doing: str) -> Any:
        return named_fault(self._name, self._source, doing)

    def fit(self, histories: Array, targets: Array) -> None:
        """Let it learn from the train span.

        Parameters
        ----------
        histories, targets
            Shapes (N, L, K) and (N, K).
        """
        with self._named("fit"):
            self._own.fit(histories, targets)

    def predict(self, pending: Array) -> Array:
        """Return its forecast, shape (R, K), after checking that it has this shape."""
        with self._named("predict"):
            given = self._own.predict(pending)
            shape, whose = (self.runs, self._components), f"{self._name} of {self._source}"
            return checked_forecast(given, shape, whose, "leave it out, or have that package mended")

    def learn(self, pair: Pair) -> None:
        """Let it learn from one pair."""
        with self._named("learn"):
            self._own.learn(pair)

    def skip(self, pair: Pair) -> None:
        """Let it pass over one pair."""
        with self._named("skip"):
            self._own.skip(pair)

    def restart(self) -> None:
        """Let it begin its history anew."""
        with self._named("restart"):
            self._own.restart()

    def state(self) -> State:
        """Return what it has learned."""
        with self._named("state"):
            return self._own.state()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Give it back what it had learned."""
        with self._named("restore"):
            self._own.restore(state)
