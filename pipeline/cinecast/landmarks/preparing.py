"""Frames to look for patches in, free of their gain and offset, and how far patches reach in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.rounding import whole_pixels
from cinecast.settings import LandmarksSettings

# Windows whose contrast is below this part of the frame's hold nothing that a patch could resemble.
_FLAT = 1e-3
# The next vessel is further away than this part of the patch; nearer, it is the same match.
_SAME_MATCH = 0.3
_LEAST_PATCH_PX = 3


@dataclass(frozen=True)
class Reach:
    """How large patches are and how far they are looked for, in whole pixels along (rows, columns).

    Parameters
    ----------
    patch
        Pixels of a patch on either side of its central one.
    search
        How far from its place a patch is looked for.
    same
        Places no further from the best match than this are the same match.
    """

    patch: tuple[int, int]
    search: tuple[int, int]
    same: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of a patch."""
        return 2 * self.patch[0] + 1, 2 * self.patch[1] + 1


def reach_of(settings: LandmarksSettings, spacing_mm: tuple[float, float]) -> Reach:
    """Return the reach in pixels.

    Parameters
    ----------
    settings
        Width of a patch and distance of the search in mm.
    spacing_mm
        Distance of pixel centres along (rows, columns).

    Returns
    -------
    Reach
        Patches have at least 7 x 7 pixels, however large those are.
    """

    def pixels(distance_mm: float, least: int) -> tuple[int, int]:
        rows, columns = (max(least, whole_pixels(distance_mm, spacing)) for spacing in spacing_mm)
        return rows, columns

    patch = settings.patch_mm
    return Reach(pixels(patch / 2, _LEAST_PATCH_PX), pixels(settings.search_mm, 2), pixels(_SAME_MATCH * patch, 2))


@dataclass(frozen=True, eq=False)
class Prepared:
    """A frame to look for patches in, free of its own gain and offset.

    Parameters
    ----------
    grey
        Shape (H, W), mean 0 and standard deviation 1.
    flat
        Shape (H, W): whether a patch around this pixel would have no contrast.
    has_flat
        Whether there is any such pixel.
    """

    grey: NDArray[np.float32]
    flat: NDArray[np.bool_]
    has_flat: bool

    def patch(self, row: int, column: int, reach: Reach) -> NDArray[np.float32] | None:
        """Return a patch.

        Parameters
        ----------
        row, column
            Its central pixel.
        reach
            Its size.

        Returns
        -------
        NDArray[np.float32] | None
            None where it would leave the frame or has no contrast.
        """
        rows, columns = reach.patch
        height, width = self.grey.shape
        if not (rows <= row < height - rows and columns <= column < width - columns) or self.flat[row, column]:
            return None
        return self.grey[row - rows : row + rows + 1, column - columns : column + columns + 1]


def prepare(frame: NDArray[Any], reach: Reach) -> Prepared | None:
    """Return a frame to look for patches in.

    Parameters
    ----------
    frame
        Grey values in any unit, shape (H, W).
    reach
        Size of the patches.

    Returns
    -------
    Prepared | None
        None for a frame that shows nothing, since all of its grey values are equal.
    """
    import cv2

    if frame.min() == frame.max():
        return None
    grey = frame.astype(np.float64)
    grey -= grey.mean()
    grey /= grey.std()
    size = reach.size[::-1]
    mean, square = cv2.blur(grey, size), cv2.blur(grey * grey, size)
    flat = square - mean * mean < _FLAT**2
    return Prepared(grey.astype(np.float32), flat, bool(flat.any()))
