"""The inner loops of the geometric error, compiled: distances, and their mean, percentile and maximum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

# A percentile is looked for among the values of one bin of so many, a few dozen of a frame's.
_BINS = 1024
# Only values above so many times the mean are put into bins, as far as the percentile lies there.
_MEANS = (1.0, 1.5, 2.25, 3.0)
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
        Shape (2 N,), pixels, x and y in turn: rows of two numbers would be read one by one.
    along_rows, along_columns
        Length of a pixel in mm: y is scaled by the first, x by the second.

    Returns
    -------
    Array of shape (N,), mm; NaN where a vector is, infinite where a square is beyond the largest number.
    """
    out = np.empty(len(forecast) // 2)
    for i in range(len(out)):
        x = (np.float64(truth[2 * i]) - np.float64(forecast[2 * i])) * along_columns
        y = (np.float64(truth[2 * i + 1]) - np.float64(forecast[2 * i + 1])) * along_rows
        out[i] = np.sqrt(x * x + y * y)
    return out


@compiled(error_model="numpy")
def errors_of_parts(
    distance: NDArray[np.float64], pixels: NDArray[np.int32], ends: NDArray[np.int64], share: float
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return mean, percentile and maximum of some of a frame's distances.

    Parameters
    ----------
    distance
        Shape (H W,), mm.
    pixels
        Indices of the pixels of all parts, one part after another.
    ends
        Where each part begins, and the last ends.
    share
        As for `mean_percentile_and_largest`.

    Returns
    -------
    Array of shape (parts, 3), mm; NaN of a part without pixels.
    """
    out, kept = np.full((len(ends) - 1, 3), np.nan), np.empty(len(distance))
    for part in range(len(out)):
        count = ends[part + 1] - ends[part]
        if count == 0:
            continue
        own = distance
        if count < len(distance):
            own = kept[:count]
            for i in range(count):
                own[i] = distance[pixels[ends[part] + i]]
        out[part, 0], out[part, 1], out[part, 2] = mean_percentile_and_largest(own, share)
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
    mean, most = total(values) / count, _largest(values)
    if np.isnan(mean):
        return np.nan, np.nan, np.nan
    place = share * (count - 1)
    below = int(place)
    large = _largest_ones(values, count - below, mean)
    lower, upper = _two_smallest_from(large, len(large) - (count - below), most)
    return mean, lower + (upper - lower) * (place - below) if upper > lower else lower, most


@compiled(error_model="numpy", fastmath={"reassoc", "nsz"})
def total(values: NDArray[np.float64]) -> float:  # pragma: no cover - compiled
    """Return the sum of a row of numbers, added up in any order, the same at each call."""
    found = 0.0
    for i in range(len(values)):
        found += values[i]
    return found


@compiled(error_model="numpy")
def _largest(values: NDArray[np.float64]) -> float:  # pragma: no cover - compiled
    """Return the maximum of numbers that are 0 or more, of which none is NaN."""
    # Their bits, as whole numbers, are in the same order, and are compared by vector instructions.
    bits = values.view(np.int64)
    found = np.zeros(1, np.int64)
    most = np.int64(0)
    for i in range(len(bits)):
        most = max(most, bits[i])
    found[0] = most
    return np.float64(found.view(np.float64)[0])


@compiled(error_model="numpy")
def _largest_ones(
    values: NDArray[np.float64], needed: int, mean: float
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return all values above a limit, ``needed`` of them or more: a few, which are quickly put in order."""
    counts, limits = np.zeros(len(_MEANS), np.int64), mean * np.array(_MEANS)
    for number in range(len(limits)):
        counts[number] = _count_from(values, limits[number])
    for number in range(len(limits) - 1, -1, -1):
        if counts[number] >= needed:
            kept, found = np.empty(counts[number] + 1), 0
            for i in range(len(values)):
                kept[found] = values[i]
                found += values[i] >= limits[number]
            return kept[:found]
    return values


@compiled(error_model="numpy")
def _count_from(values: NDArray[np.float64], limit: float) -> int:  # pragma: no cover - compiled
    count = 0
    for i in range(len(values)):
        count += values[i] >= limit
    return count


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
