"""The anatomy as a continuous image: painted twice as fine as the pixels, read by cubic B-spline."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from cinecast.phantom import contours
from cinecast.phantom.atlas import HEIGHT_MM, WIDTH_MM
from cinecast.phantom.contours import AtlasGrid, Oval
from cinecast.phantom.settings import PhantomSettings
from cinecast.phantom.spline import read_spline, spline_coefficients
from cinecast.phantom.texture import Tree, draw_vessels, grain, grow

Floats = NDArray[np.float64]

SAMPLES_PER_PIXEL = 2
# The scanner's point spread: bounds the detail so that a frame's own pixels can be interpolated.
POINT_SPREAD_PX = 0.65
# Beyond the farthest tissue that can move into view: the support of the spline.
SPLINE_MARGIN_PX = 4

LIVER = 620.0
"""Brightness of the liver, the unit of the noise level. Air is 0, subcutaneous fat about 1450."""

HEART = Oval(106, 160, 23, 31, 0.7)
HILUM = (Oval(148, 116, 8, 10, 0.3), Oval(160, 140, 5, 9, -0.3), Oval(137, 99, 5, 4), Oval(152, 92, 4, 5))
COLLAR_BONE = Oval(101, 54, 5, 9, 0.45)
KIDNEY = Oval(178, 308, 14, 30, 0.12)
GALL_BLADDER = Oval(98, 300, 13, 7, -0.5)
GAS = (Oval(72, 337, 10, 8), Oval(118, 332, 15, 9, 0.2), Oval(148, 352, 9, 12))

# Vessels: trunks leave the hilum, the porta hepatis and the caval vein in all directions of the organ.
LUNG_TREES = tuple(
    Tree(148, 120, angle, length, 2.0, 6)
    for angle, length in ((-2.3, 22), (-1.7, 20), (-1.2, 24), (-0.5, 18), (0.4, 18), (1.1, 24), (1.6, 26), (2.9, 18))
)
LIVER_TREES = tuple(
    Tree(x, y, angle, length, radius, 4)
    for x, y, angle, length, radius in (
        (138, 286, -2.4, 24, 2.6),
        (138, 286, -1.4, 24, 2.6),
        (150, 280, -0.6, 18, 2.2),
        (92, 306, -1.9, 24, 1.8),
        (136, 206, 1.9, 24, 2.4),
        (136, 206, 0.9, 20, 2.0),
    )
)


@dataclass(frozen=True, eq=False)
class Anatomy:
    """Brightness of the reference anatomy at any point.

    Parameters
    ----------
    coefficients
        Cubic B-spline coefficients, shape (rows, columns) of the painting.
    margin_px
        How far the painting reaches beyond the frame on every side, in pixels.
    """

    coefficients: NDArray[np.float32]
    margin_px: int

    def __call__(self, column: NDArray[np.float32], row: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the brightness at pixel positions `column`, `row` of the reference frame, of their shape."""
        scaled_row = (row + self.margin_px) * SAMPLES_PER_PIXEL
        scaled_column = (column + self.margin_px) * SAMPLES_PER_PIXEL
        return read_spline(self.coefficients, scaled_row, scaled_column)


def make_anatomy(settings: PhantomSettings, rng: np.random.Generator) -> Anatomy:
    """Paint one anatomy; the outlines are always the same, grain and vessels are drawn from `rng`.

    Parameters
    ----------
    settings
        Size and spacing of the field of view.
    rng
        Generator of grain and vessels.

    Returns
    -------
    Anatomy
        Brightness at any point of the plane, to be called with columns and rows in pixels.
    """
    reach = max(settings.peak_excursions_mm) / min(settings.pixel_spacing_mm)
    margin = math.ceil(reach) + SPLINE_MARGIN_PX
    painting = paint(_grid(settings, margin), rng)
    spread = cv2.GaussianBlur(painting, (0, 0), POINT_SPREAD_PX * SAMPLES_PER_PIXEL)
    return Anatomy(spline_coefficients(spread.astype(np.float64)), margin)


def _grid(settings: PhantomSettings, margin: int) -> AtlasGrid:
    """Return the atlas positions of the painting's samples."""
    step_x, step_y = WIDTH_MM / settings.columns, HEIGHT_MM / settings.rows
    columns = np.arange((settings.columns - 1 + 2 * margin) * SAMPLES_PER_PIXEL + 1) / SAMPLES_PER_PIXEL - margin
    rows = np.arange((settings.rows - 1 + 2 * margin) * SAMPLES_PER_PIXEL + 1) / SAMPLES_PER_PIXEL - margin
    x, y = np.meshgrid((columns + 0.5) * step_x, (rows + 0.5) * step_y)
    return AtlasGrid(x, y, max(step_x, step_y) / SAMPLES_PER_PIXEL)


