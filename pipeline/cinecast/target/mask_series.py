"""Masks of many frames, a bit a pixel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class MaskSeries:
    """Masks in any arrangement, packed: 20 000 frames of 256 x 256 pixels take 164 MB.

    Parameters
    ----------
    bits
        Shape (..., B): the pixels of each mask row by row, eight to a byte.
    shape
        Rows and columns of a mask, (H, W).
    """

    bits: NDArray[np.uint8]
    shape: tuple[int, int]

    def mask(self, *index: int) -> NDArray[np.bool_]:
        """Return one mask, shape (H, W), by its place in the arrangement."""
        rows, columns = self.shape
        return np.unpackbits(self.bits[index], count=rows * columns).astype(bool).reshape(rows, columns)

    def part(self, *index: int) -> MaskSeries:
        """Return the masks that follow the first places of the arrangement."""
        return MaskSeries(self.bits[index], self.shape)


def pack(masks: Iterable[NDArray[np.bool_]], shape: tuple[int, int]) -> MaskSeries:
    """Return masks as a series.

    Parameters
    ----------
    masks
        One or more masks, each of shape (H, W); taken one by one.
    shape
        Rows and columns, (H, W).

    Returns
    -------
    MaskSeries
        In one row, in the order given.
    """
    return MaskSeries(np.stack([np.packbits(mask) for mask in masks]), shape)
