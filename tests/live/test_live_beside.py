"""The calibration goes on beside the stream: what comes meanwhile is learned from, and forecasts are as ever."""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.errors import SettingsError
from cinecast.frames.masks import make_target
from cinecast.frames.streamed import StreamedFault, StreamedFrame
from cinecast.live import LiveForecast, forecaster
from cinecast.live.calibration import Calibration
from cinecast.live.first_fit import FirstFit, Waiting
from cinecast.live.refit import Refit
from cinecast.live.second_opinion import SecondOpinion
from cinecast.live.session import LiveSession
from cinecast.live.supervision import Supervision
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import ForecastSettings, Settings
from cinecast.single_thread import thread_pools

TRAIN, PERIOD, MEANWHILE = 30, 0.25, 9
FRAMES = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=PERIOD)
).sequence.frames
TIMES = PERIOD * np.arange(len(FRAMES))
SETTINGS = Settings(forecast=ForecastSettings(runs=2))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """An event that calibrations wait for."""
    opened = Event()

    def calibrate(*arguments: Any) -> Calibration:
        assert opened.wait(60)
        return real(*arguments)

    real = forecaster.calibrate
    monkeypatch.setattr(forecaster, "calibrate", calibrate)
    yield opened
    opened.set()


def made(method: str = "rls", *, beside: bool = True, horizon: str = "2") -> LiveForecaster:
    return LiveForecaster(SETTINGS, method=method, horizon=horizon, calibration_frames=TRAIN, beside=beside)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def caught_up(live: LiveForecaster) -> bool:
    assert live._fit is not None
    return live._fit.done


def assert_same(got: LiveForecast | None, wanted: LiveForecast | None) -> None:
    assert got is not None
    assert wanted is not None
    for name in ("weights", "radius", "dvf", "frame", "measured"):
        np.testing.assert_array_equal(getattr(got, name), getattr(wanted, name))
    if wanted.drift is None:
        assert got.drift is None
    else:
        np.testing.assert_array_equal(got.drift, wanted.drift)
    for name in ("name", "issued_s", "time_s", "run", "stale", "reasons", "held", "without_history"):
        assert getattr(got, name) == getattr(wanted, name)


@pytest.mark.parametrize("method", ["persistence", "linear", "rls", "snap1", "mixture"])
@pytest.mark.parametrize("horizon", ["2", "0.6s"])
def test_forecasts_are_those_of_a_stream_that_waited(gate: Event, method: str, horizon: str) -> None:
    frames, times = FRAMES.copy(), TIMES.copy()
    frames[TRAIN + 2] = frames[TRAIN + 1]  # frozen
    times[TRAIN + 5 :] += PERIOD  # one is lost
    live = made(method, horizon=horizon)
    buffer = np.empty_like(frames[0])
    for t in range(TRAIN + MEANWHILE):
        np.copyto(buffer, frames[t])  # a caller that has one frame's room alone
        assert live.push(buffer, float(times[t])) is None
        assert live.calibrating == (t >= TRAIN - 1)
    assert (live.collected, live.latest, live.calibration) == (TRAIN, None, None)
    gate.set()
    until(lambda: caught_up(live))
    waited = made(method, beside=False, horizon=horizon)
    for t in range(len(frames)):
        wanted = waited.push(frames[t], float(times[t]))
        if t >= TRAIN + MEANWHILE:
            assert_same(live.push(frames[t], float(times[t])), wanted)
    assert not live.calibrating
    assert live.calibration_s > 0


def test_a_stream_that_waits_has_its_first_forecast_with_the_last_frame_of_the_calibration() -> None:
    live = made(beside=False)
    assert [live.push(FRAMES[t], TIMES[t]) is None for t in range(TRAIN + 1)] == [True] * (TRAIN - 1) + [False] * 2
    assert live.calibration_s > 0


def test_what_cannot_be_calibrated_on_is_said_with_the_next_frame() -> None:
    live = made()
    for t in range(TRAIN):
        live.push(FRAMES[0], TIMES[t])
    until(lambda: caught_up(live))
    with pytest.raises(SettingsError, match="the train span must show motion"):
        live.push(FRAMES[1], TIMES[TRAIN])


