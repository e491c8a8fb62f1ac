"""The inner loop of the errors at landmarks, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled


@compiled(error_model="numpy")
def interpolated(
    dvf: NDArray[np.floating], corner: NDArray[np.int64], within: NDArray[np.float64]
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return a DVF at places between its pixels, interpolated bilinearly.

    Parameters
    ----------
    dvf
        Shape (H, W, 2), pixels, last axis (x, y).
    corner
        The pixel up and left of each place, shape (N, 2), (x, y).
    within
        How far the place lies beyond it, shape (N, 2), 0 to 1.

    Returns
    -------
    Array of shape (N, 2), pixels, (x, y).
    """
    out = np.empty((len(corner), 2))
    for place in range(len(out)):
        x, y = corner[place]
        right, down = within[place]
        # An image of one row or column has no pixel beyond.
        next_x, next_y = min(x + 1, dvf.shape[1] - 1), min(y + 1, dvf.shape[0] - 1)
        for axis in range(2):
            above = (1 - right) * np.float64(dvf[y, x, axis]) + right * np.float64(dvf[y, next_x, axis])
            below = (1 - right) * np.float64(dvf[next_y, x, axis]) + right * np.float64(dvf[next_y, next_x, axis])
            out[place, axis] = (1 - down) * above + down * below
    return out
