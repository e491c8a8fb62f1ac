"""Where an image that lies upon the frames has their rows and columns, by the positions of both in the patient.

Its axes may be in another order and turned round where the affines say so: converters turn rows round, other programs
save in canonical orientation. Nothing is resampled: pixels must fall upon pixels.
"""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# In pixels of the frames: affines are rounded to single precision or to 16 characters, no more.
SAME_PLACE_PX = 0.1
# Off the plane, in pixels: directions may be rounded to 1e-3, and an image of a plane is flat.
SAME_PLANE_PX = 0.5


@dataclass(frozen=True)
class GridPlacement:
    """Where an image lies in the frames.

    Parameters
    ----------
    column_axis, row_axis, across
        The axis of the file along the columns (from column to column), along the rows, and across the plane.
    turned
        Whether the file counts (rows, columns) the other way round.
    start
        Row and column of the frames at which the image begins.
    """

    column_axis: int
    row_axis: int
    across: int
    turned: tuple[bool, bool] = (False, False)
    start: tuple[int, int] = (0, 0)


def placement_by_affine(
    sizes: SequenceOf[int], affine: NDArray[np.float64], frames_affine: NDArray[np.float64]
) -> GridPlacement | None:
    """Return the placement at which pixels fall upon pixels, or None; the first frame of the file counts.

    Parameters
    ----------
    sizes
        Of the file's three axes.
    affine, frames_affine
        Of the file and of the frames, shape (4, 4): from indices, of the frames (column, row, 0), to patient RAS+ mm.

    Returns
    -------
    GridPlacement or None
        None where pixels lie between pixels, or off the plane of the frames.
    """
    to_frames = np.linalg.inv(frames_affine) @ affine
    across = int(np.argmin(np.linalg.norm(to_frames[:2, :3], axis=0)))
    one, other = (axis for axis in range(3) if axis != across)
    if abs(to_frames[0, one]) < abs(to_frames[1, one]):
        one, other = other, one
    ends = np.array(sizes[:3]) - 1
    corners = np.zeros((4, 4))
    corners[3] = 1
    corners[one], corners[other] = (0, ends[one], 0, ends[one]), (0, 0, ends[other], ends[other])
    placed = to_frames @ corners
    turned = (bool(to_frames[1, other] < 0), bool(to_frames[0, one] < 0))
    start = np.round(placed[:2].min(axis=1)).astype(int)
    ideal = np.empty((2, 4))
    ideal[0] = start[0] + (ends[one] - corners[one] if turned[1] else corners[one])
    ideal[1] = start[1] + (ends[other] - corners[other] if turned[0] else corners[other])
    steps_mm = np.linalg.norm(frames_affine[:3, :3], axis=0)
    off_plane_px = np.abs(placed[2]) * steps_mm[2] / steps_mm[:2].min()
    if np.abs(placed[:2] - ideal).max() > SAME_PLACE_PX or off_plane_px.max() > SAME_PLANE_PX:
        return None
    return GridPlacement(one, other, across, turned, (int(start[1]), int(start[0])))


def geometry_words(
    sizes: SequenceOf[int], spacing_mm: SequenceOf[float] | None, affine: NDArray[np.float64] | None
) -> str:
    """Return size and place of an image in words.

    Parameters
    ----------
    sizes
        Of its axes, columns first.
    spacing_mm
        Of its axes, or None where it is not known.
    affine
        From indices to patient RAS+ mm, shape (4, 4), or None where the position is not known.

    Returns
    -------
    str
        For an error message that has those of the frames beside it.
    """
    parts = [" x ".join(str(size) for size in sizes if size > 1) + " pixels (columns first)"]
    if affine is not None:
        steps = "; ".join(_vector(affine[:3, axis]) for axis, size in enumerate(sizes) if size > 1)
        parts.append(f"steps {steps} mm and first pixel at {_vector(affine[:3, 3])} mm (RAS+)")
    elif spacing_mm is not None:
        steps = " x ".join(f"{step:g}" for step, size in zip(spacing_mm, sizes, strict=False) if size > 1)
        parts.append(f"{steps} mm, position unknown")
    else:
        parts.append("spacing and position unknown")
    return ", ".join(parts)


def _vector(numbers: NDArray[np.float64]) -> str:
    return "(" + ", ".join(f"{number:.4g}" for number in np.round(numbers, 4) + 0.0) + ")"
