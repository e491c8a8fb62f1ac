"""Textures known at every point of the plane, so that their motion is known exactly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Texture = Callable[[Array, Array], Array]


def texture(rng: np.random.Generator, *, waves: int = 40, shortest: float = 9.0, longest: float = 60.0) -> Texture:
    """Return grey value as a function of (x, y) in pixels: a sum of waves of the given lengths, 20 to 220."""
    length = np.exp(rng.uniform(np.log(shortest), np.log(longest), waves))
    angle, phase = rng.uniform(0, 2 * np.pi, (2, waves))
    kx, ky = 2 * np.pi / length * np.cos(angle), 2 * np.pi / length * np.sin(angle)
    height = rng.uniform(0.5, 1.0, waves) * np.sqrt(length)
    height *= 100 / height.sum()

    def grey(x: Array, y: Array) -> Array:
        waves_here = np.cos(x[..., None] * kx + y[..., None] * ky + phase)
        return np.asarray(120 + 2.0 * (waves_here * height).sum(axis=-1))

    return grey


def grid(shape: tuple[int, int]) -> tuple[Array, Array]:
    """Return the (x, y) of every pixel."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    return x, y


def moved(grey: Texture, field: Callable[[Array, Array], Array], shape: tuple[int, int]) -> Array:
    """Return the frame in which the tissue at ``p`` of the reference lies at ``p + field(p)``."""
    x, y = grid(shape)
    source_x, source_y = x, y
    for _ in range(60):  # a contraction while the field's gradient is below 1
        u = field(source_x, source_y)
        source_x, source_y = x - u[..., 0], y - u[..., 1]
    return grey(source_x, source_y)


def translation(x: float, y: float) -> Callable[[Array, Array], Array]:
    return lambda px, py: np.stack([np.full_like(px, x), np.full_like(py, y)], axis=-1)


def sinusoid(amplitude: float, wavelength: float) -> Callable[[Array, Array], Array]:
    """Return a field like breathing: mostly along y, varying smoothly in both directions, in pixels."""
    k = 2 * np.pi / wavelength
    return lambda px, py: np.stack(
        [0.4 * amplitude * np.sin(k * py), amplitude * np.sin(k * px) * np.cos(0.7 * k * py)], axis=-1
    )


def endpoint_error(dvf: Array, truth: Array, margin: int) -> Array:
    """Return the distance between two fields in pixels, without a margin where tissue enters or leaves."""
    inner = slice(margin, -margin)
    return np.asarray(np.linalg.norm(dvf - truth, axis=-1)[inner, inner])
