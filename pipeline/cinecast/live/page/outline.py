"""The outline of a mask as a path of SVG: the sides of its pixels that have nothing beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cinecast.live.pixel_sides import pixel_sides


def outline(mask: NDArray[np.bool_]) -> str:
    """Return the outline of a mask.

    Parameters
    ----------
    mask
        Shape (H, W).

    Returns
    -------
    str
        Lines of an SVG path in pixels, x = column and y = row, whole numbers at the centres of pixels; the edge of the
        image counts as outside. Empty for an empty mask.
    """
    if not mask.any():
        return ""
    sides = pixel_sides(mask)
    lines = [f"M{start - 0.5:g} {at - 0.5:g}H{stop - 0.5:g}" for at, start, stop in _runs(sides.flat != 0)]
    lines += [f"M{at - 0.5:g} {start - 0.5:g}V{stop - 0.5:g}" for at, start, stop in _runs(sides.upright.T != 0)]
    return "".join(lines)


def _runs(sides: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """Yield row, first column and column after the last of each run of True."""
    changes = np.diff(np.pad(sides, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, stops = np.argwhere(changes == 1), np.argwhere(changes == -1)
    for (at, start), (_, stop) in zip(starts.tolist(), stops.tolist(), strict=True):
        yield at, start, stop
