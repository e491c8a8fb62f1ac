"""The regular clock that forecasters need, kept among frames that come early, late or not at all."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Acquisition times jitter by rounding (2.5 ms on Siemens scanners); a lost frame shows as a whole period.
INTERVAL_TOLERANCE = 0.25
# Share of intervals between frames that may be shorter than a period: after a late frame there is one.
MOST_SHORT = 0.1
_ROUNDING = 1e-9
# So much less than a whole number of frames holds that number: a period is a difference of times, which are rounded.
_FRAME_SLACK = 1e-6


def mean_regular_interval(times_s: NDArray[np.float64]) -> float:
    """Return the mean of the regular intervals between times, which is the period of a clock that ticks coarsely.

    A clock that ticks in ms, or in the 2.5 ms of a scanner, has the true period in its mean alone.

    Parameters
    ----------
    times_s
        Increasing times in s, shape (T,), T at least 2.

    Returns
    -------
    float
        Mean in s of the intervals within a quarter of their median; the median where both agree within rounding.
    """
    intervals = np.diff(times_s)
    median = float(np.median(intervals))
    regular = regular_intervals(intervals, median)
    mean = float(intervals[regular].mean()) if regular.any() else median
    return median if abs(mean - median) <= _ROUNDING * median else mean


def regular_intervals(intervals_s: NDArray[np.float64], period_s: float) -> NDArray[np.bool_]:
    """Return which intervals are one period, within a quarter of it.

    Parameters
    ----------
    intervals_s
        Times between frames in s, shape (n,).
    period_s
        The period in s.

    Returns
    -------
    NDArray[np.bool_]
        Shape (n,).
    """
    return np.asarray(np.abs(intervals_s - period_s) <= INTERVAL_TOLERANCE * period_s)


def short_intervals(intervals_s: NDArray[np.float64], period_s: float) -> NDArray[np.bool_]:
    """Return which intervals are well below one period, by more than a quarter of it.

    Parameters
    ----------
    intervals_s
        Times between frames in s, shape (n,).
    period_s
        The period in s.

    Returns
    -------
    NDArray[np.bool_]
        Shape (n,).
    """
    return np.asarray(intervals_s < (1 - INTERVAL_TOLERANCE) * period_s)


def filled_between_bunches(times_s: NDArray[np.float64], period_s: float, longest_gap_s: float) -> int:
    """Return how many instants of a clock would be filled in between frames that come in pairs or bunches.

    Where frames are lost by chance, there are more frames than lost ones, or the gaps are few.

    Parameters
    ----------
    times_s
        Increasing times of the frames in s, shape (T,).
    period_s
        Time between instants in s.
    longest_gap_s
        Longest gap that is filled in, in s.

    Returns
    -------
    int
        Those of all gaps that are no longer; 0 where frames come one by one.
    """
    lost = np.rint(np.diff(times_s) / period_s) - 1
    filled = lost[(lost > 0) & (lost <= most_lost_frames(longest_gap_s, period_s))]
    total = int(filled.sum())
    return total if total > len(times_s) and len(filled) > MOST_SHORT * len(lost) else 0


def most_lost_frames(longest_gap_s: float, period_s: float) -> int:
    """Return how many frames in a row may be lost and filled in.

    Parameters
    ----------
    longest_gap_s
        Longest gap that is filled in, in s.
    period_s
        Time between frames in s.

    Returns
    -------
    int
        Those that such a gap holds, 0 or more.
    """
    return math.floor(longest_gap_s / period_s + _FRAME_SLACK)


class Arrival(NamedTuple):
    """What a frame means for the regular clock.

    Parameters
    ----------
    shares
        One number for each instant of the clock that has passed, in order: how far it lies on the way from the frame
        before to this one, above 0; exactly 1 where it is the frame itself.
    lost
        Number of instants without a frame of their own.
    on_time
        Whether the frame lies at an instant of the clock.
    jump
        Whether the gap was too long to be filled, or the clock was set back: it starts anew at this frame.
    """

    shares: tuple[float, ...]
    lost: int
    on_time: bool
    jump: bool = False


class RegularClock:
    """Instants one frame period apart; a frame within a quarter of a period of one is at that instant.

    So times may jitter and periods drift: the clock is set by every frame that is on time, just as a recorded sequence
    counts its frames. A frame in between sets nothing; the instants before it are interpolated. Where the next one
    follows it after one period, the phase has slipped, as when a scan goes on after a stop: that frame is on time.

    Parameters
    ----------
    period_s
        Time between frames in s.
    start_s
        Time of a first frame that is on time.
    longest_gap
        Number of lost frames that may be filled.

    Attributes
    ----------
    instant_s, frame_s
        Times in s of the newest instant, and of the newest frame.
    number
        How many instants have passed since the first frame; one that stays unknown is counted where the clock starts
        anew.
    """

    def __init__(self, period_s: float, start_s: float, longest_gap: int) -> None:
        self.period_s = period_s
        self.instant_s = start_s
        self.frame_s = start_s
        self.number = 0
        self._on_time = True
        self._longest_gap = longest_gap

    def observe(self, time_s: float) -> Arrival:
        """Take in the next frame; one before the newest starts the clock anew."""
        if time_s <= self.frame_s:
            return self._anew(time_s, 0)
        periods = (time_s - self.instant_s) / self.period_s
        slipped = not self._on_time and abs((time_s - self.frame_s) / self.period_s - 1) <= INTERVAL_TOLERANCE
        nearest = round(periods)  # 1 or more where it has slipped: the frame before is no older than the instant
        on_time = slipped or (nearest >= 1 and abs(periods - nearest) <= INTERVAL_TOLERANCE)
        passed = nearest if on_time else int(periods)
        lost = passed - 1 if on_time else passed
        if lost > self._longest_gap:
            return self._anew(time_s, lost)
        instants = self._instants(time_s, passed, on_time)
        way = time_s - self.frame_s
        shares = [(instant - self.frame_s) / way for instant in instants]  # the frame's own is exactly 1
        self.frame_s, self._on_time = time_s, on_time
        self.instant_s = instants[-1] if instants else self.instant_s
        self.number += len(instants)
        return Arrival(tuple(shares), lost, on_time)

    def _anew(self, time_s: float, lost: int) -> Arrival:
        self.instant_s = self.frame_s = time_s
        self._on_time = True
        self.number += 2
        return Arrival((1.0,), lost, True, jump=True)

    def _instants(self, time_s: float, passed: int, on_time: bool) -> list[float]:
        """Return the times of the instants that have passed, the last one the frame's own if it is on time."""
        step = (time_s - self.instant_s) / passed if on_time else self.period_s
        instants = [self.instant_s + j * step for j in range(1, passed + 1)]
        return [*instants[:-1], time_s] if on_time else instants
