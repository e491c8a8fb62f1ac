"""Random detail: multi-scale grain and branching vessels, so that motion can be seen everywhere in the body."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Gaussian widths in frame pixels and weights: fine grain for the finest pyramid level, coarse for the coarsest.
GRAIN = ((0.9, 0.35), (1.8, 0.6), (4.0, 0.55), (10.0, 0.45))


def grain(rng: np.random.Generator, shape: tuple[int, int], *, samples_per_pixel: int) -> Floats:
    """Return smooth random texture of mean 0 and standard deviation about 1.

    Parameters
    ----------
    rng
        Generator of the noise.
    shape
        (rows, columns) of the samples.
    samples_per_pixel
        How many samples a frame pixel has along each axis.

    Returns
    -------
    Floats
        Shape (rows, columns), without unit.
    """
    total = np.zeros(shape)
    for sigma, weight in GRAIN:
        noise = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), sigma * samples_per_pixel)
        total += weight * noise / noise.std()
    return total


class Tree(NamedTuple):
    """How a vessel tree grows.

    Parameters
    ----------
    x, y
        Root in atlas mm.
    heading
        Direction of the trunk in radians, 0 to posterior, pi / 2 to inferior.
    length_mm, radius_mm
        Of the trunk; both shrink from branch to branch.
    generations
        Times the tree forks.
    """

    x: float
    y: float
    heading: float
    length_mm: float
    radius_mm: float
    generations: int


class Branch(NamedTuple):
    """One straight piece of a vessel, from (x0, y0) to (x1, y1), in atlas mm; `share` (0 to 1) lies in the plane."""

    x0: float
    y0: float
    x1: float
    y1: float
    radius_mm: float
    share: float


def grow(rng: np.random.Generator, tree: Tree, *, share: float = 1.0) -> list[Branch]:
    """Return the branches of a tree whose forks are drawn from `rng`; branches wander in and out of the plane.

    Parameters
    ----------
    rng
        Generator of bends, lengths and forks.
    tree
        Root, trunk and number of forks.
    share
        How much of the trunk lies in the plane, 0 to 1.

    Returns
    -------
    list[Branch]
        The trunk first.
    """
    bend = tree.heading + rng.normal(0, 0.15)
    x = tree.x + tree.length_mm * np.cos(bend)
    y = tree.y + tree.length_mm * np.sin(bend)
    branches = [Branch(tree.x, tree.y, float(x), float(y), tree.radius_mm, share)]
    if tree.generations > 0:
        for side in (-1, 1):
            heading = bend + side * rng.uniform(0.2, 0.75)
            length, radius = tree.length_mm * rng.uniform(0.65, 0.95), tree.radius_mm * rng.uniform(0.6, 0.8)
            fork = Tree(float(x), float(y), float(heading), length, radius, tree.generations - 1)
            branches += grow(rng, fork, share=float(np.clip(share + rng.normal(-0.12, 0.4), 0, 1)))
    return branches


def draw_vessels(branches: list[Branch], x: Floats, y: Floats) -> Floats:
    """Return how much vessel each sample holds.

    Parameters
    ----------
    branches
        In atlas mm.
    x
        Atlas x of each sample in mm, shape (rows, columns), a regular grid.
    y
        Atlas y of each sample in mm, of that shape.

    Returns
    -------
    Floats
        Of that shape, 0 to 1; where branches cross, the larger counts.
    """
    step_x, step_y = x[0, 1] - x[0, 0], y[1, 0] - y[0, 0]
    mask = np.zeros(x.shape, dtype=np.uint8)
    for b in branches:
        ends = [
            (round(16 * (end_x - x[0, 0]) / step_x), round(16 * (end_y - y[0, 0]) / step_y))
            for end_x, end_y in ((b.x0, b.y0), (b.x1, b.y1))
        ]
        width = 2 * b.radius_mm / np.sqrt(step_x * step_y)
        # A vessel thinner than a sample is drawn one sample thick and as much fainter.
        grey = int(255 * b.share * min(1.0, width))
        piece = np.zeros_like(mask)
        cv2.line(piece, ends[0], ends[1], grey, max(1, round(width)), cv2.LINE_AA, 4)
        np.maximum(mask, piece, out=mask)
    return mask / 255.0
