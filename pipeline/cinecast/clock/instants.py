"""The instants of a sequence's regular clock: which frame lies at which of them, and at which of them none came."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import INTERVAL_TOLERANCE, RegularClock, most_lost_frames

NONE = -1


@dataclass(frozen=True, eq=False)
class Instants:
    """Where T frames lie on a regular clock of N instants; a gap too long to be filled in has one that stays unknown.

    Parameters
    ----------
    frame_at
        The frame at each instant, shape (N,); `NONE` where none came.
    arrived
        The frame with which each instant became known, shape (N,): the one at it, or the first after it.
    share
        How far an instant lies on the way from the frame before the arrived one to that one, shape (N,): 1 at frames,
        NaN where it stays unknown.
    passed
        How many instants had passed once each frame had come, shape (T,).
    """

    frame_at: NDArray[np.int64]
    arrived: NDArray[np.int64]
    share: NDArray[np.float64]
    passed: NDArray[np.int64]

    @cached_property
    def instant_of(self) -> NDArray[np.int64]:
        """The instant of each frame, shape (T,); `NONE` for a frame between two instants."""
        found = np.full(len(self.passed), NONE, dtype=np.int64)
        there = np.flatnonzero(~self.lost)
        found[self.frame_at[there]] = there
        return found

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Instants that no frame came for, shape (N,)."""
        return np.asarray(self.frame_at == NONE)

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Those of them that nothing stands for, as the gap was too long, shape (N,)."""
        return np.isnan(self.share)

    @property
    def pauses_end(self) -> NDArray[np.int64]:
        """The first frame after each gap that was too long to be filled in, shape (gaps,)."""
        return np.asarray(self.arrived[self.unknown])

    @cached_property
    def regular(self) -> bool:
        """Whether every instant has its frame and every frame its instant."""
        return len(self.frame_at) == len(self.passed) and not self.lost.any()

    def place(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values of the frames, shape (T, K), at the instants, shape (N, K).

        Those of a lost instant are interpolated between the frames around it, as soon as the later one has come; those
        of an unknown one are NaN.
        """
        if self.regular:
            return values
        placed = np.full((len(self.frame_at), *values.shape[1:]), np.nan)
        there = ~self.lost
        placed[there] = values[self.frame_at[there]]
        for instant in np.flatnonzero(self.lost & ~self.unknown):
            after = self.arrived[instant]
            placed[instant] = values[after - 1] + self.share[instant] * (values[after] - values[after - 1])
        return placed

    def by_frame(self, values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        """Return values of the instants as those of the frames.

        Parameters
        ----------
        values
            N of them along an axis.
        axis
            Which axis that is.

        Returns
        -------
        NDArray[np.float64]
            T along that axis; NaN for a frame between two instants.
        """
        if self.regular:
            return values
        between = self.instant_of == NONE
        taken = np.array(np.take(values, np.where(between, 0, self.instant_of), axis=axis))
        np.moveaxis(taken, axis, 0)[between] = np.nan
        return taken

    def at_instants(self, values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        """Return values of the frames as those of the instants.

        Parameters
        ----------
        values
            T of them along an axis.
        axis
            Which axis that is.

        Returns
        -------
        NDArray[np.float64]
            N along that axis; NaN where no frame came.
        """
        if self.regular:
            return values
        taken = np.array(np.take(values, np.where(self.lost, 0, self.frame_at), axis=axis))
        np.moveaxis(taken, axis, 0)[self.lost] = np.nan
        return taken

    def held(self, frames: Collection[int]) -> frozenset[int]:
        """Return the instants of held frames, whose motion was not measured, and lost ones next to such a frame."""
        there = {int(self.instant_of[t]) for t in frames if self.instant_of[t] != NONE}
        filled, around = np.flatnonzero(self.lost & ~self.unknown).tolist(), set(frames)
        beside = {i for i in filled if {int(self.arrived[i]) - 1, int(self.arrived[i])} & around}
        return frozenset(there | beside)

    def lost_or(self, frames: Collection[int]) -> frozenset[int]:
        """Return the instants that no frame came for, and those of some frames."""
        there = {int(self.instant_of[t]) for t in frames if self.instant_of[t] != NONE}
        return frozenset(there | set(np.flatnonzero(self.lost).tolist()))

    def first(self, frames: int) -> Instants:
        """Return the same of the first frames alone."""
        count = int(self.passed[frames - 1])
        return Instants(self.frame_at[:count], self.arrived[:count], self.share[:count], self.passed[:frames])

    def issued(self, horizon: int) -> NDArray[np.int64]:
        """Return the frame at which the forecast of each frame is issued, shape (T,); `NONE` where there is none.

        Parameters
        ----------
        horizon
            In instants.

        Returns
        -------
        NDArray[np.int64]
            No forecast is issued at a lost instant, nor across an unknown one.
        """
        at = self.instant_of - horizon
        possible = (self.instant_of != NONE) & (at >= 0)
        at = np.where(possible, at, 0)
        frames = self.frame_at[at]
        crossed = self._unknown_before[np.where(possible, self.instant_of, 0)] != self._unknown_before[at]
        return np.where(possible & ~crossed, frames, NONE)

    def scored(self, horizon: int, history_length: int) -> NDArray[np.bool_]:
        """Return of which frames every method has a forecast, shape (T,), as far as the clock goes.

        Parameters
        ----------
        horizon
            In instants.
        history_length
            The longest history of the methods that are compared, in instants.

        Returns
        -------
        NDArray[np.bool_]
            As `scored_instants` has it; False for a frame between two instants.
        """
        there = self.instant_of != NONE
        can_be = scored_instants(self.lost, self.unknown, np.where(there, self.instant_of, 0), horizon, history_length)
        return np.asarray(there & can_be)

    @cached_property
    def _unknown_before(self) -> NDArray[np.int64]:
        return np.cumsum(self.unknown, dtype=np.int64)


def scored_instants(
    lost: NDArray[np.bool_],
    unknown: NDArray[np.bool_],
    targets: NDArray[np.int64],
    horizon: int,
    history_length: int,
) -> NDArray[np.bool_]:
    """Return which instants every method has a forecast of, gaps alone considered.

    Parameters
    ----------
    lost, unknown
        Instants of the clock that nothing came for, and those that nothing stands for, shape (N,).
    targets
        The instants asked about, shape (n,).
    horizon
        In instants.
    history_length
        The longest history of the methods that are compared, in instants.

    Returns
    -------
    NDArray[np.bool_]
        Shape (n,): True where something came, something came at the instant that the forecast was issued at, and no
        unknown instant lies between it and the oldest one of the history.
    """
    passed = np.concatenate([[0], np.cumsum(unknown)])
    issued = np.maximum(targets - horizon, 0)
    oldest = np.maximum(issued - history_length + 1, 0)
    unbroken = passed[targets + 1] == passed[oldest]
    return np.asarray(~lost[targets] & ~lost[issued] & unbroken)


def instants_of(times_s: NDArray[np.float64], period_s: float, longest_gap_s: float) -> Instants:
    """Return where frames lie on a regular clock, frame by frame as a live stream does it.

    Parameters
    ----------
    times_s
        Increasing times of the frames in s, shape (T,).
    period_s
        Period of the clock in s.
    longest_gap_s
        Up to a gap of so many seconds lost instants are filled in.

    Returns
    -------
    Instants
        What is said of a frame depends on no later one.
    """
    count = len(times_s)
    if (np.abs(np.diff(times_s) / period_s - 1) <= INTERVAL_TOLERANCE).all():
        each = np.arange(count, dtype=np.int64)
        return Instants(each, each, np.ones(count), each + 1)
    return follow_clock(times_s, period_s, longest_gap_s)[0]


def follow_clock(times_s: NDArray[np.float64], period_s: float, longest_gap_s: float) -> tuple[Instants, RegularClock]:
    """Return where frames lie on a regular clock, and the clock to go on with.

    Parameters
    ----------
    times_s, period_s, longest_gap_s
        As `instants_of` takes them.

    Returns
    -------
    tuple[Instants, RegularClock]
        What `instants_of` returns, and the clock as the last frame has left it.
    """
    clock = RegularClock(period_s, float(times_s[0]), most_lost_frames(longest_gap_s, period_s))
    frame_at, arrived, share, passed = [0], [0], [1.0], [1]
    for t in range(1, len(times_s)):
        arrival = clock.observe(float(times_s[t]))
        if arrival.jump:
            frame_at.append(NONE)
            arrived.append(t)
            share.append(np.nan)
        for each in arrival.shares:
            frame_at.append(t if each == 1.0 else NONE)
            arrived.append(t)
            share.append(each)
        passed.append(len(frame_at))
    arrays = (np.array(values, dtype=np.int64) for values in (frame_at, arrived, passed))
    at, came, gone = arrays
    return Instants(at, came, np.array(share), gone), clock


def periods_before(times_s: NDArray[np.float64], instants: Instants, period_s: float) -> NDArray[np.float64]:
    """Return how many periods lie before each frame, long gaps counted.

    They are counted from frame to frame, so that a period that drifts moves none of them.

    Parameters
    ----------
    times_s
        Times of the frames in s, shape (T,).
    instants
        Where they lie on the clock.
    period_s
        Its period in s.

    Returns
    -------
    NDArray[np.float64]
        Shape (T,); half numbers for frames between two instants.
    """
    numbers = instants.passed.astype(np.float64) - np.where(instants.instant_of == NONE, 0.5, 1)
    for instant in np.flatnonzero(instants.unknown):
        after = int(instants.arrived[instant])
        missed = round((times_s[after] - times_s[after - 1]) / period_s) - 1
        numbers[after:] += max(0, missed - 1)  # one of them is counted
    return numbers
