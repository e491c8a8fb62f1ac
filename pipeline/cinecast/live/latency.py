"""Latencies of any number of frames in memory that does not grow."""

from __future__ import annotations

import math

import numpy as np

# Milliseconds from the smallest to the largest that are told apart, in steps of one per cent.
_SMALLEST, _LARGEST, _STEP = 1e-3, 1e6, 1.01


class Latencies:
    """Counts latencies in classes one per cent wide; the worst is exact."""

    def __init__(self) -> None:
        self.count = 0
        self.worst = math.nan
        self._classes = np.zeros(self._class_of(_LARGEST) + 1, dtype=np.int64)

    def add(self, milliseconds: float) -> None:
        """Count one latency in ms."""
        self.count += 1
        self.worst = milliseconds if self.count == 1 else max(self.worst, milliseconds)
        self._classes[self._class_of(min(max(milliseconds, _SMALLEST), _LARGEST))] += 1

    def percentile(self, share: float) -> float:
        """Return the latency in ms that `share` per cent do not exceed, to one per cent; NaN where there is none."""
        if self.count == 0:
            return math.nan
        reached = np.cumsum(self._classes) >= self.count * share / 100
        return min(self.worst, _SMALLEST * _STEP ** (int(np.argmax(reached)) + 1))

    @staticmethod
    def _class_of(milliseconds: float) -> int:
        return int(math.log(milliseconds / _SMALLEST) / math.log(_STEP))
