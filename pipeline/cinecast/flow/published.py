"""The flow as the published tables were made: pyramidal iterative Lucas-Kanade in the arithmetic of arXiv 2410.05882.

Brightness moves it: a frame that is brighter than the reference counts as motion, and frames are floored or rounded in
grey values of 8 bits. It is here for comparison with published tables.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.filters import Double, scharr_gradient, smooth
from cinecast.flow.kernels import (
    MARGIN,
    add_increment,
    invert_normal_matrices,
    residual_moments,
    surround,
    to_finer_level,
)
from cinecast.rounding import floor, half_up
from cinecast.settings import FlowSettings

# epsilon_detG of the published code, in 8-bit grey values to the fourth power.
DETERMINANT_LIMIT = 1e-3
# A matrix is of rank one where the eigenvalues' ratio is below this: published frames are whole numbers, so such
# matrices are exactly singular and any value from 1e-15 to 1e-8 gives the same flow.
SINGULAR_TOLERANCE = 1e-12


@dataclass(frozen=True)
class _Level:
    """What one pyramid level needs of the reference: computed once, used for every frame."""

    reference: Double
    gradient_x: Double
    gradient_y: Double
    inverse: tuple[Double, Double, Double]


class PublishedFlow:
    """Flow of any number of frames against one reference frame, in double precision.

    Frames and pyramid levels are floored; those of 16-bit integers are smoothed and interpolated in whole numbers. The
    normal matrices hold gradients of the reference alone, so they are formed and inverted once.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W), grey values of 8 bits or so.
    settings
        Settings of the stage.
    levels
        Levels of the pyramid.
    """

    def __init__(self, reference: NDArray[Any], settings: FlowSettings, levels: int) -> None:
        self._settings, self._count = settings, levels
        self._whole = reference.dtype.kind in "iu" and reference.dtype.itemsize == 2
        self._finish = half_up if self._whole else floor
        self._scratch = threading.local()
        self._levels = [self._prepare(image) for image in self._pyramid(reference)]

    def estimate(self, frame: NDArray[Any]) -> Double:
        """Return the DVF of one frame, shape (H, W, 2), pixels, to be copied: the next call writes on it."""
        pyramid = self._pyramid(frame)
        flow: Double = np.zeros((*pyramid[-1].shape, 2))
        for level, image in zip(reversed(self._levels), reversed(pyramid), strict=True):
            if flow.shape[:2] != image.shape:
                flow = np.asarray(to_finer_level(flow, *image.shape), dtype=np.float64)
            self._refine(level, image, flow)
        return flow

    def _prepare(self, image: Double) -> _Level:
        x, y = scharr_gradient(image)
        sigma = self._settings.sigma_window
        xx, xy, yy = smooth(x * x, sigma), smooth(x * y, sigma), smooth(y * y, sigma)
        return _Level(image, x, y, invert_normal_matrices(xx, xy, yy, DETERMINANT_LIMIT, SINGULAR_TOLERANCE))

    def _refine(self, level: _Level, image: Double, flow: Double) -> None:
        """Improve the flow of one level in place."""
        surrounded, moments, spare = self._buffers(image)
        surround(image, surrounded)
        for _ in range(self._settings.iterations):
            gradient = level.gradient_x, level.gradient_y
            residual_moments(level.reference, surrounded, flow, *gradient, moments, self._whole)
            add_increment(flow, *level.inverse, smooth(moments, self._settings.sigma_window, out=spare))

    def _pyramid(self, frame: NDArray[Any]) -> list[Double]:
        """Return the levels, finest first: smoothed, then every 2nd pixel taken."""
        settings = self._settings
        # Contiguous, so that the compiled kernels are compiled once whatever the memory order of a reader's arrays.
        grey: Double = np.ascontiguousarray(frame, dtype=np.float64)
        levels: list[Double] = [self._finish(smooth(grey, settings.sigma_init))]
        while len(levels) < self._count:
            smoothed = smooth(levels[-1], settings.sigma_subsampling)
            levels.append(self._finish(np.ascontiguousarray(smoothed[::2, ::2], dtype=np.float64)))
        return levels

    def _buffers(self, image: Double) -> tuple[Double, Double, Double]:
        """Return a surrounded image and two fields to write on: of this thread, kept, as fresh memory costs much."""
        kept = self._scratch.__dict__.setdefault("buffers", {})
        shape = image.shape
        if shape not in kept:
            surrounded = np.zeros([size + 2 * MARGIN for size in shape])
            kept[shape] = surrounded, np.empty((*shape, 2)), np.empty((*shape, 2))
        surrounded, first, second = kept[shape]
        return surrounded, first, second
