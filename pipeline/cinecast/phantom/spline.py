"""Continuous functions through samples: a cubic B-spline image and a monotone outline."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# scipy ships no types; scikit-image brings it.
from scipy import interpolate, ndimage  # type: ignore[import-untyped]


def spline_coefficients(image: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the cubic B-spline coefficients of `image`, of its shape."""
    coefficients: Any = ndimage.spline_filter(image, order=3, mode="nearest")
    return np.asarray(coefficients, dtype=np.float32)


def read_spline(
    coefficients: NDArray[np.float32], rows: NDArray[np.float32], columns: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the spline at any places of the image; edges are repeated.

    Parameters
    ----------
    coefficients
        What `spline_coefficients` made of an image.
    rows
        Fractional rows of the image, any shape.
    columns
        Fractional columns, of that shape.

    Returns
    -------
    NDArray[np.float32]
        Values of the image, of that shape.
    """
    values: Any = ndimage.map_coordinates(
        coefficients, [rows, columns], order=3, prefilter=False, mode="nearest", output=np.dtype(np.float32)
    )
    return np.asarray(values, dtype=np.float32)


def curve(knots: tuple[tuple[float, float], ...], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a smooth curve through some knots that overshoots none of them, flat beyond the ends.

    Parameters
    ----------
    knots
        (position, value), by increasing position.
    at
        Positions, any shape.

    Returns
    -------
    NDArray[np.float64]
        Values, of that shape.
    """
    positions, values = np.array(knots, dtype=np.float64).T
    clipped = np.clip(at, positions[0], positions[-1])
    return np.asarray(interpolate.PchipInterpolator(positions, values)(clipped), dtype=np.float64)
