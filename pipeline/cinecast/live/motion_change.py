"""Whether the motion is still that of the calibration: what the motion model leaves of it is watched."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.live.calibration import Calibration
from cinecast.live.contradictions import Contradictions
from cinecast.motion import MotionModel, fit_motion_model
from cinecast.motion.held import without_held

# Held-out residuals of the calibration are few, and those to come larger than the largest of them.
MARGIN = 1.5
# Motion smaller than this, in pixels, is noise whatever the calibration span was like.
SMALLEST_PX = 0.05
Change = Literal["changed", "returned"]


def residual_px(model: MotionModel, weights: NDArray[np.float64], squared: float) -> float:
    """Return the residual: the root mean square over the pixels of the motion that the modes do not explain.

    Where pixels have weights, it is their weighted mean.

    Parameters
    ----------
    model
        The motion model.
    weights, squared
        Weights of one frame on all modes of the model, shape (K,), and its distance from the mean, as
        `MotionModel.project_one` gives them.

    Returns
    -------
    Length in pixels, 0 or more; 0 where the modes leave nothing.
    """
    # The modes are orthonormal as pixels count, so that what they explain need not be formed.
    left = squared - float(weights @ weights)
    pixels = model.mean.size / 2 if model.pixel_weights is None else float(model.pixel_weights.sum())
    return math.sqrt(max(0.0, left) / pixels)


def residual_threshold_px(calibration: Calibration) -> float:
    """Return the largest residual in pixels of a frame that belongs to the calibrated motion.

    Each half of the calibration span is explained by a model of the other half, because a model explains the frames it
    was made from too well; the largest residual is taken, with a margin of one half, but 0.05 pixels or more.
    """
    dvf, model_of_all = without_held(calibration.dvf, calibration.unmeasured), calibration.model
    half = len(dvf) // 2
    residuals = [
        residual_px(model, *model.project_one(field))
        for seen, unseen in ((dvf[:half], dvf[half:]), (dvf[half:], dvf[:half]))
        for model in [_model_of(seen, model_of_all)]
        for field in unseen
    ]
    return max(MARGIN * max(residuals), SMALLEST_PX)


def _model_of(dvf: NDArray[np.float32], like: MotionModel) -> MotionModel:
    try:
        return fit_motion_model(dvf, len(like.modes), at_least=1, pixel_weights=like.pixel_weights)
    except SettingsError:  # nothing moves
        pass
    mean = dvf.mean(axis=0, dtype=np.float64)
    return MotionModel(mean, np.empty((0, *mean.shape)), np.empty(0), like.pixel_weights)


class MotionChangeDetector:
    """Tells when the motion of a stream has become another than that of the calibration.

    Parameters
    ----------
    threshold_px
        Residual in pixels above which a frame is not explained by the motion model.

    Attributes
    ----------
    changed
        Whether the motion is another one: several frames in a row were above the threshold, and not yet as many below.
    above
        Whether the newest frame was above the threshold.
    """

    def __init__(self, threshold_px: float) -> None:
        self.threshold_px = threshold_px
        self.changed = self.above = False
        self._contradictions = Contradictions()

    def observe(self, residual: float) -> Change | None:
        """Take in the residual of the next frame, in pixels; return what changed with it."""
        self.above = residual > self.threshold_px
        if not self._contradictions.observe(self.above if self.above != self.changed else None):
            return None
        self.changed = self.above
        return "changed" if self.changed else "returned"
