"""Splits by time: lost frames and pauses move no span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import instants_of, periods_before
from cinecast.clock.regular_clock import mean_regular_interval
from cinecast.errors import ReadError
from cinecast.frames.sidecar import SPLIT_KEYS
from cinecast.sequence import Split, default_split

# A span of thirds by time must hold so large a share of the frames that a third of them would be.
_LEAST_SHARE = 0.5
# The period is that of the train span, whose end it decides on: two or three rounds settle it.
_ROUNDS = 5


class TimedSplit(NamedTuple):
    """A split in numbers of frames, and whether its thirds are of time; else they are of the frames that there are."""

    split: Split
    by_time: bool


def split_by_time(times_s: NDArray[np.float64], ends: Mapping[str, int], longest_gap_s: float) -> TimedSplit:
    """Return the split of a sequence, some frames of which may be missing.

    Parameters
    ----------
    times_s
        Increasing times of the frames in s, shape (T,).
    ends
        Ends that are given, by `SPLIT_KEYS`: numbers of frame periods from the start, lost frames and pauses counted.
        Those left out are at thirds of the time, or of the frames where pauses would leave a span too few of them.
    longest_gap_s
        As `cinecast.sequence.Sequence` has it.

    Returns
    -------
    TimedSplit
        For a sequence that misses nothing the ends are as given.

    Raises
    ------
    ReadError
        If an end lies after the last frame of a sequence that misses some.
    """
    if len(times_s) < 2:
        return TimedSplit(_filled_up(ends, len(times_s)), True)
    split, by_time = _at_period(times_s, ends, longest_gap_s, mean_regular_interval(times_s))
    for _ in range(_ROUNDS):
        train = times_s[: max(2, split.train_end)]
        again = _at_period(times_s, ends, longest_gap_s, mean_regular_interval(train))
        if again.split == split:
            break
        split, by_time = again
    return TimedSplit(split, by_time)


def _at_period(
    times_s: NDArray[np.float64], ends: Mapping[str, int], longest_gap_s: float, period_s: float
) -> TimedSplit:
    instants = instants_of(times_s, period_s, longest_gap_s)
    if instants.regular:
        return TimedSplit(_filled_up(ends, len(times_s)), True)
    numbers = periods_before(times_s, instants, period_s)
    total = int(numbers[-1]) + 1
    beyond = {name: end for name, end in ends.items() if end > total}
    if beyond:
        name, end = next(iter(beyond.items()))
        raise ReadError(
            f"spans are counted in frame periods of {period_s:.4f} s, missing frames too, and must end by the last of "
            f"{total}, got {name} {end}; set frames.{name}"
        )
    asked = _filled_up(ends, total)
    split = Split(*np.searchsorted(numbers, [getattr(asked, name) for name in SPLIT_KEYS]).tolist())
    if asked.validation_end < asked.test_end and split.validation_end == split.test_end:
        raise ReadError(
            f"a test span must hold frames, got none from frame period {asked.validation_end} to {asked.test_end} of "
            f"{period_s:.4f} s: all of them are missing; move frames.validation_end or frames.test_end"
        )
    spans = np.diff([0, split.train_end, split.validation_end, split.test_end])
    if ends.keys() & {"train_end", "validation_end"} or spans.min() >= _LEAST_SHARE * len(times_s) / 3:
        return TimedSplit(split, True)
    return TimedSplit(_filled_up({"test_end": split.test_end} if "test_end" in ends else {}, len(times_s)), False)


def _filled_up(ends: Mapping[str, int], count: int) -> Split:
    thirds = default_split(ends.get("test_end", count))
    return Split(*(ends.get(name, getattr(thirds, name)) for name in SPLIT_KEYS))
