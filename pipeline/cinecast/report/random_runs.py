"""Means over random runs, some of which may have diverged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mean_over_runs(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the first axis of what is finite; NaN where nothing is."""
    finite = np.isfinite(values)
    count = finite.sum(axis=0)
    total = np.where(finite, values, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))
