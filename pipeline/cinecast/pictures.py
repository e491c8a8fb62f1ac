"""How grey values and errors are shown at first; the page lets its reader change both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# The brightest pixels (vessels at inflow) and the darkest say little; without them the rest has more contrast.
WINDOW_PERCENTILES = (0.5, 99.5)
_DIFFERENCE_PERCENTILE = 98
# Ends of colour scales that people read easily, in mm.
MILLIMETRES = (0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)


class Window(NamedTuple):
    """Grey values shown as black and as white."""

    low: float
    high: float


def grey_window(frames: NDArray[Any]) -> Window:
    """Return the robust range of grey values of some frames, or their full range where that is empty."""
    low, high = (outer_percentile(frames, frames.size, percent) for percent in WINDOW_PERCENTILES)
    if low == high:  # an image that is nearly all background
        low, high = frames.min(), frames.max()
    return Window(float(low), float(high))


def to_levels(frames: NDArray[Any], window: Window) -> NDArray[np.uint8]:
    """Return grey values as levels 0 (at or below the window) to 255 (at or above it).

    Parameters
    ----------
    frames
        Finite grey values of any shape.
    window
        The grey values shown as 0 and as 255; its ends differ.

    Returns
    -------
    NDArray[np.uint8]
        Of the same shape, linear between the ends of the window.
    """
    scaled = (frames.astype(np.float64) - window.low) / (window.high - window.low)
    levels: NDArray[np.uint8] = np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return levels


def difference_limit(real: NDArray[Any], reference: NDArray[Any], window: Window) -> int:
    """Return the end of the colour scale of difference images, in percent of the window.

    Parameters
    ----------
    real
        Real test frames, shape (N, H, W).
    reference
        Reference frame, shape (H, W): what a forecast that knows nothing of motion shows. At most one of its pixels
        in 50 differs from the real frames by more than the limit, unless that is 100.
    window
        The grey values shown.

    Returns
    -------
    int
        A multiple of 5, from 5 to 100.
    """
    differences = (np.abs(frame.astype(np.float64) - reference) for frame in real)
    largest = outer_percentile(differences, real.size, _DIFFERENCE_PERCENTILE) / (window.high - window.low)
    return int(np.clip(np.ceil(largest * 20) * 5, 5, 100))


def outer_percentile(parts: Iterable[NDArray[Any]], count: int, percent: float) -> float:
    """Return a percentile, as `numpy.percentile` does, of numbers that memory need not hold at once.

    Parameters
    ----------
    parts
        The numbers, a part after another; none is NaN.
    count
        How many there are in all, 1 or more.
    percent
        0 to 100. Those beyond it are held: the nearer to either end, the fewer.

    Returns
    -------
    float
        Interpolated linearly.
    """
    place = percent / 100 * (count - 1)
    below = int(place)
    is_upper = percent > 50
    needed = count - below if is_upper else min(below + 2, count)
    held, number, limit = [np.zeros(0)], 0, None
    for part in parts:
        own = part.ravel()
        if limit is not None:
            own = own[own >= limit] if is_upper else own[own <= limit]
        held.append(own.astype(np.float64))
        number += len(own)
        if number > 2 * needed + part.size:
            kept = _extreme(np.concatenate(held), needed, is_upper)
            held, number, limit = [kept], needed, kept.min() if is_upper else kept.max()
    ordered = np.sort(_extreme(np.concatenate(held), needed, is_upper))
    lower, upper = (ordered[:2] if is_upper else ordered[-2:])[[0, -1]]
    return float(lower + (upper - lower) * (place - below))


def _extreme(values: NDArray[np.float64], count: int, is_upper: bool) -> NDArray[np.float64]:
    """Return so many of the largest, or the smallest, numbers in any order."""
    if count >= len(values):
        return values
    ordered = np.partition(values, len(values) - count if is_upper else count - 1)
    return np.asarray(ordered[-count:] if is_upper else ordered[:count])


def error_limit_mm(errors: Sequence[float]) -> float:
    """Return the end of the colour scale of errors in mm: the first readable number that none of the errors exceeds."""
    finite = [error for error in errors if np.isfinite(error)]
    return next((limit for limit in MILLIMETRES if finite and limit >= max(finite)), MILLIMETRES[-1])
