"""What is learned from the first frames: the reference, the motion model and how many numbers are forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow import FlowEstimator, estimate_flow
from cinecast.forecast.modes import fitted_modes
from cinecast.motion import MotionModel, fit_motion_model, train_pixel_weights
from cinecast.sequence import check_frames, check_times
from cinecast.settings import Settings


@dataclass(frozen=True, eq=False)
class Calibration:
    """All that a stream is measured with.

    Parameters
    ----------
    estimator
        Measures the DVF of a frame against the reference frame.
    reference
        The reference frame, shape (H, W).
    model
        Motion model of the calibration span.
    dvf
        DVFs of the calibration span, shape (T, H, W, 2), pixels.
    weights
        Their weights, shape (T, K).
    times_s
        Their times in s, shape (T,).
    """

    estimator: FlowEstimator
    reference: NDArray[Any]
    model: MotionModel
    dvf: NDArray[np.float32]
    weights: NDArray[np.float64]
    times_s: NDArray[np.float64]

    @property
    def period_s(self) -> float:
        """Time between frames in s."""
        return float(np.median(np.diff(self.times_s)))


def calibrate(frames: NDArray[Any], times_s: NDArray[np.float64], settings: Settings) -> Calibration:
    """Measure and model the motion of the first frames, as the stages of a run do it for their train span.

    Parameters
    ----------
    frames
        Shape (T, H, W).
    times_s
        Their times in s, shape (T,), regular.
    settings
        Settings of all stages; of ``frames``, nothing is used.

    Returns
    -------
    Calibration
        With as many modes as the most demanding method of the settings wants, or the frames have.

    Raises
    ------
    ReadError, SettingsError
        If frames or times break a rule of sequences, or a setting does not fit them.
    """
    check_frames(frames)
    check_times(times_s, len(frames))
    dvf = np.stack(list(estimate_flow(frames, settings.flow)))
    pixel_weights = train_pixel_weights(frames, dvf, settings)
    model = fit_motion_model(dvf, fitted_modes(settings), settings.motion.modes, pixel_weights)
    reference = np.array(frames[settings.flow.reference])
    return Calibration(
        FlowEstimator(reference, settings.flow), reference, model, dvf, model.project(dvf), np.array(times_s)
    )
