"""Frames that are missing by the numbers of those that come, where these have no clock that tells it."""

from __future__ import annotations

from collections import deque
from statistics import median_low

from cinecast.frames.dicom.header import FrameHeader

# So many of the newest steps say what the usual one is, once there are a few: planes that are imaged in turn have
# every second number.
_STEPS, _FEWEST_STEPS = 12, 3


class NumberedFrames:
    """Counts the frames that are missing between those that come, by temporal position, else by instance number.

    Parameters
    ----------
    trusts_clocks
        Whether nothing is missing by number where clocks tell two frames apart; else it is known that they do not.
    """

    def __init__(self, trusts_clocks: bool) -> None:
        self._trusts_clocks = trusts_clocks
        self._newest: FrameHeader | None = None
        self._steps: deque[int] = deque(maxlen=_STEPS)

    def missing_before(self, header: FrameHeader) -> int:
        """Return how many are missing before the next frame; 0 where its number is no multiple of the usual step on."""
        newest, self._newest = self._newest, header
        if newest is None or (self._trusts_clocks and newest.clocks != header.clocks):
            return 0
        step = _step(newest, header)
        if step <= 0:
            return 0
        usual = median_low(self._steps) if len(self._steps) >= _FEWEST_STEPS else step
        self._steps.append(step)
        return 0 if step % usual else step // usual - 1


def _step(newest: FrameHeader, header: FrameHeader) -> int:
    """Return how much greater the number of the next frame is; 0 where that says nothing, as within one file."""
    if newest.index or header.index:
        return 0
    places = newest.temporal_position, header.temporal_position
    if None in places or places[0] == places[1]:
        places = newest.number, header.number
    before, after = places
    return 0 if before is None or after is None else after - before
