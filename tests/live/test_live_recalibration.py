"""The live forecaster notices that the patient has moved, says so, and fits itself anew beside the stream."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from dataclasses import replace
from threading import Event
from time import perf_counter, sleep
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.clock.regular_clock import Arrival, RegularClock
from cinecast.frames.masks import make_target
from cinecast.frames.streamed import StreamedFrame
from cinecast.live import LiveForecast
from cinecast.live.calibrated_forecaster import CalibratedForecaster
from cinecast.live.calibration import Calibration
from cinecast.live.motion_change import MotionChangeDetector, residual_px, residual_threshold_px
from cinecast.live.recent_motion import RecentMotion
from cinecast.live.refit import Refit
from cinecast.live.session import LiveSession
from cinecast.motion import fit_motion_model
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import FlowSettings, ForecastSettings, Settings
from cinecast.single_thread import thread_pools

TRAIN, PERIOD, MOVED = 24, 0.25, 40
NEEDED = 15  # history and the longest horizon: more than half of the calibration span
FRAMES = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=90, frame_period_s=PERIOD)
).sequence.frames
# The couch moves by three pixels while the patient breathes on.
SHIFTED = np.concatenate([FRAMES[:MOVED], np.roll(FRAMES[MOVED:], 3, axis=1)])
SETTINGS = Settings(forecast=ForecastSettings(runs=2))
REASON = "the motion is not explained by the motion model"


def forecaster(
    frames: NDArray[np.generic], *, recalibrate: bool = True, method: str = "rls", settings: Settings = SETTINGS
) -> LiveForecaster:
    live = LiveForecaster(settings, method=method, horizon="2", calibration_frames=TRAIN, recalibrate=recalibrate)
    for t in range(TRAIN):
        live.push(frames[t], PERIOD * t)
    return live


def push(live: LiveForecaster, t: int, frames: NDArray[np.generic] = SHIFTED) -> LiveForecast:
    forecast = live.push(frames[t], PERIOD * t)
    assert forecast is not None
    return forecast


def until_refit(live: LiveForecaster) -> tuple[int, Refit]:
    """Push frames until a fit has begun; return the newest frame and the fit."""
    assert live._supervision is not None
    for t in range(TRAIN, len(SHIFTED)):
        push(live, t)
        if live._supervision.refit is not None:
            return t, live._supervision.refit
    raise AssertionError("no fit began")


@pytest.mark.parametrize("weights", [None, np.random.default_rng(0).random(FRAMES[0].shape)], ids=["alike", "weighted"])
def test_the_residual_is_what_the_modes_leave(weights: NDArray[np.float64] | None) -> None:
    live = forecaster(FRAMES)
    assert live.calibration is not None
    model = fit_motion_model(live.calibration.dvf, 3, pixel_weights=weights)
    measured = push(live, TRAIN, FRAMES).measured
    left = measured - model.reconstruct(model.project(measured))
    wanted = np.sqrt(np.average((left**2).sum(axis=-1), weights=weights))
    assert residual_px(model, *model.project_one(measured)) == pytest.approx(wanted, rel=1e-9)
    explained = model.reconstruct(np.array([3.0, -2.0, 1.0])).astype(np.float32)
    assert residual_px(model, *model.project_one(explained)) < 1e-4


def test_the_threshold_is_learned_from_frames_that_a_model_has_not_seen() -> None:
    live = forecaster(FRAMES)
    assert live.calibration is not None
    dvf, weights = live.calibration.dvf, live.calibration.model.pixel_weights
    assert weights is not None
    first, second = (fit_motion_model(half, 12, 1, weights) for half in (dvf[:12], dvf[12:]))
    residuals = [residual_px(first, *first.project_one(u)) for u in dvf[12:]]
    residuals += [residual_px(second, *second.project_one(u)) for u in dvf[:12]]
    assert residual_threshold_px(live.calibration) == pytest.approx(1.5 * max(residuals))


def test_the_threshold_of_a_span_with_a_motionless_half_is_finite() -> None:
    live = forecaster(FRAMES)
    assert live.calibration is not None
    dvf = live.calibration.dvf
    half_still = replace(live.calibration, dvf=np.concatenate([np.repeat(dvf[:1], 12, axis=0), dvf[12:]]))
    assert 0.05 < residual_threshold_px(half_still) < np.inf
    still = replace(live.calibration, dvf=np.repeat(dvf[:1], 24, axis=0))
    assert residual_threshold_px(still) == 0.05


def test_a_verdict_needs_five_frames_in_a_row() -> None:
    detector = MotionChangeDetector(1.0)
    changes = [detector.observe(residual) for residual in (2, 2, 2, 2, 0.5, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0)]
    assert changes == [None] * 9 + ["changed"] + [None] * 5 + ["returned", None]


def test_a_patient_who_keeps_still_on_the_couch_raises_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    live = forecaster(FRAMES)
    with caplog.at_level(logging.WARNING):
        assert not any(push(live, t, FRAMES).stale for t in range(TRAIN, len(FRAMES)))
    assert caplog.records == []


@pytest.mark.parametrize("recalibrate", [False, True])
def test_a_moved_patient_is_said_once_and_forecasts_are_stale(
    recalibrate: bool, caplog: pytest.LogCaptureFixture
) -> None:
    live = forecaster(SHIFTED, recalibrate=recalibrate)
    with caplog.at_level(logging.WARNING):
        stale = [push(live, t).stale for t in range(TRAIN, MOVED + NEEDED)]
    assert stale == [False] * (MOVED - TRAIN + 4) + [True] * (NEEDED - 4)
    assert live.latest is not None
    assert live.latest.reasons == (REASON,)
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("the frame at 11.0000 s (11.0000 s): the motion model has stopped explaining the frames")


def test_without_recalibration_the_model_stays() -> None:
    live = forecaster(SHIFTED, recalibrate=False)
    before = live.calibration
    reasons = [push(live, t).reasons for t in range(TRAIN, len(SHIFTED))]
    assert reasons == [()] * (MOVED + 4 - TRAIN) + [(REASON,)] * (len(SHIFTED) - MOVED - 4)
    assert live.calibration is before


def test_the_stream_goes_on_with_the_old_model_until_the_new_one_is_ready(caplog: pytest.LogCaptureFixture) -> None:
    live, other = forecaster(SHIFTED), forecaster(SHIFTED, recalibrate=False)
    mask = np.zeros(FRAMES[0].shape, dtype=bool)
    mask[18:26, 14:22] = True
    live.set_target(make_target("tumour", mask, 3), spacing_mm=(6.0, 6.0))
    began, refit = until_refit(live)
    assert began == MOVED + NEEDED - 1
    for t in range(TRAIN, began + 1):
        push(other, t)
    refit.wait()
    assert live._supervision is not None
    # What arrives before the fit is looked for again is forecast from by the old model, as ever.
    live._supervision._replace_forecaster = lambda: None  # type: ignore[method-assign]
    for t in (began + 1, began + 2):
        np.testing.assert_array_equal(push(live, t).weights, push(other, t).weights)
    del live._supervision._replace_forecaster  # type: ignore[method-assign]
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        got = push(live, began + 3)
    assert [record.getMessage() for record in caplog.records] == [
        "the motion model and rls were fitted anew from recent frames"
    ]
    assert not got.stale
    wanted = _fitted(other, began)
    for t in (began + 1, began + 2, began + 3):
        expected = wanted.push(SHIFTED[t], PERIOD * t, "", targets=live.targets).forecast
    np.testing.assert_array_equal(got.weights, expected.weights)
    assert np.isfinite(got.radius).all()
    np.testing.assert_array_equal(got.radius, expected.radius)
    assert np.isfinite(got.target_radii_mm["tumour"])
    assert got.target_radii_mm == expected.target_radii_mm
    np.testing.assert_array_equal(got.frame, expected.frame)
    assert got.time_s == expected.time_s
    assert not any(push(live, t).stale for t in range(began + 4, len(SHIFTED)))


def test_an_interruption_during_the_fit_leaves_forecasts_stale_until_the_history_is_whole() -> None:
    live = forecaster(SHIFTED)
    began, refit = until_refit(live)
    refit.wait()
    assert live._supervision is not None
    live._supervision._replace_forecaster = lambda: None  # type: ignore[method-assign]
    gap = 100 * PERIOD
    interrupted = live.push(SHIFTED[began + 1], PERIOD * (began + 1) + gap)
    assert interrupted is not None
    assert interrupted.stale
    del live._supervision._replace_forecaster  # type: ignore[method-assign]
    stale = []
    for t in range(began + 2, len(SHIFTED)):
        got = live.push(SHIFTED[t], PERIOD * t + gap)
        assert got is not None
        stale.append(got.stale)
    history = live._supervision.forecaster._drivers.history_length
    assert stale == [True] * (history - 2) + [False] * (len(stale) - history + 2)


def _fitted(live: LiveForecaster, newest: int) -> CalibratedForecaster:
    """Return a forecaster calibrated on the last frames, against the old reference."""
    old = live.calibration
    assert old is not None
    span = np.arange(newest + 1 - NEEDED, newest + 1)
    dvf = np.stack([old.estimator.stored(SHIFTED[t]) for t in span])
    model = fit_motion_model(dvf, 12, pixel_weights=old.model.pixel_weights)
    new = replace(old, model=model, dvf=dvf, weights=model.project(dvf), times_s=PERIOD * span)
    return CalibratedForecaster(new, SETTINGS, method="rls", horizon_s=2 * PERIOD)


def test_a_model_is_fitted_anew_to_what_was_measured_and_to_its_own_times() -> None:
    live = forecaster(FRAMES)
    assert live._supervision is not None
    before, made = live._supervision.forecaster, []
    recent, held = RecentMotion(30), {4, 5, 11}
    for i in range(18):  # of a held frame the motion is that of the frame before
        shown = max(j for j in range(i + 1) if j not in held)
        recent.add(Arrival((1.0,), 0, True), before.calibration.estimator.stored(FRAMES[30 + shown]), held=i in held)

    def make(calibration: Calibration) -> CalibratedForecaster:
        made.append(calibration)
        return CalibratedForecaster(calibration, SETTINGS, method="rls", horizon_s=2 * PERIOD)

    refit = Refit(before, recent, make, 6, thread_pools())
    refit.wait()
    assert refit.fault is None
    (calibration,) = made
    assert calibration.held == held
    measured = np.stack([field for i, field in enumerate(recent.fields) if i not in held])
    wanted = fit_motion_model(measured, 6, pixel_weights=before.calibration.model.pixel_weights)
    np.testing.assert_array_equal(calibration.model.mean, wanted.mean)
    np.testing.assert_array_equal(calibration.model.modes, wanted.modes)
    np.testing.assert_array_equal(calibration.weights, wanted.project(np.stack(recent.fields)))
    assert refit.threshold_px == residual_threshold_px(calibration) != np.inf
    # The newest instant is that of the last frame of the first calibration.
    np.testing.assert_allclose(calibration.times_s, PERIOD * np.arange(TRAIN - 18, TRAIN))


@pytest.mark.parametrize(("horizon", "stride"), [("2", 1), ("9", 2)])
def test_bands_of_a_new_model_see_the_latest_step_of_the_breath(horizon: str, stride: int) -> None:
    live = LiveForecaster(SETTINGS, method="rls", horizon=horizon, calibration_frames=TRAIN, recalibrate=True)
    for t in range(TRAIN):
        live.push(SHIFTED[t], PERIOD * t)
    began, refit = until_refit(live)
    refit.wait()
    assert live._supervision is not None
    live._supervision._replace_forecaster = lambda: None  # type: ignore[method-assign]
    push(live, began + 1)
    del live._supervision._replace_forecaster  # type: ignore[method-assign]
    for t in range(began + 2, began + 8):
        forecast = push(live, t)
        known = live.calibration
        assert known is not None
        assert forecast.conditions is not None
        leading = known.weights[:, : forecast.weights.shape[1]].std(axis=0).argmax()
        steps = known.weights[stride:, leading] - known.weights[:-stride, leading]
        now, before = (known.model.project(known.estimator.stored(SHIFTED[s]))[leading] for s in (t, t - stride))
        assert forecast.conditions.place[2] == pytest.approx((now - before) / steps.std(), abs=1e-6)


@pytest.mark.parametrize("lost", [(4,), (4, 9), (8, 9, 10)])
def test_a_new_model_takes_lost_frames_as_a_first_one_does(lost: tuple[int, ...]) -> None:
    live = forecaster(FRAMES)
    assert live._supervision is not None
    before, recent, clock = live._supervision.forecaster, RecentMotion(40), [0]
    old = before.calibration
    newest, last = 20, 34
    came = [i for i in range(last + 1) if i not in lost and i - newest - 1 not in lost]
    fields = {i: old.estimator.stored(FRAMES[40 + i]) for i in came}

    def arrival(i: int) -> Arrival:
        passed, clock[0] = i - clock[0], i
        shares = tuple((j + 1) / passed for j in range(passed - 1))
        return Arrival((*shares, 1.0), passed - 1, True)

    recent.add(Arrival((1.0,), 0, True), fields[0])
    for i in came[1 : came.index(newest) + 1]:
        recent.add(arrival(i), fields[i])

    def make(calibration: Calibration) -> CalibratedForecaster:
        return CalibratedForecaster(calibration, SETTINGS, method="rls", horizon_s=2 * PERIOD)

    refit = Refit(before, recent, make, 6, thread_pools())
    refit.wait()
    for i in came[came.index(newest) + 1 :]:
        refit.add(arrival(i), fields[i], held=False)
    got = refit.successor(before, fields[last])
    assert got is not None
    # One that is calibrated on the frames that came alone, at their times, and takes in the others as they come.
    span = [i for i in came if i <= newest]
    dvf = np.stack([fields[i] for i in span])
    model = got.calibration.model
    times_s = PERIOD * np.array(span, dtype=np.float64)
    wanted = make(replace(old, model=model, dvf=dvf, weights=model.project(dvf), times_s=times_s))
    for i in came[len(span) :]:
        wanted.push(FRAMES[40 + i], PERIOD * i, "")
    np.testing.assert_allclose(got._drivers.at(2), wanted._drivers.at(2), rtol=1e-4, atol=1e-4)


def fitted_beside(
    arrivals: Mapping[int, Arrival], times_s: Mapping[int, float]
) -> tuple[CalibratedForecaster, CalibratedForecaster]:
    """Return a model fitted to 20 frames while others came, and one calibrated on them that took the others later."""
    live, opened = forecaster(FRAMES), Event()
    assert live._supervision is not None
    before, recent = live._supervision.forecaster, RecentMotion(40)
    old, span = before.calibration, np.arange(20)
    fields = [old.estimator.stored(frame) for frame in FRAMES[30:70]]
    for t in span:
        recent.add(Arrival((1.0,), 0, True), fields[t])

    def make(calibration: Calibration) -> CalibratedForecaster:
        assert opened.wait(60)
        return CalibratedForecaster(calibration, SETTINGS, method="rls", horizon_s=2 * PERIOD)

    refit = Refit(before, recent, make, 6, thread_pools())
    for t, arrival in arrivals.items():
        refit.add(arrival, fields[t], held=False)
    opened.set()
    refit.wait()
    got = refit.successor(before, fields[-1])
    assert got is not None
    dvf, model = np.stack(fields[:20]), got.calibration.model
    wanted = make(replace(old, model=model, dvf=dvf, weights=model.project(dvf), times_s=PERIOD * span))
    for t, time_s in times_s.items():
        wanted.push(FRAMES[30 + t], time_s, "")
    return got, wanted


def test_a_new_model_learns_from_what_came_before_a_gap_during_its_fit() -> None:
    arrivals = {t: Arrival((1.0,), 0, True, jump=t == 26) for t in range(20, 40)}
    got, wanted = fitted_beside(arrivals, {t: PERIOD * (t + 100 * (t >= 26)) for t in arrivals})
    np.testing.assert_array_equal(got._drivers.at(2), wanted._drivers.at(2))


def test_the_drift_of_a_new_model_moves_with_frames_between_two_instants_too() -> None:
    clock = RegularClock(PERIOD, PERIOD * 19, 4)
    times_s = {t: PERIOD * (t + (0.4 if t in (23, 28, 31) else 0)) for t in range(20, 40)}
    arrivals = {t: clock.observe(time_s) for t, time_s in times_s.items()}
    assert [t for t, arrival in arrivals.items() if not arrival.on_time] == [23, 28, 31]
    got, wanted = fitted_beside(arrivals, times_s)
    assert got._drift is not None
    assert wanted._drift is not None
    wanted.settle()
    assert np.abs(wanted._drift.known).max() > 0
    np.testing.assert_array_equal(got._drift.known, wanted._drift.known)
    np.testing.assert_allclose(got._drift._drift, wanted._drift._drift, atol=1e-6)


def test_what_radii_of_pixels_learn_during_a_fit_is_left_to_no_frame_of_the_stream() -> None:
    live, opened = forecaster(FRAMES), Event()
    assert live._supervision is not None
    before, recent = live._supervision.forecaster, RecentMotion(40)
    fields = [before.calibration.estimator.stored(frame) for frame in FRAMES[40:68]]
    for field in fields[:20]:
        recent.add(Arrival((1.0,), 0, True), field)

    def make(calibration: Calibration) -> CalibratedForecaster:
        assert opened.wait(60)
        options: Any = {"method": "rls", "horizon_s": 2 * PERIOD, "spacing_mm": (6.0, 6.0)}
        return CalibratedForecaster(calibration, SETTINGS, **options)

    refit = Refit(before, recent, make, 6, thread_pools())
    for field in fields[20:]:
        refit.add(Arrival((1.0,), 0, True), field, held=False)
    opened.set()
    refit.wait()
    assert refit._successor is not None  # which the stream takes with the next frame
    pixels = refit._successor._bands._pixels
    assert pixels is not None
    assert not pixels._due


@pytest.mark.parametrize(("calibrated", "lost"), [(13, 0), (15, 5), (15, 3)])
def test_after_a_short_calibration_a_model_is_fitted_anew_too(calibrated: int, lost: int) -> None:
    horizon = "1" if calibrated == 13 else "2"
    live = LiveForecaster(SETTINGS, method="rls", horizon=horizon, calibration_frames=calibrated, recalibrate=True)
    for t in range(len(SHIFTED)):
        if lost and t > calibrated and t % lost == 0:
            continue
        live.push(SHIFTED[t], PERIOD * t)
        if live._supervision is not None and live._supervision.refit is not None:
            live._supervision.refit.wait()
    assert live.calibration is not None
    assert live.calibration.times_s[0] >= PERIOD * (MOVED - 1)


@pytest.mark.parametrize("hurried", [False, True])
def test_a_stream_that_comes_as_fast_as_it_can_waits_for_a_fit(hurried: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, opened = Refit._fit, Event()

    def slow(refit: Refit, *given: Any) -> None:
        assert opened.wait(60 if hurried else 0.2) == hurried  # a machine that is busy
        whole(refit, *given)

    monkeypatch.setattr(Refit, "_fit", slow)
    live = LiveForecaster(SETTINGS, method="rls", horizon="2", calibration_frames=TRAIN, recalibrate=True)
    session, states = LiveSession(live, lambda: (6.0, 6.0), hurried=hurried), []
    for t, frame in enumerate(SHIFTED):
        arrived = StreamedFrame(f"frame {t}", PERIOD * t, frame, perf_counter())
        taken = session.take(arrived)
        states.append(taken.state)
        session.follow_up(arrived, taken)
    opened.set()
    session.finish()
    assert [t for t, state in enumerate(states) if state == "recalibrated"] == ([] if hurried else [MOVED + NEEDED])


def test_the_new_model_forecasts_better() -> None:
    renewed, old = forecaster(SHIFTED), forecaster(SHIFTED, recalibrate=False)
    began, refit = until_refit(renewed)
    for t in range(TRAIN, began + 1):
        push(old, t)
    refit.wait()
    errors: list[list[float]] = [[], []]
    for t in range(began + 1, len(SHIFTED) - 2):
        for live, found in zip((renewed, old), errors, strict=True):
            forecast = push(live, t)
            assert live.calibration is not None
            truth = live.calibration.estimator.stored(SHIFTED[t + 2])
            found.append(float(np.linalg.norm(forecast.dvf - truth, axis=-1).mean()))
    assert np.mean(errors[0]) < 0.8 * np.mean(errors[1])


def test_a_fit_that_fails_leaves_the_old_model(caplog: pytest.LogCaptureFixture) -> None:
    # Frozen frames are faulty, and would not be taken for a change of motion.
    live = forecaster(SHIFTED, settings=replace(SETTINGS, flow=FlowSettings(faulty_frames="measured")))
    before = live.calibration
    frozen = np.concatenate([SHIFTED[: MOVED + 1], np.repeat(SHIFTED[MOVED : MOVED + 1], 60, axis=0)])
    assert live._supervision is not None
    with caplog.at_level(logging.WARNING):
        for t in range(TRAIN, len(frozen)):
            push(live, t, frozen)
            if live._supervision.refit is not None:
                live._supervision.refit.wait()
    failures = [r.getMessage() for r in caplog.records if "could not be fitted anew" in r.getMessage()]
    assert len(failures) == (len(frozen) - MOVED - 1) // NEEDED  # tried again after as many frames
    assert "the old one stays: the train span must show motion, got the same DVF" in failures[0]
    assert live.calibration is before


def test_a_fit_holds_blas_to_one_thread_as_a_calibration_does(monkeypatch: pytest.MonkeyPatch) -> None:
    pools, whole, found = thread_pools(), Refit._fit, []

    def watched(refit: Refit, *given: Any) -> None:
        sleep(0.2)  # the frame that it began with has been forecast from by then
        found.extend(pool["num_threads"] for pool in pools.info() if pool["user_api"] == "blas")
        whole(refit, *given)

    monkeypatch.setattr(Refit, "_fit", watched)
    with pools.limit(limits=2, user_api="blas"):
        _, refit = until_refit(forecaster(SHIFTED))
        refit.wait()
        assert set(found) == {1}
        assert 2 in [pool["num_threads"] for pool in pools.info() if pool["user_api"] == "blas"]


def test_a_fit_leaves_the_interpreter_as_it_was() -> None:
    interval = sys.getswitchinterval()
    _, refit = until_refit(forecaster(SHIFTED))
    refit.wait()
    assert sys.getswitchinterval() == interval


def test_recent_motion_is_kept_at_the_instants_of_the_clock() -> None:
    fields = [np.full((1, 1, 2), value, dtype=np.float32) for value in (0, 4, 8, 9)]
    recent = RecentMotion(4)
    recent.add(Arrival((1.0,), 0, True), fields[0])
    recent.add(Arrival((0.25, 0.5, 0.75, 1.0), 3, True), fields[1])
    assert [float(field[0, 0, 0]) for field in recent.fields] == [1, 2, 3, 4]
    recent.add(Arrival((), 0, False), fields[2])
    recent.add(Arrival((0.5,), 1, False), fields[3])
    assert [float(field[0, 0, 0]) for field in recent.fields] == [2, 3, 4, 8.5]
    recent.add(Arrival((1.0,), 40, True, jump=True), fields[0])
    assert len(recent.fields) == recent.measured == 1


def test_what_lies_between_two_frames_was_not_measured() -> None:
    fields = [np.full((1, 1, 2), value, dtype=np.float32) for value in (0, 0, 4, 8)]
    recent = RecentMotion(10)
    recent.add(Arrival((1.0,), 0, True), fields[0])
    recent.add(Arrival((0.5, 1.0), 1, True), fields[1], held=True)
    recent.add(Arrival((0.5, 1.0), 1, True), fields[2])
    recent.add(Arrival((0.5, 1.0), 1, True), fields[3])
    assert recent.held == [False, True, True, True, False, False, False]
    assert recent.filled == [False, True, False, True, False, True, False]
    assert recent.unmeasured == [False, True, True, True, False, True, False]
    assert recent.measured == 3
    other = recent.copy()
    recent.add(Arrival((1.0,), 0, True), fields[0])
    assert (len(other.held), len(recent.held)) == (7, 8)
    recent.clear()
    assert (recent.fields, recent.held, recent.filled, recent.measured) == ([], [], [], 0)
