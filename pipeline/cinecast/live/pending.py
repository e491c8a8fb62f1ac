"""Forecasts that wait for the time that they are of."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

What = TypeVar("What")

# Times of frames jitter by rounding: a forecast within this share of a period of a frame is of that frame.
_SAME = 0.05
# Between frames further apart than this many periods nobody knows what was in between.
_LONGEST = 1.5


class Awaited(Generic[What]):
    """Pairs forecasts with what was measured when their time came.

    Parameters
    ----------
    period_s
        Time between frames in s.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._expected: deque[tuple[float, What]] = deque()
        self._before: tuple[float, NDArray[Any]] | None = None
        self._newest_s = -math.inf

    def expect(self, issued_s: float, time_s: float, what: What) -> None:
        """Remember a forecast of a time in s, later than all before it, that was issued at another."""
        self._newest_s = issued_s
        self._expected.append((time_s, what))

    def arrive(self, time_s: float, measured: NDArray[Any]) -> list[tuple[What, NDArray[Any]]]:
        """Return the forecasts whose time has come with a frame, oldest first, each with what was measured then.

        Parameters
        ----------
        time_s
            Time of the frame in s.
        measured
            What was measured on it; between two frames it is interpolated linearly, but not over a lost frame.
        """
        if time_s < self._newest_s:  # the clock was set back: their time never comes
            self._expected.clear()
            self._before = None
        self._newest_s = time_s
        come = []
        while self._expected and self._expected[0][0] <= time_s + _SAME * self._period_s:
            wanted_s, what = self._expected.popleft()
            truth = self._at(wanted_s, time_s, measured)
            if truth is not None:
                come.append((what, truth))
        self._before = time_s, measured
        return come

    def _at(self, wanted_s: float, time_s: float, measured: NDArray[Any]) -> NDArray[Any] | None:
        if abs(wanted_s - time_s) <= _SAME * self._period_s:
            return measured
        if self._before is None or time_s - self._before[0] > _LONGEST * self._period_s:
            return None
        share = (wanted_s - self._before[0]) / (time_s - self._before[0])
        return np.asarray((1 - share) * self._before[1] + share * measured)
