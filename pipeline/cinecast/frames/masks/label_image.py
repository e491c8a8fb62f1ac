"""Labels as a file holds them, before they are laid out as the frames are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError


@dataclass(frozen=True)
class Segment:
    """One named segment of Slicer's .seg.nrrd.

    Parameters
    ----------
    name
        Its name.
    layer, value
        Where it is: the layer, and the number in it.
    """

    name: str
    layer: int
    value: int


@dataclass(frozen=True, eq=False)
class LabelImage:
    """Label numbers and what the file says of their place.

    Parameters
    ----------
    file_name
        For messages.
    labels
        Whole numbers, 0 outside, shape (layers, n0, n1, n2, T): three axes in the order of the file, one of them across
        the plane or time, then time where the file has a fourth axis.
    affine
        (4, 4) map from indices (0, 1, 2, 1) to patient RAS+ mm, or None where the file has no position.
    likely_affine
        The same of a file that does not name the axes of its space, if they are those of ITK. It counts where it lays
        pixels upon pixels of the frames, which no other space does.
    spacing_mm
        Distance of pixel centres along the three axes in mm, or None where the file has none.
    across
        Which axis may be the one across the plane, the likeliest first, where no affine tells it.
    segments
        The named segments; none where labels have numbers alone.
    offset
        Of a file that may hold a part of the image: index of its first pixel in the whole image along the three axes,
        which counts where no affine tells it. None where the file must hold the whole image.
    """

    file_name: str
    labels: NDArray[Any]
    affine: NDArray[np.float64] | None = None
    spacing_mm: tuple[float, float, float] | None = None
    across: tuple[int, ...] = (2,)
    segments: tuple[Segment, ...] = ()
    offset: tuple[int, int, int] | None = None
    likely_affine: NDArray[np.float64] | None = None


def whole_numbers(values: NDArray[Any], file_name: str) -> NDArray[Any]:
    """Return labels as integers; floating-point values are taken where they are whole numbers.

    Parameters
    ----------
    values
        Any shape.
    file_name
        For messages.

    Returns
    -------
    NDArray[Any]
        An integer type, the same shape.

    Raises
    ------
    ReadError
        If the values are no numbers, not whole, or negative.
    """
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    if values.dtype.kind not in "iuf":
        raise ReadError(f"labels must be whole numbers, got {values.dtype} in {file_name}; convert it to a label map")
    if values.dtype.kind == "f":
        odd = values[~(np.isfinite(values) & (values == np.round(values)))]
        if odd.size:
            raise ReadError(
                f"labels must be whole numbers, got {odd.flat[0]:g} in {file_name}; a map of probabilities, or "
                "one that was resampled, must be thresholded first"
            )
        if values.size and np.abs(values).max() > np.iinfo(np.int32).max:
            raise ReadError(
                f"labels must be small whole numbers, got {values.max():g} in {file_name}; number them anew"
            )
        values = values.astype(np.int32)
    if values.size and values.min() < 0:
        raise ReadError(f"labels must be 0 (outside) or above, got {values.min()} in {file_name}; number them anew")
    return values
