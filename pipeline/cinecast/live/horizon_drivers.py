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

    The next one learns a sample when it is asked for, with `settle`, or with the next sample: most forecasts need not
    wait for it.

    Parameters
    ----------
    method
        Name of the method.
    settings_for
        Gives its settings for a horizon in frames.
    train
        Samples of the calibration span by instant, shape (N, K); NaN at an instant that stays unknown.
    wanted
        The horizon in periods, above 0.
    runs, seed
        Random runs and their seed.
    held, filled
        Train samples that were not measured but held, and those that were filled in, by their index, as
        `cinecast_models.OnlineDriver` takes them: nothing is learned from them as targets.

    Attributes
    ----------
    runs
        Number R of random runs.
    history_length
        Samples in a history.
    awaited
        How many samples must come until there is a history; until then the newest sample stands for forecasts.

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
        filled: Collection[int] = (),
    ) -> None:
        unknown = np.asarray(np.isnan(train).all(axis=1))

        def trained(horizon: int) -> tuple[OnlineDriver, Array | None]:
            driver = OnlineDriver(
                method,
                settings_for(horizon),
                components=train.shape[1],
                horizon=horizon,
                train_end=len(train) - int(unknown.sum()),
                runs=runs,
                seed=seed,
            )
            forecast = None
            for t in np.flatnonzero(~unknown).tolist():
                restart = t > 0 and bool(unknown[t - 1])
                forecast = driver.push(train[t], filled=t in filled, held=t in held, restart=restart)
            return driver, forecast

        self._needed = needed_horizons(wanted)
        self._spare = self._needed[-1] + 1
        ready = {horizon: trained(horizon) for horizon in self._needed}
        # Only a frame between two instants needs it; a short train span, or a model that was trained for one horizon
        # alone, must not forbid the others.
        with suppress(ForecastingError):
            ready[self._spare] = trained(self._spare)
        self._drivers = {horizon: driver for horizon, (driver, _) in ready.items()}
        self.runs = self._drivers[self._needed[-1]].runs
        self.history_length = max(settings_for(horizon).history_length for horizon in self._needed)
        self._newest = train[-1].copy()
        since = len(train) if not unknown.any() else len(train) - 1 - int(np.flatnonzero(unknown)[-1])
        self.awaited = max(0, self.history_length - since)
        self._forecasts = self._usable({h: self._or_newest(forecast) for h, (_, forecast) in ready.items()})
        self._calibrated_states = {horizon: driver.state() for horizon, driver in self._drivers.items()}
        # What the next horizon has still to learn: what `push` was given.
        self._unlearned: tuple[Array, bool, bool, bool] | None = None

    @property
    def longest(self) -> int:
        """The longest horizon in periods."""
        self.settle()
        return max(self._forecasts)

    def reached(self, ahead: float) -> float:
        """Return how many periods ahead of the newest instant can be forecast, where so many are wanted."""
        return ahead if ahead <= self._needed[-1] + WHOLE else min(ahead, float(self.longest))

    def settle(self) -> None:
        """Have the next horizon learn the newest sample."""
        if self._unlearned is None:
            return
        unlearned, self._unlearned = self._unlearned, None
        if self._spare not in self._forecasts:  # it has diverged, and comes back with `go_back`
            return
        needed = {horizon: self._forecasts[horizon] for horizon in self._needed}
        self._forecasts = needed
        with suppress(DivergenceError):
            self._forecasts = self._usable(needed | {self._spare: self._pushed(self._spare, *unlearned)})

    def push(self, sample: Array, *, filled: bool = False, held: bool = False, restart: bool = False) -> None:
        """Take in the sample of the next instant.

        Parameters
        ----------
        sample
            Shape (K,).
        filled, held
            Whether it was filled in, and whether it was not measured but held: nothing is learned from it as a target.
        restart
            Whether histories begin anew with it, after a gap too long to be filled in.

        Raises
        ------
        cinecast_models.DivergenceError
            If no run has a forecast at all horizons that are needed; `restart` brings them back.
        """
        self.settle()
        self._newest = sample
        self.awaited = max(0, (self.history_length if restart else self.awaited) - 1)
        needed = self._usable(
            {horizon: self._pushed(horizon, sample, filled, held, restart) for horizon in self._needed}
        )
        self._forecasts |= needed  # with that of the next horizon until it has learned the sample, too
        self._unlearned = sample, filled, held, restart

    def _pushed(self, horizon: int, sample: Array, filled: bool, held: bool, restart: bool) -> Array:
        return self._or_newest(self._drivers[horizon].push(sample, filled=filled, held=held, restart=restart))

    def _or_newest(self, forecast: Array | None) -> Array:
        """Return the forecast, or what stands for it until there is a history."""
        return np.tile(self._newest, (self.runs, 1)) if forecast is None else forecast

    def go_back(self, sample: Array) -> None:
        """Take up what was learned by the end of the calibration, with a history that begins with a sample.

        Parameters
        ----------
        sample
            The newest one, shape (K,).
        """
        for horizon, driver in self._drivers.items():
            driver.restore(self._calibrated_states[horizon])
            with suppress(DivergenceError):  # the sample itself is what it cannot bear
                driver.push(sample, restart=True)
        self._newest, self.awaited, self._unlearned = sample, self.history_length - 1, None
        self._forecasts = {horizon: self._or_newest(None) for horizon in self._drivers}

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
        if horizon == self._spare:
            self.settle()
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
