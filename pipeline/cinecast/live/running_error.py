"""The error of live forecasts, known once the time that they are of has come."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from cinecast.live.live_forecast import LiveForecast
from cinecast.live.pending import PendingForecasts
from cinecast.score import pixel_distance_mm


class RunningError:
    """Geometric error of forecasts against the motion measured when their time came.

    Parameters
    ----------
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    period_s
        Time between frames in s.
    """

    def __init__(self, spacing_mm: tuple[float, float], period_s: float) -> None:
        self._spacing_mm = spacing_mm
        self._pending: PendingForecasts[NDArray[Any]] = PendingForecasts(period_s)
        self._total, self.count = 0.0, 0

    @property
    def mean_mm(self) -> float:
        """Mean over all forecasts whose time has come, of the mean over the pixels; NaN where there is none."""
        return self._total / self.count if self.count else math.nan

    def add(self, forecast: LiveForecast) -> None:
        """Remember a new forecast until its time has come."""
        self._pending.add(forecast.issued_s, forecast.time_s, forecast.dvf)

    def observe(self, time_s: float, measured: NDArray[Any] | None) -> float:
        """Return the error of the newest forecast whose time has come with this frame; NaN where there is none.

        Parameters
        ----------
        time_s
            Time of the frame in s.
        measured
            Its DVF, shape (H, W, 2), pixels; None where it was not measured.

        Returns
        -------
        Mean over the pixels, in mm.
        """
        error = math.nan
        for forecast_dvf, measured_dvf in self._pending.observe(time_s, measured):
            error = float(pixel_distance_mm(forecast_dvf, measured_dvf, spacing_mm=self._spacing_mm).mean())
            self._total += error
            self.count += 1
        return error
