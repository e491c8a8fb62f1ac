"""A forecaster with its scaling and its watch for divergence; it has no clock of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.errors import DivergenceError, ForecastingError
from cinecast_models.forecast_task import ForecastTask
from cinecast_models.forecaster import Array, Pair
from cinecast_models.other_code import checked_forecast
from cinecast_models.real_samples import is_whole
from cinecast_models.registry import find_method, method_settings
from cinecast_models.settings import MethodSettings
from cinecast_models.standardisation import Standardisation
from cinecast_models.windows import histories

# Larger samples overflow when squared, larger forecasts have diverged; no motion in pixels or mm comes near.
LARGEST_SAMPLE = 1e100


class ForecastEngine:
    """What the causal stream and the published replay have in common.

    Parameters
    ----------
    method
        Name of a registered method.
    settings
        Its settings, with what they name read in (`MethodSettings.loaded`); None for the defaults.
    components
        Number K of components of a sample, 1 or more.
    horizon
        Frames between the newest sample and the forecast one, 1 or more.
    train_end
        Number of frames in the train span.
    runs
        Random runs R; a deterministic method has one whatever is asked for.
    seed
        Seed of the random runs.

    Attributes
    ----------
    settings
        Those for this horizon.
    forecaster
        Works in standard units.
    standardisation
        Identity before calibration and for methods that work in raw units.
    diverged
        Whether each run has diverged, shape (R,).

    Raises
    ------
    ForecastingError
        If one of these rules is broken, or the train span holds no pair of a history and its target.
    """

    def __init__(
        self,
        method: str,
        settings: MethodSettings | None,
        *,
        components: int,
        horizon: int,
        train_end: int,
        runs: int,
        seed: int,
    ) -> None:
        check_whole(components=components, horizon=horizon, train_end=train_end, runs=runs, seed=seed)
        self.method = find_method(method)
        given = method_settings(method) if settings is None else settings
        if type(given) is not self.method.settings:
            raise ForecastingError(
                f"settings of {method} must be {self.method.settings.__name__}, got {type(settings).__name__}; "
                f"make them with method_settings({method!r}, ...)"
            )
        self.horizon, self.train_end, self.components = horizon, train_end, components
        self._check_positive()
        self.settings = given.at(ForecastTask(horizon, components))
        self.history_length = self.settings.history_length
        self._check_train_end()
        self.forecaster = self.method.create(self.settings, components=components, runs=runs, seed=seed)
        self.standardisation = Standardisation.identity(components)
        self.diverged = np.zeros(self.forecaster.runs, dtype=bool)

    def _check_positive(self) -> None:
        if self.components < 1:
            raise ForecastingError(
                f"a sample must have 1 component or more, got {self.components}; give a (T, K) series"
            )
        if self.horizon < 1:
            raise ForecastingError(
                f"horizon must be 1 frame or more, got {self.horizon}; forecast at least one frame ahead"
            )

    def _check_train_end(self) -> None:
        needed = self.history_length + self.horizon
        if needed > self.train_end:
            raise ForecastingError(
                f"history_length + horizon must be at most train_end, got {self.history_length} + {self.horizon} = "
                f"{needed} frames for a train span of {self.train_end}; shorten {self.method.name}.history_length or "
                "the horizon, or lengthen the train span"
            )

    def calibrate(
        self, train: Array, filled: NDArray[np.bool_], bridged: NDArray[np.bool_], restarts: NDArray[np.bool_]
    ) -> None:
        """Fix the scaling on the train span, fit, then learn in order the pairs wholly in it and between two restarts.

        Parameters
        ----------
        train
            Samples, shape (train_end, K).
        filled
            Which of them were filled in, shape (train_end,): they are in histories alone.
        bridged
            Which of them were held until a later one had come, shape (train_end,): no history that is learned from ends
            with them.
        restarts
            Which of them begin the history anew, shape (train_end,).

        Raises
        ------
        ForecastingError
            If no pair between two restarts has a target that was measured and a history that does not end with a
            bridged sample.
        """
        first = self.history_length - 1 + self.horizon
        whole = _samples_since(restarts)[first:] > first
        usable = whole & ~filled[first:] & ~bridged[self.history_length - 1 : len(bridged) - self.horizon]
        if not usable.any():
            raise ForecastingError(
                "one target or more of the train span must have been measured, with history and horizon free of long "
                "gaps and the history not ending on one of several faulty samples in a row, got none of "
                f"{len(usable)}; lengthen the train span"
            )
        if self.method.standardised:
            self.standardisation = Standardisation.of(train[~filled])
        samples = self.standardisation.apply(train)
        windows, targets = histories(samples, self.history_length)[: -self.horizon], samples[first:]
        everything = bool(usable.all())
        # Targets are views of the samples that histories are views of: a method may write to its own.
        self.forecaster.fit(*((windows, targets.copy()) if everything else (windows[usable], targets[usable])))
        for arrived in range(len(train)):
            if restarts[arrived]:
                self.restart()
            place, issued = arrived - first, arrived - self.horizon
            if place >= 0 and whole[place]:
                self.learn(windows[place], targets[place], issued, skip=bool(filled[arrived] or bridged[issued]))

    def restart(self) -> None:
        """Begin the history anew after a long gap; scaling and all that was learned stay."""
        self.forecaster.restart()

    def learn(self, history: Array, target: Array, issued: int, *, skip: bool) -> None:
        """Learn one pair; an overflow is left for `predict` to report.

        Parameters
        ----------
        history, target
            Shapes (L, K) and (K,), in standard units.
        issued
            Index of the newest sample of the history.
        skip
            Whether nothing may be learned from the pair: its target was filled in, or its history ends with a sample
            that was held when it was forecast from, and is another now.
        """
        # Copies: what a method does with them reaches no other history.
        pair = Pair(history.copy(), target.copy(), issued, issued + self.horizon)
        with np.errstate(over="ignore", invalid="ignore"):
            (self.forecaster.skip if skip else self.forecaster.learn)(pair)

    def predict(self, pending: Array, frame: int) -> Array:
        """Forecast in the units of the samples; a run that diverges is NaN from then on.

        Parameters
        ----------
        pending
            Histories in standard units, shape (n, L, K), oldest first.
        frame
            Index of the newest sample, for the error message.

        Returns
        -------
        Array
            Shape (R, K).

        Raises
        ------
        DivergenceError
            If all runs have diverged.
        ForecastingError
            If the method gives no real numbers, or not one for each run and component.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            own = self.forecaster.predict(pending)
            shape = len(self.diverged), self.components
            own = checked_forecast(own, shape, self.method.name, "mend its `predict`")
            forecast = self.standardisation.invert(own)
        # Written so that NaN, too, is not within the limit.
        self.diverged |= ~(np.abs(forecast) <= LARGEST_SAMPLE).all(axis=1)
        if self.diverged.all():
            raise DivergenceError(
                f"forecasts of {self.method.name} must stay below {LARGEST_SAMPLE:g}, got a divergence of every run by "
                f"frame {frame}; "
                f"{self._divergence_remedy()}"
            )
        forecast[self.diverged] = np.nan
        return forecast

    def _divergence_remedy(self) -> str:
        rate = getattr(self.settings, "learning_rate", None)
        return "look for outliers in the series" if rate is None else f"give a learning_rate below {rate:g}"


