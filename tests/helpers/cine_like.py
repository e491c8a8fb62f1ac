"""Frames that look like anatomy and breathe, made in a moment: for what needs structure, but no known motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def anatomy(seed: int, shape: tuple[int, int] = (96, 80)) -> NDArray[np.float64]:
    """Return a smooth random image of ellipses, 0 to about 1000, on dark background."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]] / np.array(shape).reshape(2, 1, 1)
    height, width, turn = rng.uniform(0.25, 0.48), rng.uniform(0.25, 0.48), rng.uniform(0, np.pi)
    down, along = rows - rng.uniform(0.4, 0.6), columns - rng.uniform(0.4, 0.6)
    turned = np.cos(turn) * down + np.sin(turn) * along, np.cos(turn) * along - np.sin(turn) * down
    image = 300.0 * ((turned[0] / height) ** 2 + (turned[1] / width) ** 2 < 1)
    for _ in range(40):
        row, column, size = *rng.uniform(0.15, 0.85, 2), rng.uniform(0.02, 0.09)
        image += rng.uniform(-250, 250) * (np.hypot(rows - row, columns - column) < size)
    return np.asarray(image)


def breathing(
    seed: int, count: int = 40, frames_per_breath: float = 12.0, depth: float = 4.0, shape: tuple[int, int] = (96, 80)
) -> NDArray[np.float64]:
    """Return frames (T, H, W) of an anatomy that moves up and down by `depth` pixels to either side, with noise."""
    rng = np.random.default_rng(seed + 1000)
    image = np.pad(anatomy(seed, shape), ((16, 16), (0, 0)), mode="edge")
    places = 16 + depth * np.cos(2 * np.pi * np.arange(count) / frames_per_breath)
    rows = np.arange(shape[0])
    frames = []
    for place in places:
        whole, part = int(np.floor(place)), place - np.floor(place)
        frames.append((1 - part) * image[rows + whole] + part * image[rows + whole + 1])
    return np.abs(np.array(frames) + rng.normal(0, 15, (count, *shape)))