def paint(grid: AtlasGrid, rng: np.random.Generator) -> Floats:
    """Return the brightness of every sample of `grid`, from the skin inwards.

    Parameters
    ----------
    grid
        Where the samples lie in the atlas.
    rng
        Generator of grain and vessels.

    Returns
    -------
    Floats
        Brightness of each sample, shape (rows, columns) of the grid, 0 outside the body.
    """
    texture = grain(rng, grid.x.shape, samples_per_pixel=SAMPLES_PER_PIXEL)
    image = np.zeros(grid.x.shape)
    _paint_wall(image, grid, texture)
    cavity = grid.between(contours.CAVITY_FRONT, contours.CAVITY_BACK) * grid.inside(grid.y - 16)
    belly = cavity * grid.below(contours.DIAPHRAGM)
    _paint_chest(image, grid, texture, rng, cavity - belly)
    _paint_belly(image, grid, texture, rng, belly)
    _paint_ribs(image, grid, texture)
    return image


def _lay(image: Floats, mask: Floats, brightness: Floats | float) -> None:
    """Cover `image` with `brightness` where the mask is 1, in place."""
    image += mask * (brightness - image)


def _paint_wall(image: Floats, grid: AtlasGrid, texture: Floats) -> None:
    skin = (contours.SKIN_FRONT, contours.SKIN_BACK)
    _lay(image, grid.between(*skin), 520 * (1 + 0.1 * texture))
    _lay(image, grid.between(*skin, inset=(1.6, 1.6)), 1450 * (1 + 0.07 * texture))
    _lay(image, grid.between(*skin, inset=(9, 7)), 400 * (1 + 0.16 * texture))


def _paint_chest(image: Floats, grid: AtlasGrid, texture: Floats, rng: np.random.Generator, lung: Floats) -> None:
    _lay(image, lung, 80 + 26 * texture)
    branches = [branch for tree in LUNG_TREES for branch in grow(rng, tree)]
    _lay(image, lung * draw_vessels(branches, grid.x, grid.y), 560 * (1 + 0.15 * texture))
    for vessel in HILUM:
        _lay(image, lung * grid.oval(vessel), 940 * (1 + 0.08 * texture))
    _lay(image, lung * grid.oval(HEART), 430 * (1 + 0.12 * texture))
    chamber = HEART._replace(x=HEART.x - 3, y=HEART.y - 5, radius_x=HEART.radius_x - 7, radius_y=HEART.radius_y - 9)
    _lay(image, lung * grid.oval(chamber), 720 * (1 + 0.12 * texture))


def _paint_belly(image: Floats, grid: AtlasGrid, texture: Floats, rng: np.random.Generator, belly: Floats) -> None:
    _lay(image, belly, 430 * (1 + 0.32 * texture))
    liver = belly * (1 - grid.below(contours.LIVER_EDGE))
    _lay(image, liver, LIVER * (1 + 0.09 * texture))
    branches = [branch for tree in LIVER_TREES for branch in grow(rng, tree)]
    _lay(image, liver * draw_vessels(branches, grid.x, grid.y), 900 * (1 + 0.05 * texture))
    _lay(image, belly * grid.oval(KIDNEY), 780 * (1 + 0.1 * texture))
    pelvis = KIDNEY._replace(x=KIDNEY.x - 3, radius_x=5, radius_y=16)
    _lay(image, belly * grid.oval(pelvis), 1050 * (1 + 0.06 * texture))
    _lay(image, belly * grid.oval(GALL_BLADDER), 1080 * (1 + 0.03 * texture))
    for bubble in GAS:
        _lay(image, belly * grid.oval(bubble), 120 + 25 * texture)


def _paint_ribs(image: Floats, grid: AtlasGrid, texture: Floats) -> None:
    for rib in (COLLAR_BONE, *contours.front_ribs(), *contours.back_ribs()):
        _lay(image, grid.oval(rib), 170 * (1 + 0.1 * texture))
        marrow = rib._replace(radius_x=rib.radius_x - 1.8, radius_y=rib.radius_y - 1.8)
        _lay(image, grid.oval(marrow), 690 * (1 + 0.1 * texture))
