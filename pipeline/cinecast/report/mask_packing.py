"""Masks as text that a page unpacks again: cut to a box, a bit a pixel, what changes from one to the next, deflated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.report.text_of_bytes import deflated_text
from cinecast.target import MaskSeries


class MaskBox(NamedTuple):
    """The part of the image that holds all masks of a target: its first row and column, and how many there are."""

    row: int
    column: int
    rows: int
    columns: int

    def slices(self) -> tuple[slice, slice]:
        """Return what an image is cut with."""
        return slice(self.row, self.row + self.rows), slice(self.column, self.column + self.columns)


def unpacked(series: MaskSeries, index: Any = ...) -> NDArray[np.bool_]:
    """Return masks of a series.

    Parameters
    ----------
    series
        Masks in any arrangement.
    index
        What is taken of the arrangement; all of it by default.

    Returns
    -------
    NDArray[np.bool_]
        Shape (..., H, W).
    """
    rows, columns = series.shape
    bits = np.unpackbits(series.bits[index], axis=-1, count=rows * columns)
    return np.asarray(bits.reshape(*bits.shape[:-1], rows, columns), dtype=bool)


def box_of(masks: Iterable[NDArray[np.bool_]]) -> MaskBox:
    """Return the box around all masks of some stacks, each of shape (..., H, W); one pixel where there is nothing."""
    together = np.logical_or.reduce([mask.any(axis=tuple(range(mask.ndim - 2))) for mask in masks])
    if not together.any():
        return MaskBox(0, 0, 1, 1)
    rows, columns = (np.flatnonzero(together.any(axis=axis)) for axis in (1, 0))
    return MaskBox(int(rows[0]), int(columns[0]), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1)


def pack_masks(masks: NDArray[np.bool_], box: MaskBox) -> dict[str, Any]:
    """Return a stack of masks as text.

    Parameters
    ----------
    masks
        Shape (..., N, H, W): each is stored as what differs from the one before it among the N.
    box
        The part of the image that is kept.

    Returns
    -------
    dict
        ``shape`` of the masks in the box, (..., N, rows, columns), and ``data``: bits in their order, eight to a byte,
        the first in the highest place, deflated, in printable characters.
    """
    cut = masks[(..., *box.slices())]
    changed = cut.copy()
    changed[..., 1:, :, :] ^= cut[..., :-1, :, :]
    return {"shape": list(cut.shape), "data": deflated_text(np.packbits(changed).tobytes(), level=9)}
