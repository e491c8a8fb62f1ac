"""The weights of the kernels of a row of pixels, written as vector instructions: all of one pixel before the next.

Loop after loop over the row would write each of these numbers to memory and read it again a dozen times.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from cinecast_models.compiled import compiled
from cinecast_models.compiled.vectors import Lanes, Variable, array_data, index, load, store

# Pixels at once; a row is filled up to a multiple of it.
ROW_LANES = 16
# Of the exponential series, from the 11th power down: exact to 2e-16 for numbers up to 1/4.
_SERIES = tuple(1 / math.factorial(power) for power in range(11, -1, -1))


@compiled(error_model="numpy")
def kernel_weights(
    fractions: NDArray[np.float64], precision: float, half: int, out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write ``exp(-precision * (i - fraction)^2)`` for i from 1 - half to half, a row each.

    Neighbouring weights have a ratio that itself changes by the constant factor ``exp(-2 * precision)``, so two
    exponentials are enough for all.

    Parameters
    ----------
    fractions
        0 to 1, shape (N,), N a multiple of `ROW_LANES`.
    precision
        Above 0.
    half
        1 or more.
    out
        Shape (2 half or more, N).
    """
    # Exponents are halved until they are at most 1/4, and their exponentials squared as often.
    halvings = max(0, math.ceil(math.log2(4.0 * precision)))
    flat, stride = out.reshape(out.size), len(fractions)
    for at in range(0, stride, ROW_LANES):
        _write(fractions, at, precision, 0.5**halvings, halvings, math.exp(-2.0 * precision), half, flat, stride)


def _generate_write(
    typing_context: Any,
    fractions: Any,
    at: Any,
    precision: Any,
    scale: Any,
    halvings: Any,
    decay: Any,
    half: Any,
    out: Any,
    stride: Any,
) -> Any:
    """Write the weights of `ROW_LANES` pixels from ``at`` on, without a test of the bounds."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        fractions, out = (array_data(context, builder, signature, arguments, number) for number in (0, 7))
        _, at, precision, scale, halvings, decay, half, _, stride = arguments

        def everywhere(number: Any) -> Lanes:
            return Lanes.everywhere(builder, number, ROW_LANES)

        fraction = load(builder, fractions, at, ROW_LANES)
        narrow, factor = everywhere(precision), everywhere(decay)
        squared = (everywhere(builder.fneg(precision)) * fraction) * fraction
        to_right = narrow * (everywhere(2.0) * fraction - everywhere(1.0))
        middle, ratio = (_exponential(builder, each * everywhere(scale), halvings) for each in (squared, to_right))
        first = builder.sub(half, index(1))
        store(builder, middle, out, builder.add(builder.mul(first, stride), at))
        for start, step, count in ((ratio, 1, half), (factor / ratio, -1, first)):
            weight, own = Variable(middle), Variable(start)
            with cgutils.for_range(builder, count) as loop:
                # Away from the middle, one weight after another.
                away = builder.mul(index(step), builder.add(loop.index, index(1)))
                weight.set(weight.get() * own.get())
                own.set(own.get() * factor)
                row = builder.mul(builder.add(first, away), stride)
                store(builder, weight.get(), out, builder.add(row, at))
        return context.get_dummy_value()

    whole, real = types.intp, types.float64
    return types.void(fractions, whole, real, real, whole, real, whole, out, whole), generate


def _exponential(builder: Any, x: Lanes, halvings: Any) -> Lanes:
    """Return the exponential of numbers up to 1/4 in size, squared so many times."""

    def everywhere(number: float) -> Lanes:
        return Lanes.everywhere(builder, number, ROW_LANES)

    series = everywhere(_SERIES[0])
    for coefficient in _SERIES[1:]:
        series = everywhere(coefficient).plus_product(x, series)
    value = Variable(series)
    with cgutils.for_range(builder, halvings):
        value.set(value.get() * value.get())
    return value.get()


_write: Any = intrinsic(_generate_write)
