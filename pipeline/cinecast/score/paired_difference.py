"""The mean difference of two errors over the same frames, and how sure it is: neighbouring frames are much alike."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# The quantile of Student's distribution for two batches is 12.7, so that an interval of theirs says nothing.
FEWEST_BATCHES = 3
_CONFIDENCE = 0.95


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
    known = differences[np.isfinite(differences)]
    if not len(known):
        return PairedDifference(math.nan, math.nan, math.nan)
    mean, count = float(known.mean()), len(known) // batch
    if count < FEWEST_BATCHES:
        return PairedDifference(mean, math.nan, math.nan)
    means = [float(part.mean()) for part in np.array_split(known, count)]
    half = student_quantile(count - 1) * float(np.std(means, ddof=1)) / math.sqrt(count)
    return PairedDifference(mean, mean - half, mean + half)


def student_quantile(degrees: int) -> float:
    """Return within what Student's distribution lies with a probability of 95 %, on both sides of 0.

    For whole degrees of freedom its probabilities are finite sums. A library for one number would take longer to load
    than all the rest of a page takes.
    """
    low, high = 0.0, 13.0  # of one degree it is 12.7, of more degrees less
    while (middle := (low + high) / 2) not in (low, high):
        low, high = (middle, high) if _within(middle, degrees) < _CONFIDENCE else (low, middle)
    return high


def _within(limit: float, degrees: int) -> float:
    """Return the probability of -limit to limit (Abramowitz and Stegun 1972, equations 26.7.3 and 26.7.4)."""
    is_odd, angle = degrees % 2, math.atan(limit / math.sqrt(degrees))
    cosine = math.cos(angle)
    total, term = 0.0, cosine if is_odd else 1.0
    for number in range(degrees // 2):
        total += term
        term *= cosine**2 * (2 * number + 1 + is_odd) / (2 * number + 2 + is_odd)
    return 2 / math.pi * (angle + math.sin(angle) * total) if is_odd else math.sin(angle) * total
