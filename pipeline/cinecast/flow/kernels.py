"""The inner loops of the flow, compiled: bilinear warp with residual, and the 2x2 solve.

All but `invert_normal_matrices` work in single or double precision, that of the arrays they are given.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

Image = NDArray[np.floating[Any]]
Double = NDArray[np.float64]

# Width in pixels of the zeros around a frame that is sampled, so that no pixel near the edge needs a test.
MARGIN = 2
# Farther than any image reaches (pixels), and small enough to be cast to an index.
OUTSIDE = 1e6

_inlined: Any = compiled(inline="always")


@compiled()
def surround(frame: Image, out: Image) -> None:  # pragma: no cover - compiled
    """Write the frame into the middle of an array that is ``MARGIN`` wider on all sides.

    Parameters
    ----------
    frame
        Shape (H, W).
    out
        Shape (H + 2 * MARGIN, W + 2 * MARGIN); its margin, of zeros, is left alone.
    """
    rows, columns = frame.shape
    for y in range(rows):
        for x in range(columns):
            out[y + MARGIN, x + MARGIN] = frame[y, x]


@_inlined
def _rounded(value, half):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    return np.floor(value + half)


@_inlined
def _sample(pixels, rows, columns, y, x, along_x, along_y, whole):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Interpolate bilinearly at ``(x + along_x, y + along_y)``; pixels outside count as 0, NaN points outside.

    ``pixels`` are those of a frame of ``(rows, columns)`` with its margin. Fractions come from the vector alone, where
    single precision has digits to spare. They are exact: cv2.remap rounds them to 1/32 pixel. Branches are avoided:
    as selections these tests take less than half the time.

    With ``whole`` every product and sum is rounded, rows of pixels first: so the published code treats integer frames.
    """
    number = pixels.dtype.type
    one, half, limit, margin = number(1), number(0.5), number(OUTSIDE), np.int32(MARGIN)
    along_x = along_x if (along_x > -limit) & (along_x < limit) else limit
    along_y = along_y if (along_y > -limit) & (along_y < limit) else limit
    left, top = np.floor(along_x), np.floor(along_y)
    a, b = along_x - left, along_y - top
    column = min(max(np.int32(x) + np.int32(left), -margin), np.int32(columns)) + margin
    row = min(max(np.int32(y) + np.int32(top), -margin), np.int32(rows)) + margin
    # Unsigned, as a signed index would be tested for being negative.
    line = np.int32(columns) + margin + margin
    upper = np.uintp(row * line + column)
    lower = upper + np.uintp(line)
    top_left, top_right = pixels[upper], pixels[upper + np.uintp(1)]
    low_left, low_right = pixels[lower], pixels[lower + np.uintp(1)]
    if whole:
        left_side = _rounded((one - b) * top_left, half) + _rounded(b * low_left, half)
        right_side = _rounded((one - b) * top_right, half) + _rounded(b * low_right, half)
        return _rounded((one - a) * left_side, half) + _rounded(a * right_side, half)
    return (one - b) * ((one - a) * top_left + a * top_right) + b * ((one - a) * low_left + a * low_right)


@compiled()
def pull_back(surrounded: Image, flow: Image, out: Image) -> None:  # pragma: no cover - compiled
    """Write the frame sampled at ``p + flow[p]``: bilinear, 0 outside.

    Parameters
    ----------
    surrounded
        The frame with its margin of zeros; see `surround`.
    flow
        Shape (H, W, 2), pixels, last axis (x = column, y = row); NaN points outside.
    out
        Shape (H, W), written on.
    """
    rows, columns = out.shape
    pixels = surrounded.reshape(surrounded.size)
    for y in range(rows):
        for x in range(columns):
            out[y, x] = _sample(pixels, rows, columns, y, x, flow[y, x, 0], flow[y, x, 1], False)


