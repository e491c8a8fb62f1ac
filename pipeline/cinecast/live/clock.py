"""The regular clock that forecasters need, kept among frames that come early, late or not at all."""

from __future__ import annotations

from typing import NamedTuple

from cinecast.sequence import INTERVAL_TOLERANCE


class Arrival(NamedTuple):
    """What a frame means for the regular clock.

    Parameters
    ----------
    shares
        One number for each instant of the clock that has passed, in order: how far it lies on the way from the frame
        before to this one, above 0; exactly 1 where it is the frame itself.
    lost
        Number of instants without a frame of their own.
    on_time
        Whether the frame lies at an instant of the clock.
    jump
        Whether the gap was too long to be filled, or the clock was set back: it starts anew at this frame.
    """

    shares: tuple[float, ...]
    lost: int
    on_time: bool
    jump: bool = False


class RegularClock:
    """Instants one frame period apart; a frame within a quarter of a period of one is at that instant.

    So times may jitter and periods drift: the clock is set by every frame that is on time, just as a recorded sequence
    counts its frames. A frame in between sets nothing; the instants before it are interpolated.

    Parameters
    ----------
    period_s
        Time between frames in s.
    start_s
        Time of a first frame that is on time.
    longest_gap
        Number of lost frames that may be filled.
    """

    def __init__(self, period_s: float, start_s: float, longest_gap: int) -> None:
        self.period_s = period_s
        self.instant_s = start_s
        self.frame_s = start_s
        self._longest_gap = longest_gap

    def observe(self, time_s: float) -> Arrival:
        """Take in the next frame; one before the newest starts the clock anew."""
        if time_s <= self.frame_s:
            self.instant_s = self.frame_s = time_s
            return Arrival((1.0,), 0, True, jump=True)
        periods = (time_s - self.instant_s) / self.period_s
        nearest = round(periods)
        on_time = nearest >= 1 and abs(periods - nearest) <= INTERVAL_TOLERANCE
        passed = nearest if on_time else int(periods)
        lost = passed - 1 if on_time else passed
        if lost > self._longest_gap:
            self.instant_s = self.frame_s = time_s
            return Arrival((1.0,), lost, True, jump=True)
        instants = self._instants(time_s, passed, on_time)
        way = time_s - self.frame_s
        shares = [(instant - self.frame_s) / way for instant in instants]
        if on_time:
            shares[-1] = 1.0
        self.frame_s = time_s
        self.instant_s = instants[-1] if instants else self.instant_s
        return Arrival(tuple(shares), lost, on_time)

    def _instants(self, time_s: float, passed: int, on_time: bool) -> list[float]:
        """Return the times of the instants that have passed, the last one the frame's own if it is on time."""
        step = (time_s - self.instant_s) / passed if on_time else self.period_s
        instants = [self.instant_s + j * step for j in range(1, passed + 1)]
        return [*instants[:-1], time_s] if on_time else instants