def test_what_cannot_be_calibrated_on_is_said_when_the_stream_ends() -> None:
    session = LiveSession(made(), lambda: (6.0, 6.0), hurried=True)
    for t in range(TRAIN):
        session.take(StreamedFrame("", float(TIMES[t]), FRAMES[0], 0.0))
    with pytest.raises(SettingsError, match="the train span must show motion"):
        session.finish()


def test_a_frame_of_another_size_is_skipped_meanwhile(gate: Event, caplog: pytest.LogCaptureFixture) -> None:
    live = made()
    for t in range(TRAIN):
        live.push(FRAMES[t], TIMES[t])
    with caplog.at_level(logging.WARNING):
        for t in range(TRAIN, TRAIN + 8):
            assert live.push(FRAMES[t, :20], TIMES[t]) is None
    assert len(caplog.records) == 8
    assert all("instead of 48 x 40" in record.getMessage() for record in caplog.records)
    gate.set()
    until(lambda: caught_up(live))
    assert live.push(FRAMES[TRAIN + 8], TIMES[TRAIN + 8]) is not None


def test_a_target_cannot_be_set_meanwhile(gate: Event) -> None:
    live = made()
    for t in range(TRAIN):
        live.push(FRAMES[t], TIMES[t])
    target = make_target("target", FRAMES[0] > FRAMES[0].mean(), 0)
    with pytest.raises(SettingsError, match="a target can be set once the stream is calibrated"):
        live.set_target(target, spacing_mm=(6.0, 6.0))
    assert not gate.is_set()


@pytest.mark.parametrize("after", [0, 1, MEANWHILE])
def test_the_first_forecast_is_of_the_newest_frame_though_no_other_comes(gate: Event, after: int) -> None:
    live, waited = made("mixture"), made("mixture", beside=False)
    for t in range(TRAIN + after):
        assert live.push(FRAMES[t], TIMES[t]) is None
        assert live.finish_calibration(wait=False) is None
    gate.set()
    until(lambda: caught_up(live))
    wanted = [waited.push(FRAMES[t], TIMES[t]) for t in range(TRAIN + after)][-1]
    assert_same(live.finish_calibration(wait=False), wanted)
    assert live.finish_calibration() is None  # it is given once
    for t in range(TRAIN + after, len(FRAMES)):
        assert_same(live.push(FRAMES[t], TIMES[t]), waited.push(FRAMES[t], TIMES[t]))


def frame(t: int, seen_s: float) -> StreamedFrame:
    return StreamedFrame(f"frame {t}", float(TIMES[t]), FRAMES[t], seen_s)


@pytest.mark.parametrize("waited_s", [0.0, 4.0])
def test_a_session_gives_its_first_forecast_when_its_calibration_ends(gate: Event, waited_s: float) -> None:
    session = LiveSession(made(), lambda: (6.0, 6.0), hurried=True)
    announced: list[tuple[str, bool, bool]] = []
    session.announce = lambda forecast, skipped: announced.append((forecast.name, forecast.stale, skipped))
    known = []
    for t in range(TRAIN + 3):
        arrived = frame(t, 0.0)
        known += session.follow_up(arrived, session.take(arrived))
        assert session.first_forecast() is None
    notes = StreamedFault("notes", "it is no image")
    known += session.follow_up(notes, session.take(notes))
    assert [row.state for row in known] == ["collected"] * TRAIN + ["passed over"] * 2  # the newest is held back
    gate.set()
    until(lambda: caught_up(session.forecaster))
    assert session._newest is not None
    seen_s = time.perf_counter() - waited_s
    session._newest = session._newest._replace(arrived=frame(TRAIN + 2, seen_s))
    first = session.first_forecast()
    assert first is not None
    arrived, taken = first
    assert (arrived.name, taken.state, taken.number, session.passed_over) == ("frame 32", "calibrated", TRAIN + 2, 2)
    assert math.isnan(taken.latency_ms)
    assert session.latencies.count == session.late == 0  # what waited for the calibration has no latency
    assert announced == [("frame 32", waited_s > 0, False)]
    said = re.search(r"it waited (\d+\.\d\d) s for the calibration", taken.reason)
    assert (said is not None) == (waited_s > 0)
    assert said is None or waited_s <= float(said[1]) < waited_s + 60
    assert session.first_forecast(wait=True) is None
    known += session.follow_up(arrived, taken)
    following = frame(TRAIN + 3, time.perf_counter())
    known += session.follow_up(following, session.take(following))
    known += session.finish()
    states = ["collected"] * TRAIN + ["passed over"] * 2 + ["calibrated", "skipped", "forecast"]
    assert [row.state for row in known] == states
    assert [row.name for row in known] == [f"frame {t}" for t in range(TRAIN + 3)] + ["notes", f"frame {TRAIN + 3}"]


