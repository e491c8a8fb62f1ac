"""How far parts of the image move from one frame to the next, coarsely and without any flow: for plausibility alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

# Cells along a side of a block, and how many cells it is looked for in each direction.
_SIDE, _REACH = 12, 5
# A block of which nothing like it is found has moved out of the plane, or shows noise.
_SMALLEST_LIKENESS = 0.6
# A block without structure fits everywhere.
_LEAST_ENERGY = 0.3


def block_shifts(before: Double, after: Double) -> Double:
    """Return how far the blocks of a look have moved in the next one.

    Parameters
    ----------
    before, after
        Looks of two frames (`cinecast.frames.frame_look.look_of`), shape (h, w).

    Returns
    -------
    NDArray[np.float64]
        Shifts in cells along (rows, columns) of the blocks that were found again, shape (n, 2); n is 0 where the look
        has too few cells.
    """
    rows, columns = before.shape
    usual = np.sqrt(_SIDE * _SIDE / before.size)
    starts = [range(_REACH, size - _SIDE - _REACH + 1, _SIDE // 2) for size in (rows, columns)]
    found = [_shift(before, after, row, column, usual) for row in starts[0] for column in starts[1]]
    return np.array([each for each in found if each is not None]).reshape(-1, 2)


def _shift(before: Double, after: Double, row: int, column: int, usual: float) -> tuple[float, float] | None:
    block = before[row : row + _SIDE, column : column + _SIDE]
    block = block - block.mean()
    length = float(np.linalg.norm(block))
    if length < _LEAST_ENERGY * usual:
        return None
    around = after[row - _REACH : row + _SIDE + _REACH, column - _REACH : column + _SIDE + _REACH]
    windows = np.lib.stride_tricks.sliding_window_view(around, (_SIDE, _SIDE))
    means = windows.mean(axis=(2, 3))
    energy = np.sqrt(np.maximum((windows * windows).mean(axis=(2, 3)) - means * means, 0)) * _SIDE
    products = np.tensordot(windows, block, axes=([2, 3], [0, 1]))
    likeness = np.divide(products, energy * length, out=np.zeros_like(products), where=energy > 0)
    best_row, best_column = (int(i) for i in np.unravel_index(int(likeness.argmax()), likeness.shape))
    if likeness[best_row, best_column] < _SMALLEST_LIKENESS:
        return None
    return (
        best_row - _REACH + _vertex(likeness[:, best_column], best_row),
        best_column - _REACH + _vertex(likeness[best_row], best_column),
    )


def _vertex(line: Double, best: int) -> float:
    """Return where the parabola through a maximum and its neighbours has its vertex, from the maximum; 0 at an end."""
    if not 0 < best < len(line) - 1:
        return 0.0
    left, middle, right = line[best - 1 : best + 2]
    bend = left - 2 * middle + right
    return float(0.5 * (left - right) / bend) if bend < 0 else 0.0
