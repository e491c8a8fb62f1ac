"""The innermost loop of the warp, written as vector instructions: pixels of a row add their kernels to the sums.

numba leaves loops as short as these loops over single numbers. Sums that several pixels add to are loaded once for all
of them, the pixels from left to right: a sum is the same to the bit as if pixel after pixel were added.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from cinecast_models.compiled import compiled
from cinecast_models.compiled.vectors import Lanes, array_data, below, counts_up, index, load, store

Row = NDArray[np.float64]

# So many sums next to each other are added to at once, by so many pixels each: the width of the default kernel.
LANES, TAPS = 4, 6


@compiled(error_model="numpy")
def spread(
    totals: Row,
    weights: Row,
    target: int,
    line: int,
    along: Row,
    stride: int,
    of_y: int,
    values: Row,
    margin: int,
    first: int,
    end: int,
    span: int,
) -> None:  # pragma: no cover - compiled
    """Add the kernels of pixels that lie next to each other, and land next to each other.

    Parameters
    ----------
    totals, weights
        Sums of weighted values and of weights, flat, in rows of length ``line``; changed in place.
    target
        Index of the first sum that the first pixel adds to.
    line
        As above.
    along
        Weights of all pixels of a row, flat, behind a margin: row i of length ``stride`` has the i-th weights of the
        kernels along x, and from ``of_y`` on those along y. As many rows as a multiple of `TAPS` says; those after the
        last weights count for nothing.
    stride, of_y
        As above.
    values
        Grey values of the row of pixels, behind a margin.
    margin
        Its length, the number of rows of ``along``; another lies at the end, longer by `LANES`.
    first, end
        Columns of the pixels, half-open.
    span
        Width of the kernel in pixels.
    """
    for tap in range(TAPS * ((span - 1) // TAPS), -1, -TAPS):  # pixels further left come first
        for k in range(0, end - first + span - 1, LANES):
            source = margin + first + k - tap
            x_at, y_at = tap * stride + source, of_y + source
            at, offset, count = target + k, k - tap, end - first
            _add(totals, weights, at, line, along, x_at, y_at, stride, values, source, offset, count, span, span - tap)


def _generate_add(
    typing_context: Any,
    totals: Any,
    weights: Any,
    at: Any,
    line: Any,
    along: Any,
    x_at: Any,
    y_at: Any,
    stride: Any,
    values: Any,
    source: Any,
    offset: Any,
    count: Any,
    rows: Any,
    taps: Any,
) -> Any:
    """Add to `LANES` sums in each of ``rows`` rows, without a test of the bounds.

    In row i and lane l, for tap j from the last to the first, ``totals[at + i * line + l]`` grows by ``along[y_at +
    i * stride + l - j] * (along[x_at + j * stride + l - j] * values[source + l - j])``, and the weights by the same
    without the value. That is the part of pixel ``offset + l - j`` of ``count``; of another there is none, nor of taps
    from ``taps`` on.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        totals, weights, along, values = (
            array_data(context, builder, signature, arguments, number) for number in (0, 1, 4, 8)
        )
        at, line, x_at, y_at, stride, source, offset, count, rows, taps = (
            arguments[number] for number in (2, 3, 5, 6, 7, 9, 10, 11, 12, 13)
        )
        terms: list[tuple[Lanes, Lanes]] = []
        for j in range(TAPS):
            back = index(j)
            weight = load(builder, along, builder.sub(builder.add(x_at, builder.mul(stride, back)), back), LANES)
            value = load(builder, values, builder.sub(source, back), LANES)
            known = builder.select(builder.icmp_signed("<", back, taps), count, index(0))
            own = below(builder, counts_up(builder, builder.sub(offset, back), LANES), known)
            terms.append(((weight * value).where(own), weight.where(own)))
        with cgutils.for_range(builder, rows) as loop:
            target = builder.add(at, builder.mul(loop.index, line))
            lower = builder.add(y_at, builder.mul(loop.index, stride))
            factors = [load(builder, along, builder.sub(lower, index(j)), LANES) for j in range(TAPS)]
            for each, own_terms in zip((totals, weights), zip(*terms, strict=True), strict=True):
                total = load(builder, each, target, LANES)
                for factor, term in zip(reversed(factors), reversed(own_terms), strict=True):
                    total = total.plus_product(factor, term)
                store(builder, total, each, target)
        return context.get_dummy_value()

    number = types.intp
    numbers = (number,) * 5
    return types.void(totals, weights, number, number, along, number, number, number, values, *numbers), generate


_add: Any = intrinsic(_generate_add)
