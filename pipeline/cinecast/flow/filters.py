"""Gaussian smoothing, in the precision of what is smoothed, and Scharr gradients in double precision."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.floating[Any]]
Double = NDArray[np.float64]
Pixels = TypeVar("Pixels", bound=Image)

_SMOOTH = np.array([0.1, 0.3, 0.1])
_DIFFERENCE = np.array([-1.0, 0.0, 1.0])


def gaussian_kernel(sigma: float) -> NDArray[np.float64]:
    """Return the normalised Gaussian of ``2 * ceil(2 * sigma) + 1`` taps, sigma in pixels."""
    radius = math.ceil(2 * sigma)
    taps = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    return np.asarray(taps / taps.sum(), dtype=np.float64)


def smooth(image: Pixels, sigma: float, *, out: Pixels | None = None) -> Pixels:
    """Convolve ``(H, W)``, or each component of ``(H, W, 2)``, with a Gaussian (sigma in pixels), edges replicated.

    The image is in single or double precision, and so is the result. It is written to ``out`` where that is given:
    fresh memory costs more than the filter. A kernel too narrow to change anything returns the image itself.
    """
    kernel = gaussian_kernel(sigma)
    if kernel[len(kernel) // 2] == 1.0:  # so narrow that it is the identity in double precision
        return image
    out = np.empty_like(image) if out is None else out
    cv2.sepFilter2D(image, -1, kernel, kernel, dst=out, borderType=cv2.BORDER_REPLICATE)
    return out


def scharr_gradient(image: Double) -> tuple[Double, Double]:
    """Return the (x, y) derivatives with the kernel ``0.1 * [1 3 1] x [-1 0 1]``, zero padding.

    The kernel's sum makes it the plain central difference over two pixels (grey values per 2 pixels, times 0.5
    by the weights), as in the published implementation.
    """
    border = cv2.BORDER_CONSTANT
    x = cv2.sepFilter2D(image, cv2.CV_64F, _DIFFERENCE, _SMOOTH, borderType=border)
    y = cv2.sepFilter2D(image, cv2.CV_64F, _SMOOTH, _DIFFERENCE, borderType=border)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
