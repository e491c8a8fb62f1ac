"""How well a DVF explains a frame: the frame pulled back onto the reference, and what differs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.kernels import MARGIN, pull_back


def translate(frame: NDArray[Any], dvf: NDArray[Any]) -> NDArray[np.float64]:
    """Return the frame sampled at ``p + dvf[p]``: bilinear, 0 outside.

    Parameters
    ----------
    frame
        Shape (H, W).
    dvf
        Shape (H, W, 2), pixels, last axis (x, y); NaN points outside.

    Returns
    -------
    NDArray[np.float64]
        Shape (H, W), in the unit of the frame.

    Raises
    ------
    ValueError
        If the shapes do not belong together.
    """
    if dvf.shape != (*frame.shape, 2):
        raise ValueError(
            f"dvf must have shape {(*frame.shape, 2)} like the frame, got {dvf.shape}; give that of the frame"
        )
    surrounded = np.zeros([size + 2 * MARGIN for size in frame.shape])
    surrounded[MARGIN:-MARGIN, MARGIN:-MARGIN] = frame
    out = np.empty(frame.shape)
    pull_back(surrounded, np.ascontiguousarray(dvf, dtype=np.float64), out)
    return out


def pulled_inside(frame: NDArray[Any], dvf: NDArray[Any]) -> NDArray[np.float64]:
    """Return the frame sampled at ``p + dvf[p]``, or at the nearest pixel of its border: the 0 beyond would be an edge.

    Parameters
    ----------
    frame
        Shape (H, W).
    dvf
        Shape (H, W, 2), pixels, last axis (x, y).

    Returns
    -------
    NDArray[np.float64]
        Shape (H, W), in the unit of the frame.
    """
    rows, columns = dvf.shape[:2]
    x, y = np.arange(columns), np.arange(rows)[:, np.newaxis]
    inside = np.empty(dvf.shape)
    inside[..., 0] = np.clip(dvf[..., 0], -x, columns - 1 - x)
    inside[..., 1] = np.clip(dvf[..., 1], -y, rows - 1 - y)
    return translate(frame, inside)


def registration_nrmse(
    reference: NDArray[Any], frame: NDArray[Any], dvf: NDArray[Any], *, black_beyond: bool = True
) -> float:
    """Return ``|reference - frame(p + dvf)| / |reference - mean|`` over the image.

    This is the published criterion for choosing flow settings (arXiv 2410.05882).

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    frame
        Shape (H, W), in the same unit.
    dvf
        Shape (H, W, 2), pixels, last axis (x = column, y = row).
    black_beyond
        Whether a place beyond the image is 0, as published; else it is as the nearest pixel of its border. Where grey
        values have an offset 0 is no black, and motion across the border would look like an error.

    Returns
    -------
    float
        0 for a perfect registration; NaN where the reference is constant.
    """
    target = reference.astype(np.float64)
    if target.min() == target.max():
        return math.nan
    difference = target - (translate if black_beyond else pulled_inside)(frame, dvf)
    return float(np.linalg.norm(difference) / np.linalg.norm(target - target.mean()))
