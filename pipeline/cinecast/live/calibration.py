"""What is learned from the first frames: the reference, the motion model and how many numbers are forecast."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cinecast.flow import FlowEstimator, estimate_flow, reference_index, with_reference
from cinecast.forecast.modes import fitted_modes
from cinecast.motion import MotionModel, fit_train_span
from cinecast.motion.held import hold
from cinecast.sequence import check_frames, check_times
from cinecast.settings import Settings

if TYPE_CHECKING:
    from cinecast.frames.frame_faults import FrameJudge

_LOG = logging.getLogger(__name__)


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
    judge
        Finds faulty frames by what the calibration span was like, and has seen all of it; None where such frames are
        measured.
    held
        Frames of the span, by their index, whose motion was not measured: it is that of the frame before.
    """

    estimator: FlowEstimator
    reference: NDArray[Any]
    model: MotionModel
    dvf: NDArray[np.float32]
    weights: NDArray[np.float64]
    times_s: NDArray[np.float64]
    judge: FrameJudge | None = None
    held: frozenset[int] = frozenset()

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
        With as many modes as the most demanding method of the settings wants, or the frames have. Faulty frames among
        them are named in a warning; theirs is the motion of the frame before, and no model is fitted to them.

    Raises
    ------
    ReadError, SettingsError
        If frames or times break a rule of sequences, or a setting does not fit them.
    """
    from cinecast.frames.frame_faults import FrameJudge, faults_text  # with all readers, which streams do without

    check_frames(frames)
    check_times(times_s, len(frames))
    judge = FrameJudge(frames) if settings.flow.faulty_frames == "held" else None
    faults = judge.faults(frames) if judge else {}
    if faults:
        _LOG.warning("calibration: %s: theirs is the motion of the frame before", faults_text(faults))
    settings = with_reference(settings, frames, faults)
    dvf = np.stack(list(hold(estimate_flow(frames, settings.flow), faults)))
    model = fit_train_span(frames, dvf, settings, fitted_modes(settings), faults)
    reference = np.array(frames[reference_index(settings.flow)])
    estimator = FlowEstimator(reference, settings.flow)
    weights = model.project(dvf)
    return Calibration(estimator, reference, model, dvf, weights, np.array(times_s), judge, frozenset(faults))
