"""DVFs of the train span, handed out in parts: as they lie on the disk they may be larger than memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Double = NDArray[np.float64]

# Numbers that a part holds at most: 64 MB in double precision.
MOST_NUMBERS = 1 << 23
# Vector components of a part at most.
_TOGETHER = 1 << 15
# So many numbers that count alike are taken at once, as the published tables were made.
_WHOLE = 1 << 24


class TrainFields:
    """DVFs less their mean over the train span, in double precision.

    Parameters
    ----------
    dvf
        DVFs of the train span, shape (T, H, W, 2), pixels; may be memory-mapped.
    left_out
        Indices of frames that do not count; others may be among them that are not of the train span.

    Attributes
    ----------
    count
        Number of the DVFs that count.
    size
        Number of vector components of each, 2 H W.
    mean
        Their mean, shape (2 H W,).
    """

    def __init__(self, dvf: NDArray[Any], left_out: Collection[int] = ()) -> None:
        self._flat = dvf.reshape(len(dvf), -1)
        self._kept = np.array([t for t in range(len(dvf)) if t not in left_out], dtype=np.intp)
        self.count, self.size = len(self._kept), self._flat.shape[1]
        self.mean: Double = np.zeros(self.size)
        for t in self._kept:
            self.mean += self._flat[t]
        self.mean /= self.count
        self._kept_room: Double = np.empty(0)

    def columns(self, *, alike: bool) -> Iterator[tuple[slice, Double]]:
        """Yield some vector components of all frames at a time.

        Parameters
        ----------
        alike
            Whether all pixels count alike.

        Yields
        ------
        tuple
            Which components, and their values, shape (count, n), to be written on; the next ones take their place.
        """
        width = self.size
        if not alike or self.count * self.size > _WHOLE:
            width = min(_TOGETHER, max(1, MOST_NUMBERS // self.count))
        for start in range(0, self.size, width):
            part = slice(start, min(start + width, self.size))
            values = self._room(self.count, part.stop - start)
            np.subtract(self._flat[self._rows(slice(None)), part], self.mean[part], out=values)
            yield part, values

    def rows(self) -> Iterator[tuple[slice, Double]]:
        """Yield some whole frames at a time, in the order in which they lie on the disk.

        Yields
        ------
        tuple
            Which of the frames that count, and their values, shape (n, size), to be written on; the next ones take
            their place.
        """
        height = max(1, MOST_NUMBERS // self.size)
        for start in range(0, self.count, height):
            part = slice(start, min(start + height, self.count))
            values = self._room(part.stop - start, self.size)
            np.subtract(self._flat[self._rows(part)], self.mean, out=values)
            yield part, values

    def _room(self, rows: int, columns: int) -> Double:
        """Return an array that is given out again and again: fresh memory for each part would be twice as much."""
        if self._kept_room.size < rows * columns:
            self._kept_room = np.empty(rows * columns)
        return self._kept_room[: rows * columns].reshape(rows, columns)

    def _rows(self, part: slice) -> slice | NDArray[np.intp]:
        """Return which rows of the file a part is: a slice where all count, so that none are copied once more."""
        if self.count == len(self._flat):
            return part
        return self._kept[part]
