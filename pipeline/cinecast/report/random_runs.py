"""Random runs, some of which diverged: as in the scores, such a run counts for nothing, even where it began well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def finished_runs(values: NDArray[np.float64], last: int = -1) -> NDArray[np.float64]:
    """Return the runs that did not diverge.

    Parameters
    ----------
    values
        Numbers of each run and frame, shape (R, frames, ...), NaN where there is none.
    last
        Index of the last test frame: a run that diverges has no numbers from then on.

    Returns
    -------
    Shape (R', frames, ...), R' being the number of runs that have a number at the last test frame, perhaps none.
    """
    at_end = np.isfinite(values[:, last])
    return values[at_end.any(axis=tuple(range(1, at_end.ndim)))]


def mean_over_runs(values: NDArray[np.float64], last: int = -1) -> NDArray[np.float64]:
    """Return the mean of what is finite over the runs that did not diverge.

    Parameters
    ----------
    values
        Numbers of each run and frame, shape (R, frames, ...), NaN where there is none.
    last
        Index of the last test frame, as in `finished_runs`.

    Returns
    -------
    Shape (frames, ...); NaN where no run has a number.
    """
    kept = finished_runs(values, last)
    finite = np.isfinite(kept)
    count = finite.sum(axis=0)
    total = np.where(finite, kept, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))
