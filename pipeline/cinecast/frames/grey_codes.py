"""Grey values that are no grey values: codes for "not measured" (-9999, 65535) that stand far outside all others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_FRAMES = 16


def doubt_of_grey_codes(train: NDArray[Any]) -> str | None:
    """Return the doubt that the lowest or the highest grey value is a code, or None.

    Parameters
    ----------
    train
        Grey values of the train span, shape (T, H, W); up to 16 frames of it count.

    Returns
    -------
    str | None
        One sentence; none where the gap to all other values is less than these have among themselves, or the value is
        0, which pads images.
    """
    frames = np.asarray(train[:: max(1, len(train) // _MOST_FRAMES)][:_MOST_FRAMES])
    for value in (frames.min(), frames.max()):
        others = frames[frames != value]
        if value == 0 or not len(others):
            continue
        low, high = float(others.min()), float(others.max())
        gap = max(low - float(value), float(value) - high)
        if gap > high - low > 0:
            share = 100 * (1 - len(others) / frames.size)
            return (
                f"the grey value {value:g} of {share:.2g} % of the pixels is far outside all others ({low:g} to "
                f"{high:g}): is it a code for what was not measured? Mask or fill such pixels"
            )
    return None
