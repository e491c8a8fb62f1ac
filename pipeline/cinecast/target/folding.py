"""Where a motion folds: two places of the tissue end up at one, which no tissue does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def folded(motion: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where ``p + u(p)`` turns the neighbourhood of a pixel inside out.

    Parameters
    ----------
    motion
        u, shape (2, h, w), pixels, (x, y) first.

    Returns
    -------
    NDArray[np.bool_]
        Shape (h, w): True where the determinant of the Jacobian, by central differences, is 0 or less.
    """
    (x_y, x_x), (y_y, y_x) = (np.gradient(component) for component in motion)
    return np.asarray((1 + x_x) * (1 + y_y) - x_y * y_x <= 0)
