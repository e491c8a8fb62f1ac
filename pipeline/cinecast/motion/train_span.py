"""The motion model that the settings ask for: pixels count as they are trusted, and held frames are left out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from numpy.typing import NDArray

from cinecast.motion.model import MotionModel, fit_motion_model
from cinecast.motion.pixel_weights import train_pixel_weights
from cinecast.settings import Settings


def fit_train_span(
    frames: NDArray[Any], dvf: NDArray[Any], settings: Settings, modes: int, held: Collection[int]
) -> MotionModel:
    """Return the motion model of a train span, or of the frames that live forecasting is calibrated on.

    Parameters
    ----------
    frames
        Frames of the train span only, shape (T, H, W).
    dvf
        Their DVFs, shape (T, H, W, 2), pixels, last axis (x, y).
    settings
        Settings of the run; ``motion`` and ``flow.reference`` count.
    modes
        Number of modes to fit, where there are as many: ``motion.modes``, or more for methods that forecast more.
    held
        Indices of frames whose motion was not measured.

    Returns
    -------
    MotionModel
        Of at least ``motion.modes`` modes.

    Raises
    ------
    SettingsError
        As `fit_motion_model`.
    """
    pixel_weights = train_pixel_weights(frames, dvf, settings, held)
    return fit_motion_model(dvf, modes, settings.motion.modes, pixel_weights, left_out=held)
