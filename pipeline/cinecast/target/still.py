"""Whether a target moves at all: where the frames show no tissue there is no motion, and any forecast looks right."""

from __future__ import annotations

STANDS_STILL = (
    "the measured motion does not move it. Where frames show no tissue there is no motion, and any forecast looks "
    "right: see where it lies"
)


def stands_still(farthest_mm: float, spacing_mm: tuple[float, float]) -> bool:
    """Return whether a centroid never moves by as much as its mask can show, half a pixel.

    Parameters
    ----------
    farthest_mm
        Its largest distance from where it was drawn, in mm.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    bool
    """
    return farthest_mm < min(spacing_mm) / 2
