"""Push the reference frame forward along a DVF: Gaussian splat, normalised (Nadaraya-Watson)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cinecast.flow.filters import floor
from cinecast.settings import WarpSettings


def warp(reference: NDArray[Any], dvf: NDArray[Any], settings: WarpSettings) -> NDArray[Any]:
    """Return the frame that the DVF predicts from the reference frame.

    Each pixel is sent to ``p + dvf[p]`` and spread by a Gaussian kernel over ``2 * half_window`` pixels in each
    direction; the sum is divided by the sum of kernel weights (METHOD C.4).

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    dvf
        Deformation, shape (H, W, 2), pixels, last axis (x, y).
    settings
        Settings of the stage.

    Returns
    -------
    Array of shape (H, W) with the dtype of the reference; 0 where no pixel lands.
    """
    values = splat(reference, dvf, sigma=settings.sigma, half_window=settings.half_window)
    if settings.arithmetic == "published":
        values = floor(values)
    elif reference.dtype.kind in "iu":
        values = np.rint(values)
    return np.asarray(values.astype(reference.dtype))


def splat(
    reference: NDArray[Any], dvf: NDArray[Any], *, sigma: float, half_window: int
) -> NDArray[np.float64]:
    """Return the unrounded push-forward of ``reference`` (H, W) along ``dvf`` (H, W, 2); see `warp`."""
    height, width = reference.shape
    sums, weights = np.zeros((height, width)), np.zeros((height, width))
    image, field = reference.astype(np.float64), np.ascontiguousarray(dvf, dtype=np.float64)
    _splat(image, field, 1.0 / (2.0 * sigma * sigma), half_window, sums, weights)
    return np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0)


@njit(cache=True, nogil=True)
def _splat(
    image: NDArray[np.float64],
    dvf: NDArray[np.float64],
    precision: float,
    half: int,
    sums: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    height, width = image.shape
    kernel_x, kernel_y = np.empty(2 * half), np.empty(2 * half)
    for row in range(height):
        for column in range(width):
            x, y = column + dvf[row, column, 0], row + dvf[row, column, 1]
            # A wild vector lands nowhere near the image; testing it first keeps the casts below in range.
            if not (-half - 1 < x < width + half and -half - 1 < y < height + half):
                continue
            left, top = math.floor(x) - half + 1, math.floor(y) - half + 1
            for i in range(2 * half):
                kernel_x[i] = math.exp(-((left + i - x) ** 2) * precision)
                kernel_y[i] = math.exp(-((top + i - y) ** 2) * precision)
            value = image[row, column]
            for i in range(max(0, -top), min(2 * half, height - top)):
                for j in range(max(0, -left), min(2 * half, width - left)):
                    weight = kernel_y[i] * kernel_x[j]
                    sums[top + i, left + j] += weight * value
                    weights[top + i, left + j] += weight
