"""How grey values and errors are shown at first; the page lets its reader change both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.sequence import Sequence

# The brightest pixels (vessels at inflow) and the darkest say little; without them the rest has more contrast.
WINDOW_PERCENTILES = (0.5, 99.5)
# Ends of colour scales that people read easily, in mm.
MILLIMETRES = (0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)
# So many pixels say all of a scale: 230 frames of 270 x 270.
_MOST_PIXELS = 1 << 24


class Window(NamedTuple):
    """Grey values shown as black and as white."""

    low: float
    high: float


def grey_window(frames: NDArray[Any]) -> Window:
    """Return the robust range of grey values of some frames, or their full range where that is empty.

    Of a long recording it is that of frames spread evenly over it.
    """
    low, high = np.percentile(_spread(frames), WINDOW_PERCENTILES)
    if low == high:  # an image that is nearly all background
        low, high = frames.min(), frames.max()
    return Window(float(low), float(high))


def _spread(frames: NDArray[Any]) -> NDArray[Any]:
    """Return frames (T, H, W) spread evenly over all, so few that a scale takes no memory to speak of; one is kept."""
    return frames[:: -(-frames.size // _MOST_PIXELS)] if frames.ndim > 2 else frames


def good_frames(sequence: Sequence, span: range | None = None) -> NDArray[Any]:
    """Return the frames that scales of pictures are made for.

    Parameters
    ----------
    sequence
        The real frames.
    span
        Which of them are shown; None for all.

    Returns
    -------
    NDArray[Any]
        Shape (N, H, W), without faulty ones: one that is many times as bright would leave all others dark. The frames
        of the span as they are where none of it is faulty, or all are.
    """
    shown = range(len(sequence.frames)) if span is None else span
    good = [t for t in shown if t not in sequence.faults]
    if len(good) in (0, len(shown)):
        return sequence.frames[shown.start : shown.stop]
    return sequence.frames[good[:: -(-len(good) * sequence.frames[0].size // _MOST_PIXELS)]]


def to_levels(frames: NDArray[Any], window: Window) -> NDArray[np.uint8]:
    """Return grey values as levels 0 (at or below the window) to 255 (at or above it).

    Parameters
    ----------
    frames
        Finite grey values of any shape.
    window
        The grey values shown as 0 and as 255; its ends differ.

    Returns
    -------
    NDArray[np.uint8]
        Of the same shape, linear between the ends of the window.
    """
    scaled = (frames.astype(np.float64) - window.low) / (window.high - window.low)
    levels: NDArray[np.uint8] = np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
    return levels


def difference_limit(real: NDArray[Any], reference: NDArray[Any], window: Window) -> int:
    """Return the end of the colour scale of difference images, in percent of the window.

    Parameters
    ----------
    real
        Real test frames, shape (N, H, W).
    reference
        Reference frame, shape (H, W): what a forecast that knows nothing of motion shows. At most one of its pixels
        in 50 differs from the real frames by more than the limit, unless that is 100. Of a long recording frames spread
        evenly over it are looked at.
    window
        The grey values shown.

    Returns
    -------
    int
        A multiple of 5, from 5 to 100.
    """
    apart = _spread(real).astype(np.float64)
    apart -= reference
    np.abs(apart, out=apart)
    largest = float(np.percentile(apart, 98, overwrite_input=True)) / (window.high - window.low)
    return int(np.clip(np.ceil(largest * 20) * 5, 5, 100))


def error_limit_mm(errors: Iterable[float]) -> float:
    """Return the end of the colour scale of errors in mm: the first readable number that none of the errors exceeds."""
    finite = [error for error in errors if np.isfinite(error)]
    return next((limit for limit in MILLIMETRES if finite and limit >= max(finite)), MILLIMETRES[-1])
