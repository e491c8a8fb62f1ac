"""Whether the motion model still explains the measured motion."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.live.calibration import Calibration
from cinecast.motion import MotionModel, fit_motion_model

# Held-out residuals of the calibration are few, and those to come larger than the largest of them.
MARGIN = 1.5
# Motion smaller than this, in pixels, is noise whatever the calibration span was like.
SMALLEST_PX = 0.05
# So many frames in a row, above or below the threshold, change the verdict; one odd frame does not.
IN_A_ROW = 5

Change = Literal["lost", "found"]


def unexplained_px(model: MotionModel, measured: NDArray[np.float32], weights: NDArray[np.float64]) -> float:
    """Return the root mean square over the pixels of the motion that the modes leave unexplained, in pixels.

    Parameters
    ----------
    model
        The motion model.
    measured
        DVF of one frame, shape (H, W, 2), pixels.
    weights
        Its weights, shape (K,), as the model projects it.
    """
    centred = (measured - model.mean).ravel()
    # The modes are orthonormal, so that what they explain need not be formed.
    left = float(centred @ centred) - float(weights @ weights)
    return math.sqrt(max(0.0, left) / (centred.size / 2))


def threshold_px(calibration: Calibration) -> float:
    """Return the largest residual in pixels of a frame that belongs to the calibrated motion.

    Each half of the calibration span is explained by a model of the other half, because a model explains the frames it
    was made from too well; the largest residual is taken, with a margin of one half, but 0.05 pixels or more.
    """
    dvf, modes = calibration.dvf, len(calibration.model.modes)
    half = len(dvf) // 2
    residuals = [
        unexplained_px(model, field, model.project(field))
        for seen, unseen in ((dvf[:half], dvf[half:]), (dvf[half:], dvf[:half]))
        for model in [_model_of(seen, modes)]
        for field in unseen
    ]
    return max(MARGIN * max(residuals), SMALLEST_PX)


def _model_of(dvf: NDArray[np.float32], modes: int) -> MotionModel:
    try:
        return fit_motion_model(dvf, modes, at_least=1)
    except SettingsError:  # nothing moves
        pass
    mean = dvf.mean(axis=0, dtype=np.float64)
    return MotionModel(mean, np.empty((0, *mean.shape)), np.empty(0))


class Explained:
    """Follows the residuals of a stream.

    Parameters
    ----------
    threshold
        Residual in pixels above which a frame is not explained.

    Attributes
    ----------
    lost
        Whether the motion has stopped being explained.
    above
        Number of frames in a row, up to the newest, that were above the threshold.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold, self.lost = threshold, False
        self.above = self._below = 0

    def arrive(self, residual: float) -> Change | None:
        """Take in the residual of the next frame, in pixels; return what changed."""
        if residual > self.threshold:
            self.above, self._below = self.above + 1, 0
        else:
            self.above, self._below = 0, self._below + 1
        if not self.lost and self.above >= IN_A_ROW:
            self.lost = True
            return "lost"
        if self.lost and self._below >= IN_A_ROW:
            self.lost = False
            return "found"
        return None
