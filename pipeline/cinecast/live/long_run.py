"""How two clocks run against each other over half a minute, whatever single frames do."""

from __future__ import annotations

from collections import deque

import numpy as np

# So many times of both clocks, so far apart in s. Each is held against that of so many times before: a delay of a
# frame, and a jump of a clock, are in a few of these intervals, and the median is that of the others.
_TIMES, _APART_S, _INTERVAL = 64, 0.5, 8


class LongRun:
    """The rate of one clock against another, from times of both."""

    def __init__(self) -> None:
        self._times: deque[tuple[float, float]] = deque(maxlen=_TIMES)

    def observe(self, own_s: float, other_s: float) -> float | None:
        """Take in what both clocks say at once.

        Parameters
        ----------
        own_s, other_s
            Times in s, each from any beginning.

        Returns
        -------
        float or None
            How many seconds of the first pass in one of the second, in the median over the newest half minute; None
            while less is known.
        """
        if self._times and other_s - self._times[-1][1] < _APART_S:
            return None
        self._times.append((own_s, other_s))
        if len(self._times) < _TIMES:
            return None
        times = np.array(self._times)
        passed = times[_INTERVAL:] - times[:-_INTERVAL]
        return float(np.median(passed[:, 0] / passed[:, 1]))
