"""Which frames are named as not explained by the flow: those that leave far more than the train span usually does."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

# A frame is named if its share is so many robust deviations above the train span's median, and at least so much.
DEVIATIONS, LEAST_EXCESS = 5.0, 0.12
# The deviation of normal numbers is so many times the median of their distances from their median.
_NORMAL = 1.4826


def unexplained_limit(train_shares: Double, left_out: Collection[int] = ()) -> float:
    """Return the share above which far more of a frame is unexplained than of the typical frame of the train span.

    Parameters
    ----------
    train_shares
        From `cinecast.flow.unexplained.unexplained_shares`, shape (T,), of the train span.
    left_out
        Indices of frames that were not measured and are not typical.

    Returns
    -------
    float
        0 to 1.
    """
    typical = np.array([share for t, share in enumerate(train_shares) if t not in left_out])
    usual = float(np.median(typical))
    # Of the lower half alone: where motion is lost in many frames, they must not hide each other.
    spread = _NORMAL * float(np.median(usual - typical[typical <= usual]))
    return usual + max(DEVIATIONS * spread, LEAST_EXCESS)


def unexplained_frames(shares: Double, train_end: int, left_out: Collection[int] = ()) -> list[int]:
    """Return the frames of which far more is unexplained than of the typical frame of the train span.

    Parameters
    ----------
    shares
        From `cinecast.flow.unexplained.unexplained_shares`, shape (T,).
    train_end
        Number of frames of the train span, the first ones, which show what is typical; what is said of a later frame
        depends on no other later frame.
    left_out
        Indices of frames that were not measured: neither typical nor named.

    Returns
    -------
    list[int]
        Their indices, ascending.
    """
    limit = unexplained_limit(shares[:train_end], left_out)
    return [t for t, share in enumerate(shares) if share > limit and t not in left_out]
