"""What is left of the horizon when a forecast is out."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
import pytest

from cinecast import LiveForecaster
from cinecast.frames.streamed import StreamedFrame
from cinecast.live.lead_time import LeadTime
from cinecast.live.session import LiveSession
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings

SIZE = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6.0, 7.0), frame_count=60, frame_period_s=0.25)


def observe(lead: LeadTime, count: int, way_s: float | None, latency_s: float = 0.02, horizon_s: float = 0.4) -> None:
    for t in range(count):
        lead.observe(f"frame {t}", horizon_s, way_s, latency_s)


def test_a_forecast_of_what_has_passed_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    lead = LeadTime()
    observe(lead, 40, 0.6)
    assert caplog.messages == [
        "frame 15: a forecast is out 0.62 s after the time of its frame (on its way 0.60 s, then 0.02 s), and is of an "
        "instant 0.40 s after it, which has passed: lengthen --horizon; or the clock of the sender differs from that "
        "of this machine: set both, or take --clock arrival"
    ]
    assert lead.ways.percentile(50) == pytest.approx(600, rel=0.01)


def test_it_is_said_again_once_something_was_left(caplog: pytest.LogCaptureFixture) -> None:
    lead = LeadTime()
    for way_s in (0.6, 0.36, 0.6, 0.1, 0.6):
        observe(lead, 40, way_s)
    assert len(caplog.messages) == 2


@pytest.mark.parametrize(("way_s", "said"), [(0.31, 1), (0.29, 2)])
def test_something_is_left_where_a_fifth_of_the_horizon_is(
    way_s: float, said: int, caplog: pytest.LogCaptureFixture
) -> None:
    lead = LeadTime()
    for each_s in (0.6, way_s, 0.6):
        observe(lead, 40, each_s)
    assert len(caplog.messages) == said


def test_a_single_frame_that_is_late_says_nothing_of_the_others(caplog: pytest.LogCaptureFixture) -> None:
    lead = LeadTime()
    observe(lead, 7, 0.1)
    observe(lead, 1, 9.0, latency_s=9.0)
    observe(lead, 30, 0.1)
    assert caplog.messages == []
    lead = LeadTime()
    observe(lead, 7, 0.6)
    observe(lead, 1, 9.0, latency_s=9.0)
    observe(lead, 30, 0.6)
    assert [
        "is out 0.62 s after the time of its frame (on its way 0.60 s, then 0.02 s)" in m for m in caplog.messages
    ] == [True]


def test_forecasts_that_take_too_long_are_said(caplog: pytest.LogCaptureFixture) -> None:
    observe(LeadTime(), 16, None, latency_s=0.5)
    assert caplog.messages[0].endswith("which has passed: lengthen --horizon, or take a faster --method")


@pytest.mark.parametrize(("count", "way_s", "latency_s"), [(15, 0.6, 0.02), (40, 0.3, 0.09), (40, None, 0.3)])
def test_nothing_is_said_of_a_few_or_of_what_is_in_time(
    count: int, way_s: float | None, latency_s: float, caplog: pytest.LogCaptureFixture
) -> None:
    lead = LeadTime()
    observe(lead, count, way_s, latency_s)
    assert caplog.messages == []
    assert math.isnan(lead.ways.percentile(50)) is (way_s is None)


@pytest.mark.parametrize(("way_s", "said"), [(0.6, 1), (0.1, 0)])
def test_a_session_says_it(way_s: float, said: int, caplog: pytest.LogCaptureFixture) -> None:
    sequence = make_phantom(SIZE).sequence
    session = LiveSession(
        LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=30), lambda: (6.0, 7.0)
    )
    for t, frame in enumerate(sequence.frames):
        time_s = float(sequence.times_s[t])
        session.take(StreamedFrame(f"frame {t}", time_s, np.asarray(frame), perf_counter(), way_s=way_s))
    assert len([each for each in caplog.messages if "which has passed" in each]) == said
    assert session.lead.ways.count == session.forecasts - 1  # the first one has waited for the calibration
