"""How well a target's own frame is registered to the reference frame, where the two are not the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.masks import Target

# The likeness is looked at so many pixels around the target as well: its edge is what counts.
_AROUND_PX = 5


def registration_at(target: Target, frames: NDArray[Any], reference: int, dvf: NDArray[Any]) -> float:
    """Return how like the reference frame is to the target's own, brought back onto it, at the target.

    Parameters
    ----------
    target
        Its mask and the frame that it is of.
    frames
        Shape (T, H, W).
    reference
        Index of the reference frame.
    dvf
        Measured DVFs, shape (T, H, W, 2), pixels.

    Returns
    -------
    float
        Correlation of the grey values at the target and 5 pixels around it, -1 to 1; NaN where either is constant.
    """
    from scipy.ndimage import binary_dilation  # type: ignore[import-untyped]

    from cinecast.flow.registration import pulled_inside, translate  # compiled

    own = np.asarray(dvf[target.frame])
    moved = translate(target.mask.astype(np.float64), own) > 0.5
    inside = np.asarray(binary_dilation(moved, iterations=_AROUND_PX), dtype=bool)
    if not inside.any():
        return float("nan")
    pulled, real = pulled_inside(frames[target.frame], own)[inside], frames[reference][inside].astype(np.float64)
    if np.ptp(pulled) == 0 or np.ptp(real) == 0:
        return float("nan")
    return float(np.corrcoef(pulled, real)[0, 1])


def registered(target: Target, frames: NDArray[Any], reference: int, dvf: NDArray[Any]) -> str:
    """Return `registration_at` in words.

    Parameters
    ----------
    target
        Its mask and the frame that it is of.
    frames
        Shape (T, H, W).
    reference
        Index of the reference frame.
    dvf
        Measured DVFs, shape (T, H, W, 2), pixels.

    Returns
    -------
    str
        A part of a sentence.
    """
    likeness = registration_at(target, frames, reference, dvf)
    return f"registered to the reference frame {reference} with a correlation of {likeness:.3f}"
