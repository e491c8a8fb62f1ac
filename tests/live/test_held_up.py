"""A session that does not go on: no beam may follow the forecast that stands meanwhile."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter, sleep

import pytest

from cinecast.frames.streamed import StreamedFrame
from cinecast.live.gate import beam_state
from cinecast.live.held_up import HeldUp
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.session import LiveSession
from helpers.gated_session import FRAMES, PERIOD, TRAIN, calibrated, take
from helpers.live_sessions import wait_until


@contextmanager
def watched() -> Iterator[tuple[LiveSession, HeldUp, list[str], list[str]]]:
    """Give a session with a target, who looks after it, what is announced of the gate and what is shown."""
    session = calibrated()
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
        wait_until(lambda: caplog.messages)  # no frame is taken, and nobody says that none has come
        assert gates == ["on", "off, again"]
        (reason,) = shown
        held = re.fullmatch(r"the session has been held up for (\d+\.\d\d) s", reason)
        assert held is not None
        assert float(held[1]) >= 1.0
        assert caplog.messages == [f"after frame {TRAIN}: {reason}: the forecast is stale until it goes on"]
        watch.come_back()
        sleep(1.2)  # frames were passed over, say, so that the same forecast is the newest: it is stale already
        assert gates == ["on", "off, again"]
        take(session, TRAIN + 1)
        assert gates == ["on", "off, again", "on"]


def test_the_beam_is_off_before_anything_is_printed() -> None:
    terminal, asked = Event(), Event()

    class Stopped(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            asked.set()
            assert terminal.wait(60)

    logger, handler = logging.getLogger("cinecast.live.held_up"), Stopped()
    logger.addHandler(handler)
    try:
        with watched() as (session, _, gates, _):
            take(session, TRAIN)
            assert asked.wait(60)
            assert gates == ["on", "off, again"]
            terminal.set()
    finally:
        logger.removeHandler(handler)


def test_a_forecast_that_comes_just_then_is_not_followed_by_the_one_before_it() -> None:
    with watched() as (session, watch, gates, shown):
        take(session, TRAIN)
        newest = watch._newest
        assert newest is not None
        take(session, TRAIN + 1)
        watch._make_stale(newest, 9.0)  # found to have stood for too long before the next one came
        assert (gates, shown) == (["on", "on"], [])


def test_a_forecast_that_comes_while_the_one_before_it_is_shown_as_stale_is_shown_after_it() -> None:
    session, seen = calibrated(), list[str]()
    session.announce = lambda forecast, _: seen.append("stale" if forecast.stale else forecast.name)
    going_on = Thread(target=take, args=(session, TRAIN + 1))

    def show(*_: object) -> None:
        going_on.start()
        going_on.join(1.0)
        seen.append("shown as stale")

    with HeldUp(session, show) as watch:
        take(session, TRAIN)
        newest = watch._newest
        assert newest is not None
        watch._make_stale(newest, 9.0)
        going_on.join()
    assert seen[:4] == [f"frame {TRAIN}", "stale", "shown as stale", f"frame {TRAIN + 1}"]


def test_a_session_that_goes_on_is_left_alone_and_its_end_turns_the_beam_off() -> None:
    with watched() as (session, watch, gates, shown):
        take(session, TRAIN)
        for _ in range(16):
            sleep(0.1)
            watch.come_back()
        assert (gates, shown) == (["on"], [])
    assert gates == ["on", "off, again"]


def test_before_a_forecast_and_while_it_is_stale_nothing_is_said() -> None:
    with watched() as (session, _, gates, shown):
        sleep(1.2)
        take(session, TRAIN)  # what is announced is not held up, however long there was nothing
        session.take(StreamedFrame("small", PERIOD * (TRAIN + 1), FRAMES[0][:9], perf_counter()))
        sleep(1.2)
        assert (gates, shown) == (["on", "off, again"], [])
