"""How much each pixel counts in the motion model: as much as its vectors can be trusted, or all alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.settings import Settings


def train_pixel_weights(
    frames: NDArray[Any], dvf: NDArray[Any], settings: Settings, left_out: Collection[int] = ()
) -> NDArray[np.float64] | None:
    """Return the weights that the settings ask for, learned from the frames that the motion model is fitted to.

    Parameters
    ----------
    frames
        Frames of the train span (live: of the calibration) only, shape (T, H, W).
    dvf
        Their DVFs, shape (T, H, W, 2), pixels, last axis (x, y).
    settings
        Settings of the run; ``motion.pixel_weights`` and ``flow.reference`` count.
    left_out
        Indices of frames whose motion was not measured.

    Returns
    -------
    NDArray[np.float64] or None
        Shape (H, W), 0 or more; None where all pixels count alike.
    """
    if settings.motion.pixel_weights == "uniform":
        return None
    from cinecast.flow.reference import reference_index
    from cinecast.flow.reliability import static_reliability  # compiled

    return weights_of(static_reliability(frames, dvf, reference_index(settings.flow), left_out))


def weights_of(reliability: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the weights of pixels whose vectors can be trusted so far.

    Parameters
    ----------
    reliability
        Shape (H, W), 0 to 1.

    Returns
    -------
    NDArray[np.float64]
        Shape (H, W), with a mean of 1: the square of the reliability, as the weight of a measurement is the inverse of
        its variance. 1 everywhere where nothing can be trusted at all.
    """
    squared = np.square(reliability, dtype=np.float64)
    mean = float(squared.mean())
    return squared / mean if mean > 0 else np.ones_like(squared)
