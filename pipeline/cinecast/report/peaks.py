"""The maxima of a signal that stand out from what lies around them.

They are those of ``scipy.signal.find_peaks``, to import which takes longer than all the rest of a report.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def find_peaks(signal: NDArray[np.float64], prominence: float) -> NDArray[np.int64]:
    """Return where a signal has maxima of some prominence.

    Parameters
    ----------
    signal
        Shape (T,).
    prominence
        How far the signal has to fall on both sides of a maximum before it rises above it, or ends.

    Returns
    -------
    NDArray[np.int64]
        Indices in rising order; of equal samples in a row the one in the middle, the earlier of two. The ends of the
        signal are no maxima.
    """
    peaks = [(first + last) // 2 for first, last in _maxima(signal)]
    return np.array([t for t in peaks if _prominence(signal, t) >= prominence], dtype=np.int64)


def _maxima(signal: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the first and last sample of each stretch of equal samples that rises above both neighbours."""
    turns = np.flatnonzero(np.diff(signal)) + 1
    firsts, lasts = np.concatenate([[0], turns]), np.concatenate([turns - 1, [len(signal) - 1]])
    heights = signal[firsts]
    inner = np.flatnonzero((heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])) + 1
    return [(int(firsts[i]), int(lasts[i])) for i in inner]


def _prominence(signal: NDArray[np.float64], peak: int) -> float:
    """Return how far a maximum rises above the higher one of the lowest samples on either side."""
    lowest = []
    for side in (signal[: peak + 1][::-1], signal[peak:]):
        higher = np.flatnonzero(side > signal[peak])
        lowest.append(side[: higher[0]].min() if len(higher) else side.min())
    return float(signal[peak] - max(lowest))
