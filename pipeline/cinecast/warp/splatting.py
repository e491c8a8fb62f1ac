"""The inner loops of the warp, compiled: where pixels land, their kernel weights, and the sums.

Written row by row, each step a plain loop over a row, because such loops become vector instructions; a loop over the
few weights of one pixel does not. One `math.exp` costs as much as a quarter of all else that is done for a pixel, so
exponentials are computed here, for a whole row at once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

Row = NDArray[np.float64]
Rows = NDArray[np.float64]

# Weights and weighted values of a row of the default kernel, 6 pixels wide: that many sums are added to at once.
LANES = 12


@compiled(error_model="numpy")
def splat_sums(
    image: Rows, dvf: NDArray[Any], precision: float, half: int
) -> tuple[Rows, Rows]:  # pragma: no cover - compiled
    """Return the sums of weighted grey values and of weights at every pixel.

    Sums of values and of weights lie interleaved, on a grid with a margin as wide as the kernel, so that no pixel
    near the edge needs a test.

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

    Returns
    -------
    totals, weights
        Both of shape (H, W), views of one array.
    """
    height, width = image.shape
    span = 2 * half
    numbers = LANES * ((2 * span + LANES - 1) // LANES)  # of a row of the kernel, filled up with zeros
    line = 2 * (width + 2 * span) + numbers
    sums = np.zeros((height + 2 * span) * line)
    start, columns = np.empty(width, np.int32), np.arange(width, dtype=np.float64)
    fraction_x, fraction_y = np.empty(width), np.empty(width)
    along_x, along_y = np.empty((span, width)), np.empty((span, width))
    pairs = np.zeros((width, numbers))
    scratch = np.empty((2, width))
    for row in range(height):
        _place(dvf, row, half, line, columns, fraction_x, fraction_y, start)
        _weights(fraction_x, precision, half, scratch, along_x)
        _weights(fraction_y, precision, half, scratch, along_y)
        _pair(image[row], along_x, pairs)
        _scatter(pairs.reshape(pairs.size), numbers, along_y, start, line, sums)
    inner = sums.reshape((height + 2 * span, line))[span : span + height]
    return inner[:, 2 * span : 2 * (span + width) : 2], inner[:, 2 * span + 1 : 2 * (span + width) + 1 : 2]


@compiled(error_model="numpy")
def _place(
    dvf: NDArray[Any],
    row: int,
    half: int,
    line: int,
    columns: Row,
    fraction_x: Row,
    fraction_y: Row,
    start: NDArray[np.int32],
) -> None:  # pragma: no cover - compiled
    """Write where the pixels of a row land: index of the first sum that each adds to, -1 for none, and fractions."""
    height, width = dvf.shape[:2]
    for column in range(width):
        x, y = columns[column] + dvf[row, column, 0], row + dvf[row, column, 1]
        # Tested before the cast: a wild vector or NaN would become an arbitrary index. No `and`: it would be a branch.
        near = (x > -half - 1) & (x < width + half) & (y > -half - 1) & (y < height + half)
        left, top = np.floor(x), np.floor(y)
        start[column] = np.int32((top + (half + 1)) * line + 2 * (left + (half + 1)) if near else -1.0)
        fraction_x[column] = x - left if near else 0.0
        fraction_y[column] = y - top if near else 0.0


@compiled(error_model="numpy")
def _weights(
    fraction: Row, precision: float, half: int, scratch: Rows, out: Rows
) -> None:  # pragma: no cover - compiled
    """Write ``exp(-precision * (i - fraction)^2)`` for i from 1 - half to half, (2 half, W), fractions from 0 to 1.

    Neighbouring weights have a ratio that itself changes by the constant factor ``exp(-2 * precision)``, so two
    exponentials are enough for all.
    """
    decay = math.exp(-2.0 * precision)
    middle, to_right, ratio = out[half - 1], scratch[0], scratch[1]
    for column in range(len(fraction)):
        middle[column] = -precision * fraction[column] * fraction[column]
        to_right[column] = precision * (2.0 * fraction[column] - 1.0)
    exponentials(middle, precision)
    exponentials(to_right, precision)
    ratio[:] = to_right
    for i in range(half, 2 * half):
        _multiply(out[i - 1], ratio, decay, out[i])
    for column in range(len(fraction)):
        ratio[column] = decay / to_right[column]
    for i in range(half - 2, -1, -1):
        _multiply(out[i + 1], ratio, decay, out[i])


@compiled(error_model="numpy")
def _multiply(weights: Row, ratio: Row, decay: float, out: Row) -> None:  # pragma: no cover - compiled
    """Write ``weights * ratio``, the next weights, and make ``ratio`` that of the next."""
    for column in range(len(weights)):
        out[column] = weights[column] * ratio[column]
        ratio[column] *= decay


@compiled(error_model="numpy")
def exponentials(values: Row, largest: float) -> None:  # pragma: no cover - compiled
    """Replace values by their exponentials.

    They are halved until they are at most 1/4, where the series up to the 11th power is exact to 2e-16, and the result
    is squared as often.

    Parameters
    ----------
    values
        One row, changed in place.
    largest
        No value is larger in size than this; above 0.
    """
    halvings = max(0, math.ceil(math.log2(4.0 * largest)))
    scale = 0.5**halvings
    for i in range(len(values)):
        x = values[i] * scale
        series = 1 / 362880 + x * (1 / 3628800 + x * (1 / 39916800))
        series = 1 / 720 + x * (1 / 5040 + x * (1 / 40320 + x * series))
        values[i] = 1.0 + x * (1.0 + x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x * series)))))
    for _ in range(halvings):
        for i in range(len(values)):
            values[i] *= values[i]


@compiled(error_model="numpy")
def _pair(values: Row, weights: Rows, pairs: Rows) -> None:  # pragma: no cover - compiled
    """Write (weight times value, weight) of every pixel of a row, one after another: (W, 2 * span or more)."""
    span, width = weights.shape
    for column in range(width):
        value = values[column]
        for i in range(span):
            pairs[column, 2 * i] = weights[i, column] * value
            pairs[column, 2 * i + 1] = weights[i, column]


@compiled(error_model="numpy")
def _scatter(
    pairs: Row, numbers: int, along_y: Rows, start: NDArray[np.int32], line: int, sums: Row
) -> None:  # pragma: no cover - compiled
    """Add the kernels of a row of pixels to the sums."""
    span, width = along_y.shape
    for column in range(width):
        first = start[column]
        if first < 0:
            continue
        for i in range(span):
            for j in range(0, numbers, LANES):
                _add_multiple(sums, first + i * line + j, along_y[i, column], pairs, column * numbers + j)


def _generate_add_multiple(typing_context: Any, sums: Any, at: Any, factor: Any, terms: Any, first: Any) -> Any:
    """Do ``sums[at : at + LANES] += factor * terms[first : first + LANES]``, without a test of the bounds.

    Written as vector instructions, because numba leaves a loop as short as this one a loop over single numbers.
    """
    vector = ir.VectorType(ir.DoubleType(), LANES)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def pointer(number: int) -> Any:
            array = context.make_array(signature.args[number])(context, builder, arguments[number])
            return builder.bitcast(builder.gep(array.data, [arguments[number + 1]]), vector.as_pointer())

        undefined = ir.Constant(vector, ir.Undefined)
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        single = builder.insert_element(undefined, arguments[2], ir.Constant(ir.IntType(32), 0))
        spread = builder.shuffle_vector(single, undefined, zeros)
        target = pointer(0)
        product = builder.fmul(spread, builder.load(pointer(3), align=8))
        builder.store(builder.fadd(builder.load(target, align=8), product), target, align=8)
        return context.get_dummy_value()

    return types.void(sums, types.intp, types.float64, terms, types.intp), generate


_add_multiple: Any = intrinsic(_generate_add_multiple)


@compiled(error_model="numpy")
def quotient(
    totals: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:  # pragma: no cover - compiled
    """Return ``totals / weights``, 0 where there is no weight.

    Parameters
    ----------
    totals, weights
        What `splat_sums` returns, shape (H, W).

    Returns
    -------
    Array of shape (H, W), in the unit of the image.
    """
    out = np.empty(totals.shape)
    for row in range(totals.shape[0]):
        for column in range(totals.shape[1]):
            weight = weights[row, column]
            out[row, column] = totals[row, column] / weight if weight > 0.0 else 0.0
    return out
