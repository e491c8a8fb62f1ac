"""The atlas: the plane in which anatomy and motion are drawn, stretched to whatever field of view is asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.phantom.settings import PhantomSettings
from cinecast.sequence import Roi

HEIGHT_MM = 345.6
WIDTH_MM = 288.0
"""Size of the atlas; x runs from anterior to posterior, y from superior to inferior, from the outer corner."""

# Diaphragm, liver and what lies around them.
ROI_MM = {"y": (160.0, 312.0), "x": (52.0, 216.0)}


def pixels_per_mm(settings: PhantomSettings) -> tuple[float, float]:
    """Return pixels per atlas mm along (x, y); atlas mm are true mm in the default field of view only."""
    return settings.columns / WIDTH_MM, settings.rows / HEIGHT_MM


def to_atlas(settings: PhantomSettings, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return atlas mm (x, y) of `points` (column, row), last axis 2; pixel 0 is centred half a pixel inside.

    Parameters
    ----------
    settings
        Size of the field of view.
    points
        Shape (..., 2), pixels, last axis (x = column, y = row).

    Returns
    -------
    NDArray[np.float64]
        Shape (..., 2), mm.
    """
    return np.asarray((points + 0.5) / np.array(pixels_per_mm(settings)))


def pixel_grid(settings: PhantomSettings) -> NDArray[np.float64]:
    """Return (column, row) of every pixel, shape (H, W, 2)."""
    rows, columns = np.mgrid[0 : settings.rows, 0 : settings.columns].astype(np.float64)
    return np.stack([columns, rows], axis=-1)


def region_of_interest(settings: PhantomSettings) -> Roi:
    """Return the ROI around diaphragm and liver in pixels."""
    per_x, per_y = pixels_per_mm(settings)
    top, bottom = (round(y * per_y) for y in ROI_MM["y"])
    left, right = (round(x * per_x) for x in ROI_MM["x"])
    return Roi(rows=(top, bottom), columns=(left, right))


def sagittal_affine(settings: PhantomSettings) -> NDArray[np.float64]:
    """Return the (4, 4) map from (column, row, plane, 1) to RAS+ mm of a sagittal plane through the liver.

    Columns run to posterior, rows to inferior; the field is centred 60 mm to the right of the midline.
    """
    row_step, column_step = settings.pixel_spacing_mm
    return np.array(
        [
            [0.0, 0.0, 5.0, 60.0],
            [-column_step, 0.0, 0.0, column_step * (settings.columns - 1) / 2],
            [0.0, -row_step, 0.0, row_step * (settings.rows - 1) / 2],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )
