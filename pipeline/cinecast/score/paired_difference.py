"""The mean difference of two errors over the same frames, and how sure it is: neighbouring frames are much alike."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# The quantile of Student's distribution for two batches is 12.7, so that an interval of theirs says nothing.
FEWEST_BATCHES = 3
_UPPER_TAIL = 0.975


class PairedDifference(NamedTuple):
    """Mean difference, and the interval that it lies in with a confidence of 95 %; NaN where that is unknown."""

    mean: float
    low: float
    high: float


def paired_difference(differences: NDArray[np.float64], batch: int) -> PairedDifference:
    """Return the mean of differences of neighbouring frames, with its interval from the means of batches of them.

    Frames of one breath share their error, so that each of them is no new evidence; the means of batches of a breath
    or more hardly do. Their interval is that of Student's distribution (method of batch means; Law, Simulation
    Modeling and Analysis, 5th edition, section 9.5.3).

    Parameters
    ----------
    differences
        Difference of each frame, in their order, shape (T,); NaN where there is none, which counts for nothing.
    batch
        Length of a batch in frames, 1 or more.

    Returns
    -------
    PairedDifference
        In the unit of the differences. The interval is NaN where the frames fill fewer than three batches.
    """
    from scipy.special import stdtrit  # type: ignore[import-untyped]  # scipy ships no types

    known = differences[np.isfinite(differences)]
    if not len(known):
        return PairedDifference(math.nan, math.nan, math.nan)
    mean, count = float(known.mean()), len(known) // batch
    if count < FEWEST_BATCHES:
        return PairedDifference(mean, math.nan, math.nan)
    means = [float(part.mean()) for part in np.array_split(known, count)]
    half = float(stdtrit(count - 1, _UPPER_TAIL) * np.std(means, ddof=1) / math.sqrt(count))
    return PairedDifference(mean, mean - half, mean + half)
