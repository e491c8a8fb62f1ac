"""A session that does not go on: no beam may follow the forecast that stands meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

import numpy as np
import pytest

from cinecast import LiveForecaster
from cinecast.frames.masks import make_target
from cinecast.frames.streamed import StreamedFrame
from cinecast.live.gate import beam_state
from cinecast.live.held_up import HeldUp
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.session import LiveSession
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import Settings

TRAIN, PERIOD, SPACING = 24, 0.25, (6.0, 6.0)
FRAMES = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=SPACING, frame_count=30, frame_period_s=PERIOD)
).sequence.frames


def take(session: LiveSession, t: int) -> None:
    arrived = StreamedFrame(f"frame {t}", PERIOD * t, FRAMES[t], perf_counter())
    session.follow_up(arrived, session.take(arrived))


@contextmanager
def watched() -> Iterator[tuple[LiveSession, HeldUp, list[str], list[str]]]:
    """Give a session with a target, who looks after it, what is announced of the gate and what is shown."""
    forecaster = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    session = LiveSession(forecaster, lambda: SPACING)
    for t in range(TRAIN):
        take(session, t)
    rows, columns = np.indices((48, 40))
    mask = (rows - 30) ** 2 + (columns - 15) ** 2 <= 16
    forecaster.set_target(make_target("tumour", mask, 0), spacing_mm=SPACING, margin_mm=1e6)
    gates: list[str] = []
    shown: list[str] = []

    def announce(forecast: LiveForecast, again: bool) -> None:
        gates.extend(beam_state(each, forecast.stale) + (", again" if again else "") for each in forecast.targets)

    session.announce = announce
    with HeldUp(session, lambda _, reason: shown.append(reason)) as watch:
        yield session, watch, gates, shown
    assert session.announce is announce


def test_a_session_that_is_held_up_turns_the_beam_off_once_and_on_again_with_the_next_forecast(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with watched() as (session, watch, gates, shown):
        take(session, TRAIN)
        sleep(1.2)  # no frame is taken, and nobody says that none has come
        assert gates == ["on", "off, again"]
        (reason,) = shown
        assert re.fullmatch(r"the session has been held up for 0\.[5-9]\d s", reason)
        assert caplog.messages == [f"after frame {TRAIN}: {reason}: the forecast is stale until it goes on"]
        watch.come_back()
        sleep(0.7)  # frames were passed over, say, so that the same forecast is the newest: it is stale already
        assert gates == ["on", "off, again"]
        take(session, TRAIN + 1)
        assert gates == ["on", "off, again", "on"]
        assert watch.count == 1


def test_a_session_that_goes_on_is_left_alone_and_its_end_turns_the_beam_off() -> None:
    with watched() as (session, watch, gates, shown):
        take(session, TRAIN)
        for _ in range(12):
            sleep(0.1)
            watch.come_back()
        assert (gates, shown) == (["on"], [])
    assert gates == ["on", "off, again"]


def test_before_a_forecast_and_while_it_is_stale_nothing_is_said() -> None:
    with watched() as (session, _, gates, shown):
        sleep(0.7)
        take(session, TRAIN)  # what is announced is not held up, however long there was nothing
        session.take(StreamedFrame("small", PERIOD * (TRAIN + 1), FRAMES[0][:9], perf_counter()))
        sleep(0.7)
        assert (gates, shown) == (["on", "off, again"], [])
