"""Gaussian smoothing, in the precision of what is smoothed, and Scharr gradients in double precision."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from cinecast.flow.convolution import TOGETHER, convolve

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
    """Convolve an image, or each component of a field, with a Gaussian, edges replicated.

    Parameters
    ----------
    image
        Shape (H, W) or (H, W, 2), contiguous, in single or double precision.
    sigma
        Width of the Gaussian in pixels; see `gaussian_kernel`.
    out
        Written on where it is given, as fresh memory costs more than the filter; another array like the image.

    Returns
    -------
    Pixels
        Of the shape and precision of the image; the image itself where the kernel is too narrow to change anything.
    """
    taps = kernel_taps(sigma, image.dtype)
    if taps[0] == 1.0:  # so narrow that it is the identity in this precision
        return image
    out = np.empty_like(image) if out is None else out
    rows, columns = image.shape[:2]
    convolve(image.reshape(rows, -1), image.size // (rows * columns), taps, out.reshape(rows, -1))
    return out


@lru_cache(maxsize=64)
def kernel_taps(sigma: float, dtype: np.dtype[Any]) -> Image:
    """Return the middle and one side of a Gaussian kernel, filled up with zeros, as `convolve` takes it.

    Parameters
    ----------
    sigma
        Width in pixels, above 0.
    dtype
        Precision of the taps.

    Returns
    -------
    Array of shape (1 + a multiple of `TOGETHER`,).
    """
    kernel = gaussian_kernel(sigma)
    side = kernel[len(kernel) // 2 :]
    taps = np.zeros(1 + TOGETHER * math.ceil((len(side) - 1) / TOGETHER), dtype)
    taps[: len(side)] = side
    return taps


def scharr_gradient(image: Double) -> tuple[Double, Double]:
    """Return the (x, y) derivatives with the kernel ``0.1 * [1 3 1] x [-1 0 1]``, zero padding.

    The kernel's sum makes it the plain central difference over two pixels (grey values per 2 pixels, times 0.5
    by the weights), as in the published implementation.
    """
    border = cv2.BORDER_CONSTANT
    x = cv2.sepFilter2D(image, cv2.CV_64F, _DIFFERENCE, _SMOOTH, borderType=border)
    y = cv2.sepFilter2D(image, cv2.CV_64F, _SMOOTH, _DIFFERENCE, borderType=border)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def gradient(image: Double) -> tuple[Double, Double]:
    """Return the (x, y) derivatives as `scharr_gradient` has them, with edges replicated: no border is an edge.

    Parameters
    ----------
    image
        Shape (H, W).

    Returns
    -------
    x, y
        Shape (H, W) each.
    """
    border = cv2.BORDER_REPLICATE
    x = cv2.sepFilter2D(image, cv2.CV_64F, _DIFFERENCE, _SMOOTH, borderType=border)
    y = cv2.sepFilter2D(image, cv2.CV_64F, _SMOOTH, _DIFFERENCE, borderType=border)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
