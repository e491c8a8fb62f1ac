"""Which clock counts for the frames of a stream, and whether it keeps step with their arrival."""

from __future__ import annotations

import logging
from collections import deque
from statistics import median
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.live.long_run import LongRun
from cinecast.streams.arrivals import ArrivedFrame

_LOG = logging.getLogger(__name__)

Clock = Literal["message", "arrival", "acquisition"]
CLOCKS: tuple[Clock, ...] = get_args(Clock)

_LACKS = {
    "message": "it has no time stamp; --clock arrival counts frames by their arrival",
    "acquisition": "it does not say when it was acquired; --clock message takes its time stamp, --clock arrival none",
}
# So many frames in a row, off by more than this against those before them and by the same: a clock has jumped. A frame
# that is late on its way is followed by others that are less and less so.
_SAME_FRAMES, _JUMP_S, _ALIKE_S = 4, 0.5, 0.05
# What has come to be off in smaller steps than this is a clock of another rate.
_STEP_S = 0.25
# Among so many first frames, those before may have been the late ones.
_FIRST_FRAMES = 16
# Intervals are held against those of arrival once so many frames came in so long.
_HELD_FRAMES, _HELD_S, _HELD_SHARE = 12, 1.0, 1.3
# Over half a minute far less is told than over a second: frames must keep their period as well as that in a session.
_DRIFT_SHARE = 0.05
# A frame is not on its way for less than nothing, or longer than this: a clock that says so is not set like ours.
_LONGEST_WAY_S = 5.0
# Frames that were held up come all at once: only where most arrive regularly do they say anything of a rate, and only
# where the newest say the same.
_SHORTEST_S, _REGULAR_SHARE, _FEWEST, _NEWEST = 0.01, 0.3, 4, 3
# Frames that come closer together than this share of their mean interval came in one bunch. Others are looked at over
# so many intervals, since long and short ones may come in turn.
_BUNCH_SHARE, _IN_TURN = 0.3, 4


