"""Which frames of a stream can be used: those that are of one size, and later than all before them."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from cinecast.live.contradictions import Contradictions
from cinecast.live.frame_faults import fault_of_frame, fault_of_time


class Admission:
    """Holds each frame against those that were usable; several in a row that contradict them alike are right.

    Attributes
    ----------
    shape
        (H, W) of the usable frames; None while any size will do.
    """

    def __init__(self) -> None:
        self.shape: tuple[int, ...] | None = None
        self._newest_s = -math.inf
        self._sizes, self._times = Contradictions(), Contradictions()

    def fault(self, frame: NDArray[Any], time_s: float) -> str | None:
        """Return what makes a frame useless.

        Parameters
        ----------
        frame
            What arrived.
        time_s
            Its time in s.

        Returns
        -------
        str or None
            A part of a sentence about the frame, as in "it has 47 x 40 pixels instead of 48 x 40"; None for a good one.
        """
        return fault_of_frame(frame, self.shape) or fault_of_time(time_s, self._newest_s)

    def admit(self, frame: NDArray[Any], time_s: float) -> None:
        """Hold later frames against this one.

        Parameters
        ----------
        frame
            A usable frame, shape (H, W).
        time_s
            Its time in s.
        """
        self.shape, self._newest_s = frame.shape, time_s
        self._sizes, self._times = Contradictions(), Contradictions()

    def what_changed(self, frame: NDArray[Any], time_s: float, *, may_resize: bool) -> str | None:
        """Return what a frame shows to have changed in the stream, though it contradicts the frames before it.

        Parameters
        ----------
        frame
            What arrived, with a fault beside those before it.
        time_s
            Its time in s.
        may_resize
            Whether frames may still become of another size.

        Returns
        -------
        str or None
            A part of a sentence; None where the frame is at fault by itself, or too few were like it.
        """
        if fault_of_frame(frame, None) is not None or not math.isfinite(time_s):
            return None
        if frame.shape != self.shape:
            resized = may_resize and self._sizes.observe(frame.shape)
            return f"frames have become {frame.shape[0]} x {frame.shape[1]} pixels large" if resized else None
        if not self._times.observe("past" if time_s < self._newest_s else None):
            return None
        return f"the clock of the frames was set back by {self._newest_s - time_s:.4f} s"
