"""Bands of live forecasts: how far off the weights may be, learned from the errors that have become known."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.pending import PendingForecasts
from cinecast_models import BreathingRadii, Conditions, ForecastDifficulty, IssuedRadius, lost_held

Array = NDArray[np.float64]


class _Pending(NamedTuple):
    """Forecasts of every run (R, K), their radii, and their places (R, 3)."""

    forecast: Array
    radii: list[IssuedRadius]
    place: Array


class WeightRadii(NamedTuple):
    """What is said of a forecast when it is issued.

    Parameters
    ----------
    radius
        Half width of the band of every weight, shape (R, K); NaN before any error is known, and where the run diverged.
    conditions
        How hard the forecasts are, shape (R,), and where in a breath they are issued, (R, 3).
    """

    radius: Array
    conditions: Conditions


class WeightBands:
    """Conformal radii of the weights of every run, as `cinecast_models.conformal_bands` gives them for a series.

    They know where in a breath forecasts are issued, as `cinecast_models.forecast_conditions` says it.

    Parameters
    ----------
    level
        Probability that a weight lies in its band.
    horizon
        Instants between the newest one and the forecast one, 1 or more.
    known
        Weights of the instants of the calibration, shape (N, K), on the modes that are forecast; NaN where lost. N is
        2 or more.
    """

    def __init__(self, *, level: float, horizon: int, known: Array) -> None:
        self._level, self._horizon = level, horizon
        known = lost_held(known)
        self._difficulty = ForecastDifficulty(known, horizon=horizon)
        # Weights of the newest instants, those before held at lost ones; and the number of the newest.
        self._recent = deque(known, maxlen=self._difficulty.stride + 1)
        self._number = len(known) - 1
        self._radii: list[BreathingRadii] = []
        self.restart()

    def restart(self) -> None:
        """Forget the forecasts that are pending: a long gap lies between them and what comes."""
        self._pending: PendingForecasts[_Pending] = PendingForecasts(1.0)

    def issue(self, instant: int | None, ahead: float, forecast: Array, age: int = 0) -> WeightRadii:
        """Return the radii of a forecast, and remember both until its time has come.

        Parameters
        ----------
        instant
            Number of the instant that it is issued at; None between two, where it is not remembered.
        ahead
            How many instants ahead it is.
        forecast
            Weights of every run, shape (R, K); NaN for a run that diverged.
        age
            How many instants have passed since the newest weights that were measured.

        Returns
        -------
        WeightRadii
            With what bands of other things need to know.
        """
        if not self._radii:
            self._radii = [BreathingRadii(level=self._level, horizon=self._horizon) for _ in forecast]
        conditions = self._difficulty.issue(self._recent[0], self._recent[-1], forecast, age)
        issued = [radii.issue(own) for radii, own in zip(self._radii, conditions.by_run(), strict=True)]
        if instant is not None:
            self._pending.add(instant, instant + ahead, _Pending(forecast, issued, conditions.place))
        radius = np.array([np.broadcast_to(each.radius, forecast.shape[1:]) for each in issued])
        return WeightRadii(np.where(np.isfinite(forecast), radius, np.nan), conditions)

    def observe(self, instant: int, weights: Array | None) -> None:
        """Learn from the errors of the forecasts whose time has come with a frame.

        Parameters
        ----------
        instant
            Number of the instant of the frame.
        weights
            Its weights, shape (K,), on the modes that are forecast; None where they were not measured.
        """
        for pending, measured in self._pending.observe(instant, weights):
            errors = np.abs(pending.forecast - measured)
            self._difficulty.observe(pending.place, np.sqrt((errors**2).sum(axis=1)))
            for radii, own, issued in zip(self._radii, errors, pending.radii, strict=True):
                radii.observe(own, issued)
        # No frame came at the instants in between, but the latest step goes over so many of them as well.
        lost = min(max(instant - self._number - 1, 0), self._difficulty.stride)
        self._recent.extend([self._recent[-1]] * lost)
        self._recent.append(self._recent[-1] if weights is None else weights)
        self._number = instant
