"""Pixels inside closed contours, by their centres and without rounding of the contour's points."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Contours that run through pixel centres are written in mm with rounding.
ON_CONTOUR_PX = 1e-3


class FilledContours(NamedTuple):
    """What closed contours enclose.

    Parameters
    ----------
    mask
        True inside, shape (H, W).
    overlap
        Number of pixels inside two contours neither of which lies within the other.
    repeated
        Number of contours that enclose the very pixels of an earlier one; they are left out.
    """

    mask: NDArray[np.bool_]
    overlap: int
    repeated: int


def fill_contours(contours: SequenceOf[NDArray[np.float64]], shape: tuple[int, int]) -> FilledContours:
    """Return the pixels whose centre lies inside an odd number of contours, or on one.

    So a contour within another is a hole, and a contour through the centres of the outermost pixels keeps them all.

    Parameters
    ----------
    contours
        Points (x = column, y = row) in pixels, pixel centres at whole numbers, shape (N, 2) each; the last point is
        joined to the first.
    shape
        (H, W).

    Returns
    -------
    FilledContours
        The mask, and what is odd about the contours.
    """
    parts: list[tuple[NDArray[np.bool_], NDArray[np.bool_]]] = []
    overlap = 0
    for points in contours:
        border = _border(points, shape)
        interior = _interior(points, shape) & ~border
        if any(np.array_equal(interior, other) and np.array_equal(border, edge) for other, edge in parts):
            continue
        overlap += sum(_overlap((interior, border), other) for other in parts)
        parts.append((interior, border))
    mask = np.zeros(shape, dtype=bool)
    for interior, _ in parts:
        mask ^= interior
    for _, border in parts:
        mask |= border
    return FilledContours(mask, overlap, len(contours) - len(parts))


def _overlap(
    one: tuple[NDArray[np.bool_], NDArray[np.bool_]], other: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> int:
    """Return the number of pixels inside both, 0 where one lies within the other."""
    nested = not (one[0] & ~(other[0] | other[1])).any() or not (other[0] & ~(one[0] | one[1])).any()
    return 0 if nested else int(np.count_nonzero(one[0] & other[0]))


def _edges(points: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    yield from zip(points, np.roll(points, -1, axis=0), strict=True)


def _interior(points: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels with an odd number of edges to their left."""
    inside = np.zeros(shape, dtype=bool)
    columns = np.arange(shape[1])
    for (x0, y0), (x1, y1) in _edges(points):
        # Rows from the upper end of the edge to below its lower end, so that a point counts once.
        first, end = (int(np.clip(np.ceil(y), 0, shape[0])) for y in sorted((y0, y1)))
        rows = np.arange(first, end)
        if len(rows):
            crossing = x0 + (rows - y0) * ((x1 - x0) / (y1 - y0))
            inside[first:end] ^= columns > crossing[:, np.newaxis]
    return inside


def _border(points: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels whose centre lies on an edge."""
    border = np.zeros(shape, dtype=bool)
    for start, end in _edges(points):
        low = np.clip(np.ceil(np.minimum(start, end) - ON_CONTOUR_PX), 0, shape[::-1]).astype(int)
        high = np.clip(np.floor(np.maximum(start, end) + ON_CONTOUR_PX) + 1, 0, shape[::-1]).astype(int)
        if (high <= low).any():
            continue
        y, x = np.mgrid[low[1] : high[1], low[0] : high[0]]
        step = end - start
        along = ((x - start[0]) * step[0] + (y - start[1]) * step[1]) / max(float(step @ step), 1e-300)
        along = np.clip(along, 0, 1)
        distance = np.hypot(x - start[0] - along * step[0], y - start[1] - along * step[1])
        border[low[1] : high[1], low[0] : high[0]] |= distance <= ON_CONTOUR_PX
    return border
