"""Horizons as people give them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.errors import SettingsError
from cinecast.horizon import Horizon, parse_horizon, parse_horizons


@pytest.mark.parametrize(
    ("text", "frames"),
    [("3", 3), (" 3 ", 3), ("0.5s", 2), (" 0.5 s", 2), ("0.5 s ", 2), (".5s", 2), ("1.s", 4), ("0.13s", 1), ("2s", 8)],
)
def test_frames_and_seconds(text: str, frames: int) -> None:
    assert parse_horizon(text, 0.25) == Horizon(frames, 0.25 * frames)


NO_HORIZONS = ["-1", "abc", "", "s", "0.5", "1e3", "-0.5s", "0.5 ms", "3 frames", "٣", "1,5s", "nan s"]


@pytest.mark.parametrize("text", [*NO_HORIZONS, "9" * 5000, "9" * 5000 + "s"])
def test_what_is_no_horizon(text: str) -> None:
    with pytest.raises(SettingsError, match=r"must be a number of frames such as 3, or of seconds such as 0\.5s, got"):
        parse_horizon(text, 0.25)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("500ms", "0.5s"), ("500 ms", "0.5s"), ("0.5", "0.5s"), ("0,5", "0.5s"), ("1,5s", "1.5s"), (".5 sec", "0.5s"),
        ("2 Seconds", "2s"), ("0.5S", "0.5s"), ("3f", "3"), ("3 frames", "3"), ("4 samples", "4"),
        ("3 secs", "3s"), ("1 second", "1s"), ("500 msec", "0.5s"),
    ],
)  # fmt: skip
def test_near_misses_get_a_hint_that_is_a_horizon(text: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=rf"got '{re.escape(text)}'; did you mean {re.escape(meant)}\?$"):
        parse_horizon(text, 0.25)
    parse_horizon(meant, 0.25)


@pytest.mark.parametrize("text", ["soon", "1.5 frames", "3 apples", "0ms", "99999999h"])
def test_what_nobody_can_have_meant_gets_none(text: str) -> None:
    with pytest.raises(SettingsError, match=rf"got '{text}'$"):
        parse_horizon(text, 0.25)


@pytest.mark.parametrize("text", ["0", "0s", "0.01s", "0.12s"])
def test_a_horizon_below_half_a_frame(text: str) -> None:
    with pytest.raises(SettingsError, match=f"at least one frame .0.25 s here., got '{text}'; ask for a longer one"):
        parse_horizon(text, 0.25)


@given(st.integers(1, 10_000), st.floats(0.01, 5))
def test_the_seconds_of_a_horizon_give_it_back(frames: int, period_s: float) -> None:
    horizon = parse_horizon(str(frames), period_s)
    assert parse_horizon(f"{horizon.seconds:.9f}s", period_s) == horizon


@given(st.floats(0.2, 100), st.floats(0.01, 0.4))
def test_seconds_become_the_nearest_frame(seconds: float, period_s: float) -> None:
    text = f"{seconds:.6f}"
    assert abs(parse_horizon(f"{text}s", period_s).frames * period_s - float(text)) <= period_s / 2 * (1 + 1e-9)


def test_horizons_stand_in_order_and_once() -> None:
    horizons = parse_horizons(("1s", "2", "0.5s", "0.51 s", "4"), 0.25)
    assert horizons == (Horizon(2, 0.5), Horizon(4, 1.0))
    many = parse_horizons(("9", "2", "7", "11", "1", "8", "3", "10", "6", "5", "4"), 0.25)
    assert [each.frames for each in many] == list(range(1, 12))


def test_rounding_of_the_period_does_not_show() -> None:
    assert parse_horizon("6", 0.31450000000000022).seconds == 1.887


@given(st.integers(0, 50), st.sampled_from([0.1, 0.2, 0.25, 1 / 3, 0.4]), st.floats(-1e-13, 1e-13))
def test_rounding_of_the_period_does_not_decide_between_two_frames(whole: int, period_s: float, noise: float) -> None:
    text = f"{(whole + 0.5) * period_s:.9f}s"
    assert parse_horizon(text, period_s + noise).frames == whole + 1


def test_half_a_frame_is_the_same_horizon_whatever_the_length_of_a_sequence() -> None:
    """Times written to files with 5 Hz give medians a rounding apart; 0.5 s is 2.5 frames in all of them."""
    periods = {float(np.median(np.diff(np.arange(count) * 0.2))) for count in range(40, 400)}
    assert len(periods) > 1
    assert {parse_horizon("0.5s", period) for period in periods} == {Horizon(3, 0.6)}
