"""What is learned from the first frames: the reference, the motion model and how many numbers are forecast."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import Instants, follow_clock
from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.clock.regular_clock import RegularClock, mean_regular_interval
from cinecast.flow import FlowEstimator, estimate_flow, reference_index, with_reference
from cinecast.forecast.modes import fitted_modes
from cinecast.live.first_frames import FrameLabel
from cinecast.motion import MotionModel, fit_train_span
from cinecast.motion.held import hold
from cinecast.sequence import check_clock, check_frames, check_times
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
    frames
        The first frames that the reference was chosen from, shape (T, H, W); they stay when the model is fitted anew.
    labels
        What they are known by, one for each.
    reference_index
        Index of the reference frame among them.
    faults
        What is wrong with which of them, by their index; the motion of these is held.
    judge
        Finds faulty frames by what the calibration span was like, and has seen all of it; None where such frames are
        measured.
    held
        Frames of the span, by their index, whose motion was not measured: it is that of the frame before.
    filled
        Those that never came, where the span is one of instants: their motion lies between that of those around.
    longest_gap_s
        Up to a gap of so many s lost frames are filled in.
    """

    estimator: FlowEstimator
    reference: NDArray[Any]
    model: MotionModel
    dvf: NDArray[np.float32]
    weights: NDArray[np.float64]
    times_s: NDArray[np.float64]
    frames: NDArray[Any]
    labels: tuple[FrameLabel, ...]
    reference_index: int
    faults: Mapping[int, str]
    judge: FrameJudge | None = None
    held: frozenset[int] = frozenset()
    filled: frozenset[int] = frozenset()
    longest_gap_s: float = LONGEST_GAP_S

    @property
    def unmeasured(self) -> frozenset[int]:
        """Frames of the span, by their index, whose motion was not measured."""
        return self.held | self.filled

    @property
    def period_s(self) -> float:
        """Mean of the regular intervals between frames, in s."""
        return mean_regular_interval(self.times_s)

    def follow_clock(self) -> tuple[Instants, RegularClock]:
        """Return where the frames lie on a regular clock, and the clock as the last one has left it."""
        return follow_clock(self.times_s, self.period_s, self.longest_gap_s)

    @property
    def reference_label(self) -> FrameLabel:
        """What the reference frame is known by."""
        return self.labels[self.reference_index]


def calibrate(
    frames: NDArray[Any], times_s: NDArray[np.float64], settings: Settings, labels: tuple[FrameLabel, ...]
) -> Calibration:
    """Measure and model the motion of the first frames, as the stages of a run do it for their train span.

    Parameters
    ----------
    frames
        Shape (T, H, W); kept, not copied.
    times_s
        Their times in s, shape (T,), increasing; frames may be missing.
    settings
        Settings of all stages; of ``frames``, ``longest_gap_s`` alone is used.
    labels
        What the frames are known by, one for each.

    Returns
    -------
    Calibration
        With as many modes as the most demanding method of the settings wants, or the frames have. Faulty frames among
        them are named in a warning; theirs is the motion of the frame before, and no model is fitted to them. Kinds of
        image that follow each other in turn are warned of.

    Raises
    ------
    ReadError, SettingsError
        If frames or times break a rule of sequences, or a setting does not fit them.
    """
    from cinecast.frames.frame_faults import FrameJudge, faults_text  # with all readers, which streams do without
    from cinecast.frames.plausibility import doubt_of_kinds, doubt_of_slices

    check_frames(frames)
    check_times(times_s, len(frames))
    check_clock(times_s, mean_regular_interval(times_s), settings.frames.longest_gap_s)
    doubt = doubt_of_kinds(frames) or doubt_of_slices(frames, mean_regular_interval(times_s))
    if doubt is not None:
        _LOG.warning("calibration: %s", doubt)
    judge = FrameJudge(frames) if settings.flow.faulty_frames == "held" else None
    faults = judge.faults(frames) if judge else {}
    if faults:
        named = {labels[t].number: fault for t, fault in faults.items()}
        _LOG.warning("calibration: %s: the motion of the frame before is taken", faults_text(named))
    settings = with_reference(settings, frames, faults)
    dvf = np.stack(list(hold(estimate_flow(frames, settings.flow), faults)))
    model = fit_train_span(frames, dvf, settings, fitted_modes(settings), faults)
    number = reference_index(settings.flow)
    reference = np.array(frames[number])
    return Calibration(
        estimator=FlowEstimator(reference, settings.flow),
        reference=reference,
        model=model,
        dvf=dvf,
        weights=model.project(dvf),
        times_s=np.array(times_s),
        frames=frames,
        labels=labels,
        reference_index=number,
        faults=faults,
        judge=judge,
        held=frozenset(faults),
        longest_gap_s=settings.frames.longest_gap_s,
    )