@pytest.mark.parametrize("waited_s", [0.0, 4.0])
def test_a_first_forecast_that_is_out_after_its_instant_is_stale(gate: Event, waited_s: float) -> None:
    """The calibration ends just then, and all frames that waited are learned from before."""
    session = LiveSession(made(horizon="12"), lambda: (6.0, 6.0), hurried=True)
    for t in range(TRAIN):
        session.follow_up(frame(t, 0.0), session.take(frame(t, 0.0)))
    gate.set()
    until(lambda: caught_up(session.forecaster))
    taken = session.take(frame(TRAIN, time.perf_counter() - waited_s))
    assert taken.state == "calibrated"
    assert taken.forecast is not None
    assert taken.forecast.stale == (waited_s > 12 * PERIOD)
    assert ("the instant that it is of has passed" in taken.reason) == taken.forecast.stale
    session.finish()


def test_a_session_counts_and_names_what_it_passes_over(gate: Event) -> None:
    session = LiveSession(made(horizon="6"), lambda: (6.0, 6.0), hurried=True)  # none comes too late to be of use
    rows: list[str] = []

    def take(t: int, seen_s: float) -> tuple[str, str]:
        arrived = frame(t, seen_s)
        taken = session.take(arrived)
        rows.extend(row.state for row in session.follow_up(arrived, taken))
        return taken.state, taken.reason

    for t in range(TRAIN):
        assert take(t, 0.0) == ("collected", "")
    said = "it came during the calibration: learned from, not forecast from"
    for t in range(TRAIN, TRAIN + 3):
        assert take(t, 0.0) == ("passed over", said)
    assert session.take(StreamedFault("notes", "it is no image")).state == "skipped"
    gate.set()
    until(lambda: caught_up(session.forecaster))
    assert (session.late, session.latencies.count, session.passed_over) == (0, 0, 3)
    assert take(TRAIN + 3, time.perf_counter()) == ("calibrated", "")
    assert rows[: TRAIN + 3] == ["collected"] * TRAIN + ["passed over"] * 3
    assert take(TRAIN + 4, time.perf_counter() - 1.2 * PERIOD) == ("forecast", "")
    assert (session.late, session.latencies.count, session.passed_over) == (1, 2, 3)
    assert session.latencies.percentile(1) < 1e3 * PERIOD


def test_a_stream_that_ends_meanwhile_has_the_forecast_of_its_newest_frame(gate: Event) -> None:
    session = LiveSession(made(), lambda: (6.0, 6.0), hurried=True)
    for t in range(TRAIN + 2):
        session.take(frame(t, 0.0))
    assert math.isnan(session.forecaster.calibration_s)
    gate.set()
    first = session.first_forecast(wait=True)
    assert first is not None
    arrived, taken = first
    assert taken.forecast is not None
    assert (taken.forecast.name, taken.forecast.stale) == (f"frame {TRAIN + 1}", True)  # it comes late
    known = [*session.follow_up(arrived, taken), *session.finish()]
    assert [row.state for row in known] == ["calibrated"]
    assert session.calibration is not None
    assert session.forecaster.calibration_s > 0


class Pushed(Supervision):
    """Notes the frames that it is given, while ever more of them come."""

    def __init__(self, more: Callable[[int], None]) -> None:
        self.seen: list[float] = []
        self._more = more

    def push(self, frame: NDArray[Any], time_s: float, name: str, *, passed_over: bool = False) -> LiveForecast:
        del frame, name, passed_over
        self.seen.append(time_s)
        self._more(len(self.seen))
        return None  # type: ignore[return-value]  # nobody looks at it


def test_a_stream_faster_than_it_can_be_learned_from_is_held_back() -> None:
    frame = np.zeros((2, 2))
    fits: list[FirstFit] = []
    begun = Event()

    def come(count: int) -> None:
        if count <= 50:
            fits[0].add(Waiting(frame, float(count + 2), ""))

    def make() -> Supervision:
        assert begun.wait(60)
        return pushed

    pushed = Pushed(come)
    fits.append(FirstFit(make, thread_pools(), beside=True))
    for t in range(3):
        fits[0].add(Waiting(frame, float(t), ""))
    begun.set()
    until(lambda: fits[0].done)
    assert pushed.seen == [0.0, 1.0, 2.0]  # as many have come meanwhile: the thread gives up
    for _ in range(50):
        fits[0].result()
    assert pushed.seen == [float(t) for t in range(53)]


