"""The inner loops of conformal prediction, compiled: one pass over all components instead of a dozen."""

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
def next_radii(
    errors: Errors,
    issued: Errors,
    radii: Errors,
    factors: Errors,
    sums: Errors,
    steps: tuple[Number, Number],
    factor_limits: tuple[Number, Number],
    decay: Number,
    error_limits: tuple[Number, Number],
    scale: Number,
) -> Errors:  # pragma: no cover - compiled
    """Return the radii of the next forecasts; factors and sums of errors move in place.

    Parameters
    ----------
    errors, issued
        Errors of a forecast and the radii issued with it, shape (N,), one dtype with all that follow; no radii where
        none is known.
    radii
        Those of the forecasts before the next ones, shape (N,).
    factors
        Multiplied by the first of ``steps`` where an error missed its radius, else by the second; within
        ``factor_limits``.
    sums
        Decay by ``decay``, then grow by the errors: each counts for no more than the first of ``error_limits``, nor
        than the second times its radius where that is above 0.
    steps, factor_limits, error_limits
        Pairs of numbers.
    decay, scale
        Numbers; a radius is ``scale * factor * sum``.

    Returns
    -------
    Errors
        Shape (N,).
    """
    out = np.empty_like(sums)
    if len(issued):
        for i in range(len(factors)):
            moved = factors[i] * (steps[0] if errors[i] > issued[i] else steps[1])
            factors[i] = min(max(moved, factor_limits[0]), factor_limits[1])
    for i in range(len(out)):
        counted, most = min(errors[i], error_limits[0]), error_limits[1] * radii[i]
        sums[i] = decay * sums[i] + (min(counted, most) if most > 0 else counted)
        out[i] = scale * factors[i] * sums[i]
    return out
