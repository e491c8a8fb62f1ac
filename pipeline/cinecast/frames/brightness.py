"""How far frames are from constant brightness, and which of them were cut off where they are brightest."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Above this spread, tissue that only changes its brightness is taken for tissue that moves, by many pixels at edges.
LARGEST_TRUSTED_SPREAD = 0.05
# Of recorded frames 0.01 % of the pixels are the brightest. Where it is more than this share they were cut off.
LARGEST_BRIGHTEST_SHARE, FEWEST_CLIPPED = 0.005, 10


def brightness_spread(frames: NDArray[Any], left_out: Collection[int] = ()) -> float:
    """Return the 5th to 95th percentile range of the frames' mean grey values over their median, without unit.

    Grey values count from black, so a constant on all of them, as of a rescale intercept or z-scores, says nothing.

    Parameters
    ----------
    frames
        Grey values, shape (T, H, W).
    left_out
        Indices of faulty frames, of which the motion is held: their brightness is taken for no motion.

    Returns
    -------
    float
        0 for frames of equal brightness; NaN where half of the frames show nothing but black, or all are left out.
    """
    kept = [frame for t, frame in enumerate(frames) if t not in left_out]
    if not kept:
        return float("nan")
    means = np.array([frame.mean(dtype=np.float64) for frame in kept])
    black = float(np.median([frame.min() for frame in kept]))  # the lowest grey value of most frames
    low, middle, high = np.percentile(means, [5, 50, 95])
    return float((high - low) / (middle - black)) if middle > black else float("nan")


def clipped_frames(frames: NDArray[Any], left_out: Collection[int] = ()) -> list[int]:
    """Return the frames of which many pixels share the frame's largest grey value.

    A display window or a small integer type cuts off what is brighter. Nothing is seen to move there, and where a frame
    is cut off more than another its edges move.

    Parameters
    ----------
    frames
        Grey values, shape (T, H, W).
    left_out
        Indices of faulty frames, which may show nothing at all.

    Returns
    -------
    list[int]
        Their indices, ascending.
    """
    fewest = max(FEWEST_CLIPPED, LARGEST_BRIGHTEST_SHARE * frames[0].size)
    kept = (t for t in range(len(frames)) if t not in left_out)
    return [t for t in kept if np.count_nonzero(frames[t] == frames[t].max()) > fewest]
