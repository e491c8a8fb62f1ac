"""Push the reference frame forward along a DVF: Gaussian splat, normalised (Nadaraya-Watson)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.rounding import floor
from cinecast.settings import WarpSettings

# Kernels narrower than this (pixels) underflow to 0 between pixels; at this width a pixel already takes the value
# of whatever lands nearest to it.
NARROWEST_SIGMA = 0.04


def warp(reference: NDArray[Any], dvf: NDArray[Any], settings: WarpSettings) -> NDArray[Any]:
    """Return the frame that the DVF predicts from the reference frame.

    Each pixel is sent to ``p + dvf[p]`` and spread by a Gaussian kernel over ``2 * half_window`` pixels in each
    direction; the sum is divided by the sum of kernel weights, as in the code published with arXiv 2410.05882.

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
        np.rint(values, out=values)
    return np.asarray(values.astype(reference.dtype))


def splat(reference: NDArray[Any], dvf: NDArray[Any], *, sigma: float, half_window: int) -> NDArray[np.float64]:
    """Return the push-forward of the reference frame, not rounded; see `warp`.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    dvf
        Deformation, shape (H, W, 2), pixels, last axis (x, y). A pixel whose vector is NaN, infinite or points far
        outside lands nowhere.
    sigma
        Width of the Gaussian kernel in pixels; below 0.04 it counts as 0.04.
    half_window
        The kernel covers ``2 * half_window`` pixels in each direction.

    Returns
    -------
    NDArray[np.float64]
        Shape (H, W), in the unit of the reference; 0 where no pixel lands.

    Raises
    ------
    ValueError
        If the shapes do not belong together.
    """
    from cinecast.warp.splatting import quotient, splat_sums  # compiled, which a plan or a report can do without

    if dvf.shape != (*reference.shape, 2):
        raise ValueError(f"dvf must have shape {(*reference.shape, 2)} like the reference, got {dvf.shape}")
    image = np.ascontiguousarray(reference, dtype=np.float64)
    field = np.ascontiguousarray(dvf, dtype=np.float32 if dvf.dtype == np.float32 else np.float64)
    totals, weights = splat_sums(image, field, 0.5 / max(sigma, NARROWEST_SIGMA) ** 2, half_window)
    return quotient(totals, weights)
