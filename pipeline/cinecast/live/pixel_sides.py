"""The sides of the pixels of a mask that have nothing beside them: what its outline is made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class PixelSides(NamedTuple):
    """Sides between a pixel of the mask and one that is not; the edge of the image counts as outside.

    Parameters
    ----------
    flat
        At the upper side of each pixel, and the lower side of the last row: 1 where the mask lies below it, -1 where
        it lies above it, else 0; shape (H + 1, W).
    upright
        At the left side of each pixel, and the right side of the last column: 1 where the mask lies to its right, -1
        where it lies to its left, else 0; shape (H, W + 1).
    """

    flat: NDArray[np.int8]
    upright: NDArray[np.int8]


def pixel_sides(mask: NDArray[np.bool_]) -> PixelSides:
    """Return the sides of a mask, shape (H, W)."""
    padded = np.pad(mask, 1).astype(np.int8)
    return PixelSides(np.diff(padded, axis=0)[:, 1:-1], np.diff(padded, axis=1)[1:-1])
