"""The inner loops of the flow, compiled: bilinear warp with residual, and the 2x2 solve."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Image = NDArray[np.float64]


@njit(cache=True, nogil=True, inline="always")
def _rounded(value):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    return np.floor(value + 0.5)


@njit(cache=True, nogil=True, inline="always")
def _bilinear(image, x, y, whole):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Interpolate at (x, y), finite and below 2^62; pixels outside count as 0.

    Weights are exact: cv2.remap rounds them to 1/32 pixel. Whole numbers are compared, not x and y, because these
    tests compile to selections instead of branches: less than half the time.

    With ``whole`` every product and sum is rounded, rows of pixels first: so the published code treats integer frames.
    """
    rows, columns = image.shape
    column, row = int(np.floor(x)), int(np.floor(y))
    if column < -1 or row < -1 or column >= columns or row >= rows:
        return 0.0
    a, b = x - column, y - row
    top_left = image[row, column] if row >= 0 and column >= 0 else 0.0
    top_right = image[row, column + 1] if row >= 0 and column + 1 < columns else 0.0
    low_left = image[row + 1, column] if row + 1 < rows and column >= 0 else 0.0
    low_right = image[row + 1, column + 1] if row + 1 < rows and column + 1 < columns else 0.0
    if whole:
        left = _rounded((1 - b) * top_left) + _rounded(b * low_left)
        right = _rounded((1 - b) * top_right) + _rounded(b * low_right)
        return _rounded((1 - a) * left) + _rounded(a * right)
    return (1 - b) * ((1 - a) * top_left + a * top_right) + b * ((1 - a) * low_left + a * low_right)


@njit(cache=True, nogil=True)
def pull_back(frame: Image, flow: Image, out: Image) -> None:  # pragma: no cover - compiled
    """Write into ``out`` the frame sampled at ``p + flow[p]`` (bilinear, 0 outside)."""
    rows, columns = frame.shape
    for y in range(rows):
        for x in range(columns):
            out[y, x] = _bilinear(frame, x + flow[y, x, 0], y + flow[y, x, 1], False)


@njit(cache=True, nogil=True)
def residual_moments(
    reference: Image, frame: Image, flow: Image, gradient_x: Image, gradient_y: Image, out: Image, whole: bool
) -> None:  # pragma: no cover - compiled
    """Write gradient times (reference - frame pulled back by the flow), (H, W, 2): the right-hand side unsmoothed.

    With ``whole`` the frame is interpolated in whole numbers.
    """
    rows, columns = frame.shape
    for y in range(rows):
        for x in range(columns):
            difference = reference[y, x] - _bilinear(frame, x + flow[y, x, 0], y + flow[y, x, 1], whole)
            out[y, x, 0] = gradient_x[y, x] * difference
            out[y, x, 1] = gradient_y[y, x] * difference


@njit(cache=True, nogil=True)
def invert_normal_matrices(
    xx: Image, xy: Image, yy: Image, determinant_limit: float, tolerance: float
) -> tuple[Image, Image, Image]:  # pragma: no cover - compiled
    """Pseudo-invert every symmetric 2x2 matrix ``[[xx, xy], [xy, yy]]``.

    A matrix counts as rank one where its determinant is at most ``determinant_limit`` and its smaller eigenvalue at
    most ``tolerance`` times the larger; then only the larger one's direction is inverted, and nothing where both
    are 0.
    """
    inverse_xx, inverse_xy, inverse_yy = np.empty_like(xx), np.empty_like(xx), np.empty_like(xx)
    for y in range(xx.shape[0]):
        for x in range(xx.shape[1]):
            a, b, c = xx[y, x], xy[y, x], yy[y, x]
            determinant = a * c - b * b
            largest = 0.5 * (a + c) + np.sqrt(0.25 * (a - c) ** 2 + b * b)
            squared = largest * largest
            if squared == 0.0:
                inverse_xx[y, x], inverse_xy[y, x], inverse_yy[y, x] = 0.0, 0.0, 0.0
            elif abs(determinant) <= determinant_limit and abs(determinant) <= tolerance * squared:
                inverse_xx[y, x], inverse_xy[y, x], inverse_yy[y, x] = a / squared, b / squared, c / squared
            else:
                inverse_xx[y, x] = c / determinant
                inverse_xy[y, x] = -b / determinant
                inverse_yy[y, x] = a / determinant
    return inverse_xx, inverse_xy, inverse_yy


@njit(cache=True, nogil=True)
def add_increment(
    flow: Image, inverse_xx: Image, inverse_xy: Image, inverse_yy: Image, moments: Image
) -> None:  # pragma: no cover - compiled
    """Add ``inverse @ moments`` to the flow (H, W, 2) in place; border pixels are set to 0."""
    rows, columns = inverse_xx.shape
    flow[0], flow[rows - 1] = 0.0, 0.0
    flow[:, 0], flow[:, columns - 1] = 0.0, 0.0
    for y in range(1, rows - 1):
        for x in range(1, columns - 1):
            p, q = moments[y, x, 0], moments[y, x, 1]
            flow[y, x, 0] += inverse_xx[y, x] * p + inverse_xy[y, x] * q
            flow[y, x, 1] += inverse_xy[y, x] * p + inverse_yy[y, x] * q


@njit(cache=True, nogil=True)
def to_finer_level(flow: Image, rows: int, columns: int) -> Image:  # pragma: no cover - compiled
    """Return ``2 * flow[i // 2, j // 2]`` on a grid of the given size."""
    finer = np.empty((rows, columns, 2))
    for y in range(rows):
        for x in range(columns):
            finer[y, x, 0] = 2.0 * flow[y // 2, x // 2, 0]
            finer[y, x, 1] = 2.0 * flow[y // 2, x // 2, 1]
    return finer
