"""Whether frames keep the period that was calibrated on: forecasts are made that many periods ahead."""

from __future__ import annotations

import logging
from collections import deque
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from cinecast.clock.regular_clock import Arrival

_LOG = logging.getLogger(__name__)

# The mean over so many instants is held against the period: times of frames are rounded, and come early or late.
_INSTANTS = 16
# Those before the change are among them when it is noticed: how often frames come now is told by so many of the newest.
_NEWEST = 4
# Farther off than this, forecasts are of another time than they say: half a second would be 25 ms more or less.
_CHANGED, _RETURNED = 0.05, 0.03


class _Instant(NamedTuple):
    """Number and time in s of an instant that a frame came at."""

    number: int
    time_s: float


class FrameRate:
    """Watches the time between frames that come at instants of the clock.

    The clock is set by every frame, so that it follows one whose period drifts, and also one that changes by up to a
    quarter. Others are told by frames that are lost, or lie between two instants.

    Parameters
    ----------
    period_s
        Period of the clock in s, as it was calibrated.

    Attributes
    ----------
    reason
        What has changed, in words; empty while nothing has.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._times: deque[_Instant] = deque()
        self.reason = ""

    def observe(self, name: str, time_s: float, arrival: Arrival) -> None:
        """Take in a frame.

        Parameters
        ----------
        name, time_s
            What it is called in reports, and its time in s.
        arrival
            What it means for the clock.
        """
        if arrival.jump or not arrival.on_time:  # what follows begins between two instants
            self._times.clear()
        if not arrival.on_time:
            return
        number = self._times[-1].number + len(arrival.shares) if self._times else 0
        self._times.append(_Instant(number, time_s))
        first = self._times[0]
        if number - first.number < _INSTANTS:
            return
        mean_s = (time_s - first.time_s) / (number - first.number)
        now_s = self._interval_s(mean_s)
        self._times.popleft()
        off = abs(mean_s / self._period_s - 1)
        if not self.reason and off > _CHANGED:
            self.reason = (
                f"frames come every {now_s:.4g} s, and were calibrated at {self._period_s:.4g} s: forecasts are of "
                "another time than they say"
            )
            _LOG.warning("%s (%.4f s): %s; start a new session", name, time_s, self.reason)
        elif self.reason and off <= _RETURNED:
            self.reason = ""
            _LOG.warning("%s (%.4f s): frames come every %.4g s again", name, time_s, self._period_s)

    def _interval_s(self, mean_s: float) -> float:
        """Return how often frames come now: a single one that is lost is none of it.

        It is the mean of all instants where times are so coarse that a few of them show no change.
        """
        times_s = [each.time_s for each in self._times][-1 - _NEWEST :]
        newest_s = median(after - before for before, after in pairwise(times_s))
        return newest_s if abs(newest_s / self._period_s - 1) > _CHANGED else mean_s
