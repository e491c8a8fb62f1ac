"""Forecasters of neighbouring whole horizons on one regular clock, and what lies between them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from cinecast_models import DivergenceError, ForecastingError, MethodSettings, OnlineDriver

Array = NDArray[np.float64]

# Times of frames are rounded to milliseconds or so: nearer to a whole number of periods than this is whole.
WHOLE = 1e-3


class HorizonDrivers:
    """Forecast any time between the newest sample and the longest of a few horizons.

    Forecasters exist for every whole horizon around the one that is wanted, and for the next one, which a frame between
    two instants needs; where that one cannot be made, or diverges, forecasts reach less far. Between two of them the
    forecast is interpolated linearly; horizon 0 is the newest sample itself.

    Parameters
    ----------
    method
        Name of the method.
    settings_for
        Gives its settings for a horizon in frames.
    train
        Samples of the calibration span, shape (T, K).
    wanted
        The horizon in periods, above 0.
    runs, seed
        Random runs and their seed.
    held
        Train samples that were not measured but held, by their index: nothing is learned from them as targets.

    Raises
    ------
    cinecast_models.ForecastingError
        If the train span is too short for the history and the horizon, or every run diverges on it.
    """

    def __init__(
        self,
        method: str,
        settings_for: Callable[[int], MethodSettings],
        train: Array,
        wanted: float,
        *,
        runs: int,
        seed: int,
        held: Collection[int] = (),
    ) -> None:
        def trained(horizon: int) -> tuple[OnlineDriver, Array]:
            driver = OnlineDriver(
                method,
                settings_for(horizon),
                components=train.shape[1],
                horizon=horizon,
                train_end=len(train),
                runs=runs,
                seed=seed,
            )
            forecasts = [driver.push(sample, filled=t in held) for t, sample in enumerate(train)]
            assert forecasts[-1] is not None  # given from the last train sample on
            return driver, forecasts[-1]

        self._needed = needed_horizons(wanted)
        self._spare = self._needed[-1] + 1
        ready = {horizon: trained(horizon) for horizon in self._needed}
        # Only a frame between two instants needs it; a short train span, or a model that was trained for one horizon
        # alone, must not forbid the others.
        with suppress(ForecastingError):
            ready[self._spare] = trained(self._spare)
        self._drivers = {horizon: driver for horizon, (driver, _) in ready.items()}
        self._forecasts = self._usable({horizon: forecast for horizon, (_, forecast) in ready.items()})
        self._newest = train[-1].copy()
        self._calibrated_states = {horizon: driver.state() for horizon, driver in self._drivers.items()}
        self._calibrated = dict(self._forecasts), self._newest
        self.runs = self._drivers[self._needed[-1]].runs
        self.history_length = settings_for(self._needed[-1]).history_length

    @property
    def longest(self) -> int:
        """The longest horizon in periods."""
        return max(self._forecasts)

    def push(self, sample: Array, *, held: bool = False) -> None:
        """Take in the sample of the next instant.

        Parameters
        ----------
        sample
            Shape (K,).
        held
            Whether it was not measured but held: nothing is learned from it as a target.

        Raises
        ------
        cinecast_models.DivergenceError
            If no run has a forecast at all horizons that are needed; `restart` brings them back.
        """
        forecasts = {horizon: self._pushed(horizon, sample, held) for horizon in self._needed}
        if self._spare in self._forecasts:  # where it has diverged, it comes back with `restart`
            with suppress(DivergenceError):
                forecasts[self._spare] = self._pushed(self._spare, sample, held)
        self._forecasts, self._newest = self._usable(forecasts), sample

    def _pushed(self, horizon: int, sample: Array, held: bool) -> Array:
        forecast = self._drivers[horizon].push(sample, filled=held)
        assert forecast is not None  # the train span is full
        return forecast

    def restart(self) -> None:
        """Go back to where calibration ended."""
        for horizon, driver in self._drivers.items():
            driver.restore(self._calibrated_states[horizon])
        self._forecasts, self._newest = dict(self._calibrated[0]), self._calibrated[1]

    def _usable(self, forecasts: dict[int, Array]) -> dict[int, Array]:
        """Return the forecasts between which can be interpolated: in some run, those of all horizons are finite."""
        needed = {horizon: forecasts[horizon] for horizon in self._needed}
        if not _any_run_has_all(needed):
            raise DivergenceError("no random run has forecasts at both horizons around the one that is wanted")
        return forecasts if _any_run_has_all(forecasts) else needed

    def at(self, ahead: float) -> Array:
        """Return the forecast of every run, shape (R, K), so many periods after the newest instant.

        Parameters
        ----------
        ahead
            From 0 to `longest`; whole within a thousandth gives the forecast of that horizon as it is.
        """
        nearest = round(ahead)
        if abs(ahead - nearest) <= WHOLE:
            return self._whole(nearest)
        before = int(ahead)
        share = ahead - before
        return (1 - share) * self._whole(before) + share * self._whole(before + 1)

    def _whole(self, horizon: int) -> Array:
        if horizon == 0:
            return np.tile(self._newest, (self.runs, 1))
        return self._forecasts[horizon]


def _any_run_has_all(forecasts: dict[int, Array]) -> bool:
    return bool(np.isfinite(list(forecasts.values())).all(axis=(0, 2)).any())


def needed_horizons(wanted: float) -> list[int]:
    """Return the whole horizons, 1 or more, between which a horizon in periods lies: one if it is whole itself."""
    nearest = round(wanted)
    if nearest >= 1 and abs(wanted - nearest) <= WHOLE:
        return [nearest]
    before = int(wanted)
    return [before, before + 1] if before else [1]
