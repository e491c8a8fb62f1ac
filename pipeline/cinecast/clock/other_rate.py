"""Where frames or samples come at another rate than the period that horizons are counted in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import regular_intervals

# Jitter and the ticks of a clock change the mean of so many intervals by less.
SAME_RATE = 0.05
_BLOCKS, _LEAST_INTERVALS = 10, 20


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
