"""The step of a tracker, compiled: one pass over all components instead of a dozen."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled, copy
from cinecast_models.conformal.parameters import (
    DECAY,
    EARLY,
    FAR,
    LARGEST_FACTOR,
    LARGEST_RADII,
    LARGEST_SHARE,
    MARGIN,
    STEP,
    WARM_UP,
)

Errors = NDArray[np.floating]
Number = np.floating[Any]
Numbers = NDArray[np.float64]
# Where the scalars of a tracker's state lie.
_COUNT, _WEIGHT, _PARTLY = 0, 1, 2


class TrackerState(NamedTuple):
    """What a tracker knows of N components: arrays of the dtype of the errors, but for the scalars.

    Parameters
    ----------
    radii
        Of a forecast issued now, shape (N,); NaN before the first error.
    factors
        What is steered, shape (N,).
    sums
        Weighted sum of past errors, shape (N,).
    largest
        The largest of the first errors, shape (N,).
    scalars
        Number of errors, their weight in the sums, and 1 once the error of a component was not known; shape (3,).
    """

    radii: Errors
    factors: Errors
    sums: Errors
    largest: Errors
    scalars: Numbers


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
def step_after(count: float, horizon: int) -> float:  # pragma: no cover - compiled
    """Return how far a radius is moved, in logarithms, by the next error.

    Parameters
    ----------
    count
        Errors that are known already.
    horizon
        Frames between a forecast and its target, 1 or more.

    Returns
    -------
    float
        `STEP` in the end; less at long horizons.
    """
    return STEP * (1 + math.exp(-count / EARLY)) / max(1.0, horizon / FAR)


@compiled(error_model="numpy")
def track(
    errors: Errors,
    issued: Errors,
    scale: float,
    level: float,
    start: float,
    horizon: int,
    state: TrackerState,
    out: Errors,
) -> float:  # pragma: no cover - compiled
    """Do one step of a tracker.

    Parameters
    ----------
    errors
        Shape (N,), 0 or more; NaN where one is not known.
    issued
        Radii issued with their forecasts, shape (N,); NaN where there was none.
    scale
        What the errors are divided by.
    level
        Probability asked for.
    start
        The radius of components whose factor is 1, over their mean error.
    horizon
        Frames between a forecast and its target, 1 or more.
    state
        Of the tracker, written over but for its radii.
    out
        The next radii, shape (N,), written over.

    Returns
    -------
    float
        Share of the errors that missed their radius, of those of which error or radius is above 0; NaN where there is
        none.
    """
    kind, scalars = errors.dtype.type, state.scalars
    known = count_finite(errors, kind(scale))
    if known == 0:
        copy(out, state.radii)
        return np.nan
    count, before = scalars[_COUNT], scalars[_WEIGHT]
    if known < len(errors) and scalars[_PARTLY] == 0:
        scalars[_PARTLY] = 1
        if count == 0:
            state.sums[:] = np.nan
    scalars[_COUNT], scalars[_WEIGHT] = count + 1, DECAY * before + 1
    step = step_after(count, horizon)
    steps = Steps(
        kind(scale),
        kind(math.exp(step * level)),
        kind(math.exp(-step * (1 - level))),
        kind(1 / LARGEST_FACTOR),
        kind(LARGEST_FACTOR),
        kind(DECAY),
        kind(LARGEST_SHARE) * kind(np.finfo(errors.dtype).max),
        kind(LARGEST_RADII if count >= WARM_UP else 0.0),
        kind(start / scalars[_WEIGHT]),
    )
    if scalars[_PARTLY]:
        of_all = learn_known(errors, issued, state.radii, state.factors, state.sums, steps, out, before)
    else:
        of_all = learn(errors, issued, state.radii, state.factors, state.sums, steps, out)
    if count < WARM_UP:
        for i in range(len(errors)):
            error = errors[i] / steps.scale
            if error > state.largest[i]:
                state.largest[i] = min(error, steps.highest)
            if count + 1 < WARM_UP:
                first = kind(MARGIN) * state.largest[i]
                out[i] = kind(np.nan) if np.isnan(state.sums[i]) else first
    missed, counted = of_all
    return missed / counted if counted else np.nan
