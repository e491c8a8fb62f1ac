"""The inner loop of the geometric error, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled


@compiled(error_model="numpy")
def distances(
    forecast: NDArray[np.floating], truth: NDArray[np.floating], along_rows: float, along_columns: float
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return the distance between vectors.

    Parameters
    ----------
    forecast, truth
        Shape (N, 2), pixels, last axis (x, y).
    along_rows, along_columns
        Length of a pixel in mm: y is scaled by the first, x by the second.

    Returns
    -------
    Array of shape (N,), mm; NaN where a vector is.
    """
    out = np.empty(len(forecast))
    for i in range(len(out)):
        x = (np.float64(truth[i, 0]) - np.float64(forecast[i, 0])) * along_columns
        y = (np.float64(truth[i, 1]) - np.float64(forecast[i, 1])) * along_rows
        out[i] = np.sqrt(x * x + y * y)
    return out
