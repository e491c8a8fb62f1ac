"""The innermost loop of the warp for the default kernel, six pixels wide: sums slide through registers.

Pixels that land next to each other share most of the sums that they add to. So a window of `WINDOW` columns of sums
is held for all rows of the kernel; three pixels are added to it, then it moves on by three columns. A sum is the same
to the bit as if pixel after pixel were added, from left to right.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from cinecast_models.compiled import compiled
from cinecast_models.compiled.vectors import Lanes, Variable, array_data, index, load, number_at, shuffled, store

Row = NDArray[np.float64]

# Width of the kernel in pixels, columns of sums that are held, and pixels that fit into these.
WIDTH, WINDOW = 6, 8
_PIXELS = WINDOW - WIDTH + 1


@compiled(error_model="numpy")
def turn(along: Row, margin: int, stride: int, width: int, turned: Row) -> None:  # pragma: no cover - compiled
    """Write the weights along x of each pixel of a row side by side, and 0 behind them.

    Parameters
    ----------
    along, stride, margin
        As for `cinecast.warp.spreading.spread`.
    width
        Number of pixels.
    turned
        Shape (`WINDOW` N,), N a multiple of `WINDOW` that is not less than the width.
    """
    for first in range(0, width, WINDOW):
        _turn(along, margin + first, stride, turned, WINDOW * first)


@compiled(error_model="numpy")
def slide(
    totals: Row,
    weights: Row,
    target: int,
    line: int,
    turned: Row,
    along: Row,
    stride: int,
    of_y: int,
    values: Row,
    margin: int,
    first: int,
    end: int,
) -> None:  # pragma: no cover - compiled
    """Add the kernels of pixels that lie next to each other, and land next to each other.

    Parameters
    ----------
    totals, weights, target, line, along, stride, of_y, values, margin, first, end
        As for `cinecast.warp.spreading.spread`.
    turned
        From `turn`.
    """
    count = end - first
    y_at, value_at = margin + of_y + first, margin + first
    _slide(totals, weights, target, line, turned, WINDOW * first, along, y_at, stride, values, value_at, count)


def _generate_turn(typing_context: Any, along: Any, at: Any, stride: Any, turned: Any, target: Any) -> Any:
    """Write `WINDOW` columns of `WIDTH` rows, the first at ``at``, as rows; zeros stand for the rows that lack."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        along, turned = (array_data(context, builder, signature, arguments, number) for number in (0, 3))
        _, at, stride, _, target = arguments
        starts = [builder.add(at, builder.mul(stride, index(row))) for row in range(WIDTH)]
        rows = [load(builder, along, start, WINDOW) for start in starts]
        rows += [Lanes.everywhere(builder, 0.0, WINDOW)] * (WINDOW - WIDTH)
        # Two by two squares are turned, then squares of two by two of these, then the two halves.
        for size in (1, 2, 4):
            turned_rows = list(rows)
            for row in range(WINDOW):
                if row & size:
                    continue
                upper, lower = rows[row], rows[row + size]
                places = [lane for lane in range(WINDOW) if not lane & size]
                pairs = {lane: lane for lane in places} | {lane + size: WINDOW + lane for lane in places}
                turned_rows[row] = shuffled(builder, upper, lower, [pairs[lane] for lane in range(WINDOW)])
                others = {lane: place + size for lane, place in pairs.items()}
                turned_rows[row + size] = shuffled(builder, upper, lower, [others[lane] for lane in range(WINDOW)])
            rows = turned_rows
        for column, own in enumerate(rows):
            store(builder, own, turned, builder.add(target, index(WINDOW * column)))
        return context.get_dummy_value()

    whole = types.intp
    return types.void(along, whole, whole, turned, whole), generate


def _generate_slide(
    typing_context: Any,
    totals: Any,
    weights: Any,
    at: Any,
    line: Any,
    turned: Any,
    turned_at: Any,
    along: Any,
    y_at: Any,
    stride: Any,
    values: Any,
    value_at: Any,
    count: Any,
) -> Any:
    """Add ``count`` pixels, without a test of the bounds; the sums of the first begin at ``at``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        totals, weights, turned, along, values = (
            array_data(context, builder, signature, arguments, number) for number in (0, 1, 4, 6, 9)
        )
        at, line, turned_at, y_at, stride, value_at, count = (arguments[n] for n in (2, 3, 5, 7, 8, 10, 11))
        lines = [builder.mul(line, index(row)) for row in range(WIDTH)]
        held = [
            [Variable(load(builder, sums, builder.add(at, own), WINDOW)) for own in lines] for sums in (totals, weights)
        ]
        blocks = builder.sdiv(builder.add(count, index(_PIXELS - 1)), index(_PIXELS))
        with cgutils.for_range(builder, blocks) as loop:
            done = builder.mul(loop.index, index(_PIXELS))
            for pixel in range(_PIXELS):
                place = builder.add(done, index(pixel))
                terms = _terms(
                    builder, pixel, builder.icmp_signed("<", place, count), turned, turned_at, values, value_at, place
                )
                for row in range(WIDTH):
                    factor_at = builder.add(builder.add(y_at, place), builder.mul(stride, index(row)))
                    factor = Lanes.everywhere(builder, number_at(builder, along, factor_at), WINDOW)
                    for sums, term in zip(held, terms, strict=True):
                        sums[row].set(sums[row].get().plus_product(factor, term))
            here = builder.add(at, done)
            for sums, own_held in zip((totals, weights), held, strict=True):
                for own, window in zip(lines, own_held, strict=True):
                    begin = builder.add(here, own)
                    store(builder, window.get(), sums, begin)
                    further = load(builder, sums, builder.add(begin, index(WINDOW)), WINDOW)
                    window.set(shuffled(builder, window.get(), further, list(range(_PIXELS, _PIXELS + WINDOW))))
        return context.get_dummy_value()

    whole = types.intp
    return types.void(totals, weights, whole, whole, turned, whole, along, whole, whole, values, whole, whole), generate


def _terms(
    builder: Any, pixel: int, is_own: Any, turned: Any, turned_at: Any, values: Any, value_at: Any, place: Any
) -> tuple[Lanes, Lanes]:
    """Return what a pixel adds to a row of the window but for the weight along y: with its value, and without."""
    weight = load(builder, turned, builder.add(turned_at, builder.mul(place, index(WINDOW))), WINDOW)
    value = Lanes.everywhere(builder, number_at(builder, values, builder.add(value_at, place)), WINDOW)
    nothing = Lanes.everywhere(builder, 0.0, WINDOW)
    # What lies beyond the kernel, or the last pixel, counts for nothing even where it is not a number.
    lanes = [WINDOW + lane - pixel if pixel <= lane < pixel + WIDTH else 0 for lane in range(WINDOW)]
    moved = [shuffled(builder, nothing, each, lanes) for each in (weight * value, weight)]
    own = [Lanes(builder, builder.select(is_own, each.value, nothing.value)) for each in moved]
    return own[0], own[1]


_turn: Any = intrinsic(_generate_turn)
_slide: Any = intrinsic(_generate_slide)
