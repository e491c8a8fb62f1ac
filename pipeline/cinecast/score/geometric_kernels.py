"""The inner loops of the geometric error, compiled: distances, and their mean, percentile and maximum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

# Sums are kept in so many parts: a vector instruction adds to several of them at once.
_LANES = 16
# A percentile is looked for among the values of one bin of so many, a few dozen of a frame's.
_BINS = 1024
# Beyond these, bins would have no width, or one without end.
_SMALLEST, _LARGEST = 1e-300, 1e300


@compiled(error_model="numpy")
def distances(
    forecast: NDArray[np.floating], truth: NDArray[np.floating], along_rows: float, along_columns: float
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return the distance between vectors.

    Parameters
    ----------
    forecast, truth
        Shape (N, 2), pixels, last axis (x, y).
    along_rows, along_columns
        Length of a pixel in mm: y is scaled by the first, x by the second.

    Returns
    -------
    Array of shape (N,), mm; NaN where a vector is, infinite where a square is beyond the largest number.
    """
    out = np.empty(len(forecast))
    for i in range(len(out)):
        x = (np.float64(truth[i, 0]) - np.float64(forecast[i, 0])) * along_columns
        y = (np.float64(truth[i, 1]) - np.float64(forecast[i, 1])) * along_rows
        out[i] = np.sqrt(x * x + y * y)
    return out


@compiled(error_model="numpy")
def mean_percentile_and_largest(
    values: NDArray[np.float64], share: float
) -> tuple[float, float, float]:  # pragma: no cover - compiled
    """Return the mean, a percentile, interpolated linearly as `numpy.percentile` does, and the maximum.

    Parameters
    ----------
    values
        Shape (N,), N at least 1, 0 or more.
    share
        Share of the values below the percentile, 0 to 1.

    Returns
    -------
    Three numbers in the unit of the values; NaN where a value is.
    """
    count = len(values)
    sums, largest = np.zeros(_LANES), np.zeros(_LANES)
    for i in range(0, count - _LANES + 1, _LANES):
        for lane in range(_LANES):
            sums[lane] += values[i + lane]
            largest[lane] = max(largest[lane], values[i + lane])
    for i in range(count - count % _LANES, count):
        sums[0] += values[i]
        largest[0] = max(largest[0], values[i])
    mean, most = sums.sum() / count, largest.max()
    if np.isnan(mean):
        return np.nan, np.nan, np.nan
    place = share * (count - 1)
    below = int(place)
    lower, upper = _two_smallest_from(values, below, most)
    return mean, lower + (upper - lower) * (place - below) if upper > lower else lower, most


@compiled(error_model="numpy")
def _two_smallest_from(
    values: NDArray[np.float64], rank: int, largest: float
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Return the values that come at a rank, counted from 0, and after it, in order of size; both alike at the end."""
    if not _SMALLEST < largest < _LARGEST:
        ordered = np.sort(values)
        return ordered[rank], ordered[min(rank + 1, len(values) - 1)]
    scale = (_BINS - 1) / largest
    bins = np.zeros(_BINS, np.int64)
    for i in range(len(values)):
        bins[int(values[i] * scale)] += 1
    chosen, before = 0, 0
    while before + bins[chosen] <= rank:
        before += bins[chosen]
        chosen += 1
    last = chosen
    while before + bins[chosen : last + 1].sum() < min(rank + 2, len(values)):
        last += 1
    kept, found = np.empty(bins[chosen : last + 1].sum()), 0
    for i in range(len(values)):
        if chosen <= int(values[i] * scale) <= last:
            kept[found] = values[i]
            found += 1
    kept.sort()
    return kept[rank - before], kept[min(rank - before + 1, found - 1)]
