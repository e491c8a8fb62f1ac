"""Frames that stop coming: the newest forecast is of the past before long, and no beam may follow it."""

from __future__ import annotations

import math
import re
from time import sleep

import pytest

from cinecast import LiveForecaster
from cinecast.frames.streamed import StreamedFault
from cinecast.live.gate import beam_state
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.overdue import longest_wait_s
from cinecast.live.session import LiveSession
from cinecast.settings import Settings
from helpers.gated_session import SPACING, TRAIN, arrival, calibrated, take


def beams(announced: list[tuple[LiveForecast, bool]]) -> list[tuple[str, bool]]:
    return [(beam_state(forecast.targets[0], forecast.stale), again) for forecast, again in announced]


@pytest.mark.parametrize(
    ("horizon_s", "period_s", "longest_s"),
    [(0.5, 0.125, 0.5), (0.5, 0.3, 0.6), (0.1, 0.2, 0.4), (2.0, 0.25, 1.0), (2.0, 0.8, 1.6)],
)
def test_a_forecast_stands_for_its_horizon_and_not_for_more_than_a_second(
    horizon_s: float, period_s: float, longest_s: float
) -> None:
    assert longest_wait_s(horizon_s, period_s) == pytest.approx(longest_s)


def test_a_pause_turns_the_beam_off_once_and_the_next_frame_turns_it_on_again() -> None:
    session = calibrated()
    announced: list[tuple[LiveForecast, bool]] = []
    session.announce = lambda forecast, again: announced.append((forecast, again))
    take(session, TRAIN)
    assert session.wait_longer() is None
    take(session, TRAIN + 1, age_s=0.2)
    assert session.wait_longer() is None
    take(session, TRAIN + 2)
    sleep(1.05)
    waiting = session.wait_longer()
    assert waiting is not None
    assert (waiting.name, waiting.state) == (f"frame {TRAIN + 2}", "overdue")
    assert re.fullmatch(r"no frame has come for \d\.\d\d s", waiting.reason)
    assert waiting.forecast is session.forecaster.latest
    assert session.wait_longer() is None  # it is said once
    take(session, TRAIN + 3)
    assert beams(announced) == [("on", False)] * 3 + [("off", True), ("on", False)]
    assert session.overdue.pauses == 1


def test_a_forecast_that_is_out_after_its_instant_turns_the_beam_off_and_the_next_one_on_again() -> None:
    session = calibrated()
    announced: list[tuple[LiveForecast, bool]] = []
    session.announce = lambda forecast, again: announced.append((forecast, again))
    take(session, TRAIN, age_s=0.4)  # late, but 2 s ahead
    arrived = arrival(TRAIN + 1, age_s=4.0)
    late = session.take(arrived)
    session.follow_up(arrived, late)
    take(session, TRAIN + 2)
    assert beams(announced) == [("on", False), ("off", False), ("on", False)]
    assert (late.state, late.forecast) == ("stale", announced[1][0])
    said = r"it was out \d\.\d\d s after its frame had come: the instant that it is of has passed"
    assert re.fullmatch(said, late.reason)


def test_a_stream_that_waits_has_no_forecast_that_is_out_too_late() -> None:
    """A replay as fast as possible has the same beam on a machine that stands still for a while."""
    session = calibrated(hurried=False)
    arrived = arrival(TRAIN, age_s=4.0)
    taken = session.take(arrived)
    session.follow_up(arrived, taken)
    assert (taken.state, taken.forecast is not None and taken.forecast.stale) == ("forecast", False)


def test_what_cannot_be_used_has_come_and_begins_another_wait() -> None:
    session = calibrated()
    take(session, TRAIN, age_s=9.0)
    session.take(StreamedFault("odd", "it is no frame"))
    assert session.wait_longer() is None


def test_before_the_first_forecast_nothing_is_overdue() -> None:
    session = LiveSession(
        LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN), lambda: SPACING
    )
    assert session.wait_longer() is None
    session.take(arrival(0, age_s=9.0))
    assert session.wait_longer() is None


def test_a_pause_moves_no_later_forecast_by_a_bit() -> None:
    with_pause, without = calibrated(), calibrated()
    for t in range(TRAIN, TRAIN + 5):
        one, other = take(with_pause, t, age_s=9.0), take(without, t)
        assert with_pause.wait_longer() is not None
        assert one is not None
        assert other is not None
        assert (one.weights == other.weights).all()
        assert (one.stale, other.stale) == (True, False)
        assert math.isfinite(one.time_s)
