"""Motion of a sequence as a run with default settings measures it, and the motion model that it is split by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.flow import estimate_flow
from cinecast.flow.reference import settings_for
from cinecast.motion import MotionModel, fit_train_span
from cinecast.motion.held import held_frames, hold
from cinecast.sequence import Sequence
from cinecast.settings import Settings


def frames_held(sequence: Sequence) -> frozenset[int]:
    """Return the faulty frames, whose motion is held: no method learns from them, and they are not scored."""
    return held_frames(sequence.faults, Settings().flow)


def measured_motion(sequence: Sequence) -> NDArray[np.float32]:
    """Return DVFs of all frames, shape (T, H, W, 2), pixels, last axis (x, y); faulty frames hold the one before."""
    flow = settings_for(sequence, Settings()).flow
    return np.stack(list(hold(estimate_flow(sequence.frames, flow), frames_held(sequence))))


def motion_model(sequence: Sequence, dvf: NDArray[np.float32], modes: int) -> MotionModel:
    """Return the model of at most so many modes, fitted to the good frames of the train span."""
    settings, end = settings_for(sequence, Settings()), sequence.split.train_end
    return fit_train_span(sequence.frames[:end], np.asarray(dvf[:end]), settings, modes, frames_held(sequence))
