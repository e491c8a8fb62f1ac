"""The inner loops of conformal prediction, compiled: two passes over all components instead of a dozen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

Errors = NDArray[np.floating]
Number = np.floating[Any]


@compiled(error_model="numpy")
def all_finite(numbers: Errors) -> bool:  # pragma: no cover - compiled
    """Return whether no number of a row (N,) is NaN or infinite."""
    count = 0
    for i in range(len(numbers)):
        count += numbers[i] - numbers[i] == 0
    return count == len(numbers)


@compiled(error_model="numpy")
def move_factors(
    factors: Errors,
    errors: Errors,
    radii: Errors,
    widening: Number,
    narrowing: Number,
    smallest: Number,
    largest: Number,
) -> None:  # pragma: no cover - compiled
    """Multiply factors in place by ``widening`` where an error missed its radius, else by ``narrowing``.

    Parameters
    ----------
    factors, errors, radii
        Shape (N,), one dtype.
    widening, narrowing, smallest, largest
        Numbers of that dtype; factors stay between the last two.
    """
    for i in range(len(factors)):
        moved = factors[i] * (widening if errors[i] > radii[i] else narrowing)
        factors[i] = min(max(moved, smallest), largest)


@compiled(error_model="numpy")
def add_errors(
    sums: Errors, errors: Errors, radii: Errors, decay: Number, largest: Number, limit: Number
) -> None:  # pragma: no cover - compiled
    """Let sums of errors decay in place, and add errors, each at most ``limit`` times its radius where that is above 0.

    Parameters
    ----------
    sums, errors, radii
        Shape (N,), one dtype.
    decay, largest, limit
        Numbers of that dtype; no error counts for more than ``largest``.
    """
    for i in range(len(sums)):
        counted, most = min(errors[i], largest), limit * radii[i]
        sums[i] = decay * sums[i] + (min(counted, most) if most > 0 else counted)


@compiled(error_model="numpy")
def scaled_products(scale: Number, factors: Errors, sums: Errors) -> Errors:  # pragma: no cover - compiled
    """Return ``scale * factors * sums``.

    Parameters
    ----------
    scale
        A number of the dtype of the others.
    factors, sums
        Shape (N,), one dtype.

    Returns
    -------
    Errors
        Shape (N,), of that dtype.
    """
    out = np.empty_like(sums)
    for i in range(len(out)):
        out[i] = scale * factors[i] * sums[i]
    return out
