"""How well a DVF explains a frame: the frame pulled back onto the reference, and what differs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow.kernels import pull_back


def translate(frame: NDArray[Any], dvf: NDArray[Any]) -> NDArray[np.float64]:
    """Return the frame sampled at ``p + dvf[p]``: bilinear, 0 outside.

    Parameters
    ----------
    frame
        Shape (H, W).
    dvf
        Shape (H, W, 2), pixels, last axis (x, y).
    """
    out = np.empty(frame.shape)
    pull_back(frame.astype(np.float64), dvf.astype(np.float64), out)
    return out


def registration_nrmse(reference: NDArray[Any], frame: NDArray[Any], dvf: NDArray[Any]) -> float:
    """Return ``|reference - frame(p + dvf)| / |reference - mean|`` over the image, without unit.

    This is the published criterion for choosing flow settings.
    """
    target = reference.astype(np.float64)
    difference = target - translate(frame, dvf)
    return float(np.linalg.norm(difference) / np.linalg.norm(target - target.mean()))
