"""The inner loop of reconstruction, written as vector instructions: sums of modes, each multiplied by its weight.

Modes are read from memory once for all sums: a part that fits the cache closest to the processor is taken for each
of them in turn. A sum is the same to the bit whatever others are made with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from cinecast_models.compiled import compiled
from cinecast_models.compiled.vectors import Lanes, Variable, array_data, load, number_at, store

# Numbers of a sum that are made at once, and numbers of each mode that are read before they are used again.
_LANES, _PART = 32, 256


@compiled(error_model="numpy")
def weighted_sums(
    modes: NDArray[np.float64], weights: NDArray[np.float64], out: NDArray[np.float64]
) -> None:  # pragma: no cover - compiled
    """Write ``weights @ modes``, each sum from the first mode to the last.

    Parameters
    ----------
    modes
        Shape (K, N), C-contiguous.
    weights
        Shape (n, K), C-contiguous.
    out
        Shape (n, N), C-contiguous.
    """
    size, count = modes.shape[1], modes.shape[0]
    flat_modes, flat_weights, flat_out = modes.reshape(modes.size), weights.reshape(weights.size), out.reshape(out.size)
    for begin in range(0, size, _PART):
        end = min(begin + _PART, size)
        for row in range(len(weights)):
            at = begin
            while at + _LANES <= end:
                _sum(flat_modes, at, size, count, flat_weights, row * count, flat_out, row * size + at)
                at += _LANES
            while at < end:
                _sum_one(flat_modes, at, size, count, flat_weights, row * count, flat_out, row * size + at)
                at += 1


def _code(lanes: int) -> Any:
    """Return what writes the code of so many numbers of a sum: without a test of the bounds."""

    def typed(
        typing_context: Any,
        modes: Any,
        at: Any,
        stride: Any,
        count: Any,
        weights: Any,
        first: Any,
        out: Any,
        target: Any,
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            modes, weights, out = (array_data(context, builder, signature, arguments, number) for number in (0, 4, 6))
            _, at, stride, count, _, first, _, target = arguments
            total = Variable(Lanes.everywhere(builder, 0.0, lanes))
            with cgutils.for_range(builder, count) as loop:
                own = load(builder, modes, builder.add(at, builder.mul(loop.index, stride)), lanes)
                weight = number_at(builder, weights, builder.add(first, loop.index))
                total.set(total.get().plus_product(Lanes.everywhere(builder, weight, lanes), own))
            store(builder, total.get(), out, target)
            return context.get_dummy_value()

        whole = types.intp
        return types.void(modes, whole, whole, whole, weights, whole, out, whole), generate

    return typed


_sum: Any = intrinsic(_code(_LANES))
_sum_one: Any = intrinsic(_code(1))
