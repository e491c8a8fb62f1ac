"""Where frames or samples come at another rate than the period that horizons are counted in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import INTERVAL_TOLERANCE, regular_intervals

# Jitter and the ticks of a clock change the mean of so many intervals by less.
SAME_RATE = 0.05
_BLOCKS, _LEAST_INTERVALS = 10, 20
# A rate has changed where so many intervals are those of the one rate before a frame, and of the other after it.
_EXPLAINED, _ALIKE = 0.9, 0.1


class OtherRate(NamedTuple):
    """Numbers of the first and the last frame among which some come at another rate, and their mean interval in s."""

    first: int
    last: int
    interval_s: float


def other_rate(times_s: NDArray[np.float64], period_s: float) -> OtherRate | None:
    """Return where the mean interval differs from the period by more than 5 %.

    An interval counts as one period within a quarter of it, so that a horizon there is up to a quarter longer or
    shorter than is said, and its error with it. Other intervals are gaps.

    Parameters
    ----------
    times_s
        Increasing times in s, shape (T,).
    period_s
        The period in s.

    Returns
    -------
    OtherRate or None
        The worst of up to ten parts; None where all keep the period.
    """
    intervals = np.diff(times_s)
    single = regular_intervals(intervals, period_s)
    parts = np.array_split(np.arange(len(intervals)), max(1, min(_BLOCKS, len(intervals) // _LEAST_INTERVALS)))
    means = np.array(
        [float(intervals[part][single[part]].mean()) if single[part].any() else period_s for part in parts]
    )
    off = np.abs(means / period_s - 1)
    others = np.flatnonzero(off > SAME_RATE)
    if len(others) == 0:
        return None
    return OtherRate(int(parts[others[0]][0]), int(parts[others[-1]][-1]) + 1, float(means[int(off.argmax())]))


class ChangedRate(NamedTuple):
    """The frame from which on frames come at another rate, and the intervals in s before and after it."""

    frame: int
    before_s: float
    after_s: float

    def __str__(self) -> str:
        return f"every {self.before_s:.4g} s up to frame {self.frame}, and every {self.after_s:.4g} s after it"

    @property
    def thinned(self) -> bool:
        """Whether those after it lie at instants of the clock before it, of which the others are lost."""
        return self._off_instants <= SAME_RATE

    @property
    def stretched(self) -> bool:
        """Whether those after it are taken for frames at such instants, though their time is another one."""
        return SAME_RATE < self._off_instants <= INTERVAL_TOLERANCE

    @property
    def periods(self) -> int:
        """The number of periods of the clock before it that an interval after it counts as, in both cases."""
        return round(self.after_s / self.before_s)

    @property
    def _off_instants(self) -> float:
        return abs(self.after_s / self.before_s - self.periods) if self.periods > 1 else float("inf")


def changed_rate(times_s: NDArray[np.float64]) -> ChangedRate | None:
    """Return where a recording goes on at another rate, by more than a quarter of an interval or by a fifth less.

    Parameters
    ----------
    times_s
        Increasing times in s, shape (T,).

    Returns
    -------
    ChangedRate or None
        None where nine of ten intervals are not explained by two rates, one after the other.
    """
    intervals = np.diff(times_s)
    if len(intervals) < 2 * _LEAST_INTERVALS:
        return None
    before, after = (float(np.median(part)) for part in (intervals[:_LEAST_INTERVALS], intervals[-_LEAST_INTERVALS:]))
    if max(before, after) < (1 + INTERVAL_TOLERANCE) * min(before, after):
        return None
    first, last = (np.abs(intervals / each - 1) <= _ALIKE for each in (before, after))
    explained = np.concatenate([[0], np.cumsum(first)]) + np.concatenate([np.cumsum(last[::-1])[::-1], [0]])
    frame = int(explained.argmax())
    return ChangedRate(frame, before, after) if explained[frame] >= _EXPLAINED * len(intervals) else None
