"""The inner loops of the warp, compiled: where pixels land, their kernel weights, and the sums.

Written row by row, each step a plain loop over a row, because such loops become vector instructions; a loop over the
few weights of one pixel does not. What is left is arithmetic: some 170 instructions a pixel in double precision, most
of them a product and a sum in one, which are rounded once where the processor can.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.warp.kernel_weights import ROW_LANES, kernel_weights
from cinecast.warp.sliding import WIDTH, WINDOW, slide, turn
from cinecast.warp.spreading import LANES, TAPS, spread
from cinecast_models.compiled import compiled, copy

Row = NDArray[np.float64]
Rows = NDArray[np.float64]


def room_for_sums(shape: tuple[int, int], half: int) -> NDArray[np.float64]:
    """Return what `splat_sums` writes into: sums of values and of weights, with a margin as wide as the kernel.

    Parameters
    ----------
    shape
        That of the image.
    half
        The kernel covers ``2 * half`` pixels in each direction.

    Returns
    -------
    NDArray[np.float64]
        Shape (2, H + 4 half, W + 4 half + `LANES` + `WINDOW`); no pixel near the edge needs a test.
    """
    height, width = shape
    return np.empty((2, height + 4 * half, width + 4 * half + LANES + WINDOW))


@compiled(error_model="numpy")
def splat_sums(
    image: Rows, dvf: NDArray[Any], precision: float, half: int, sums: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write the sums of weighted grey values and of weights at every pixel, and beyond the edges.

    Each sum is added up in the order of rows, and in a row from left to right.

    Parameters
    ----------
    image
        Grey values, shape (H, W).
    dvf
        Where they go, shape (H, W, 2), pixels, last axis (x, y). A vector that is NaN or points further outside
        than the kernel reaches adds nothing.
    precision
        The kernel is ``exp(-precision * d^2)`` in each direction, ``d`` in pixels.
    half
        It covers ``2 * half`` pixels in each direction.
    sums
        From `room_for_sums`; what is in it is lost.
    """
    height, width = image.shape
    vectors = dvf.reshape((height, 2 * width))  # rows of two numbers would be read one by one
    span, line = 2 * half, sums.shape[2]
    sums[:] = 0.0
    totals, weights = sums[0].reshape(sums[0].size), sums[1].reshape(sums[1].size)
    taps = TAPS * ((span + TAPS - 1) // TAPS)
    # Fractions along x of a row, then those along y, and their weights; kernels at the ends reach beyond them.
    fractions = np.zeros(ROW_LANES * ((2 * width + ROW_LANES - 1) // ROW_LANES))
    stride = len(fractions)
    margins = np.zeros(taps * stride + 2 * taps + LANES)
    along = margins[taps : taps + taps * stride].reshape((taps, stride))
    values = np.zeros(width + 2 * taps + LANES)
    places, columns = np.empty((2, width)), np.arange(width).astype(np.float64)
    start = np.empty(width, np.int32)
    turned = np.zeros(WINDOW * (width + 2 * WINDOW))
    along_x, along_y = fractions[:width], fractions[width : 2 * width]  # of one array, loops would be slower
    for row in range(height):
        _place(vectors[row], row, height, half, line, columns, places, along_x, along_y, start)
        kernel_weights(fractions, precision, half, along)
        copy(values[taps : taps + width], image[row])
        if span == WIDTH:
            turn(margins, taps, stride, width, turned)
        column = 0
        while column < width:
            first = column
            column += 1
            if start[first] < 0:
                continue
            # Neighbours that land on neighbours are spread together.
            while column < width and start[column] == start[column - 1] + 1:
                column += 1
            target = start[first]
            if span == WIDTH:
                slide(totals, weights, target, line, turned, margins, stride, width, values, taps, first, column)
            else:
                spread(totals, weights, target, line, margins, stride, width, values, taps, first, column, span)


@compiled(error_model="numpy")
def _place(
    dvf: NDArray[Any],
    row: int,
    height: int,
    half: int,
    line: int,
    columns: Row,
    places: Rows,
    along_x: Row,
    along_y: Row,
    start: NDArray[np.int32],
) -> None:  # pragma: no cover - compiled
    """Write where the pixels of a row land: index of the first sum that each adds to, -1 for none, and fractions."""
    width = len(start)
    x, y = places[0], places[1]
    for column in range(width):
        x[column] = columns[column] + dvf[2 * column]
        y[column] = row + dvf[2 * column + 1]
    for column in range(width):
        # Tested before the cast: a wild vector or NaN would become an arbitrary index. No `and`: it would be a branch.
        near = (
            (x[column] > -half - 1) & (x[column] < width + half) & (y[column] > -half - 1) & (y[column] < height + half)
        )
        left, top = np.floor(x[column]), np.floor(y[column])
        start[column] = np.int32((top + (half + 1)) * line + (left + (half + 1)) if near else -1.0)
        along_x[column] = x[column] - left if near else 0.0
        along_y[column] = y[column] - top if near else 0.0


@compiled(error_model="numpy")
def quotient(sums: NDArray[np.float64], half: int, out: NDArray[np.float64]) -> None:  # pragma: no cover - compiled
    """Write the sums of weighted values by those of weights, 0 where there is no weight.

    Parameters
    ----------
    sums
        As `splat_sums` has written them.
    half
        Of the kernel.
    out
        Shape (H, W), in the unit of the image.
    """
    span, width = 2 * half, out.shape[1]
    for row in range(out.shape[0]):
        totals, weights = sums[0, span + row, span : span + width], sums[1, span + row, span : span + width]
        for column in range(width):
            weight = weights[column]
            out[row, column] = totals[column] / weight if weight > 0.0 else 0.0
