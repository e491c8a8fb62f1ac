"""The inner loops of the default flow, compiled: the motion lives on cells of 2 x 2 pixels.

The frame is compared at every pixel, and what the pixels of a cell say is added up: so the equations are solved, and
motion is smoothed, at a quarter of the cost. All arrays are of one precision, single or double.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.convolution import convolve
from cinecast_models.compiled import compiled, copy

Image = NDArray[np.floating[Any]]
# Farther than any image reaches (pixels), and small enough to be cast to an index.
OUTSIDE = 1e6


@compiled(error_model="numpy")
def refine(
    reference: Image,
    frame: Image,
    gradient_x: Image,
    gradient_y: Image,
    inverse: Image,
    cells: Image,
    iterations: int,
    window: Image,
    motion: Image,
) -> None:  # pragma: no cover - compiled
    """Improve the motion of the cells of one pyramid level in place.

    Parameters
    ----------
    reference, frame
        Shape (H, W).
    gradient_x, gradient_y
        Gradient of the reference, shape (H, W).
    inverse
        Inverse of the smoothed normal matrix of each cell, shape (h, w, 3): xx, xy, yy.
    cells
        Motion, shape (h, w, 2) with h = ceil(H / 2), w = ceil(W / 2), in pixels of this level, last axis (x, y).
    iterations
        How often the frame is pulled back and the equations are solved.
    window
        Taps that the right-hand sides are smoothed with, as `convolve` takes them, for cells.
    motion
        Taps that the motion is smoothed with after each iteration; of length 1 for none.
    """
    rows, columns = cells.shape[:2]
    moments, smoothed = np.empty_like(cells), np.empty_like(cells)
    for _ in range(iterations):
        residual_moments(reference, frame, gradient_x, gradient_y, cells, moments)
        convolve(moments.reshape(rows, 2 * columns), 2, window, smoothed.reshape(rows, 2 * columns))
        for i in range(rows):
            for j in range(columns):
                p, q = smoothed[i, j, 0], smoothed[i, j, 1]
                cells[i, j, 0] += inverse[i, j, 0] * p + inverse[i, j, 1] * q
                cells[i, j, 1] += inverse[i, j, 1] * p + inverse[i, j, 2] * q
        if len(motion) > 1:
            convolve(cells.reshape(rows, 2 * columns), 2, motion, smoothed.reshape(rows, 2 * columns))
            for i in range(rows):
                copy(cells[i].reshape(-1), smoothed[i].reshape(-1))


@compiled(error_model="numpy")
def residual_moments(
    reference: Image, frame: Image, gradient_x: Image, gradient_y: Image, cells: Image, moments: Image
) -> None:  # pragma: no cover - compiled
    """Write gradient times (reference - frame pulled back), added up over the pixels of each cell.

    A pixel that the motion leads out of the frame says nothing.

    Parameters
    ----------
    reference, frame, gradient_x, gradient_y
        Shape (H, W).
    cells
        Motion, shape (h, w, 2), pixels.
    moments
        Shape (h, w, 2).
    """
    rows, columns = reference.shape
    pixels = frame.reshape(frame.size)
    blended = np.empty((cells.shape[1], 2), cells.dtype)
    along_x, along_y = np.empty(columns, cells.dtype), np.empty(columns, cells.dtype)
    difference = np.empty(columns, cells.dtype)
    for y in range(rows):
        blend_rows(cells, y, blended)
        spread_row(blended, along_x, along_y)
        compare_row(reference[y], pixels, rows, y, along_x, along_y, difference)
        _add_row(moments[y // 2], gradient_x[y], gradient_y[y], difference, y % 2 == 0)


@compiled(error_model="numpy")
def _add_row(
    moments: Image, gradient_x: Image, gradient_y: Image, difference: Image, first: bool
) -> None:  # pragma: no cover - compiled
    if first:
        moments[:] = 0.0
    for j in range(len(gradient_x) // 2):
        x = 2 * j
        moments[j, 0] += gradient_x[x] * difference[x] + gradient_x[x + 1] * difference[x + 1]
        moments[j, 1] += gradient_y[x] * difference[x] + gradient_y[x + 1] * difference[x + 1]
    if len(gradient_x) % 2:
        x = len(gradient_x) - 1
        moments[x // 2, 0] += gradient_x[x] * difference[x]
        moments[x // 2, 1] += gradient_y[x] * difference[x]


@compiled(error_model="numpy")
def blend_rows(cells: Image, y: int, out: Image) -> None:  # pragma: no cover - compiled
    """Write the motion of cells at the height of a row of pixels, interpolated linearly.

    Parameters
    ----------
    cells
        Motion, shape (h, w, 2).
    y
        Row of pixels; its middle lies a quarter of a cell off the middle of cell row ``y // 2``.
    out
        Shape (w, 2).
    """
    near, far = cells.dtype.type(0.75), cells.dtype.type(0.25)
    i = y // 2
    other = min(i + 1, cells.shape[0] - 1) if y % 2 else max(i - 1, 0)
    for j in range(cells.shape[1]):
        out[j, 0] = near * cells[i, j, 0] + far * cells[other, j, 0]
        out[j, 1] = near * cells[i, j, 1] + far * cells[other, j, 1]


@compiled(error_model="numpy")
def spread_row(blended: Image, along_x: Image, along_y: Image) -> None:  # pragma: no cover - compiled
    """Write the motion of a row of cells at its pixels, interpolated linearly.

    Parameters
    ----------
    blended
        Motion of the cells at the height of the row, shape (w, 2).
    along_x, along_y
        Motion of the pixels, shape (W,).
    """
    near, far = blended.dtype.type(0.75), blended.dtype.type(0.25)
    last = len(blended) - 1
    for j in range(len(along_x) // 2):
        before, behind = max(j - 1, 0), min(j + 1, last)
        along_x[2 * j] = near * blended[j, 0] + far * blended[before, 0]
        along_y[2 * j] = near * blended[j, 1] + far * blended[before, 1]
        along_x[2 * j + 1] = near * blended[j, 0] + far * blended[behind, 0]
        along_y[2 * j + 1] = near * blended[j, 1] + far * blended[behind, 1]
    if len(along_x) % 2:
        before = max(last - 1, 0)
        along_x[2 * last] = near * blended[last, 0] + far * blended[before, 0]
        along_y[2 * last] = near * blended[last, 1] + far * blended[before, 1]


@compiled(error_model="numpy")
def compare_row(
    reference: Image, pixels: Image, rows: int, y: int, along_x: Image, along_y: Image, difference: Image
) -> None:  # pragma: no cover - compiled
    """Write a row of the reference less the frame at ``(x + along_x, y + along_y)``, interpolated bilinearly.

    It is 0 beyond the middles of the frame's outermost pixels. Fractions come from the vector alone, where single
    precision has digits to spare. Branches are avoided: as selections these tests take less than half the time.

    Parameters
    ----------
    reference
        Row y, shape (W,).
    pixels
        The frame, row after row.
    rows
        How many rows it has.
    y
        Index of the row.
    along_x, along_y
        Motion, shape (W,), pixels; NaN points outside.
    difference
        Shape (W,).
    """
    number = pixels.dtype.type
    one, limit, nothing = number(1), number(OUTSIDE), number(0)
    columns = len(reference)
    last_column, last_row, width = np.int32(columns - 2), np.int32(rows - 2), np.int32(columns)
    for x in range(columns):
        dx, dy = along_x[x], along_y[x]
        dx = dx if (dx > -limit) & (dx < limit) else limit
        dy = dy if (dy > -limit) & (dy < limit) else limit
        left, top = np.floor(dx), np.floor(dy)
        a, b = dx - left, dy - top
        column, row = np.int32(x) + np.int32(left), np.int32(y) + np.int32(top)
        inside = (column >= 0) & (row >= 0) & (column <= last_column) & (row <= last_row)
        # Unsigned, as a signed index would be tested for being negative.
        upper = np.uintp(row * width + column) if inside else np.uintp(0)
        lower = upper + np.uintp(columns)
        above = (one - a) * pixels[upper] + a * pixels[upper + np.uintp(1)]
        below = (one - a) * pixels[lower] + a * pixels[lower + np.uintp(1)]
        sample = (one - b) * above + b * below
        difference[x] = reference[x] - sample if inside else nothing


@compiled(error_model="numpy")
def to_pixels(cells: Image, out: Image) -> None:  # pragma: no cover - compiled
    """Write the motion of cells at every pixel, interpolated linearly.

    Parameters
    ----------
    cells
        Motion, shape (h, w, 2), pixels.
    out
        Shape (H, W, 2).
    """
    blended = np.empty((cells.shape[1], 2), cells.dtype)
    along_x, along_y = np.empty(out.shape[1], cells.dtype), np.empty(out.shape[1], cells.dtype)
    for y in range(out.shape[0]):
        blend_rows(cells, y, blended)
        spread_row(blended, along_x, along_y)
        for x in range(out.shape[1]):
            out[y, x, 0], out[y, x, 1] = along_x[x], along_y[x]


@compiled(error_model="numpy")
def to_finer_cells(cells: Image, rows: int, columns: int) -> Image:  # pragma: no cover - compiled
    """Return the motion of the next finer level's cells, in its pixels: twice as long, interpolated linearly.

    Pixel x of a level is pixel 2 x of the finer one, so the middle of a cell, 2 j + 0.5, lies at 4 j + 1 there.

    Parameters
    ----------
    cells
        Motion, shape (h, w, 2), in pixels of its level.
    rows, columns
        Number of cells of the finer level.

    Returns
    -------
    Image
        Shape (rows, columns, 2).
    """
    out = np.empty((rows, columns, 2), cells.dtype)
    number = cells.dtype.type
    for i in range(rows):
        y = min(max(0.5 * (i - 0.25), 0.0), cells.shape[0] - 1.0)
        top = int(y)
        low, b = min(top + 1, cells.shape[0] - 1), number(y - top)
        for j in range(columns):
            x = min(max(0.5 * (j - 0.25), 0.0), cells.shape[1] - 1.0)
            left = int(x)
            right, a = min(left + 1, cells.shape[1] - 1), number(x - left)
            for c in range(2):
                above = (number(1) - a) * cells[top, left, c] + a * cells[top, right, c]
                below = (number(1) - a) * cells[low, left, c] + a * cells[low, right, c]
                out[i, j, c] = number(2) * ((number(1) - b) * above + b * below)
    return out
