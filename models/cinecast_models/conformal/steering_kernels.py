"""The steps of steering by place, compiled."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled, copy
from cinecast_models.conformal.parameters import LARGEST_SCALE, STEERING_RATE, STEERING_WIDTH

Errors = NDArray[np.floating]
Numbers = NDArray[np.float64]


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


@compiled(error_model="numpy")
def steering_scale(places: Numbers, excess: Numbers, place: Numbers) -> float:  # pragma: no cover - compiled
    """Return how much wider a band is that is issued at a place, above 0.

    Parameters
    ----------
    places, excess
        Places of earlier bands, shape (N, 3), and by how much more than asked they missed, shape (N,).
    place
        Shape (3,); NaN where there is no forecast.

    Returns
    -------
    float
        Within a factor of `LARGEST_SCALE` of 1.
    """
    _, total = sum_near(places, excess, place, STEERING_WIDTH)
    most = math.log(LARGEST_SCALE)
    return math.exp(min(max(STEERING_RATE * total, -most), most))


@compiled(error_model="numpy")
def kept_of(count: int, stride: int, room: int) -> int:  # pragma: no cover - compiled
    """Return how many places of bands, or of forecasts, are kept.

    Parameters
    ----------
    count
        How many there have been.
    stride
        The first is kept, and each ``stride``-th after it; 1 or more.
    room
        For how many there is room.

    Returns
    -------
    int
        0 to ``room``.
    """
    return min((count + stride - 1) // stride, room)


@compiled(error_model="numpy")
def remember_miss(
    places: Numbers, excess: Numbers, count: int, stride: int, place: Numbers, excess_now: float
) -> int:  # pragma: no cover - compiled
    """Keep the place of one in so many bands, and by how much more than asked it missed, in the place of the oldest.

    Parameters
    ----------
    places, excess
        Those that are kept, shape (N, 3) and (N,), written over.
    count
        How many there have been.
    stride
        The first is kept, and each ``stride``-th after it; 1 or more.
    place, excess_now
        Shape (3,), and a number; where either is NaN nothing is kept, nor counted.

    Returns
    -------
    int
        How many there have been now.
    """
    if np.isnan(excess_now) or np.isnan(place).any():
        return count
    if count % stride == 0:
        at = (count // stride) % len(excess)
        copy(places[at], place)
        excess[at] = excess_now
    return count + 1
