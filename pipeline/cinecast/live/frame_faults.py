"""Whether a frame can be used at all, before anything is computed from it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

# As of a sequence: `cinecast.sequence.check_frames`.
SMALLEST_FRAME = 8


def fault_of_frame(frame: NDArray[Any], shape: tuple[int, ...] | None) -> str | None:
    """Return what makes a frame useless.

    Parameters
    ----------
    frame
        What arrived.
    shape
        (H, W) of the frames before it; None where there is none.

    Returns
    -------
    A part of a sentence about the frame, as in "it has 47 x 40 pixels instead of 48 x 40"; None for a good frame.
    """
    if frame.ndim != 2 or frame.dtype.kind not in "iuf":
        return f"it is no grey image (shape {frame.shape}, {frame.dtype})"
    if min(frame.shape) < SMALLEST_FRAME:
        return f"it has only {frame.shape[0]} x {frame.shape[1]} pixels"
    if shape is not None and frame.shape != shape:
        return f"it has {frame.shape[0]} x {frame.shape[1]} pixels instead of {shape[0]} x {shape[1]}"
    if np.ma.is_masked(frame):
        return "it has masked pixels"
    if frame.dtype.kind == "f" and not np.isfinite(frame).all():
        return "it has pixels that are not finite numbers"
    if frame.min() == frame.max():
        return f"it shows no image: every pixel is {frame.flat[0]:g}"
    return None


def fault_of_time(time_s: float, newest_s: float) -> str | None:
    """Return what is wrong with the time of a frame.

    Parameters
    ----------
    time_s
        Its time in s.
    newest_s
        Time in s of the newest good frame before it; minus infinity where there is none.

    Returns
    -------
    A part of a sentence about the frame, as in "it repeats the time of the frame before it"; None for a good time.
    """
    if not math.isfinite(time_s):
        return f"its time is {time_s}"
    if time_s == newest_s:
        return "it repeats the time of the frame before it"
    if time_s < newest_s:
        return f"it comes from the past, {newest_s - time_s:.4g} s before the newest frame"
    return None
