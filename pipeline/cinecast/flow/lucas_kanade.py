"""Dense pyramidal iterative Lucas-Kanade flow, which brightness cannot move: the default of the stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.cells import refine, to_finer_cells, to_pixels
from cinecast.flow.filters import gradient, kernel_taps, smooth
from cinecast.flow.kernels import invert_normal_matrices
from cinecast.flow.normalisation import centre, normalise
from cinecast.settings import FlowSettings

# A matrix is of rank one where the eigenvalues' ratio is below this.
SINGULAR_TOLERANCE = 1e-12
# With a ridge of this or more, no rounding error of single precision is amplified to motion.
RIDGE_FOR_SINGLE = 1e-3

Image = NDArray[np.floating[Any]]


class _Level(NamedTuple):
    """What one pyramid level needs of the reference, computed once: see `cinecast.flow.cells.refine`."""

    reference: Image
    gradient_x: Image
    gradient_y: Image
    inverse: Image


@dataclass(frozen=True)
class _Kernels:
    """Taps of the Gaussians on cells, in the precision of the flow."""

    window: Image
    motion: Image


class CellFlow:
    """Lucas-Kanade flow of any number of frames against one reference frame, its motion kept on cells of 2 x 2 pixels.

    Frames are freed of brightness first (`normalise`). The normal matrices hold gradients of the reference alone
    (inverse-compositional form, Baker and Matthews, IJCV 56, 2004), so they are formed and inverted once.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W), grey values in any unit.
    settings
        Settings of the stage.
    levels
        Levels of the pyramid.
    """

    def __init__(self, reference: NDArray[Any], settings: FlowSettings, levels: int) -> None:
        self._settings, self._count = settings, levels
        self._kind: type[np.floating[Any]] = np.float32 if settings.ridge >= RIDGE_FOR_SINGLE else np.float64
        self._kernels = _Kernels(self._taps(settings.sigma_window), self._taps(settings.sigma_motion))
        self._levels = [self._prepare(image) for image in self._pyramid(reference)]

    def estimate(self, frame: NDArray[Any]) -> Image:
        """Return the DVF of one frame, shape (H, W, 2), pixels."""
        settings, pyramid = self._settings, self._pyramid(frame)
        cells: Image = np.zeros((*self._levels[-1].inverse.shape[:2], 2), self._kind)
        for number in range(len(pyramid) - 1, -1, -1):
            level = self._levels[number]
            rows, columns = level.inverse.shape[:2]
            if cells.shape[:2] != (rows, columns):
                cells = to_finer_cells(cells, rows, columns)
            iterations = settings.iterations if number else settings.finest_iterations
            kernels = self._kernels.window, self._kernels.motion
            refine(level.reference, pyramid[number], *level[1:], cells, iterations, *kernels)
        flow: Image = np.empty((*frame.shape, 2), self._kind)
        to_pixels(cells, flow)
        return flow

    def _prepare(self, image: Image) -> _Level:
        x, y = gradient(image.astype(np.float64))
        sigma = self._settings.sigma_window / 2
        xx, xy, yy = (smooth(_cell_sums(product), sigma) for product in (x * x, x * y, y * y))
        energy = self._settings.ridge * 0.5 * float((xx + yy).mean())
        inverse = np.stack(invert_normal_matrices(xx + energy, xy, yy + energy, np.inf, SINGULAR_TOLERANCE), axis=-1)
        return _Level(image, *(np.ascontiguousarray(part, dtype=self._kind) for part in (x, y, inverse)))

    def _pyramid(self, frame: NDArray[Any]) -> list[Image]:
        """Return the levels, finest first: smoothed, then every 2nd pixel taken."""
        settings = self._settings
        grey = normalise(frame, settings.normalisation) if settings.normalisation > 0 else centre(frame)
        levels = [smooth(grey.astype(self._kind, copy=False), settings.sigma_init)]
        while len(levels) < self._count:
            levels.append(np.ascontiguousarray(smooth(levels[-1], settings.sigma_subsampling)[::2, ::2]))
        return levels

    def _taps(self, sigma: float) -> Image:
        """Return the taps of a Gaussian on cells, whose width is given in pixels; a single one for none."""
        return kernel_taps(sigma / 2, np.dtype(self._kind)) if sigma > 0 else np.ones(1, self._kind)


def _cell_sums(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums over cells of 2 x 2 pixels; pixels beyond the far edges count as 0."""
    rows, columns = image.shape
    even = np.zeros((rows + rows % 2, columns + columns % 2))
    even[:rows, :columns] = image
    return np.ascontiguousarray(even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2])
