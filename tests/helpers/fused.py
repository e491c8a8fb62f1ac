"""Sum and product in one, of single numbers, as compiled code has them of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from cinecast_models.compiled.vectors import array_data, index, load, store


@intrinsic
def _write(typing_context: Any, numbers: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = array_data(context, builder, signature, arguments, 0)
        total, first, second = (load(builder, data, index(place), 1) for place in range(3))
        store(builder, total.plus_product(first, second), data, index(0))
        return context.get_dummy_value()

    return types.void(numbers), generate


@njit
def _written(numbers: Any) -> None:
    _write(numbers)


def plus_product(total: float, first: float, second: float) -> float:
    """Return ``total + first * second`` as `cinecast_models.compiled.vectors.Lanes.plus_product` has it on one lane."""
    numbers = np.array([total, first, second], dtype=np.float64)
    _written(numbers)
    return float(numbers[0])