def _samples_since(restarts: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many samples there are since the newest restart, each sample itself counted, shape (T,)."""
    places = np.arange(len(restarts))
    newest = np.maximum.accumulate(np.where(restarts, places, 0))
    return places - newest + 1


def check_whole(**numbers: object) -> None:
    """Check that numbers are whole ones: 2.5 frames ahead is no frame, and True is no count.

    Parameters
    ----------
    **numbers
        By name.

    Raises
    ------
    ForecastingError
        If one is not.
    """
    for name, value in numbers.items():
        if not is_whole(value):
            raise ForecastingError(f"{name} must be a whole number, got {value!r}; give it without a fraction")


def checked_samples(samples: Array, first_frame: int) -> Array:
    """Return samples after checking that they are finite and of an ordinary size.

    Parameters
    ----------
    samples
        Shape (n, K), in any unit.
    first_frame
        Index of the first of them, for the error message.

    Returns
    -------
    Array
        The same in double precision.

    Raises
    ------
    ForecastingError
        If one is not finite, or too large to be squared.
    """
    samples = np.asarray(samples, dtype=np.float64)
    # Written so that NaN, too, is not within the limit.
    within = np.abs(samples) <= LARGEST_SAMPLE
    if not within.all():
        row, component = (int(i) for i in np.argwhere(~within)[0])
        raise ForecastingError(
            f"samples must be finite and at most {LARGEST_SAMPLE:g} in size, got {samples[row, component]} in "
            f"component {component} of frame {first_frame + row}; mend the series first"
        )
    return samples
