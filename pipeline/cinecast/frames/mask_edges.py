"""Which sides of the image a mask reaches: beyond them it may go on, and nothing of that is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sides_reached(mask: NDArray[np.bool_]) -> list[str]:
    """Return the sides of the image on which a mask has pixels.

    Parameters
    ----------
    mask
        Shape (H, W), True inside.

    Returns
    -------
    list[str]
        Among ``first row``, ``last row``, ``first column`` and ``last column``, in this order.
    """
    sides = {"first row": mask[0], "last row": mask[-1], "first column": mask[:, 0], "last column": mask[:, -1]}
    return [side for side, pixels in sides.items() if pixels.any()]
