"""Labels laid out as the frames of the sequence are, by patient geometry where both have one, else by the file's axes.

Axes may be in another order and turned round where the affines say so: converters turn rows round, other programs save
in canonical orientation. Nothing is resampled: pixels must fall upon pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.grid_placement import GridPlacement, geometry_words, placement_by_affine
from cinecast.frames.masks.label_image import LabelImage
from cinecast.sequence import Sequence

# A spacing that nobody uses, given in three digits.
SAME_SPACING = 0.01


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


def _placement(image: LabelImage, sequence: Sequence) -> GridPlacement | None:
    if sequence.affine is None:
        return _by_axes(image, sequence)
    if image.affine is not None:
        return _by_affine(image, image.affine, sequence)
    likely = None if image.likely_affine is None else _by_affine(image, image.likely_affine, sequence)
    return likely or _by_axes(image, sequence)


def _by_affine(image: LabelImage, affine: NDArray[np.float64], sequence: Sequence) -> GridPlacement | None:
    assert sequence.affine is not None
    placement = placement_by_affine(image.labels.shape[1:4], affine, sequence.affine)
    return placement if placement is not None and _fits(placement, image, sequence) else None


def _fits(placement: GridPlacement, image: LabelImage, sequence: Sequence) -> bool:
    whole, start = sequence.frames.shape[1:], placement.start
    size = _size(image, placement)
    if image.offset is None:
        return start == (0, 0) and size == whole
    return min(start) >= 0 and all(first + part <= all_ for first, part, all_ in zip(start, size, whole, strict=True))


def _size(image: LabelImage, placement: GridPlacement) -> tuple[int, int]:
    axes = image.labels.shape[1:4]
    return axes[placement.row_axis], axes[placement.column_axis]


def _by_axes(image: LabelImage, sequence: Sequence) -> GridPlacement | None:
    """Return the first placement in the order of the file that has the size and the spacing of the frames, or None."""
    for across in image.across:
        column_axis, row_axis = (axis for axis in range(3) if axis != across)
        start = (0, 0) if image.offset is None else (image.offset[row_axis], image.offset[column_axis])
        placement = GridPlacement(column_axis, row_axis, across, start=start)
        if _fits(placement, image, sequence) and _same_spacing(placement, image, sequence):
            return placement
    return None


def _same_spacing(placement: GridPlacement, image: LabelImage, sequence: Sequence) -> bool:
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
        f"{geometry_words(axes, image.spacing_mm, image.affine)} for frames with "
        f"{geometry_words(frames, (column, row), sequence.affine)}; draw it on these frames, or resample it onto them"
    )