@compiled()
def residual_moments(
    reference: Image, surrounded: Image, flow: Image, gradient_x: Image, gradient_y: Image, out: Image, whole: bool
) -> None:  # pragma: no cover - compiled
    """Write gradient times (reference - frame pulled back by the flow): the right-hand side, not smoothed yet.

    Parameters
    ----------
    reference
        Shape (H, W).
    surrounded
        The frame with its margin of zeros; see `surround`.
    flow
        Shape (H, W, 2), pixels, last axis (x = column, y = row).
    gradient_x
        Derivative of the reference along columns, shape (H, W).
    gradient_y
        Derivative of the reference along rows, shape (H, W).
    out
        Shape (H, W, 2), written on.
    whole
        Whether the frame is interpolated in whole numbers.
    """
    rows, columns = reference.shape
    pixels = surrounded.reshape(surrounded.size)
    for y in range(rows):
        for x in range(columns):
            sample = _sample(pixels, rows, columns, y, x, flow[y, x, 0], flow[y, x, 1], whole)
            difference = reference[y, x] - sample
            out[y, x, 0] = gradient_x[y, x] * difference
            out[y, x, 1] = gradient_y[y, x] * difference


@compiled()
def invert_normal_matrices(
    xx: Double, xy: Double, yy: Double, determinant_limit: float, tolerance: float
) -> tuple[Double, Double, Double]:  # pragma: no cover - compiled
    """Pseudo-invert every symmetric 2x2 matrix ``[[xx, xy], [xy, yy]]``.

    A matrix counts as rank one where its determinant is at most ``determinant_limit`` and its smaller eigenvalue at
    most ``tolerance`` times the larger; then only the larger one's direction is inverted, and nothing where both
    are 0.

    Parameters
    ----------
    xx
        Upper left elements, shape (H, W).
    xy
        Elements off the diagonal, shape (H, W).
    yy
        Lower right elements, shape (H, W).
    determinant_limit
        In grey values to the fourth power.
    tolerance
        Without unit.

    Returns
    -------
    tuple[Double, Double, Double]
        The same three elements of the inverses, shape (H, W) each.
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


@compiled()
def add_increment(
    flow: Image, inverse_xx: Image, inverse_xy: Image, inverse_yy: Image, moments: Image
) -> None:  # pragma: no cover - compiled
    """Add ``inverse @ moments`` to the flow in place.

    Parameters
    ----------
    flow
        Shape (H, W, 2), pixels, written on; border pixels are set to 0.
    inverse_xx
        Upper left elements of the inverse matrices, shape (H, W).
    inverse_xy
        Their elements off the diagonal, shape (H, W).
    inverse_yy
        Their lower right elements, shape (H, W).
    moments
        Smoothed right-hand sides, shape (H, W, 2).
    """
    rows, columns = inverse_xx.shape
    flow[0], flow[rows - 1] = 0.0, 0.0
    flow[:, 0], flow[:, columns - 1] = 0.0, 0.0
    for y in range(1, rows - 1):
        for x in range(1, columns - 1):
            p, q = moments[y, x, 0], moments[y, x, 1]
            flow[y, x, 0] += inverse_xx[y, x] * p + inverse_xy[y, x] * q
            flow[y, x, 1] += inverse_xy[y, x] * p + inverse_yy[y, x] * q


@compiled()
def to_finer_level(flow: Image, rows: int, columns: int) -> Image:  # pragma: no cover - compiled
    """Return ``2 * flow[i // 2, j // 2]`` on the grid of the next finer level.

    Parameters
    ----------
    flow
        Shape (ceil(H / 2), ceil(W / 2), 2), pixels of the coarser level.
    rows
        H of the finer level.
    columns
        W of the finer level.

    Returns
    -------
    Image
        Shape (H, W, 2), pixels of the finer level.
    """
    finer = np.empty((rows, columns, 2), flow.dtype)
    for y in range(rows):
        for x in range(columns):
            finer[y, x, 0] = flow[y // 2, x // 2, 0] + flow[y // 2, x // 2, 0]
            finer[y, x, 1] = flow[y // 2, x // 2, 1] + flow[y // 2, x // 2, 1]
    return finer
