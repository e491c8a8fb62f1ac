"""Labels laid out as the frames of the sequence are, by patient geometry where both have one, else by the file's axes.

Axes may be in another order and turned round where the affines say so: converters turn rows round, other programs save
in canonical orientation. Nothing is resampled: pixels must fall upon pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.masks.label_image import LabelImage
from cinecast.sequence import Sequence

# In pixels of the frames: affines are rounded to single precision or to 16 characters, no more.
SAME_PLACE_PX = 0.1
# Off the plane, in pixels: directions may be rounded to 1e-3, and a mask is flat.
SAME_PLANE_PX = 0.5
# A spacing that nobody uses, given in three digits.
SAME_SPACING = 0.01


@dataclass(frozen=True)
class _Placement:
    """Where the labels lie in the frames.

    Parameters
    ----------
    column_axis, row_axis, across
        The axis of the file along the columns (from column to column), along the rows, and across the plane.
    turned
        Whether the file counts (rows, columns) the other way round.
    start
        Row and column of the frames at which the labels begin.
    """

    column_axis: int
    row_axis: int
    across: int
    turned: tuple[bool, bool] = (False, False)
    start: tuple[int, int] = (0, 0)


def labels_on_frames(image: LabelImage, sequence: Sequence) -> NDArray[Any]:
    """Return labels on the pixels of the frames.

    Parameters
    ----------
    image
        Labels as their file holds them.
    sequence
        Its frames and their geometry.

    Returns
    -------
    NDArray[Any]
        Label numbers, 0 outside, shape (layers, N, H, W); N is 1 for a single frame.

    Raises
    ------
    ReadError
        If size, spacing, orientation or position are not those of the frames, or the labels are of several planes.
    """
    placement = _placement(image, sequence)
    if placement is None:
        raise ReadError(_geometry_differs(image, sequence))
    order = (0, 4, placement.across + 1, placement.row_axis + 1, placement.column_axis + 1)
    labels = image.labels.transpose(order)
    if labels.shape[1] > 1 and labels.shape[2] > 1:
        raise ReadError(f"a mask must be of one plane, got {labels.shape[2]} in {image.file_name}; save the one plane")
    labels = labels.reshape(len(labels), -1, *labels.shape[3:])
    labels = np.flip(labels, tuple(axis for axis, turned in zip((2, 3), placement.turned, strict=True) if turned))
    return _whole(labels, placement.start, sequence.frames.shape[1:])


def _whole(labels: NDArray[Any], start: tuple[int, int], shape: tuple[int, ...]) -> NDArray[Any]:
    rows, columns = labels.shape[2:]
    if start == (0, 0) and (rows, columns) == shape:
        return np.ascontiguousarray(labels)
    whole = np.zeros((*labels.shape[:2], *shape), dtype=labels.dtype)
    whole[:, :, start[0] : start[0] + rows, start[1] : start[1] + columns] = labels
    return whole


def _placement(image: LabelImage, sequence: Sequence) -> _Placement | None:
    if image.affine is not None and sequence.affine is not None:
        placement = _by_affine(image, image.affine, sequence)
    else:
        placement = _by_axes(image, sequence)
    return placement if placement is not None and _fits(placement, image, sequence) else None


def _fits(placement: _Placement, image: LabelImage, sequence: Sequence) -> bool:
    whole, start = sequence.frames.shape[1:], placement.start
    size = _size(image, placement)
    if image.offset is None:
        return start == (0, 0) and size == whole
    return min(start) >= 0 and all(first + part <= all_ for first, part, all_ in zip(start, size, whole, strict=True))


def _size(image: LabelImage, placement: _Placement) -> tuple[int, int]:
    axes = image.labels.shape[1:4]
    return axes[placement.row_axis], axes[placement.column_axis]


def _by_affine(image: LabelImage, affine: NDArray[np.float64], sequence: Sequence) -> _Placement | None:
    """Return the placement at which pixels fall upon pixels, or None; the first frame of the file counts."""
    assert sequence.affine is not None
    to_frames = np.linalg.inv(sequence.affine) @ affine
    across = int(np.argmin(np.linalg.norm(to_frames[:2, :3], axis=0)))
    one, other = (axis for axis in range(3) if axis != across)
    if abs(to_frames[0, one]) < abs(to_frames[1, one]):
        one, other = other, one
    ends = np.array(image.labels.shape[1:4]) - 1
    corners = np.zeros((4, 4))
    corners[3] = 1
    corners[one], corners[other] = (0, ends[one], 0, ends[one]), (0, 0, ends[other], ends[other])
    placed = to_frames @ corners
    turned = (bool(to_frames[1, other] < 0), bool(to_frames[0, one] < 0))
    start = np.round(placed[:2].min(axis=1)).astype(int)
    ideal = np.empty((2, 4))
    ideal[0] = start[0] + (ends[one] - corners[one] if turned[1] else corners[one])
    ideal[1] = start[1] + (ends[other] - corners[other] if turned[0] else corners[other])
    off_plane_px = np.abs(placed[2]) * np.linalg.norm(sequence.affine[:3, 2]) / min(sequence.spacing_mm)
    if np.abs(placed[:2] - ideal).max() > SAME_PLACE_PX or off_plane_px.max() > SAME_PLANE_PX:
        return None
    return _Placement(one, other, across, turned, (int(start[1]), int(start[0])))


def _by_axes(image: LabelImage, sequence: Sequence) -> _Placement | None:
    """Return the first placement in the order of the file that has the size and the spacing of the frames, or None."""
    for across in image.across:
        column_axis, row_axis = (axis for axis in range(3) if axis != across)
        start = (0, 0) if image.offset is None else (image.offset[row_axis], image.offset[column_axis])
        placement = _Placement(column_axis, row_axis, across, start=start)
        if _fits(placement, image, sequence) and _same_spacing(placement, image, sequence):
            return placement
    return None


def _same_spacing(placement: _Placement, image: LabelImage, sequence: Sequence) -> bool:
    if image.spacing_mm is None:
        return True
    own = image.spacing_mm[placement.row_axis], image.spacing_mm[placement.column_axis]
    pairs = zip(own, sequence.spacing_mm, strict=True)
    return all(abs(one - other) <= SAME_SPACING * other for one, other in pairs)


def _geometry_differs(image: LabelImage, sequence: Sequence) -> str:
    axes = image.labels.shape[1:4]
    frames = (*sequence.frames.shape[:0:-1], 1)
    row, column = sequence.spacing_mm
    return (
        f"a mask must have the geometry of the frames, got {image.file_name} with "
        f"{_geometry(axes, image.spacing_mm, image.affine)} for frames with "
        f"{_geometry(frames, (column, row), sequence.affine)}; draw it on these frames, or resample it onto them"
    )


def _geometry(sizes: Any, spacing_mm: tuple[float, ...] | None, affine: NDArray[np.float64] | None) -> str:
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
