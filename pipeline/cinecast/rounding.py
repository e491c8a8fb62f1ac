"""Rounding of grey values as the published arithmetic has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# A filtered whole number may come out a last bit low; flooring must not take it down by one grey level.
FLOOR_SLACK = 1e-9


def half_up(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round grey values of any shape to the nearest whole number, halves up, as integer images round."""
    return floor(image + 0.5)


def floor(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round grey values of any shape down, unless a value lies a rounding error below a whole number."""
    return np.asarray(np.floor(image + FLOOR_SLACK))
