"""From which frame on a recording is in steady state: the first frames after a pause are brighter, and soon settle."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# A frame is settled within this share of the usual contrast, or within so many deviations of it where frames flicker.
SETTLED, DEVIATIONS = 0.02, 3.0
# The deviation of normal numbers is so many times the median of their distances from their median.
_NORMAL = 1.4826


def steady_frames(frames: NDArray[Any], train_end: int) -> int:
    """Return the first frame that is as bright as the train span is on the whole.

    Brightness is measured by the standard deviation of the grey values, which an offset does not change. It is settled
    within 2 % of the median over the train span, or within three robust deviations where frames flicker by more.

    Parameters
    ----------
    frames
        Grey values, shape (T, H, W).
    train_end
        Number of frames of the train span, the first ones; later ones are not looked at.

    Returns
    -------
    int
        Index below `train_end`: from this frame on the recording is in steady state; 0 where it is from the beginning.
    """
    return first_settled(np.array([frame.std(dtype=np.float64) for frame in frames[:train_end]]))


def first_settled(contrasts: NDArray[np.float64]) -> int:
    """Return `steady_frames` by the standard deviation of the grey values of each frame of the train span, (T,)."""
    usual = float(np.median(contrasts))
    distances = np.abs(contrasts - usual)
    tolerance = max(SETTLED * usual, DEVIATIONS * _NORMAL * float(np.median(distances)))
    return int(np.argmax(distances <= tolerance))
