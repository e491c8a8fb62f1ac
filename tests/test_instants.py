"""Where frames lie on the regular clock: held against plain loops and numbers written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.clock.instants import NONE, Instants, follow_clock, instants_of, periods_before, scored_instants
from cinecast.clock.regular_clock import (
    Arrival,
    RegularClock,
    filled_between_bunches,
    mean_regular_interval,
    most_lost_frames,
    regular_intervals,
    short_intervals,
)

PERIOD = 0.25


def instants(periods: list[float], longest_gap_s: float = 1.0) -> Instants:
    return instants_of(PERIOD * np.array(periods), PERIOD, longest_gap_s)


def test_without_a_gap_every_frame_is_its_own_instant() -> None:
    found = instants([0, 1, 2.1, 2.9, 4])
    assert found.regular
    assert found.frame_at.tolist() == found.instant_of.tolist() == [0, 1, 2, 3, 4]
    values = np.arange(10.0).reshape(5, 2)
    assert found.place(values) is values
    assert found.by_frame(values, 0) is values
    assert found.issued(2).tolist() == [NONE, NONE, 0, 1, 2]


def test_the_quick_way_is_the_clock_frame_by_frame(rng: np.random.Generator) -> None:
    times = PERIOD * (np.arange(200) + rng.uniform(-0.12, 0.12, 200))
    quick, slow = instants_of(times, PERIOD, 1.0), follow_clock(times, PERIOD, 1.0)[0]
    for one, other in zip(vars(quick).values(), vars(slow).values(), strict=False):
        np.testing.assert_array_equal(one, other)


def test_lost_instants_lie_on_the_way_and_long_gaps_stay_unknown() -> None:
    found = instants([0, 1, 4, 5, 15, 16])
    assert found.frame_at.tolist() == [0, 1, NONE, NONE, 2, 3, NONE, 4, 5]
    assert found.unknown.tolist() == [False] * 6 + [True, False, False]
    placed = found.place(np.array([[0.0], [3.0], [9.0], [1.0], [2.0], [5.0]]))
    np.testing.assert_allclose(placed[:, 0], [0, 3, 5, 7, 9, 1, np.nan, 2, 5])
    assert found.passed.tolist() == [1, 2, 5, 6, 8, 9]
    assert found.first(3).frame_at.tolist() == [0, 1, NONE, NONE, 2]
    assert found.held([2, 4]) == {2, 3, 4, 7}
    of_frames = np.array([[2.0, 4, 6, 8, 10, 12]])
    np.testing.assert_array_equal(found.at_instants(of_frames, 1), [[2, 4, np.nan, np.nan, 6, 8, np.nan, 10, 12]])
    np.testing.assert_array_equal(found.by_frame(found.at_instants(of_frames, 1), 1), of_frames)


def test_a_frame_out_of_time_is_a_neighbour_and_no_target() -> None:
    found = instants([0, 1, 2.4, 3, 4])
    assert found.frame_at.tolist() == [0, 1, NONE, 3, 4]
    assert found.instant_of.tolist() == [0, 1, NONE, 3, 4]
    placed = found.place(np.array([[0.0], [1.0], [2.4], [3.0], [4.0]]))
    np.testing.assert_allclose(placed[:, 0], [0, 1, 2, 3, 4])
    by_frame = found.by_frame(placed, 0)
    np.testing.assert_array_equal(by_frame[:, 0], [0, 1, np.nan, 3, 4])
    np.testing.assert_array_equal(found.at_instants(by_frame, 0)[:, 0], [0, 1, np.nan, 3, 4])
    assert found.issued(1).tolist() == [NONE, 0, NONE, NONE, 3]
    assert found.held([2, 3]) == {2, 3}


def random_times(rng: np.random.Generator) -> NDArray[np.float64]:
    steps = rng.choice([1.0, 1.0, 1.0, 1.1, 0.9, 2.0, 3.0, 9.0, 1.4], 60)
    return PERIOD * np.concatenate([[0], np.cumsum(steps)])


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_what_is_issued_and_scored_is_what_a_plain_search_finds(rng: np.random.Generator, horizon: int) -> None:
    for _ in range(20):
        found = instants_of(random_times(rng), PERIOD, 1.0)
        history = int(rng.integers(1, 7))
        issued, scored = found.issued(horizon), found.scored(horizon, history)
        for t, instant in enumerate(found.instant_of):
            before = instant - horizon
            span = range(max(0, before), instant + 1)
            whole = instant != NONE and before >= 0 and not any(found.unknown[i] for i in span)
            wanted = found.frame_at[before] if whole else NONE
            assert issued[t] == wanted
            back = range(max(0, before - history + 1), instant + 1)
            if instant >= horizon + history:
                assert scored[t] == (wanted != NONE and not any(found.unknown[i] for i in back))


def test_frames_that_came_stand_at_their_instants_to_the_last_bit(rng: np.random.Generator) -> None:
    """Interpolated on their own way they would be rounded, by the last frame too, which is not known yet."""
    found = instants_of(random_times(rng), PERIOD, 1.0)
    values = rng.normal(size=(len(found.passed), 2)) * 10.0 ** rng.integers(-9, 9, (len(found.passed), 1))
    placed = found.place(values)
    assert not found.regular
    for instant, t in enumerate(found.frame_at):
        if t != NONE:
            np.testing.assert_array_equal(placed[instant], values[t])


def test_what_no_good_frame_stands_for_is_what_a_plain_search_finds(rng: np.random.Generator) -> None:
    for _ in range(10):
        found = instants_of(random_times(rng), PERIOD, 1.0)
        frames = set(rng.choice(len(found.passed), 6, replace=False).tolist())
        held, lost_or = set(), set()
        for instant, (t, unknown) in enumerate(zip(found.frame_at, found.unknown, strict=True)):
            if t != NONE:
                held |= {instant} if t in frames else set()
                lost_or |= {instant} if t in frames else set()
                continue
            lost_or.add(instant)
            after = int(np.searchsorted(found.passed, instant, side="right"))  # the first frame to have passed it
            if not unknown and frames & {after - 1, after}:
                held.add(instant)
        assert found.held(frames) == held
        assert found.lost_or(frames) == lost_or
        assert held < lost_or


def test_what_is_said_of_a_frame_depends_on_no_later_one(rng: np.random.Generator) -> None:
    times = random_times(rng)
    whole = instants_of(times, PERIOD, 1.0)
    for count in (7, 23, 40):
        part, expected = instants_of(times[:count], PERIOD, 1.0), whole.first(count)
        for one, other in zip(vars(part).values(), vars(expected).values(), strict=False):
            np.testing.assert_array_equal(one, other)


def test_a_frame_on_time_lies_at_its_instant_however_times_are_rounded(rng: np.random.Generator) -> None:
    """Seven sevenths of a time are not always that time, to the last bit."""
    for _ in range(50):
        times = 0.31 * np.cumsum([0, *(rng.choice([1, 7, 11], 10) * rng.uniform(0.99, 1.01, 10))])
        assert (instants_of(times, 0.31, 4.0).instant_of != NONE).all()


def test_periods_are_counted_through_pauses() -> None:
    times = PERIOD * np.array([0, 1, 4, 5, 15, 16, 17.4])
    found = instants_of(times, PERIOD, 1.0)
    assert periods_before(times, found, PERIOD).tolist() == [0, 1, 4, 5, 15, 16, 17.5]


@pytest.mark.parametrize(
    ("came", "longest_gap_s", "counted"),
    [
        ([0, 1.1, 11.3, 12.2], 1.0, [0, 1, 11, 12]),  # whole periods, though times jitter
        ([0, 1, 3, 4], 0.0, [0, 1, 3, 4]),  # a pause of one lost frame, where none may be filled in
    ],
)
def test_periods_of_a_pause_are_whole(came: list[float], longest_gap_s: float, counted: list[int]) -> None:
    found = instants(came, longest_gap_s)
    assert found.unknown.any()
    assert periods_before(PERIOD * np.array(came), found, PERIOD).tolist() == counted


def test_a_sample_is_scored_once_everything_it_needs_has_come() -> None:
    lost = np.array([0, 0, 0, 1, 0, 0, 0, 0], dtype=bool)
    unknown = np.zeros(8, dtype=bool)
    every = np.arange(8)
    assert scored_instants(lost, unknown, every, 2, 1)[2:].tolist() == [True, False, True, False, True, True]
    second = np.arange(8) == 1  # where nothing can be issued yet, the first instant stands for it, which always came
    assert scored_instants(second, unknown, every, 2, 1)[:2].tolist() == [True, False]
    assert scored_instants(lost, lost, every, 2, 2)[2:].tolist() == [True, False, False, False, False, True]


def test_the_clock_counts_instants_as_they_are_listed(rng: np.random.Generator) -> None:
    times = random_times(rng)
    found, clock = follow_clock(times, PERIOD, 1.0)
    assert clock.number == len(found.frame_at) - 1
    again = RegularClock(PERIOD, 0.0, most_lost_frames(1.0, PERIOD))
    for t in range(1, len(times)):
        again.observe(float(times[t]))
        assert again.number == found.passed[t] - 1


def test_the_period_of_a_coarse_clock_is_its_mean() -> None:
    ticks = np.round(np.arange(300) * 0.1669 / 0.0025) * 0.0025
    gaps = np.delete(ticks, [50, 51, 52, 120, 200])
    assert np.median(np.diff(gaps)) == pytest.approx(0.1675)
    assert mean_regular_interval(gaps) == pytest.approx(0.1669, abs=2e-5)


def test_the_period_of_even_times_is_their_interval_without_the_rounding_of_a_mean() -> None:
    even = np.arange(30) * 0.3
    intervals = np.diff(even)
    assert mean_regular_interval(even) == np.median(intervals) != intervals.mean()
    assert mean_regular_interval(np.array([0, 0.4, 0.9, 1.0, 1.4, 1.8, 2.2, 5.0])) == pytest.approx(0.42)


def test_which_intervals_are_a_period_and_which_are_short() -> None:
    intervals = np.array([0.1, 0.37, 0.375, 0.5, 0.625, 0.63, 1.0])
    assert regular_intervals(intervals, 0.5).tolist() == [False, False, True, True, True, False, False]
    assert short_intervals(intervals, 0.5).tolist() == [True, True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("gap_s", "period_s", "most"), [(1.0, 0.25, 4), (1.0, 0.3, 3), (0.0, 0.3, 0), (0.9, 0.3, 3), (0.99, 0.25, 3)]
)
def test_how_many_frames_a_gap_holds(gap_s: float, period_s: float, most: int) -> None:
    assert most_lost_frames(gap_s, period_s) == most


def test_bunches_are_told_from_gaps_by_chance_and_from_long_ones() -> None:
    pairs = np.repeat(np.arange(20) * 0.5, 2) + np.tile([0, 0.1], 20)
    assert filled_between_bunches(pairs, 0.1, 1.0) == 19 * 3
    assert filled_between_bunches(pairs, 0.1, 0.3) == 19 * 3
    assert filled_between_bunches(pairs, 0.1, 0.2) == 0  # pauses, which nothing is filled in
    one_gap = np.append(np.arange(20) * 0.1, 10 + np.arange(20) * 0.1)
    assert filled_between_bunches(one_gap, 0.1, 20.0) == 0
    single_too = np.cumsum([0, *[0.2, 0.4] * 10])  # 1 and 3 lost in turn: 40 beside 21 frames
    assert filled_between_bunches(single_too, 0.1, 1.0) == 40
    as_many = np.cumsum([0, *[0.2] * 5, *[0.3] * 5])  # 15 beside 11 frames, and beside 15
    assert filled_between_bunches(as_many, 0.1, 1.0) == 15
    assert filled_between_bunches(np.append(as_many, as_many[-1] + 0.1 * np.arange(1, 5)), 0.1, 1.0) == 0
    kept = np.random.default_rng(0).random(200) < 0.6
    assert filled_between_bunches(np.flatnonzero(kept) * 0.1, 0.1, 1.0) == 0


@pytest.mark.parametrize("time_s", [0.75, 0.6])
def test_a_clock_that_stands_or_is_set_back_starts_anew(time_s: float) -> None:
    clock = RegularClock(PERIOD, 0.0, most_lost_frames(1.0, PERIOD))
    clock.observe(0.25)
    clock.observe(0.75)
    assert (clock.number, clock.instant_s, clock.frame_s) == (3, 0.75, 0.75)
    assert clock.observe(time_s) == Arrival((1.0,), 0, on_time=True, jump=True)
    assert (clock.number, clock.instant_s, clock.frame_s) == (5, time_s, time_s)
    assert clock.observe(time_s + PERIOD) == Arrival((1.0,), 0, on_time=True)
