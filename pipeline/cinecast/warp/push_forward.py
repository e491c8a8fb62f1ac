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
    Array of shape (H, W) with the dtype of the reference; `black_of` it where no pixel lands.

    Notes
    -----
    The kernel smooths, it does not interpolate: at sigma 0.5 even a DVF of zero keeps 62 % of a pixel and takes the
    rest from its neighbours, which on real sequences makes an image nRMSE of 0.02 to 0.08 on its own.
    """
    return PushForward(reference, settings)(dvf)


def black_of(reference: NDArray[Any], settings: WarpSettings) -> float:
    """Return the grey value of a place that no pixel lands at.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    settings
        Settings of the stage.

    Returns
    -------
    float
        0, as in the published code. Where grey values go below 0, as of frames with an offset or of mean 0, that is no
        black but a grey or even the brightest: there it is the lowest value, unless the arithmetic is the published.
    """
    return 0.0 if settings.arithmetic == "published" else min(0.0, float(reference.min()))


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
    return _Splat(reference, sigma, half_window)(dvf)


class PushForward:
    """Warps one reference frame along one DVF after another, into the same memory; each thread needs its own.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    settings
        Settings of the stage.
    """

    def __init__(self, reference: NDArray[Any], settings: WarpSettings) -> None:
        self._splat = _Splat(reference, settings.sigma, settings.half_window, black_of(reference, settings))
        self._dtype = reference.dtype
        self._floors = settings.arithmetic == "published"

    def __call__(self, dvf: NDArray[Any]) -> NDArray[Any]:
        """Return the frame that a DVF predicts, as `warp` does: an array of its own."""
        return np.asarray(self._rounded(dvf).astype(self._dtype))

    def grey_values(self, dvf: NDArray[Any]) -> NDArray[np.float64]:
        """Return the grey values of the frame that a DVF predicts, to compute with.

        Parameters
        ----------
        dvf
            Deformation, shape (H, W, 2), pixels, last axis (x, y).

        Returns
        -------
        NDArray[np.float64]
            Shape (H, W), the numbers of the frame that `warp` returns; the next call writes over them.
        """
        values = self._rounded(dvf)
        if self._dtype != values.dtype:
            values[:] = values.astype(self._dtype)
        return values

    def _rounded(self, dvf: NDArray[Any]) -> NDArray[np.float64]:
        values = self._splat(dvf)
        if self._floors:
            return floor(values)
        if self._dtype.kind in "iu":
            np.rint(values, out=values)
        return values


class _Splat:
    """`splat` of one reference frame along one DVF after another, into the same memory."""

    def __init__(self, reference: NDArray[Any], sigma: float, half_window: int, black: float = 0.0) -> None:
        from cinecast.warp.splatting import room_for_sums  # compiled, which a plan or a report can do without

        self._image = np.ascontiguousarray(reference, dtype=np.float64)
        self._half, self._precision = half_window, 0.5 / max(sigma, NARROWEST_SIGMA) ** 2
        self._sums = room_for_sums(self._image.shape, half_window)
        self._values = np.empty_like(self._image)
        self._black = black

    def __call__(self, dvf: NDArray[Any]) -> NDArray[np.float64]:
        from cinecast.warp.splatting import quotient, splat_sums

        shape = self._image.shape
        if dvf.shape != (*shape, 2):
            raise ValueError(
                f"dvf must have shape {(*shape, 2)} like the reference, got {dvf.shape}; give that of one frame"
            )
        field = np.ascontiguousarray(dvf, dtype=np.float32 if dvf.dtype == np.float32 else np.float64)
        splat_sums(self._image, field, self._precision, self._half, self._sums)
        quotient(self._sums, self._half, self._values)
        if self._black:
            rows, columns = (slice(2 * self._half, 2 * self._half + size) for size in shape)
            self._values[self._sums[1, rows, columns] == 0] = self._black
        return self._values
