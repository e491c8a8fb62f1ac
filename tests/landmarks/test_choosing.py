"""Which tracks become landmarks, on tracks made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.landmarks.choosing import LEAST, Verdict, amplitude_of, choose, judge, jump_of, shortlist
from cinecast.settings import LandmarksSettings

T = 48
SPACING = (2.0, 1.0)
BREATHING = np.sin(2 * np.pi * np.arange(T) / 16)


def track(rows_px: NDArray[np.float64], lost: tuple[int, ...] = ()) -> NDArray[np.float64]:
    """Return a track (T, 2) that moves along rows, not found in some frames."""
    displacements = np.stack([np.zeros(T), rows_px], axis=-1)
    displacements[list(lost)] = np.nan
    return displacements


STEADY = track(3 * BREATHING)
SELDOM = track(6 * BREATHING, lost=tuple(range(0, T, 4)))
OFTEN_ENOUGH = track(2 * BREATHING, lost=tuple(range(0, T, 6)))
STILL = track(0.01 * BREATHING)
JUMPING = track(np.where(np.arange(T) % 16 < 3, 12.0, 0.0))
SLIDING = track(3 * BREATHING + np.where(np.arange(T) % 2, 1.6, -1.6))


def verdict_of(*tracks: NDArray[np.float64]) -> Verdict:
    return judge(np.stack(tracks), SPACING)


def chosen_of(*tracks: NDArray[np.float64], apart_px: int = 100, most: int = 24) -> list[int]:
    places = np.array([(apart_px * i, 0) for i in range(len(tracks))])
    return choose(places, verdict_of(*tracks), SPACING, LandmarksSettings(most=most))


def test_tracks_are_judged_in_mm_by_axis() -> None:
    verdict = verdict_of(STEADY, SELDOM, STILL)
    assert verdict.share == pytest.approx([1, 0.75, 1])
    assert verdict.amplitude_mm[0] == pytest.approx(2 * np.ptp(np.percentile(3 * BREATHING, [5, 95])))
    assert verdict.jump_mm[0] == pytest.approx(2 * np.abs(np.diff(3 * BREATHING)).max())


def test_a_jump_is_the_largest_step_or_what_most_steps_change_by() -> None:
    once, leap, shaking, at_times = np.zeros((4, 100, 2))
    once[50] = 6.0, 8.0  # two steps of 10 mm, and changes of step of 10 and 20 mm, which are few
    leap[50:] = 3.0, 4.0
    shaking[::2, 1] = 1.5
    at_times[60:80:2, 1] = 2.0  # a fifth of the changes, more than the twentieth that may be larger
    assert [jump_of(each) for each in (once, leap, shaking, at_times)] == [10.0, 5.0, 3.0, 4.0]
    once[49] = np.nan
    assert jump_of(once) == 10.0  # the step back alone is from frame to frame
    once[51] = np.nan
    assert jump_of(once) == 0.0


def test_of_many_tracks_the_best_ones_come_on_the_short_list() -> None:
    verdict = verdict_of(*(track(size * BREATHING) for size in (3, 9, 5, 7)))
    assert shortlist(verdict, LandmarksSettings(), 3) == [1, 3, 2]


def test_a_track_without_frames() -> None:
    nothing = np.full((T, 2), np.nan)
    assert amplitude_of(nothing) == 0
    assert jump_of(nothing) == 0
    verdict = verdict_of(nothing)
    assert verdict.share == 0
    assert chosen_of(nothing) == []


def test_amplitude_ignores_single_outliers() -> None:
    outlier = STEADY.copy()
    outlier[7] = 100
    assert amplitude_of(outlier) == pytest.approx(amplitude_of(STEADY), rel=0.05)


def test_what_jumps_or_slides_or_is_seldom_found_is_no_landmark() -> None:
    assert chosen_of(STEADY, JUMPING, SLIDING, SELDOM) == [0]


def test_further_ones_come_first() -> None:
    assert chosen_of(track(1.0 * BREATHING), track(3.0 * BREATHING), track(2.0 * BREATHING)) == [1, 2, 0]


def test_fewer_than_six_are_filled_up_by_those_found_less_often_and_then_by_still_ones() -> None:
    assert chosen_of(STILL, OFTEN_ENOUGH, STEADY) == [2, 1, 0]
    assert chosen_of(*[STILL] * 4, *[OFTEN_ENOUGH] * 4) == [4, 5, 6, 7, 0, 1]
    assert chosen_of(STILL, OFTEN_ENOUGH, *[STEADY] * LEAST) == [2, 3, 4, 5, 6, 7]
    assert chosen_of(STILL, OFTEN_ENOUGH, STEADY, most=2) == [2, 1]


def test_no_more_than_the_most() -> None:
    assert chosen_of(*[STEADY] * 30) == list(range(24))


def test_landmarks_are_spaced_apart_in_mm() -> None:
    assert chosen_of(STEADY, STEADY, STEADY, apart_px=9) == [0, 2]
    assert chosen_of(STEADY, STEADY, STEADY, apart_px=10) == [0, 1, 2]


@pytest.mark.parametrize("spacing_mm", [1.99999995, 2.0, 2.00000005])
def test_the_rounding_of_a_spacing_parts_no_landmarks(spacing_mm: float) -> None:
    places, verdict = np.array([(0, 0), (5, 0), (9, 0), (5, 5)]), verdict_of(STEADY, STEADY, STEADY, STEADY)
    assert choose(places, verdict, (spacing_mm, spacing_mm), LandmarksSettings(patch_mm=20)) == [0, 1, 3]


@given(
    shares=st.lists(st.floats(0, 1), min_size=12, max_size=12),
    amplitudes=st.lists(st.floats(0, 20), min_size=12, max_size=12),
    jumps=st.lists(st.floats(0, 20), min_size=12, max_size=12),
    columns=st.lists(st.integers(0, 60), min_size=12, max_size=12),
    most=st.integers(1, 12),
)
def test_what_is_chosen_is_good_enough_apart_and_not_too_many(
    shares: list[float], amplitudes: list[float], jumps: list[float], columns: list[int], most: int
) -> None:
    settings = LandmarksSettings(most=most)
    verdict = Verdict(np.array(shares), np.array(amplitudes), np.array(jumps))
    chosen = choose(np.array([(x, 0) for x in columns]), verdict, SPACING, settings)
    assert len(set(chosen)) == len(chosen) <= most
    assert set(chosen) <= set(shortlist(verdict, settings, 12))
    for i in chosen:
        assert shares[i] >= 0.8
        assert jumps[i] <= 0.7 * amplitudes[i] or amplitudes[i] < 1
        assert all(abs(columns[i] - columns[j]) >= 10 for j in chosen if j != i)
    # Nothing that moves and is found often is left out for want of anything but room.
    if len(chosen) < most:
        for i in range(12):
            if shares[i] >= 0.9 and amplitudes[i] >= 1 and jumps[i] <= 0.7 * amplitudes[i] and i not in chosen:
                assert any(abs(columns[i] - columns[j]) < 10 for j in chosen)
