"""Rounding: of grey values as in the published arithmetic, of lengths as by spacings, and of what people read."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

# A filtered whole number may come out a last bit low; flooring must not take it down by one grey level.
FLOOR_SLACK = 1e-9
# NIfTI keeps 1.2 mm as 1.2000000477: five pixels are then 6.0000002 mm, which must not be more than 6.
LENGTH_SLACK = 1e-6
# Lengths of up to a few hundred pixels differ by less than that for the same reason.
_PIXEL_DECIMALS = 4


def half_up(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round grey values of any shape to the nearest whole number, halves up, as integer images round."""
    return floor(image + 0.5)


def floor(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round grey values of any shape down, unless a value lies a rounding error below a whole number."""
    return np.asarray(np.floor(image + FLOOR_SLACK))


def whole_pixels(length_mm: float, spacing_mm: float) -> int:
    """Return a length in whole pixels, the nearest number of them, the rounding of a spacing left aside.

    Parameters
    ----------
    length_mm
        In mm.
    spacing_mm
        Distance of pixel centres in mm.

    Returns
    -------
    int
        Halves go down: 5 mm are 2 pixels of 2 mm, and of 1.99999995 mm.
    """
    # Pixels of 20/11 mm, as in the recordings of OvGU, are stored a little larger: 10 mm are 5 of them, not 6.
    return ceil(round(length_mm / spacing_mm, _PIXEL_DECIMALS) - 0.5)


def within(lengths_mm: NDArray[np.float64] | float, limit_mm: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    """Return which lengths are at most a limit, the rounding of a spacing left aside.

    Parameters
    ----------
    lengths_mm
        Lengths of any shape, in mm; NaN is never within.
    limit_mm
        The limit in mm, for all or for each.

    Returns
    -------
    NDArray[np.bool_]
        Of the shape of the lengths.
    """
    return np.asarray(lengths_mm <= np.asarray(limit_mm) * (1 + LENGTH_SLACK))


def half_range_text(half_range: float, decimals: int) -> str:
    """Return a half range as people read it: one that rounds to 0 and is not 0 is no false zero.

    Parameters
    ----------
    half_range
        0 or more.
    decimals
        Digits behind the point.

    Returns
    -------
    str
        Such as ``0.02``, or ``<0.01`` below half of the last digit.
    """
    smallest = 10.0**-decimals
    return f"<{smallest:.{decimals}f}" if 0 < half_range < smallest / 2 else f"{half_range:.{decimals}f}"
