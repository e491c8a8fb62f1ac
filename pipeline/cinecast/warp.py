"""Push the reference frame forward along a DVF: Gaussian splat, normalised (Nadaraya-Watson)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cinecast.rounding import floor
from cinecast.settings import WarpSettings

# Kernels narrower than this (pixels) underflow to 0 between pixels; at this width a pixel already takes the value
# of whatever lands nearest to it.
NARROWEST_SIGMA = 0.04


def warp(reference: NDArray[Any], dvf: NDArray[Any], settings: WarpSettings) -> NDArray[Any]:
    """Return the frame that the DVF predicts from the reference frame.

    Each pixel is sent to ``p + dvf[p]`` and spread by a Gaussian kernel over ``2 * half_window`` pixels in each
    direction; the sum is divided by the sum of kernel weights (METHOD C.4).

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    dvf
        Deformation, shape (H, W, 2), pixels, last axis (x, y).
    settings
        Settings of the stage.

    Returns
    -------
    Array of shape (H, W) with the dtype of the reference; 0 where no pixel lands.

    Notes
    -----
    The kernel smooths, it does not interpolate: at sigma 0.5 even a DVF of zero keeps 62 % of a pixel and takes the
    rest from its neighbours, which on real sequences makes an image nRMSE of 0.02 to 0.08 on its own.
    """
    values = splat(reference, dvf, sigma=settings.sigma, half_window=settings.half_window)
    if settings.arithmetic == "published":
        values = floor(values)
    elif reference.dtype.kind in "iu":
        values = np.rint(values)
    return np.asarray(values.astype(reference.dtype))


def splat(reference: NDArray[Any], dvf: NDArray[Any], *, sigma: float, half_window: int) -> NDArray[np.float64]:
    """Return the unrounded push-forward of ``reference`` (H, W) along ``dvf`` (H, W, 2); see `warp`.

    A pixel whose vector is NaN, infinite or points far outside lands nowhere.

    Raises
    ------
    ValueError
        If the shapes do not belong together.
    """
    if dvf.shape != (*reference.shape, 2):
        raise ValueError(f"dvf must have shape {(*reference.shape, 2)} like the reference, got {dvf.shape}")
    image = np.ascontiguousarray(reference, dtype=np.float64)
    field = np.ascontiguousarray(dvf, dtype=np.float64)
    out = np.empty(image.shape)
    _splat(image, field, 0.5 / max(sigma, NARROWEST_SIGMA) ** 2, half_window, out)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _splat(
    image: NDArray[np.float64],
    dvf: NDArray[np.float64],
    precision: float,
    half: int,
    out: NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    """Write the normalised splat into ``out``.

    Sums of weighted values and of weights lie interleaved, so that one vector instruction adds to both, on a grid
    with a margin as wide as the kernel, so that no pixel near the edge needs a test.
    """
    height, width = image.shape
    span = 2 * half
    totals = np.zeros((height + 2 * span + 1, 2 * (width + 2 * span + 1)))
    along_x, along_y, pairs = np.empty(span), np.empty(span), np.empty(2 * span)
    for row in range(height):
        for column in range(width):
            x, y = column + dvf[row, column, 0], row + dvf[row, column, 1]
            # Tested before the casts: a wild vector or NaN would become an arbitrary index.
            if not (-half - 1 < x < width + half and -half - 1 < y < height + half):
                continue
            left, top = np.floor(x), np.floor(y)
            _kernel(x - left, precision, half, along_x)
            _kernel(y - top, precision, half, along_y)
            for j in range(span):
                pairs[2 * j], pairs[2 * j + 1] = along_x[j] * image[row, column], along_x[j]
            start = 2 * (int(left) + half + 1)
            for i in range(span):
                line = totals[int(top) + half + 1 + i, start : start + 2 * span]
                for j in range(2 * span):
                    line[j] += along_y[i] * pairs[j]
    for row in range(height):
        for column in range(width):
            total, weight = totals[row + span, 2 * (column + span)], totals[row + span, 2 * (column + span) + 1]
            out[row, column] = total / weight if weight > 0.0 else 0.0


@njit(cache=True, nogil=True, inline="always", error_model="numpy")
def _kernel(fraction, precision, half, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write ``exp(-precision * (i - fraction)^2)`` for i from 1 - half to half, with two exponentials for all.

    Neighbouring weights have a ratio that itself changes by the constant factor ``exp(-2 * precision)``.
    """
    decay = math.exp(-2.0 * precision)
    out[half - 1] = math.exp(-precision * fraction * fraction)
    to_right = math.exp(precision * (2.0 * fraction - 1.0))
    to_left = decay / to_right
    for i in range(half, 2 * half):
        out[i] = out[i - 1] * to_right
        to_right *= decay
    for i in range(half - 2, -1, -1):
        out[i] = out[i + 1] * to_left
        to_left *= decay
