"""The inner loop of the scores of bands, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled


@compiled(error_model="numpy")
def count_inside(
    distance: NDArray[np.float32], radius: NDArray[np.float32]
) -> tuple[int, int, float]:  # pragma: no cover - compiled
    """Return how many pixels lie within their radius, of how many that count, and the sum of all radii.

    Parameters
    ----------
    distance, radius
        Shape (H, W), mm.

    Returns
    -------
    inside, counted
        Numbers of pixels; one counts where its distance or its radius is above 0.
    total
        Sum of the radii of all pixels, mm; NaN where one is.
    """
    inside, counted, total = 0, 0, 0.0
    for row in range(distance.shape[0]):
        of_row = 0.0
        for i in range(distance.shape[1]):
            counts = (distance[row, i] > 0) | (radius[row, i] > 0)
            counted += counts
            inside += counts & (distance[row, i] <= radius[row, i])
            of_row += np.float64(radius[row, i])
        total += of_row
    return inside, counted, total