class StreamClock:
    """Gives frames their times in s, which begin with 0.

    Parameters
    ----------
    choice
        The clock: the time stamp of the message, its arrival, or when the frame was acquired.

    Attributes
    ----------
    epoch_ns
        The time of the first frame in ns, on the clock that counts.
    jumps
        How often it jumped against arrival.
    rate
        How many seconds of it pass in one second of arrival; None while too few frames have come to say. At first it is
        that of a second, later on that of the newest half minute.

    Raises
    ------
    SettingsError
        If there is no such clock.
    """

    def __init__(self, choice: str) -> None:
        if choice not in CLOCKS:
            raise SettingsError(f"--clock must be {', '.join(CLOCKS[:-1])} or {CLOCKS[-1]}, got {choice!r}; choose one")
        self.choice, self.epoch_ns = choice, 0
        self.jumps, self.rate = 0, None if choice != "arrival" else 1.0
        self._begun = False
        self._compared = 0
        self._first: tuple[int, int] | None = None
        self._long_run = LongRun()
        self._settled = False
        self._newest: deque[tuple[float, float]] = deque(maxlen=4 * _HELD_FRAMES)
        self._usual: deque[float] = deque(maxlen=32)
        self._unusual: list[float] = []
        self._ahead_s = self._step_s = 0.0

    def time_s(self, arrived: ArrivedFrame, name: str) -> float | str:
        """Return the time of a frame.

        Parameters
        ----------
        arrived
            The frame, in the order of arrival.
        name
            What it is called in reports.

        Returns
        -------
        float or str
            Time in s since the first frame; a part of a sentence about the frame where it has none.
        """
        own = {"message": arrived.stamp_ns, "arrival": arrived.arrived_ns, "acquisition": arrived.acquired_ns}
        now_ns = own[self.choice]
        if now_ns is None:
            return _LACKS[self.choice]
        if not self._begun:
            self.epoch_ns, self._begun = now_ns, True
        if self.choice != "arrival":
            self._compare(now_ns, arrived.arrived_ns, name)
        return (now_ns - self.epoch_ns) / 1e9

    def way_s(self, arrived: ArrivedFrame) -> float | None:
        """Return how long a frame was on its way: from its time to its arrival, in s since 1970 by either clock.

        Parameters
        ----------
        arrived
            The frame.

        Returns
        -------
        float or None
            0 to 5 s; None where arrival itself is its time, and where the clocks cannot both be right.
        """
        own_ns = {"message": arrived.stamp_ns, "acquisition": arrived.acquired_ns}.get(self.choice)
        if own_ns is None:
            return None
        way_s = (arrived.arrived_ns - own_ns) / 1e9
        return way_s if 0 <= way_s <= _LONGEST_WAY_S else None

    def _compare(self, now_ns: int, arrived_ns: int, name: str) -> None:
        """Say a jump, and learn the rate from the first frames."""
        self._compared += 1
        if self._first is None:
            self._first = now_ns, arrived_ns
        own_s, arrival_s = ((at - first) / 1e9 for at, first in zip((now_ns, arrived_ns), self._first, strict=True))
        self._newest.append((own_s, arrival_s))
        if self.rate is None and len(self._newest) >= _HELD_FRAMES and arrival_s >= _HELD_S:
            self.rate = _rate(np.array(self._newest))
        long_run = self._long_run.observe(own_s, arrival_s)
        if long_run is not None:
            self.rate, self._settled = long_run, True
        ahead_s = own_s - arrival_s
        step_s, self._ahead_s = abs(ahead_s - self._ahead_s), ahead_s
        if not self._usual or abs(ahead_s - median(self._usual)) <= _JUMP_S:
            self._usual.append(ahead_s)
            self._unusual, self._step_s = [], 0.0
            return
        self._step_s = max(self._step_s, step_s)
        self._unusual.append(ahead_s)
        newest = self._unusual[-_SAME_FRAMES:]
        if len(newest) == _SAME_FRAMES and max(newest) - min(newest) <= _ALIKE_S:
            jump_s = median(newest) - median(self._usual)
            if self._step_s > _STEP_S and not self._was_late(jump_s):
                _LOG.warning("%s: the clock of the frames has jumped by %+.3f s against their arrival", name, jump_s)
                self.jumps += 1
            self._usual = deque(newest, maxlen=32)
            self._unusual, self._step_s = [], 0.0

    def _was_late(self, jump_s: float) -> bool:
        """Return whether the first frames were late, as a program that has just been started takes them late."""
        return self._compared <= _FIRST_FRAMES and 0 < jump_s <= _LONGEST_WAY_S

    @property
    def drifts(self) -> bool:
        """Whether it runs 5 % or more faster or slower than arrival over half a minute: as with a wrong unit."""
        return self._settled and self.rate is not None and abs(self.rate - 1) >= _DRIFT_SHARE

    @property
    def keeps_step(self) -> bool:
        """Whether seconds of it are those of arrival, as far as is known."""
        return self.rate is None or 1 / _HELD_SHARE <= self.rate <= _HELD_SHARE


def _rate(times: NDArray[np.float64]) -> float | None:
    """Return how many seconds of the clock pass in one of arrival, from times of both, (N, 2); None: unknown."""
    between = np.diff(times[:, 1])
    # The newest frame of each bunch, but not of that which may still come: a frame that waited for the next one says
    # nothing of a rate.
    ends = times[:-1][between > _BUNCH_SHARE * between.mean()]
    intervals = ends[_IN_TURN:] - ends[:-_IN_TURN]
    if len(intervals) < _FEWEST:
        return None
    arrival = float(np.median(intervals[:, 1]))
    regular = np.abs(intervals[:, 1] - arrival) <= _REGULAR_SHARE * arrival
    if arrival < _IN_TURN * _SHORTEST_S or 2 * regular.sum() <= len(regular):
        return None
    rates = intervals[:, 0] / intervals[:, 1]
    rate, newest = float(np.median(rates[regular])), float(np.median(rates[-_NEWEST:]))
    return rate if abs(newest - rate) <= (_HELD_SHARE - 1) * abs(rate) else None
