"""A frame rate that changes in mid-session: forecasts are made so many periods ahead, and would be of another time."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from cinecast import LiveForecaster
from cinecast.clock.regular_clock import RegularClock
from cinecast.live.frame_rate import FrameRate
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings

PERIOD = 0.25


def watched(intervals_s: list[float], longest_gap: int = 4) -> list[str]:
    """Return what is said of frames with such intervals, frame by frame."""
    clock, rate, time_s, said = RegularClock(PERIOD, 0.0, longest_gap), FrameRate(PERIOD), 0.0, []
    for interval_s in intervals_s:
        time_s += interval_s
        rate.observe("it", time_s, clock.observe(time_s))
        said.append(rate.reason)
    return said


def test_a_period_that_becomes_a_fifth_longer_is_said_within_16_frames() -> None:
    said = watched([PERIOD] * 30 + [0.3] * 16)
    assert not any(said[:30])
    assert "frames come every 0.3 s" in said[-1]  # not the mean with those before
    assert "were calibrated at 0.25 s: forecasts are of another time than they say" in said[-1]
    first = next(t for t, each in enumerate(said) if each) - 30
    assert first < 6
    assert len(set(said[30 + first :])) == 1  # one note on the page, not one a frame


@pytest.mark.parametrize("interval_s", [0.275, 0.55, 0.8])
def test_what_is_said_is_how_often_frames_come_now(interval_s: float) -> None:
    said = watched([PERIOD] * 30 + [interval_s, 2 * interval_s] + [interval_s] * 15, longest_gap=20)
    assert said[-1].startswith(f"frames come every {interval_s:g} s, and were calibrated at 0.25 s")


def test_what_is_said_is_another_rate_where_times_are_rounded() -> None:
    clock, rate = RegularClock(0.2, 0.0, 4), FrameRate(0.2)
    for t in range(60):  # to 0.05 s, so that most intervals of 0.212 s are 0.2 s, too
        time_s = round(20 * (0.2 * t if t < 30 else 6 + 0.212 * (t - 30))) / 20
        rate.observe("it", time_s, clock.observe(time_s))
        told = rate.reason.removeprefix("frames come every ").partition(" ")[0]
        assert not told or 0.21 < float(told) < 0.23
    assert rate.reason


def test_a_shorter_one_is_said_too_and_one_that_comes_back_is_forgiven() -> None:
    said = watched([PERIOD] * 20 + [0.22] * 20 + [PERIOD] * 20)
    assert said[39]
    assert not said[-1]


@pytest.mark.parametrize(
    ("periods", "said_last"),
    [
        ([1.04], False),
        ([1.06], True),
        ([0.94], True),
        ([1.06, 1.04], True),
        ([1.06, 1.02], False),
    ],
)
def test_a_twentieth_off_is_said_and_within_three_hundredths_it_is_forgiven(
    periods: list[float], said_last: bool
) -> None:
    intervals = [PERIOD] * 20 + [PERIOD * each for each in periods for _ in range(20)]
    assert bool(watched(intervals)[-1]) == said_last


def test_jitter_and_drift_are_no_other_rate() -> None:
    rng = np.random.default_rng(0)
    times = np.arange(400) * 1.02 * PERIOD + rng.uniform(-0.04, 0.04, 400)
    assert not any(watched(np.diff(times).tolist()))


def test_lost_frames_and_pauses_are_no_other_rate() -> None:
    assert not any(watched(([PERIOD] * 5 + [2 * PERIOD] + [PERIOD] * 5 + [0.4] + [PERIOD] * 3 + [7.0]) * 10))


def test_forecasts_are_stale_and_the_beam_is_off_while_the_rate_is_another(caplog: pytest.LogCaptureFixture) -> None:
    small = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=70, frame_period_s=PERIOD)
    frames = make_phantom(small).sequence.frames
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=24)
    times = np.cumsum([0.0] + [PERIOD] * 44 + [0.29] * 25)
    with caplog.at_level(logging.WARNING):
        forecasts = [live.push(frame, float(time_s)) for frame, time_s in zip(frames, times, strict=True)]
    good = [each for each in forecasts[23:45] if each is not None]
    assert len(good) == 22
    assert not any(each.stale for each in good)
    last = forecasts[-1]
    assert last is not None
    assert last.stale
    assert last.reasons[0].startswith("frames come every 0.29 s")
    assert sum("start a new session" in each for each in caplog.messages) == 1
