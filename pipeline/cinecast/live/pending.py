"""Forecasts that are pending: the time that they are of has not come yet."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

ForecastT = TypeVar("ForecastT")

# Times of frames jitter by rounding: a forecast within this share of a period of a frame is of that frame.
_SAME_FRAME = 0.05
# Between frames further apart than this many periods nobody knows what was in between.
_LONGEST_INTERVAL = 1.5


class PendingForecasts(Generic[ForecastT]):
    """Pairs forecasts, of whatever type, with what was measured when their time came.

    Parameters
    ----------
    period_s
        Time between frames in s.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._waiting: deque[tuple[float, ForecastT]] = deque()
        self._before: tuple[float, NDArray[Any]] | None = None
        self._newest_s = -math.inf

    def add(self, issued_s: float, time_s: float, forecast: ForecastT) -> None:
        """Remember a forecast until its time has come.

        Parameters
        ----------
        issued_s
            Time in s of the frame that it was issued at.
        time_s
            The time in s that it is of, later than that of all forecasts before it.
        forecast
            What `observe` gives back.
        """
        self._newest_s = issued_s
        self._waiting.append((time_s, forecast))

    def observe(self, time_s: float, measured: NDArray[Any] | None) -> list[tuple[ForecastT, NDArray[Any]]]:
        """Return the forecasts whose time has come with a frame, each with what was measured then.

        Parameters
        ----------
        time_s
            Time of the frame in s; one before the newest is of a clock that was set back, and drops all forecasts.
        measured
            What was measured on it, of any shape; None for a faulty frame, on which nothing was.

        Returns
        -------
        Pairs of forecast and measurement, oldest first. A measurement between two frames is interpolated linearly;
        over a lost or a faulty frame it is not, and the forecast is dropped.
        """
        if time_s < self._newest_s:  # the clock was set back: their time never comes
            self._waiting.clear()
        self._newest_s = time_s
        due = []
        while self._waiting and self._waiting[0][0] <= time_s + _SAME_FRAME * self._period_s:
            due_s, forecast = self._waiting.popleft()
            measured_then = None if measured is None else self._measured_at(due_s, time_s, measured)
            if measured_then is not None:
                due.append((forecast, measured_then))
        self._before = None if measured is None else (time_s, measured)
        return due

    def _measured_at(self, due_s: float, time_s: float, measured: NDArray[Any]) -> NDArray[Any] | None:
        if abs(due_s - time_s) <= _SAME_FRAME * self._period_s:
            return measured
        if self._before is None or time_s - self._before[0] > _LONGEST_INTERVAL * self._period_s:
            return None
        share = (due_s - self._before[0]) / (time_s - self._before[0])
        return np.asarray((1 - share) * self._before[1] + share * measured)
