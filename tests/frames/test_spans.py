"""Splits by time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.spans import split_by_time
from cinecast.sequence import Split, default_split

PERIOD = 0.1669
TIMES = np.round(np.arange(498) * PERIOD / 0.0025) * 0.0025  # as ovgu-1's clock ticks
ENDS = {"train_end": 170, "validation_end": 340, "test_end": 498}


def kept(*lost: range) -> NDArray[np.int64]:
    return np.array([t for t in range(498) if not any(t in gone for gone in lost)])


def test_where_nothing_is_missing_ends_are_as_given() -> None:
    assert split_by_time(TIMES, {}, 1.0) == (default_split(498), True)
    assert split_by_time(TIMES, ENDS, 1.0) == (Split(170, 340, 498), True)
    assert split_by_time(TIMES, {"test_end": 600}, 1.0).split.test_end == 600  # refused by the sequence


@pytest.mark.parametrize("lost", [(range(17, 498, 17),), (range(17, 498, 17), range(60, 90)), (range(200, 240),)])
@pytest.mark.parametrize("ends", [ENDS, {}, {"train_end": 100}])
def test_ends_are_at_the_same_time_whatever_is_lost(lost: tuple[range, ...], ends: dict[str, int]) -> None:
    there = kept(*lost)
    found, whole = split_by_time(TIMES[there], ends, 1.0).split, split_by_time(TIMES, ends, 1.0).split
    for end, wanted in zip(vars(found).values(), vars(whole).values(), strict=True):
        assert end == np.searchsorted(there, wanted)


def test_a_pause_counts_as_time() -> None:
    times = TIMES.copy()
    times[100:] += 60 * PERIOD
    assert split_by_time(times, ENDS, 1.0).split == Split(110, 280, 438)


def test_where_a_pause_would_leave_a_span_too_few_frames_they_are_thirds_of_the_frames() -> None:
    times = TIMES.copy()
    times[249:] += 600
    assert split_by_time(times, {}, 1.0) == (default_split(498), False)
    assert split_by_time(times, {"train_end": 200}, 1.0).by_time


def test_an_end_after_the_last_frame_is_refused() -> None:
    with pytest.raises(ReadError, match=r"of 0\.1669 s, missing frames too, .* last of 498, got test_end 499; set"):
        split_by_time(TIMES[kept(range(30, 33))], {"test_end": 499}, 1.0)


def test_a_test_span_within_a_pause_is_refused_in_frame_periods() -> None:
    ends = {"validation_end": 345, "test_end": 370}
    with pytest.raises(ReadError, match=r"must hold frames, got none from frame period 345 to 370 of 0\.1669"):
        split_by_time(TIMES[kept(range(340, 380))], ends, 1.0)


def test_the_period_is_that_of_the_train_span() -> None:
    """A clock that runs slower later moves no end of the train span."""
    times = TIMES[kept(range(17, 498, 17))].copy()
    later = times.copy()
    later[300:] = times[300] + 1.2 * (times[300:] - times[300])
    ends = {"train_end": 170, "validation_end": 200}
    one, other = (split_by_time(each, ends, 1.0).split for each in (times, later))
    assert (one.train_end, one.validation_end) == (other.train_end, other.validation_end)
