"""The inner loops of structural similarity, compiled: windowed means of two images and their products in one pass.

Written row by row, each step a plain loop over a row, because such loops become vector instructions. Each row is
filtered once, and kept until no window needs it. The eleven weights of the window stand in the code one by one: a loop
over them would write each sum to memory and read it again eleven times.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

# Means of the predicted image, of the sum of both images' squares and of their product; that of the real is known.
_MOMENTS = 3
SIZE = 11


@compiled(error_model="numpy")
def means_of_windows(
    image: NDArray[np.float64], window: NDArray[np.float64]
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return the mean of each window that lies in the image as a whole.

    Parameters
    ----------
    image
        Shape (H, W), at least `SIZE` in both directions.
    window
        As for `similarity_of_windows`.

    Returns
    -------
    Array of shape (H - 10, W - 10): element (0, 0) is that of the window around pixel (5, 5).
    """
    height, width = image.shape
    out = np.empty((height - SIZE + 1, width - SIZE + 1))
    filtered = np.empty((SIZE, width - SIZE + 1))
    for row in range(height):
        _filter_row(image[row], window, filtered[row % SIZE])
        if row >= SIZE - 1:
            _filter_columns(filtered, row + 1, window, out[row - SIZE + 1])
    return out


@compiled(error_model="numpy")
def similarity_of_windows(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    of_b: NDArray[np.float64],
    window: NDArray[np.float64],
    c1: float,
    c2: float,
    out: NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    """Write the SSIM of each window that lies in the image as a whole.

    Parameters
    ----------
    a, b
        Images, shape (H, W), each at least `SIZE` in both directions.
    of_b
        `means_of_windows` of the second, which many images may be compared with.
    window
        Weights along one direction, shape (`SIZE`,), symmetric, with the sum 1; the window is their outer product.
    c1, c2
        The constants of Wang et al. 2004, equation 13, in squared grey levels.
    out
        Shape (H - 10, W - 10): element (0, 0) is that of the window around pixel (5, 5).
    """
    height, width = a.shape
    wide = width - SIZE + 1
    rows = np.empty((_MOMENTS, width))
    filtered = np.empty((SIZE, _MOMENTS * wide))
    means = np.empty(_MOMENTS * wide)
    for row in range(height):
        _products(a[row], b[row], rows)
        kept = filtered[row % SIZE].reshape((_MOMENTS, wide))
        for moment in range(_MOMENTS):
            _filter_row(rows[moment], window, kept[moment])
        if row >= SIZE - 1:
            _filter_columns(filtered, row + 1, window, means)
            _similarity(means.reshape((_MOMENTS, wide)), of_b[row - SIZE + 1], c1, c2, out[row - SIZE + 1])


@compiled(error_model="numpy")
def _products(
    a: NDArray[np.float64], b: NDArray[np.float64], out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write a row of the first image, of the sum of both images' squares and of their product, shape (3, W)."""
    for i in range(len(a)):
        out[0, i] = a[i]
        out[1, i] = a[i] * a[i] + b[i] * b[i]
        out[2, i] = a[i] * b[i]


@compiled(error_model="numpy")
def _filter_row(
    v: NDArray[np.float64], window: NDArray[np.float64], out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write the weighted means along a row; weights at both ends of the window are alike, so pixels are paired."""
    w0, w1, w2, w3, w4, w5 = window[0], window[1], window[2], window[3], window[4], window[5]
    for i in range(len(out)):
        outer = w0 * (v[i] + v[i + 10]) + w1 * (v[i + 1] + v[i + 9]) + w2 * (v[i + 2] + v[i + 8])
        out[i] = outer + w3 * (v[i + 3] + v[i + 7]) + w4 * (v[i + 4] + v[i + 6]) + w5 * v[i + 5]


@compiled(error_model="numpy")
def _filter_columns(
    rows: NDArray[np.float64], oldest: int, window: NDArray[np.float64], out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write the weighted means over rows to (N,). The rows are a ring (11, N); ``oldest % 11`` is the oldest."""
    w0, w1, w2, w3, w4, w5 = window[0], window[1], window[2], window[3], window[4], window[5]
    r0, r1, r2, r3 = (
        rows[oldest % SIZE],
        rows[(oldest + 1) % SIZE],
        rows[(oldest + 2) % SIZE],
        rows[(oldest + 3) % SIZE],
    )
    r4, r5, r6, r7 = (
        rows[(oldest + 4) % SIZE],
        rows[(oldest + 5) % SIZE],
        rows[(oldest + 6) % SIZE],
        rows[(oldest + 7) % SIZE],
    )
    r8, r9, r10 = rows[(oldest + 8) % SIZE], rows[(oldest + 9) % SIZE], rows[(oldest + 10) % SIZE]
    for i in range(len(out)):
        outer = w0 * (r0[i] + r10[i]) + w1 * (r1[i] + r9[i]) + w2 * (r2[i] + r8[i])
        out[i] = outer + w3 * (r3[i] + r7[i]) + w4 * (r4[i] + r6[i]) + w5 * r5[i]


@compiled(error_model="numpy")
def _similarity(
    means: NDArray[np.float64], of_b: NDArray[np.float64], c1: float, c2: float, out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write the SSIM of a row of windows from their means; variances and covariance are those of all pixels."""
    for i in range(len(out)):
        product = means[0, i] * of_b[i]
        squares = means[0, i] * means[0, i] + of_b[i] * of_b[i]
        covariance, variances = means[2, i] - product, means[1, i] - squares
        out[i] = ((2.0 * product + c1) * (2.0 * covariance + c2)) / ((squares + c1) * (variances + c2))
