"""The contents of the other messages that are sent: TRANSFORM, POSITION, POLYDATA and STRING."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_UTF8 = 106
_LONGEST_STRING = (1 << 16) - 1


def pack_transform(matrix: NDArray[np.float64]) -> bytes:
    """Return the content of a TRANSFORM message from a matrix, shape (4, 4), in mm."""
    return struct.pack(">12f", *matrix[:3].T.ravel())


def pack_position(place_mm: NDArray[np.float64]) -> bytes:
    """Return the content of a POSITION message from a place, shape (3,), in mm, without orientation."""
    return struct.pack(">7f", *place_mm, 0, 0, 0, 1)


def pack_polydata(points_mm: NDArray[np.float64], polygons: Sequence[Sequence[int]]) -> bytes:
    """Return the content of a POLYDATA message of polygons.

    Parameters
    ----------
    points_mm
        Points, shape (N, 3), mm.
    polygons
        The points of each polygon, by their numbers.

    Returns
    -------
    bytes
        Counts, points and polygons; there are no vertices, lines, strips or attributes.
    """
    cells = np.array([value for each in polygons for value in (len(each), *each)], dtype=">u4")
    counts = len(points_mm), 0, 0, 0, 0, len(polygons), cells.nbytes, 0, 0, 0
    return struct.pack(">10I", *counts) + np.asarray(points_mm, dtype=">f4").tobytes() + cells.tobytes()


def pack_string(text: str) -> bytes:
    """Return the content of a STRING message, in UTF-8; what is longer than 65,535 bytes is cut."""
    encoded = text.encode()[:_LONGEST_STRING]
    return struct.pack(">HH", _UTF8, len(encoded)) + encoded
