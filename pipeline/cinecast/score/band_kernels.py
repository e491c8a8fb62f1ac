"""The inner loop of the scores of bands, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled


@compiled(error_model="numpy")
def single_precision(
    distance: NDArray[np.float64], largest: float
) -> NDArray[np.float32]:  # pragma: no cover - compiled
    """Return numbers in half their precision.

    Parameters
    ----------
    distance
        Shape (N,).
    largest
        What larger ones become.

    Returns
    -------
    Array of shape (N,); NaN where a number is.
    """
    out = np.empty(len(distance), np.float32)
    for i in range(len(out)):
        out[i] = np.float32(largest if distance[i] > largest else distance[i])
    return out


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
        of_row = _count_in_row(distance[row], radius[row])
        inside, counted, total = inside + of_row[0], counted + of_row[1], total + of_row[2]
    return inside, counted, total


@compiled(error_model="numpy", fastmath={"reassoc", "nsz"})  # sums in any order, the same at each call
def _count_in_row(
    distance: NDArray[np.float32], radius: NDArray[np.float32]
) -> tuple[int, int, float]:  # pragma: no cover - compiled
    inside, counted, total = 0, 0, 0.0
    for i in range(len(radius)):
        counts = (distance[i] > 0) | (radius[i] > 0)
        counted += counts
        inside += counts & (distance[i] <= radius[i])
        total += np.float64(radius[i])
    return inside, counted, total
