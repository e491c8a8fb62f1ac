"""Landmarks: places of the reference frame and where they are in every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Landmarks of one sequence and their tracks; there may be none.

    Parameters
    ----------
    names
        One for each of the N landmarks.
    positions
        Shape (N, 2), pixels, (x = column, y = row) in the reference frame.
    displacements
        Shape (N, T, 2), pixels, (x, y): the landmark is at positions + displacements in frame t; NaN where it was not
        found well enough.
    quality
        Shape (N, T), normalised cross-correlation of the match, NaN where there is none.
    """

    names: tuple[str, ...]
    positions: NDArray[np.float64]
    displacements: NDArray[np.float64]
    quality: NDArray[np.float64]
