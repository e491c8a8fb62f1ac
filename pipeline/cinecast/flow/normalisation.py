"""Frames freed of brightness: the local mean is removed, and what is left is divided by its local deviation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.filters import smooth
from cinecast_models.compiled import compiled

# The local deviation counts as no smaller than this share of its mean over the frame: without a floor, the noise of
# empty background would be lifted to the size of tissue. It is relative to the frame's own scale, or a gain would show.
FLOOR = 0.4
# Blocks that local means are taken of are this share of sigma wide: what is left out of so wide a Gaussian is nothing.
_BLOCK = 0.4

Single = NDArray[np.float32]


def normalise(frame: NDArray[Any], sigma: float) -> Single:
    """Return a frame without its local mean, divided by its local deviation.

    Neither a gain nor an offset of the frame changes the result beyond rounding, and a smooth shading changes it
    little. Deviations are taken of what is left without the mean: the mean of squares less the square of the mean
    would lose all digits where an offset is large.

    Parameters
    ----------
    frame
        Grey values, shape (H, W), finite, in any unit.
    sigma
        Width in pixels of the Gaussian that says what local is, above 0.

    Returns
    -------
    Array of shape (H, W), without unit, of size 1 or so; 0 for a frame that is constant.
    """
    centred = centre(frame)
    size = max(1, math.floor(_BLOCK * sigma))
    means = np.empty([-(-length // size) for length in frame.shape], np.float32)
    block_means(centred, size, means)
    rest = centred - _spread(smooth(means, sigma / size), size, frame.shape)
    block_means(np.square(rest), size, means)
    variance = np.maximum(smooth(means, sigma / size), 0)
    floor = np.float32((FLOOR * float(np.sqrt(variance).mean())) ** 2)
    if floor == 0:
        return np.zeros_like(rest)
    np.sqrt(variance + floor, out=variance)
    rest /= _spread(variance, size, frame.shape)
    return rest


def centre(frame: NDArray[Any]) -> Single:
    """Return a frame less its mean, divided by its deviation, in single precision; 0 for a constant frame.

    The mean goes before the precision does: an offset of many times the contrast would take the digits of it.

    Parameters
    ----------
    frame
        Grey values, shape (H, W), finite, in any unit.
    """
    values: NDArray[np.float64] = np.array(frame, dtype=np.float64, order="C")
    largest = float(np.abs(values).max())
    values *= math.ldexp(1.0, min(1000, -math.frexp(largest)[1]))  # so that no square overflows, and no digit changes
    values -= values.mean()
    deviation = math.sqrt(float(np.square(values).mean()))
    if deviation <= _ROUNDING:
        return np.zeros(values.shape, np.float32)
    values /= deviation
    return values.astype(np.float32)


# A frame whose deviation is below this share of its largest value is constant but for rounding.
_ROUNDING = 1e-13


def _spread(blocks: Single, size: int, shape: tuple[int, ...]) -> Single:
    """Return the values of blocks (h, w) at every pixel, shape (H, W), interpolated linearly between their middles."""
    if size == 1:
        return blocks
    import cv2

    rows, columns = blocks.shape
    spread = cv2.resize(blocks, (size * columns, size * rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(spread[: shape[0], : shape[1]], dtype=np.float32)


@compiled()
def block_means(image: Single, size: int, out: Single) -> None:  # pragma: no cover - compiled
    """Write the means of square blocks of an image.

    Parameters
    ----------
    image
        Shape (H, W).
    size
        Width of a block in pixels; those at the far edges may be narrower.
    out
        Shape (ceil(H / size), ceil(W / size)).
    """
    rows, columns = image.shape
    for i in range(out.shape[0]):
        bottom = min(size * (i + 1), rows)
        for j in range(out.shape[1]):
            right = min(size * (j + 1), columns)
            total = np.float32(0)
            for y in range(size * i, bottom):
                for x in range(size * j, right):
                    total += image[y, x]
            out[i, j] = total / np.float32((bottom - size * i) * (right - size * j))
