"""How far the borders of two masks lie apart, in mm."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class SurfaceDistances(NamedTuple):
    """Distance in mm of each border pixel of one mask to the nearest border pixel of the other, in order of pixels."""

    from_forecast: NDArray[np.float64]
    from_reference: NDArray[np.float64]


def border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a mask, (H, W), of which one of the 4 neighbours is outside; so is what is off the image."""
    around = np.pad(mask, 1)
    inner = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    return np.asarray(mask & ~inner)


def surface_distances(
    forecast: NDArray[np.bool_], reference: NDArray[np.bool_], *, spacing_mm: tuple[float, float]
) -> SurfaceDistances:
    """Return the distances between the borders of two masks, both ways.

    Parameters
    ----------
    forecast, reference
        Masks, shape (H, W), neither of them empty.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.

    Returns
    -------
    SurfaceDistances
        Euclidean distances between centres of pixels.
    """
    # Only distances between borders are read, so none is lost when the image is cropped to both masks. A margin keeps
    # the box from cutting through a mask; where the image itself ends there is none, as for `border`.
    box = union_box(forecast, reference)
    forecast_border, reference_border = border(forecast[box]), border(reference[box])
    return SurfaceDistances(
        _distances_to(reference_border, spacing_mm)[forecast_border],
        _distances_to(forecast_border, spacing_mm)[reference_border],
    )


def union_box(*masks: NDArray[np.bool_], margin: int = 1) -> tuple[slice, slice]:
    """Return the smallest box around masks.

    Parameters
    ----------
    *masks
        Shape (H, W), not all of them empty.
    margin
        Pixels added on each side, as far as the image reaches.

    Returns
    -------
    tuple[slice, slice]
        Rows and columns.
    """
    bounds = [(np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))) for mask in masks if mask.any()]
    rows, columns = (np.concatenate(each) for each in zip(*bounds, strict=True))
    # A slice may end behind the image, but a start below 0 would count from its end.
    return tuple(slice(max(each.min() - margin, 0), each.max() + margin + 1) for each in (rows, columns))  # type: ignore[return-value]


def _distances_to(pixels: NDArray[np.bool_], spacing_mm: tuple[float, float]) -> NDArray[Any]:
    from scipy.ndimage import distance_transform_edt  # type: ignore[import-untyped]

    return np.asarray(distance_transform_edt(~pixels, sampling=spacing_mm))
