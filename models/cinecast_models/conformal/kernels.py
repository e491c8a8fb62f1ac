"""The inner loops of conformal prediction, compiled: one pass over all components instead of a dozen."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled

Errors = NDArray[np.floating]
Number = np.floating[Any]


class Steps(NamedTuple):
    """The numbers of one step of a tracker, of the dtype of the errors.

    Parameters
    ----------
    scale
        What errors are divided by.
    widening, narrowing
        What a factor is multiplied by where an error missed its radius, and where not.
    smallest, largest
        Limits of the factors.
    decay
        What is left of a sum of errors at the next one.
    highest
        No error counts for more.
    limit
        Nor for more than so many times its radius, where that is above 0.
    multiple
        The next radius over factor and sum.
    """

    scale: Number
    widening: Number
    narrowing: Number
    smallest: Number
    largest: Number
    decay: Number
    highest: Number
    limit: Number
    multiple: Number


@compiled(error_model="numpy")
def count_finite(numbers: Errors, scale: Number) -> int:  # pragma: no cover - compiled
    """Return how many numbers are neither NaN nor infinite once they are divided by another.

    Parameters
    ----------
    numbers
        Shape (N,).
    scale
        The other, of the same dtype.

    Returns
    -------
    int
        0 to N.
    """
    count = 0
    for i in range(len(numbers)):
        scaled = numbers[i] / scale
        count += scaled - scaled == 0
    return count


@compiled(error_model="numpy")
def _compared(
    error: Number, issued: Number, factor: Number, steps: Steps
) -> tuple[Number, Any, Any]:  # pragma: no cover - compiled
    """Return the factor after an error, whether that missed the radius issued, and whether it counts."""
    outside, within = error > issued, error <= issued
    moved = factor * (steps.widening if outside else steps.narrowing)
    following = min(max(moved, steps.smallest), steps.largest) if outside | within else factor
    return following, outside, outside | (within & (issued > 0))


@compiled(error_model="numpy")
def learn(
    errors: Errors, issued: Errors, radii: Errors, factors: Errors, sums: Errors, steps: Steps, out: Errors
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Do one step of a tracker, all errors of which are known.

    Parameters
    ----------
    errors
        Shape (N,), 0 or more.
    issued
        Radii issued with the forecasts, shape (N,). Where one is NaN the factor stays.
    radii
        Radii of forecasts issued before these errors were known, shape (N,).
    factors, sums
        Shape (N,), written over.
    steps
        Its numbers.
    out
        The next radii, shape (N,), written over; all arrays have one dtype.

    Returns
    -------
    missed, counted
        How many errors missed their radius, of how many: those of which error or radius is above 0.
    """
    missed, counted = 0, 0
    for i in range(len(errors)):
        error = errors[i] / steps.scale
        factor, outside, counts = _compared(error, issued[i], factors[i], steps)
        missed += outside
        counted += counts
        share, most = min(error, steps.highest), steps.limit * radii[i]
        total = steps.decay * sums[i] + (min(share, most) if most > 0 else share)
        factors[i], sums[i], out[i] = factor, total, steps.multiple * factor * total
    return missed, counted


@compiled(error_model="numpy")
def learn_known(
    errors: Errors,
    issued: Errors,
    radii: Errors,
    factors: Errors,
    sums: Errors,
    steps: Steps,
    out: Errors,
    weight: float,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Do what `learn` does where errors are known; elsewhere keep the mean, which is the sum over its weight.

    Parameters
    ----------
    errors, issued, radii, factors, steps, out
        As `learn` takes them; an error that is not known is NaN.
    sums
        Shape (N,), written over. A sum is NaN until an error of its component is known.
    weight
        Weight of the sums before: with each frame it becomes ``decay * weight + 1``.

    Returns
    -------
    missed, counted
        As of `learn`.
    """
    missed, counted = 0, 0
    for i in range(len(errors)):
        error = errors[i] / steps.scale
        known = np.isfinite(error)
        factors[i], outside, counts = _compared(error, issued[i], factors[i], steps)
        missed += outside
        counted += counts
        share, most = min(error, steps.highest), steps.limit * radii[i]
        if np.isnan(sums[i]):
            if known:
                sums[i] = share * (steps.decay * weight + 1)
        else:
            if not known:
                share = sums[i] / weight
            elif most > 0:
                share = min(share, most)
            sums[i] = steps.decay * sums[i] + share
        out[i] = steps.multiple * factors[i] * sums[i]
    return missed, counted


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
