"""The error of live forecasts, known once the time that they are of has come."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.live.result import LiveForecast
from cinecast.scores import pixel_distance_mm

# Times of frames jitter by rounding: a forecast within this share of a period of a frame is of that frame.
_SAME = 0.05
# Between frames further apart than this many periods nobody knows where the tissue was.
_LONGEST = 1.5


class RunningError:
    """Geometric error of forecasts against the motion measured when their time came.

    Between two frames the measured motion is interpolated linearly.

    Parameters
    ----------
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    period_s
        Time between frames in s.
    """

    def __init__(self, spacing_mm: tuple[float, float], period_s: float) -> None:
        self._spacing_mm, self._period_s = spacing_mm, period_s
        self._expected: deque[tuple[float, NDArray[Any]]] = deque()
        self._before: tuple[float, NDArray[Any]] | None = None
        self._total, self.count = 0.0, 0

    @property
    def mean_mm(self) -> float:
        """Mean over all forecasts whose time has come, of the mean over the pixels; NaN where there is none."""
        return self._total / self.count if self.count else math.nan

    def expect(self, forecast: LiveForecast) -> None:
        """Remember a new forecast until its time has come."""
        self._expected.append((forecast.time_s, forecast.dvf))

    def arrive(self, time_s: float, measured: NDArray[Any]) -> float:
        """Return the error in mm of the newest forecast whose time has come with this frame; NaN where there is none.

        Parameters
        ----------
        time_s
            Time of the frame in s.
        measured
            Its DVF, shape (H, W, 2), pixels.
        """
        error = math.nan
        if self._before is not None and time_s < self._before[0]:  # the clock was set back: their time never comes
            self._expected.clear()
            self._before = None
        while self._expected and self._expected[0][0] <= time_s + _SAME * self._period_s:
            wanted_s, forecast = self._expected.popleft()
            truth = self._at(wanted_s, time_s, measured)
            if truth is not None:
                error = float(pixel_distance_mm(forecast, truth, spacing_mm=self._spacing_mm).mean())
                self._total += error
                self.count += 1
        self._before = time_s, measured
        return error

    def _at(self, wanted_s: float, time_s: float, measured: NDArray[Any]) -> NDArray[np.float64] | None:
        if abs(wanted_s - time_s) <= _SAME * self._period_s:
            return np.asarray(measured)
        if self._before is None or time_s - self._before[0] > _LONGEST * self._period_s:
            return None
        share = (wanted_s - self._before[0]) / (time_s - self._before[0])
        return np.asarray((1 - share) * self._before[1] + share * measured)
