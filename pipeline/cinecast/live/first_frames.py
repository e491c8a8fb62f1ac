"""The first frames of a stream, until there are enough of them to calibrate on."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import mean_regular_interval, regular_intervals

_LOG = logging.getLogger(__name__)


class FrameLabel(NamedTuple):
    """What a frame of a stream is known by.

    Parameters
    ----------
    number
        How many frames of the stream came before it.
    name
        What it is called in reports.
    """

    number: int
    name: str

    @property
    def text(self) -> str:
        """Number and name, once where the name is the number: "frame 21", or "frame 21, 0022.dcm"."""
        counted = f"frame {self.number}"
        return counted if self.name == counted else f"{counted}, {self.name}"


class FirstFrames:
    """Collects frames to calibrate on.

    Parameters
    ----------
    wanted
        Number of frames, 2 or more.
    """

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self._frames: list[NDArray[Any]] = []
        self._times_s: list[float] = []
        self._labels: list[FrameLabel] = []

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def frames(self) -> NDArray[Any]:
        """Grey values, shape (T, H, W)."""
        return np.stack(self._frames)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Times in s, shape (T,)."""
        return np.array(self._times_s)

    @property
    def labels(self) -> tuple[FrameLabel, ...]:
        """What the frames are known by."""
        return tuple(self._labels)

    def add(self, frame: NDArray[Any], time_s: float, label: FrameLabel) -> None:
        """Take in a good frame.

        Lost frames among the wanted ones do no harm. Where most keep no time, those before the last irregular interval
        are given up, and where the clock was set back those before that.

        Parameters
        ----------
        frame
            Grey values, shape (H, W), as large as the frames before it; kept, not copied.
        time_s
            Its time in s.
        label
            What it is known by.
        """
        if self._times_s and time_s <= self._times_s[-1]:
            self._keep(len(self))
        self._labels.append(label)
        self._frames.append(frame)
        self._times_s.append(time_s)
        if len(self) == self.wanted:
            self._drop_irregular(label.name)

    def _drop_irregular(self, name: str) -> None:
        intervals = np.diff(self.times_s)
        period = mean_regular_interval(self.times_s)
        wrong = np.flatnonzero(~regular_intervals(intervals, period))
        if 2 * len(wrong) > len(intervals):
            kept = int(wrong[-1]) + 1
            _LOG.warning(
                "calibration needs %d frames, most of them equally spaced in time, got %d of %d intervals that are no "
                "period of %.4f s: it goes on with the %d frame(s) up to %s that come after the last of these",
                self.wanted,
                len(wrong),
                len(intervals),
                period,
                len(self) - kept,
                name,
            )
            self._keep(kept)

    def _keep(self, start: int) -> None:
        self._frames, self._times_s, self._labels = self._frames[start:], self._times_s[start:], self._labels[start:]