def renewed(monkeypatch: pytest.MonkeyPatch, *, meanwhile: bool) -> tuple[list[LiveForecast], int]:
    """Return the forecasts of a stream whose model is fitted anew, and how many frames were left to learn from then.

    Six frames come before the fit begins in earnest, or after it has ended and before anybody looks.
    """
    moved = np.concatenate([FRAMES[:40], np.roll(FRAMES[40:], 3, axis=1)])
    moved = np.concatenate([moved, moved[40:-1][::-1]])
    opened = Event()
    live = LiveForecaster(SETTINGS, method="rls", horizon="2", calibration_frames=TRAIN, recalibrate=True)
    forecasts, began, left = [], len(moved), -1
    for t, frame in enumerate(moved):
        forecast = live.push(frame, PERIOD * t)
        supervision = live._supervision
        if supervision is None or forecast is None:
            continue
        forecasts.append(forecast)
        if t == TRAIN:
            real = supervision._make

            def gated(calibration: Calibration, real: Any = real) -> Any:
                assert opened.wait(60)
                return real(calibration)

            monkeypatch.setattr(supervision, "_make", gated)
        if (refit := supervision.refit) is None:
            continue
        if t < began:
            began = t
            monkeypatch.setattr(supervision, "_replace_forecaster", lambda: None)
        if t == began + 6 * meanwhile:
            opened.set()
            refit.wait()
        if t == began + 6:
            left = len(refit._waiting)
            monkeypatch.undo()
    return forecasts, left


def test_a_fit_anew_while_the_calibration_catches_up_leaves_targets_and_inspection_to_the_first_frames(
    gate: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Refit, "done", property(lambda refit: refit.wait() is None))
    compared: list[Calibration] = []
    after = SecondOpinion.after

    def noted(calibration: Calibration, row_mm: float) -> SecondOpinion:
        compared.append(calibration)
        return after(calibration, row_mm)

    monkeypatch.setattr(SecondOpinion, "after", noted)
    live = LiveForecaster(SETTINGS, method="rls", horizon="2", calibration_frames=TRAIN, beside=True, recalibrate=True)
    session = LiveSession(live, lambda: (6.0, 6.0))
    frames = np.concatenate([FRAMES[:TRAIN], np.roll(FRAMES[TRAIN:], 3, axis=1)])  # the couch moves
    for t, frame in enumerate(frames):
        session.take(StreamedFrame(f"frame {t}", float(TIMES[t]), frame, time.perf_counter()))
    gate.set()
    assert session.first_forecast(wait=True) is not None
    first, newest = session.calibration, live.calibration
    assert first is not None
    assert newest is not None
    assert newest is not first  # it was fitted anew before the first forecast
    session.finish()
    (of,) = compared
    assert of is newest  # the breathing is compared with that of the frames that the model is of
    dvf = np.stack([first.estimator.stored(frame) for frame in FRAMES[:TRAIN]])
    np.testing.assert_array_equal(first.dvf, dvf)
    # A target of another frame than the reference one is carried there by the motion of its own frame.
    number = max(range(TRAIN), key=lambda t: float(np.abs(dvf[t]).mean()))
    mask = np.zeros(FRAMES[0].shape, dtype=bool)
    mask[18:26, 14:22] = True
    target = live.set_target(make_target("tumour", mask, number), spacing_mm=(6.0, 6.0))
    plan = target.place(dvf[number])
    assert plan.distance_mm < 3  # in the frame that it was drawn on it is where it was drawn
    session.finish()


def test_a_model_fitted_anew_catches_up_in_its_own_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    got, none_left = renewed(monkeypatch, meanwhile=True)
    wanted, all_left = renewed(monkeypatch, meanwhile=False)
    assert (none_left, all_left, len(got)) == (0, 6, len(wanted))
    for each, other in zip(got, wanted, strict=True):
        assert_same(each, other)
    assert {each.stale for each in got[-10:]} == {False}
