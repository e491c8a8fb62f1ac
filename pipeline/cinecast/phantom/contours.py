"""Outlines of a sagittal slice through the right lung and liver, in atlas mm (x to posterior, y to inferior)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.phantom.spline import curve

Floats = NDArray[np.float64]
Knots = tuple[tuple[float, float], ...]

# x of each outline at the heights y given: (y, x).
SKIN_FRONT: Knots = ((-60, 112), (0, 106), (45, 94), (90, 74), (140, 56), (190, 44), (240, 37), (300, 36), (420, 40))
SKIN_BACK: Knots = ((-60, 228), (0, 236), (60, 251), (130, 261), (200, 262), (270, 254), (330, 246), (420, 244))
CAVITY_FRONT: Knots = (
    (16, 160),
    (22, 136),
    (36, 122),
    (70, 104),
    (110, 88),
    (150, 75),
    (195, 65),
    (240, 58),
    (420, 57),
)
CAVITY_BACK: Knots = ((16, 160), (22, 178), (40, 194), (90, 209), (150, 215), (215, 214), (270, 205), (420, 196))

# y of each outline at the depths x given: (x, y).
DIAPHRAGM: Knots = (
    (40, 250),
    (60, 229),
    (80, 209),
    (103, 195),
    (128, 191),
    (152, 199),
    (176, 219),
    (196, 245),
    (216, 278),
)
LIVER_EDGE: Knots = ((40, 318), (70, 322), (100, 314), (130, 302), (160, 292), (185, 280), (216, 272))


class Oval(NamedTuple):
    """An ellipse: centre and radii along x and y, in atlas mm, and its turn from x towards y in radians."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    turn: float = 0.0


class AtlasGrid(NamedTuple):
    """Atlas mm of the samples that are painted.

    Parameters
    ----------
    x, y
        Position of each sample, each of the shape (rows, columns) of the painting.
    edge_mm
        Width over which an outline fades: one sample, so that outlines do not show steps.
    """

    x: Floats
    y: Floats
    edge_mm: float

    def inside(self, signed_distance: Floats) -> Floats:
        """Return 1 where the distance (mm) is positive, 0 where negative, fading over one sample."""
        return np.clip(signed_distance / self.edge_mm + 0.5, 0, 1)

    def between(self, front: Knots, back: Knots, *, inset: tuple[float, float] = (0.0, 0.0)) -> Floats:
        """Return the mask between two outlines x(y).

        Parameters
        ----------
        front
            Outline (y, x) whose anterior side is outside.
        back
            Outline (y, x) whose posterior side is outside.
        inset
            How far the outlines are moved inwards, mm (front, back).

        Returns
        -------
        Floats
            0 to 1, shape (rows, columns) of the grid.
        """
        y = self.y[:, 0]
        front_x = curve(front, y)[:, None] + inset[0]
        back_x = curve(back, y)[:, None] - inset[1]
        return np.asarray(self.inside(self.x - front_x) * self.inside(back_x - self.x))

    def below(self, outline: Knots) -> Floats:
        """Return the mask inferior to an outline y(x)."""
        return self.inside(self.y - curve(outline, self.x[0])[None, :])

    def oval(self, oval: Oval) -> Floats:
        """Return the mask of an ellipse."""
        dx, dy = self.x - oval.x, self.y - oval.y
        across = (dx * np.cos(oval.turn) + dy * np.sin(oval.turn)) / oval.radius_x
        along = (dy * np.cos(oval.turn) - dx * np.sin(oval.turn)) / oval.radius_y
        return self.inside((1 - np.hypot(across, along)) * min(oval.radius_x, oval.radius_y))


def front_ribs() -> list[Oval]:
    """Return the ribs cut in the front chest wall, between skin and lung."""
    heights = np.arange(74.0, 236.0, 27.0)
    middle = 0.42 * curve(SKIN_FRONT, heights) + 0.58 * curve(CAVITY_FRONT, heights)
    return [Oval(float(x), float(y), 4.2, 7.5, 0.35) for x, y in zip(middle, heights, strict=True)]


def back_ribs() -> list[Oval]:
    """Return the ribs and transverse processes cut behind the lung, where nothing moves."""
    heights = np.arange(34.0, 330.0, 25.0)
    behind = np.maximum(curve(CAVITY_BACK, heights), 205) + 9.5
    return [Oval(float(x), float(y), 6.8, 9.5, -0.15) for x, y in zip(behind, heights, strict=True)]
