"""A target followed frame by frame at horizon 0: where it is now, from the motion measured between two frames.

Motion is measured from the target's own frame, by the flow alone: no motion model is fitted. So the mask of a frame
depends on that frame and on the target's, and, where a frame is useless, on the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.flow.estimator import FlowEstimator
from cinecast.frames.frame_faults import DARK, FROZEN, SMALLEST_CONTRAST
from cinecast.live.frame_faults import fault_of_frame
from cinecast.settings import FlowSettings
from cinecast.target import MaskPropagator


class Tracked(NamedTuple):
    """A target in one frame.

    Parameters
    ----------
    mask
        Shape (H, W), True inside; empty where the target has left the image.
    folded
        Number of pixels of the target at which the motion folds.
    fault
        What is wrong with the frame, whose mask is then that of the frame before; None for a good one.
    """

    mask: NDArray[np.bool_]
    folded: int
    fault: str | None


class Tracker:
    """Follows one target; it is handed one frame at a time and knows of no other.

    A frame of another size, or one that is blank, not finite or nearly black beside the target's own frame, is not
    measured: its mask is that of the frame before. Nothing tells what else is usual, since no other frame is known: on
    a recorded sequence, what the target's frame alone would call unlike itself is one good frame in six.

    Parameters
    ----------
    mask
        The target in its own frame, shape (H, W), True inside.
    frame
        That frame, shape (H, W), grey values in any unit.
    settings
        Of the flow. ``auto`` levels are those that the size of the image allows; ``reference`` is not looked at.

    Raises
    ------
    ReadError
        If that frame is useless.
    SettingsError
        If the pyramid has too many levels for the image.
    """

    def __init__(self, mask: NDArray[np.bool_], frame: NDArray[Any], settings: FlowSettings) -> None:
        fault = fault_of_frame(frame, None)
        if fault is not None:
            raise ReadError(f"a target must be of a frame that shows it, got one of no use: {fault}; draw it anew")
        self._estimator = FlowEstimator(frame, settings)
        self._propagator = MaskPropagator(mask)
        self._least_contrast = SMALLEST_CONTRAST * float(frame.std(dtype=np.float64))
        self._holds_dark = settings.faulty_frames == "held"
        self._before = np.array(frame)  # a caller may write on it
        self._newest = Tracked(np.array(mask), 0, None)
        self._measured(frame)  # compiles, so that no frame has to wait for it

    @property
    def newest(self) -> Tracked:
        """The target in the newest frame; at first as it was given."""
        return self._newest

    def take(self, frame: NDArray[Any]) -> Tracked:
        """Return the target in the next frame, shape (H, W)."""
        fault = self._fault_of(frame)
        if fault == FROZEN:  # what is known of it holds, the folding too
            self._newest = self._newest._replace(fault=FROZEN)
        elif fault is not None:
            self._newest = Tracked(self._newest.mask, 0, fault)
        else:
            self._newest = self._measured(frame)
        self._before = np.array(frame)  # a caller may write on it
        return self._newest

    def _measured(self, frame: NDArray[Any]) -> Tracked:
        return Tracked(*self._propagator.propagate(self._estimator.stored(frame)[self._propagator.box]), None)

    def _fault_of(self, frame: NDArray[Any]) -> str | None:
        fault = fault_of_frame(frame, self._newest.mask.shape)
        if fault is None and self._holds_dark and float(frame.std(dtype=np.float64)) < self._least_contrast:
            return DARK
        return FROZEN if fault is None and np.array_equal(frame, self._before) else fault


def track(frames: Iterable[NDArray[Any]], mask: NDArray[np.bool_], settings: FlowSettings) -> Iterator[Tracked]:
    """Yield the target in each frame, before the next one is asked for.

    Parameters
    ----------
    frames
        From the target's own frame on, each of shape (H, W).
    mask
        The target in the first of them, shape (H, W), True inside.
    settings
        Of the flow.

    Yields
    ------
    Tracked
        As many as there are frames; the first as it was given.

    Raises
    ------
    ReadError
        If the first frame is useless.
    SettingsError
        If the pyramid has too many levels for the image.
    """
    tracker: Tracker | None = None
    for frame in frames:
        if tracker is None:
            tracker = Tracker(mask, frame, settings)
            yield tracker.newest
        else:
            yield tracker.take(frame)
