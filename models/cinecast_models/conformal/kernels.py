"""The inner loops of conformal prediction, compiled: two passes over all components instead of a dozen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

Errors = NDArray[np.floating]
Number = np.floating[Any]


@compiled(error_model="numpy")
def count_finite(numbers: Errors) -> int:  # pragma: no cover - compiled
    """Return how many numbers of a row (N,) are neither NaN nor infinite."""
    count = 0
    for i in range(len(numbers)):
        count += numbers[i] - numbers[i] == 0
    return count


@compiled(error_model="numpy")
def move_factors(
    factors: Errors,
    errors: Errors,
    radii: Errors,
    widening: Number,
    narrowing: Number,
    smallest: Number,
    largest: Number,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Multiply factors in place by ``widening`` where an error missed its radius, else by ``narrowing``.

    Parameters
    ----------
    factors, errors, radii
        Shape (N,), one dtype. Where an error or a radius is NaN the factor stays.
    widening, narrowing, smallest, largest
        Numbers of that dtype; factors stay between the last two.

    Returns
    -------
    missed, counted
        How many errors missed their radius, of how many: those of which error or radius is above 0.
    """
    missed, counted = 0, 0
    for i in range(len(factors)):
        outside, within = errors[i] > radii[i], errors[i] <= radii[i]
        moved = factors[i] * (widening if outside else narrowing)
        factors[i] = min(max(moved, smallest), largest) if outside | within else factors[i]
        missed += outside
        counted += outside | (within & (radii[i] > 0))
    return missed, counted


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
def add_known_errors(
    sums: Errors, errors: Errors, radii: Errors, decay: Number, largest: Number, limit: Number, weight: float
) -> None:  # pragma: no cover - compiled
    """Do what `add_errors` does where errors are known; elsewhere keep the mean, which is the sum over its weight.

    Parameters
    ----------
    sums, errors, radii
        Shape (N,), one dtype. A sum is NaN until an error of its component is known.
    decay, largest, limit
        As `add_errors` takes them.
    weight
        Weight of the sums before: with each frame it becomes ``decay * weight + 1``.
    """
    for i in range(len(sums)):
        known = np.isfinite(errors[i])
        if np.isnan(sums[i]):
            if known:
                sums[i] = min(errors[i], largest) * (decay * weight + 1)
            continue
        counted, most = min(errors[i], largest), limit * radii[i]
        if not known:
            counted = sums[i] / weight
        elif most > 0:
            counted = min(counted, most)
        sums[i] = decay * sums[i] + counted


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


@compiled(error_model="numpy")
def sum_near(
    places: Errors, values: Errors, place: Errors, width: float
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Return sums over what happened at places near one: each counts for exp(-distance^2 / (2 width^2)).

    Parameters
    ----------
    places
        Shape (N, D).
    values
        Shape (N,); what is NaN counts for nothing.
    place
        Shape (D,).
    width
        Above 0, in the unit of the places.

    Returns
    -------
    near, total
        Sum of what the values count for, and of the values weighted so.
    """
    near, total = 0.0, 0.0
    for i in range(len(values)):
        distance = 0.0
        for axis in range(len(place)):
            distance += (places[i, axis] - place[axis]) ** 2
        closeness = np.exp(-distance / (2 * width * width))
        if closeness == closeness and values[i] == values[i]:  # neither is NaN
            near += closeness
            total += closeness * values[i]
    return near, total
