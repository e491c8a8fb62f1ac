"""The error of live forecasts at landmarks, known once the frame that they are of has come."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.live_forecast import LiveForecast
from cinecast.live.pending import PendingForecasts
from cinecast.score.landmark_scores import per_frame_errors, sample_dvf

Array = NDArray[np.float64]


class RunningMean:
    """Mean distance over all landmarks and frames so far.

    Attributes
    ----------
    count
        Number of distances that it is over, one for each landmark in each frame.
    """

    def __init__(self) -> None:
        self._total, self.count = 0.0, 0

    @property
    def mean(self) -> float:
        """In mm; NaN where there is none."""
        return self._total / self.count if self.count else math.nan

    def add(self, differences_mm: Array) -> float:
        """Take in differences (N, 2) in mm, NaN where not found; return their mean length, NaN where there is none."""
        lengths = np.hypot(*differences_mm.T)
        self._total += float(np.nansum(lengths))
        self.count += int(np.isfinite(lengths).sum())
        return float(per_frame_errors(differences_mm[np.newaxis, np.newaxis])[0, 0])


class LandmarkErrors(NamedTuple):
    """Mean errors over the landmarks of one frame in mm; NaN where there is none.

    Parameters
    ----------
    forecast
        Of the newest forecast whose time came with the frame.
    measured
        Of the measured motion of the frame.
    without_forecast
        Of the motion measured when that forecast was issued: of no forecast (persistence).
    """

    forecast: float
    measured: float
    without_forecast: float


class LandmarkError:
    """Errors at landmarks of forecasts, and of the measured motion, against where the landmarks were found.

    Parameters
    ----------
    positions
        Places in the reference frame, shape (N, 2), pixels, (x = column, y = row).
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    period_s
        Time between frames in s.

    Attributes
    ----------
    forecast, measured, without_forecast
        The running means of all three.
    """

    def __init__(self, positions: Array, spacing_mm: tuple[float, float], period_s: float) -> None:
        self._positions, self._scale = positions, np.array(spacing_mm[::-1])
        self._pending: PendingForecasts[Array] = PendingForecasts(period_s)
        self.forecast, self.measured, self.without_forecast = RunningMean(), RunningMean(), RunningMean()

    def add(self, forecast: LiveForecast) -> None:
        """Remember a new forecast until its time has come."""
        places = [sample_dvf(dvf, self._positions) for dvf in (forecast.dvf, forecast.measured)]
        self._pending.add(forecast.issued_s, forecast.time_s, np.stack(places))

    def observe(self, time_s: float, found: Array | None, measured: NDArray[np.float32]) -> LandmarkErrors:
        """Return the errors that became known with a frame.

        Parameters
        ----------
        time_s
            Time of the frame in s.
        found
            Displacements of the landmarks in it, shape (N, 2), pixels, (x, y), NaN where one was not found; None for a
            faulty frame.
        measured
            Its DVF, shape (H, W, 2), pixels.

        Returns
        -------
        LandmarkErrors
            Of this frame.
        """
        error = without = math.nan
        for (forecast, latest), then in self._pending.observe(time_s, found):
            error = self.forecast.add((forecast - then) * self._scale)
            without = self.without_forecast.add((latest - then) * self._scale)
        if found is None:
            return LandmarkErrors(error, math.nan, without)
        own = self.measured.add((sample_dvf(measured, self._positions) - found) * self._scale)
        return LandmarkErrors(error, own, without)
