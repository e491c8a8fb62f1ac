"""The first frames of a stream, until there are enough of them to calibrate on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import MOST_SHORT, mean_regular_interval, regular_intervals, short_intervals
from cinecast.live.live_settings import Lookback

_LOG = logging.getLogger(__name__)

# After so many frames their period is known well enough to say what comes too early.
_TELLING = 8
_OTHER_CLOCK = (
    "the clock is too coarse, or its stamps bunch, as where messages wait; another --clock of a stream may help"
)


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
    lookback
        Returns what the method looks at to learn from one frame, given the time between frames in s.
    """

    def __init__(self, wanted: int, lookback: Callable[[float], Lookback]) -> None:
        self.wanted, self._lookback = wanted, lookback
        self._frames: list[NDArray[Any]] = []
        self._times_s: list[float] = []
        self._labels: list[FrameLabel] = []
        self._said = False

    def anew(self) -> FirstFrames:
        """Return what collects as many frames from the next one on."""
        return FirstFrames(self.wanted, self._lookback)

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
        are given up; where too many come too early, those before the last of these; and where the clock was set back
        those before that.

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
        elif len(self) > _TELLING and not self._said:
            self._foresee(label.name)

    def _foresee(self, name: str) -> None:
        """Say once, as soon as the period tells it, why the wanted frames will not do if it goes on like this."""
        period = mean_regular_interval(self.times_s)
        (short, early), (history, ahead) = self._early(), self._lookback(period)
        if len(short) > MOST_SHORT * (self.wanted - 1):
            self._said = True
            _LOG.warning("calibration: up to %s %s; %s", name, early, _OTHER_CLOCK)
        elif not len(short) and history + ahead > self.wanted:
            self._said = True
            _LOG.warning(
                "calibration: %d frames will be too few, as they come every %.4g s: a history of %d frames and a "
                "horizon of %d need %d; start again with more (--calibration)",
                self.wanted,
                period,
                history,
                ahead,
                history + ahead,
            )

    def _drop_irregular(self, name: str) -> None:
        intervals, period = np.diff(self.times_s), mean_regular_interval(self.times_s)
        wrong, (short, early) = np.flatnonzero(~regular_intervals(intervals, period)), self._early()
        if 2 * len(wrong) > len(intervals):
            odd = f"{len(wrong)} of {len(intervals)} intervals that are no period of {period:.4f} s"
            self._give_up(wrong, f"most of them equally spaced in time, got {odd}", name)
        elif len(short) > MOST_SHORT * len(intervals):
            self._give_up(short, f"hardly any of them too early, but {early}", name)

    def _early(self) -> tuple[NDArray[np.int64], str]:
        """Return which intervals are well below one period, and that in words."""
        intervals, period = np.diff(self.times_s), mean_regular_interval(self.times_s)
        short = np.flatnonzero(short_intervals(intervals, period))
        return short, (
            f"{len(short)} of {len(intervals)} intervals are well below {period:.4f} s, {intervals.min():.4g} s at the "
            "least"
        )

    def _give_up(self, wrong: NDArray[np.int64], why: str, name: str) -> None:
        """Give up the frames before the end of the last of the wrong intervals."""
        kept = int(wrong[-1]) + 1
        _LOG.warning(
            "calibration needs %d frames, %s: it goes on with the %d frame(s) up to %s that come after the last of "
            "these; %s",
            self.wanted,
            why,
            len(self) - kept,
            name,
            _OTHER_CLOCK,
        )
        self._keep(kept)

    def _keep(self, start: int) -> None:
        self._frames, self._times_s, self._labels = self._frames[start:], self._times_s[start:], self._labels[start:]
