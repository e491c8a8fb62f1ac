"""The outline of a target as closed polygons: round the sides of its pixels that have nothing beside them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.live.pixel_sides import pixel_sides


def contours(mask: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Return the outlines of a mask.

    Parameters
    ----------
    mask
        Shape (H, W).

    Returns
    -------
    list of NDArray[np.float64]
        For each outline its corners, (N, 2), (column, row) in pixels, whole numbers at the centres of pixels. The
        edge of the image counts as outside. None for an empty mask.
    """
    next_of: dict[tuple[int, int], list[tuple[int, int]]] = {}
    sides = pixel_sides(mask)
    for row, column in np.argwhere(sides.flat).tolist():
        ends = (column, row), (column + 1, row)
        _add(next_of, *(ends if sides.flat[row, column] > 0 else ends[::-1]))
    for row, column in np.argwhere(sides.upright).tolist():
        ends = (column, row + 1), (column, row)
        _add(next_of, *(ends if sides.upright[row, column] > 0 else ends[::-1]))
    found = []
    while next_of:
        found.append(_loop(next_of))
    return found


def _add(next_of: dict[tuple[int, int], list[tuple[int, int]]], start: tuple[int, int], end: tuple[int, int]) -> None:
    next_of.setdefault(start, []).append(end)


def _loop(next_of: dict[tuple[int, int], list[tuple[int, int]]]) -> NDArray[np.float64]:
    """Take one closed way out of the sides; corners on a straight line are left out."""
    start = at = next(iter(next_of))
    way = []
    while True:
        way.append(at)
        ends = next_of[at]
        end = ends.pop()
        if not ends:
            del next_of[at]
        at = end
        if at == start:
            break
    corners = np.array(way, dtype=np.float64)
    turns = np.any(corners - np.roll(corners, 1, axis=0) != np.roll(corners, -1, axis=0) - corners, axis=1)
    return corners[turns] - 0.5
