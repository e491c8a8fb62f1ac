"""Frames as small pictures in grey levels that a browser decodes to the very same levels."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

# The brightest pixels (vessels at inflow) and the darkest say little; without them the rest has more contrast.
WINDOW_PERCENTILES = (0.5, 99.5)
_WEBP_LOSSLESS = 101


class Window(NamedTuple):
    """Grey values shown as black and as white."""

    low: float
    high: float


def grey_window(frames: NDArray[Any]) -> Window:
    """Return the robust range of grey values of some frames, or their full range where that is empty."""
    low, high = np.percentile(frames, WINDOW_PERCENTILES)
    if low == high:  # an image that is nearly all background
        low, high = frames.min(), frames.max()
    return Window(float(low), float(high))


def to_levels(frames: NDArray[Any], window: Window) -> NDArray[np.uint8]:
    """Return grey values as levels 0 (at or below the window) to 255 (at or above it)."""
    scaled = (frames.astype(np.float64) - window.low) / (window.high - window.low)
    levels: NDArray[np.uint8] = np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return levels


def encode_stack(levels: NDArray[np.uint8]) -> list[str]:
    """Return frames (N, H, W) as lossless WebP pictures in base64.

    Every picture but the first holds the difference to the frame before, modulo 256: predicted frames are the same
    reference frame warped, so this takes a quarter off the size of a folder that people mail to each other.
    """
    steps = levels.copy()
    steps[1:] -= levels[:-1]
    return [_encode(step) for step in steps]


def difference_limit(differences: list[NDArray[np.int16]]) -> int:
    """Return the end of the colour scale of difference images, in percent of the window: 5, 10, ... 100.

    Parameters
    ----------
    differences
        Differences of levels, -255 to 255, of every method and horizon: one scale for all, so that colours compare.
        At most one pixel in 200 lies beyond it.
    """
    largest = max((float(np.percentile(np.abs(d), 99.5)) for d in differences if d.size), default=0.0)
    return int(np.clip(np.ceil(largest / 255 * 20) * 5, 5, 100))


def _encode(picture: NDArray[np.uint8]) -> str:
    _, content = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_LOSSLESS])
    return base64.b64encode(content.tobytes()).decode("ascii")
