"""What a frame shows, small and without its brightness, so that frames can be compared however bright they are."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

# Cells along the longer side, at most: fine enough for organs, coarse enough that noise averages out.
CELLS = 64
# Width of the window of local normalisation, and how far frames may be shifted against each other: shares of the
# shorter side. Breathing moves tissue by less.
_WINDOW, _REACH = 1 / 16, 1 / 8
# Empty background is not lifted to the size of tissue: the floor is this share of the frame's own deviation.
_FLOOR = 0.1


def look_of(frame: NDArray[Any]) -> Double:
    """Return means over square cells, less their local mean and over their local deviation, of mean 0 and norm 1.

    Neither a gain nor an offset of the frame changes it. All 0 where cells do not differ.
    """
    rows, columns = frame.shape
    side = -(-max(rows, columns) // CELLS)
    rows, columns = rows // side, columns // side
    means = _cell_means(frame[: rows * side, : columns * side], side)
    means -= means.mean()
    sigma = max(1.0, min(rows, columns) * _WINDOW)
    down, along = _gaussian_means(rows, sigma), _gaussian_means(columns, sigma).T
    detail = means - down @ means @ along
    deviation = np.sqrt(down @ (detail * detail) @ along + (_FLOOR * means.std()) ** 2)
    return unit(np.divide(detail, deviation, out=np.zeros_like(detail), where=deviation > 0))


def unit(look: Double) -> Double:
    """Return a look (h, w) shifted to mean 0 and scaled to norm 1; all 0 where it is constant."""
    centred = look - look.mean()
    length = float(np.linalg.norm(centred))
    return np.asarray(centred / length) if length > 0 else centred


class Likeness:
    """How much looks resemble one look, or each of several: their correlation at the best of all small shifts.

    Parameters
    ----------
    look
        What the others are compared with, shape (h, w), or several of them, shape (n, h, w).
    reach
        How far they may be shifted, as a share of the shorter side.
    """

    def __init__(self, look: Double, reach: float = _REACH) -> None:
        size = look.shape[-2:]
        farthest = max(1, int(min(size) * reach))
        self._shifts: Any = (..., *np.ix_(*[np.arange(-farthest, farthest + 1)] * 2))
        self._shape = tuple(8 * -(-(length + farthest) // 8) for length in size)  # so that nothing comes round
        self._look, self._spectrum = look, np.conj(np.fft.rfft2(look, self._shape))

    def each(self, look: Double) -> Double:
        """Return the likeness of a look (h, w) to each of several, shape (n,), -1 to 1."""
        spectrum = np.fft.rfft2(look, self._shape) * self._spectrum
        return np.asarray(np.fft.irfft2(spectrum, self._shape)[self._shifts].max(axis=(-2, -1)))

    def of(self, look: Double) -> float:
        """Return the likeness of a look of the same shape, -1 to 1."""
        return float(self.each(look))

    def is_at_least(self, least: float, look: Double) -> bool:
        """Return whether the likeness of a look reaches a number.

        Parameters
        ----------
        least
            The number.
        look
            Of the shape of the one look that it is compared with.

        Returns
        -------
        bool
            Mostly it is so without a shift already, and others need not be looked at.
        """
        return float(np.vdot(self._look, look)) >= least or self.of(look) >= least


def _cell_means(frame: NDArray[Any], side: int) -> Double:
    """Return the means of square cells; sums of every n-th line are several times as fast as a mean over two axes."""
    grey = frame.astype(np.float64)
    lines = grey[::side].copy()
    for start in range(1, side):
        lines += grey[start::side]
    cells = lines[:, ::side].copy()
    for start in range(1, side):
        cells += lines[:, start::side]
    return np.asarray(cells / side**2)


@lru_cache(maxsize=8)  # of one sequence, two
def _gaussian_means(size: int, sigma: float) -> Double:
    """Return the matrix (size, size) that averages a line with a Gaussian of sigma cells, cut off at its ends."""
    place = np.arange(size)
    weights = np.exp(-0.5 * ((place[:, np.newaxis] - place) / sigma) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    weights.flags.writeable = False  # shared by all callers
    return np.asarray(weights)
