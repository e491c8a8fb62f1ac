"""The regular clock among frames that are early, late or lost."""

from __future__ import annotations

import pytest

from cinecast.clock.regular_clock import RegularClock
from cinecast.live.horizon_drivers import needed_horizons


def clock() -> RegularClock:
    return RegularClock(period_s=0.5, start_s=10.0, longest_gap=4)


def test_jitter_and_drift_are_on_time() -> None:
    times = [10.51, 10.98, 11.6, 12.2, 12.8, 13.4, 14.0]  # later ones come at a period of 0.6 s
    watch = clock()
    arrivals = [watch.observe(time) for time in times]
    assert all(arrival.shares == (1.0,) and arrival.on_time and arrival.lost == 0 for arrival in arrivals)
    assert watch.instant_s == 14.0


def test_lost_frames_are_found_by_time_and_filled_on_the_way() -> None:
    watch = clock()
    arrival = watch.observe(11.55)
    assert (arrival.lost, arrival.on_time, arrival.jump) == (2, True, False)
    assert arrival.shares == pytest.approx((1 / 3, 2 / 3, 1.0))
    assert arrival.shares[-1] == 1.0
    assert watch.instant_s == 11.55


def test_a_frame_between_two_instants_sets_no_instant() -> None:
    watch = clock()
    early = watch.observe(10.2)
    assert (early.shares, early.lost, early.on_time) == ((), 0, False)
    assert watch.instant_s == 10.0
    between = watch.observe(10.85)
    assert not between.on_time
    assert between.shares == pytest.approx((0.3 / 0.65,))  # 10.5 between frames at 10.2 and 10.85
    assert watch.instant_s == pytest.approx(10.5)
    after = watch.observe(11.0)
    assert (after.shares, after.on_time) == ((1.0,), True)


@pytest.mark.parametrize(
    ("times", "on_time"),
    [
        ([10.1, 10.3], [False, False]),  # a frame soon after another is at no instant, nor is one soon after that
        ([10.125], [False]),
        ([10.375], [True]),  # a quarter of a period off is on time, to either side
        ([10.625], [True]),
        ([10.63], [False]),
        ([10.1875, 10.8125], [False, True]),  # a quarter more than a period after a frame that was at none
        ([10.1875, 10.55], [False, True]),
        ([10.1875, 10.35], [False, False]),
    ],
)
def test_which_frames_are_on_time(times: list[float], on_time: list[bool]) -> None:
    watch = clock()
    assert [watch.observe(time).on_time for time in times] == on_time


@pytest.mark.parametrize(("periods", "filled"), [(5, 4), (5.2, 4), (6, 0)])
def test_the_longest_gap_is_filled_and_a_longer_one_is_not(periods: float, filled: int) -> None:
    arrival = clock().observe(10.0 + 0.5 * periods)
    assert (len(arrival.shares) - 1, arrival.jump) == (filled, filled == 0)


def test_where_the_phase_slips_the_clock_goes_with_it() -> None:
    watch = clock()
    assert watch.observe(10.7).on_time is False  # 10.5 lies between
    slipped = watch.observe(11.2)
    assert (slipped.on_time, slipped.lost) == (True, 0)
    assert slipped.shares == (1.0,)
    assert watch.instant_s == 11.2
    assert [watch.observe(11.2 + 0.5 * step).shares for step in (1, 2, 3)] == [(1.0,)] * 3
    assert watch.number == 5


def test_a_long_interruption_starts_the_clock_anew() -> None:
    watch = clock()
    assert watch.observe(13.05).lost == 5
    assert watch.instant_s == 13.05
    assert watch.observe(13.55).shares == (1.0,)


@pytest.mark.parametrize(("wanted", "needed"), [(1.0, [1]), (2.9995, [3]), (0.4, [1]), (1.6, [1, 2]), (3.002, [3, 4])])
def test_a_horizon_lies_between_whole_ones(wanted: float, needed: list[int]) -> None:
    assert needed_horizons(wanted) == needed
