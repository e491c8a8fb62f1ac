"""How far frames are from constant brightness, which a flow takes for granted that is not freed of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Above this spread, tissue that only changes its brightness is taken for tissue that moves, by many pixels at edges.
LARGEST_TRUSTED_SPREAD = 0.05


def brightness_spread(frames: NDArray[Any]) -> float:
    """Return the 5th to 95th percentile range of the frames' mean grey values over their median, without unit.

    Parameters
    ----------
    frames
        Grey values, shape (T, H, W).

    Returns
    -------
    float
        0 for frames of equal brightness; NaN where the median of the means is 0.
    """
    means = np.array([frame.mean(dtype=np.float64) for frame in frames])
    low, middle, high = np.percentile(means, [5, 50, 95])
    return float((high - low) / abs(middle)) if middle != 0 else float("nan")
