"""Bands of live forecasts: how far off the weights may be, learned from the errors that have become known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.pending import PendingForecasts
from cinecast_models import ConformalTracker, ForecastDifficulty, lost_held

Array = NDArray[np.float64]


class _Pending(NamedTuple):
    """Forecasts of every run (R, K), their radii and difficulties (R, 1), and their places (R, 3)."""

    forecast: Array
    radius: Array
    scale: Array
    place: Array


class WeightBands:
    """Conformal radii of the weights of every run, as `cinecast_models.conformal_bands` gives them for a series.

    They are wider where forecasts are harder, as `cinecast_models.forecast_difficulty` says.

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
        self._difficulty = ForecastDifficulty(known)
        self._before, self._newest = known[-2], known[-1]
        self._begin()
        self._trackers: list[ConformalTracker] = []

    def _begin(self) -> None:
        self._pending: PendingForecasts[_Pending] = PendingForecasts(1.0)

    def restart(self) -> None:
        """Forget the forecasts that are pending: a long gap lies between them and what comes."""
        self._begin()

    def issue(self, instant: int | None, ahead: float, forecast: Array) -> Array:
        """Return the radii of a forecast, and remember both until its time has come.

        Parameters
        ----------
        instant
            Number of the instant that it is issued at; None between two, where it is not remembered.
        ahead
            How many instants ahead it is.
        forecast
            Weights of every run, shape (R, K); NaN for a run that diverged.

        Returns
        -------
        Half width of the band of every weight, shape (R, K); NaN before any error is known, and where the run diverged.
        """
        if not self._trackers:
            self._trackers = [ConformalTracker(level=self._level, horizon=self._horizon) for _ in forecast]
        radii = [np.broadcast_to(tracker.radius(), forecast.shape[1:]) for tracker in self._trackers]
        difficulty, place = self._difficulty.issue(self._before, self._newest, forecast)
        radius = np.where(np.isfinite(forecast), np.array(radii), np.nan)
        scale = difficulty[:, np.newaxis]
        if instant is not None:
            self._pending.add(instant, instant + ahead, _Pending(forecast, radius, scale, place))
        return radius * scale

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
            for tracker, own, radius in zip(self._trackers, errors / pending.scale, pending.radius, strict=True):
                tracker.observe(own, radius)
        self._before, self._newest = self._newest, self._newest if weights is None else weights


def compile_bands(components: int) -> None:
    """Have all compiled that bands need: in the middle of a stream it would hold up frames by tenths of a second.

    Parameters
    ----------
    components
        Number K of weights.
    """
    from cinecast_models.conformal.tracking import WARM_UP

    bands, zeros = WeightBands(level=0.5, horizon=1, known=np.zeros((2, components))), np.zeros(components)
    # The first radii are none, then the largest error makes them, then the mean of many.
    for instant in range(WARM_UP + 3):
        bands.observe(instant, zeros)
        bands.issue(instant, 1.0, zeros[np.newaxis])
