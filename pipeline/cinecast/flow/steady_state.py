"""From which frame on a recording is in steady state: the first frames after a pause are brighter, and soon settle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# A frame is settled within this share of the usual contrast, or within so many deviations of it where frames flicker.
SETTLED, DEVIATIONS = 0.02, 3.0
# The deviation of normal numbers is so many times the median of their distances from their median.
_NORMAL = 1.4826


def first_settled(contrasts: NDArray[np.float64]) -> int:
    """Return the first frame that is as bright as the train span is on the whole.

    It is settled within 2 % of the median over the train span, or within three robust deviations where frames flicker
    by more.

    Parameters
    ----------
    contrasts
        How bright each frame of the train span is, shape (T,): the standard deviation of its grey values, which an
        offset does not change.

    Returns
    -------
    int
        From this frame on the recording is in steady state; 0 where it is from the beginning.
    """
    usual = float(np.median(contrasts))
    distances = np.abs(contrasts - usual)
    tolerance = max(SETTLED * usual, DEVIATIONS * _NORMAL * float(np.median(distances)))
    return int(np.argmax(distances <= tolerance))
