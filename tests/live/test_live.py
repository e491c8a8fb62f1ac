"""The live forecaster on a small phantom: horizons in seconds, irregular arrival, bad frames, divergence."""

from __future__ import annotations

import doctest
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.errors import SettingsError
from cinecast.frames.masks import make_target
from cinecast.live import LiveForecast, forecaster
from cinecast.live.calibrated_forecaster import CalibratedForecaster
from cinecast.live.calibration import Calibration
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import FlowSettings, ForecastSettings, Settings
from cinecast_models import (
    DivergenceError,
    ForecastingError,
    OnlineDriver,
    conformal_bands,
    forecast_conditions,
    method_settings,
)

TRAIN, PERIOD = 24, 0.25
SEQUENCE = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=60, frame_period_s=PERIOD)
).sequence
FRAMES, TIMES = SEQUENCE.frames, SEQUENCE.times_s
RUNS = Settings(forecast=ForecastSettings(runs=3))

# That are forecast: `motion.modes`. More are fitted.
MODES = 3


class Started:
    """A forecaster that has seen the calibration span, and gives a forecast for every frame since."""

    def __init__(self, horizon_s: float, method: str = "rls", settings: Settings = RUNS) -> None:
        self.forecaster = LiveForecaster(settings, method=method, horizon=f"{horizon_s}s", calibration_frames=TRAIN)
        for t in range(TRAIN):
            self.forecaster.push(FRAMES[t], float(TIMES[t]))

    def push(self, frame: NDArray[Any], time_s: float, name: str = "") -> LiveForecast:
        forecast = self.forecaster.push(frame, time_s, name)
        assert forecast is not None
        return forecast

    @property
    def latest(self) -> LiveForecast:
        assert self.forecaster.latest is not None
        return self.forecaster.latest

    @property
    def calibration(self) -> Calibration:
        assert self.forecaster.calibration is not None
        return self.forecaster.calibration


start = Started


def weights_of(live: Started, t: int) -> NDArray[np.float64]:
    """Return the measured weights of the modes that are forecast."""
    return live.calibration.model.project(live.calibration.estimator.stored(FRAMES[t]))[:MODES]


def driver(live: Started, horizon: int, method: str = "rls") -> OnlineDriver:
    """Return a driver of cinecast_models that has seen the calibration span."""
    made = OnlineDriver(method, components=3, horizon=horizon, train_end=TRAIN, runs=3, seed=0)
    for sample in live.calibration.weights[:, :MODES]:
        made.push(sample)
    return made


@pytest.mark.parametrize("method", ["rls", "fixed"])
def test_between_whole_horizons_the_forecast_is_interpolated(method: str) -> None:
    between, before, after = (start(horizon, method) for horizon in (0.6, 0.5, 0.75))
    for t in range(TRAIN, 40):
        got, low, high = (live.push(FRAMES[t], TIMES[t]) for live in (between, before, after))
        np.testing.assert_allclose(got.weights, 0.6 * low.weights + 0.4 * high.weights, rtol=1e-9, atol=1e-12)
        assert got.time_s == pytest.approx(TIMES[t] + 0.6)
        assert not got.stale


def test_below_one_period_the_forecast_starts_from_the_measured_motion() -> None:
    short, whole = start(0.1), start(0.25)
    for t in range(TRAIN, 40):
        got, high = short.push(FRAMES[t], TIMES[t]), whole.push(FRAMES[t], TIMES[t])
        np.testing.assert_allclose(got.weights[0], 0.6 * weights_of(short, t) + 0.4 * high.weights[0], rtol=1e-9)


def test_lost_frames_are_filled_once_the_next_one_has_come(caplog: pytest.LogCaptureFixture) -> None:
    live = start(0.5)
    other = driver(live, 2)
    live.push(FRAMES[TRAIN], TIMES[TRAIN])
    other.push(weights_of(live, TRAIN))
    before, after = weights_of(live, TRAIN), weights_of(live, TRAIN + 3)
    with caplog.at_level(logging.WARNING):
        got = live.push(FRAMES[TRAIN + 3], TIMES[TRAIN + 3], "late.dcm")
    for share in (1 / 3, 2 / 3):
        other.push(before + share * (after - before), filled=True)
    wanted = other.push(after)
    assert wanted is not None
    np.testing.assert_allclose(got.weights, wanted, rtol=1e-9)
    assert got.reasons == ("2 frame(s) lost before it, filled by interpolation",)
    assert not got.stale
    assert [record.getMessage() for record in caplog.records] == [
        "late.dcm (6.7500 s): 2 frame(s) lost before it, filled by interpolation"
    ]


def test_a_frame_between_instants_is_forecast_from_by_its_own_time() -> None:
    live = start(0.5)
    two, three = driver(live, 2), driver(live, 3)
    odd = TIMES[TRAIN] + 0.1  # 0.4 of a period after the instant of a frame that never came
    last, new = live.calibration.weights[-1, :MODES], weights_of(live, TRAIN)
    got = live.push(FRAMES[TRAIN], odd)
    sample = last + (0.25 / 0.35) * (new - last)
    low, high = (each.push(sample, filled=True) for each in (two, three))
    assert low is not None
    assert high is not None
    np.testing.assert_allclose(got.weights, 0.6 * low + 0.4 * high, rtol=1e-9)
    assert got.time_s == pytest.approx(odd + 0.5)
    assert "between two instants" in got.reasons[0]


def test_without_the_next_horizon_such_a_forecast_says_how_far_it_reaches() -> None:
    live = start((TRAIN - 12) * PERIOD)  # the train span has just one pair: none is left for the next horizon
    got = live.push(FRAMES[TRAIN], TIMES[TRAIN] + 0.1)
    assert got.stale
    assert "the forecast is of 0.100 s before the horizon" in got.reasons[-1]
    assert got.time_s == pytest.approx(TIMES[TRAIN] + (TRAIN - 12) * PERIOD)
    assert not live.push(FRAMES[TRAIN + 1], TIMES[TRAIN + 1]).stale


@pytest.mark.parametrize("method", ["rls", "snap1", "linear"])
def test_after_a_long_gap_histories_begin_anew_and_what_was_learned_stays(method: str) -> None:
    live, other = start(0.5, method), driver(start(0.5, method), 2, method)
    length = live.forecaster._supervision.forecaster._drivers.history_length  # type: ignore[union-attr]
    for t in range(TRAIN, 60):
        got = live.push(FRAMES[t], TIMES[t] + 1.5)  # 6 frames of 0.25 s are more than fill 1 s
        wanted = other.push(weights_of(live, t), restart=t == TRAIN)
        before = t - TRAIN < length - 1
        assert got.without_history == got.stale == before
        assert (wanted is None) == before
        newest = np.tile(weights_of(live, t), (len(got.weights), 1))
        np.testing.assert_array_equal(got.weights, newest if wanted is None else wanted)
    assert "were lost before it, too many to fill" in start(0.25).push(FRAMES[TRAIN], 100.0).reasons[0]


def test_until_there_is_a_history_the_newest_motion_is_shown_and_said_to_be_none() -> None:
    live = start(0.25)
    got = live.push(FRAMES[TRAIN], TIMES[TRAIN] + 60)
    assert got.reasons == (
        "240 frames were lost before it, too many to fill: histories begin anew with it",
        "there is no forecast until 11 more frame(s) have come: the newest motion is shown in its place",
    )
    np.testing.assert_array_equal(got.weights[0], weights_of(live, TRAIN))
    assert np.isnan(got.radius).all()


def test_a_gap_that_is_filled_is_as_long_as_the_setting_says() -> None:
    patient = replace(RUNS, frames=replace(RUNS.frames, longest_gap_s=1.5))
    at = TIMES[TRAIN] + 1.5
    assert start(0.25).push(FRAMES[TRAIN], at).without_history
    assert not start(0.25, settings=patient).push(FRAMES[TRAIN], at).without_history


def _with(value: float) -> NDArray[Any]:
    frame = FRAMES[30].astype(np.float32)
    frame[3, 4] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "time_s", "fault"),
    [
        (FRAMES[30][:-1], TIMES[30], "it has 47 x 40 pixels instead of 48 x 40"),
        (FRAMES[30:31], TIMES[30], "it is no grey image (shape (1, 48, 40), uint16)"),
        (FRAMES[30] > 3, TIMES[30], "it is no grey image (shape (48, 40), bool)"),
        (np.ma.masked_less(FRAMES[30], 100), TIMES[30], "it has masked pixels"),
        (_with(np.nan), TIMES[30], "it has pixels that are not finite numbers"),
        (_with(np.inf), TIMES[30], "it has pixels that are not finite numbers"),
        (np.zeros_like(FRAMES[30]), TIMES[30], "it shows no image: every pixel is 0"),
        (FRAMES[30], TIMES[28], "it comes from the past, 0.25 s before the newest frame"),
        (FRAMES[30], TIMES[29], "it repeats the time of the frame before it"),
        (FRAMES[30], float("nan"), "its time is nan"),
    ],
)
def test_a_bad_frame_is_skipped_and_said_once(
    frame: NDArray[Any], time_s: float, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    live, undisturbed = start(0.5), start(0.5)
    for t in range(TRAIN, 30):
        live.push(FRAMES[t], TIMES[t])
        undisturbed.push(FRAMES[t], TIMES[t])
    latest = live.latest
    with caplog.at_level(logging.WARNING):
        got = live.push(frame, time_s, "bad.dcm")
    assert got.stale
    assert got.reasons == (f"bad.dcm was skipped: {fault}",)
    np.testing.assert_array_equal(got.weights, latest.weights)
    when = "" if np.isnan(time_s) else f" ({time_s:.4f} s)"
    assert [record.getMessage() for record in caplog.records] == [f"bad.dcm{when} is skipped: {fault}"]
    again, wanted = live.push(FRAMES[30], TIMES[30]), undisturbed.push(FRAMES[30], TIMES[30])
    assert not again.stale
    np.testing.assert_array_equal(again.weights, wanted.weights)
    np.testing.assert_array_equal(again.frame, wanted.frame)


def test_a_forecaster_that_diverges_goes_on_from_its_calibration(caplog: pytest.LogCaptureFixture) -> None:
    wild: dict[str, dict[str, object]] = {"lms": {"learning_rate": 10.0, "clip_norm": 1e300}}
    settings = Settings(forecast=ForecastSettings(method_settings=wild))
    live = start(0.25, "lms", settings)
    restarted: list[int] = []
    with caplog.at_level(logging.WARNING):
        for t in range(TRAIN, 60):
            got = live.push(FRAMES[t], TIMES[t])
            if any("restarted from its calibration" in reason for reason in got.reasons):
                restarted.append(t)
                fresh = driver_of_wild(wild["lms"])
                for sample in live.calibration.weights[:, :MODES]:
                    fresh.push(sample)
            if restarted:
                wanted = fresh.push(weights_of(live, t), restart=t == restarted[0])
                assert got.without_history == (wanted is None) == (t < restarted[0] + 11)
                np.testing.assert_array_equal(
                    got.weights, weights_of(live, t)[np.newaxis] if wanted is None else wanted
                )
    assert len(restarted) == 1
    assert sum("restarted" in record.getMessage() for record in caplog.records) == 1
    assert live.latest.issued_s == TIMES[59]


def driver_of_wild(values: dict[str, object]) -> OnlineDriver:
    return OnlineDriver("lms", method_settings("lms", values), components=3, horizon=1, train_end=TRAIN)


def test_a_run_that_diverged_is_not_shown() -> None:
    live = start(0.25, "fixed")
    calibrated = CalibratedForecaster(live.calibration, RUNS, method="fixed", horizon_s=0.25)
    calibrated._drivers._forecasts[1][0] = np.nan
    got = calibrated._issue("frame", live.calibration.dvf[-1], [], [0.0] * 3, on_time=True)
    assert got.run == 1
    np.testing.assert_array_equal(got.dvf, live.calibration.model.first(MODES).reconstruct(got.weights[1], got.drift))
    assert np.isfinite(got.half_range).all()


def test_runs_that_diverged_at_different_horizons_are_a_divergence() -> None:
    """Between two horizons a forecast needs a run that has both; without one nothing may be shown for it."""
    live = start(0.6, "fixed")
    drivers = live.forecaster._supervision.forecaster._drivers  # type: ignore[union-attr]
    assert sorted(drivers._forecasts) == [2, 3, 4]
    gone = [driver.push for driver in drivers._drivers.values()]

    def without(push: Callable[..., Any], run: int) -> Callable[..., Any]:
        def pushed(sample: NDArray[np.float64], *, restart: bool = False, **how: bool) -> NDArray[np.float64]:
            if restart:  # from the calibration
                return np.zeros((2, 3))
            forecast = np.array(push(sample, **how))
            forecast[np.arange(len(forecast)) != run] = np.nan
            return forecast

        return pushed

    for run, (driver, push) in enumerate(zip(drivers._drivers.values(), gone, strict=True)):
        driver.push = without(push, run)  # type: ignore[method-assign]
    got = live.push(FRAMES[TRAIN], TIMES[TRAIN])
    assert got.stale
    assert "restarted from its calibration" in got.reasons[0]
    assert np.isfinite(got.weights[got.run]).all()
    assert got.frame.max() > 0


def test_a_horizon_that_nobody_asked_for_restarts_nothing() -> None:
    live, undisturbed = start(0.5), start(0.5)
    drivers = live.forecaster._supervision.forecaster._drivers  # type: ignore[union-attr]

    def diverging(sample: NDArray[np.float64], *, filled: bool, held: bool, restart: bool) -> NDArray[np.float64]:
        assert not filled
        assert not held
        assert not restart
        raise DivergenceError(f"{len(sample)} components are too many")

    drivers._drivers[3].push = diverging  # type: ignore[method-assign]
    got, wanted = live.push(FRAMES[TRAIN], TIMES[TRAIN]), undisturbed.push(FRAMES[TRAIN], TIMES[TRAIN])
    np.testing.assert_array_equal(got.weights, wanted.weights)
    assert (got.stale, got.reasons) == (False, ())
    between = live.push(FRAMES[TRAIN + 1], TIMES[TRAIN + 1] + 0.1)
    assert "before the horizon" in between.reasons[-1]


@pytest.mark.parametrize("method", ["rls", "fixed"])
def test_bands_are_those_of_the_series(method: str) -> None:
    live = start(0.5, method)
    got = [live.latest, *(live.push(FRAMES[t], TIMES[t]) for t in range(TRAIN, 60))]
    samples = np.stack([*live.calibration.weights[:, :MODES], *(weights_of(live, t) for t in range(TRAIN, 60))])
    forecasts = np.full((len(live.latest.weights), 60, 3), np.nan)
    for t, forecast in zip(range(TRAIN + 1, 60), got, strict=False):
        forecasts[:, t] = forecast.weights
    conditions = forecast_conditions(samples, forecasts, horizon=2)
    wanted = conformal_bands(samples, forecasts, horizon=2, level=0.9, conditions=conditions)
    for t, forecast in zip(range(TRAIN + 1, 60), got, strict=False):
        np.testing.assert_array_equal(forecast.weights + forecast.radius, wanted.high[:, t])
    known = [bool(np.isfinite(forecast.radius).all()) for forecast in got]
    assert known == [False] * 2 + [True] * (60 - TRAIN - 1)


def test_the_steps_are_timed() -> None:
    got = start(0.5).push(FRAMES[TRAIN], TIMES[TRAIN])
    assert all(step > 0 for step in got.steps)
    assert got.steps.total == pytest.approx(sum(got.steps))
    assert np.isnan(got.half_range).all()  # one run has no band


def test_a_horizon_must_be_ahead() -> None:
    with pytest.raises(SettingsError, match=r"a horizon must be above 0 s, got 0\.0s"):
        start(0.0)


def test_the_published_protocol_is_not_for_live_use() -> None:
    with pytest.raises(SettingsError, match=r"live forecasting needs forecast\.protocol to be causal, got 'published'"):
        start(0.5, settings=Settings(forecast=ForecastSettings(protocol="published")))


def test_a_horizon_beyond_the_calibration_span_is_refused() -> None:
    with pytest.raises(ForecastingError, match=r"history_length \+ horizon must be at most train_end"):
        start(20 * PERIOD)


def test_lost_frames_do_no_harm_to_calibration() -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    kept = np.delete(np.arange(60), [7, 12, 13])
    got = [live.push(FRAMES[t], TIMES[t]) for t in kept[:TRAIN]]
    assert [forecast is None for forecast in got] == [True] * (TRAIN - 1) + [False]
    assert live.calibration is not None
    assert live.period_s == 0.25
    np.testing.assert_array_equal(live.calibration.times_s, TIMES[kept[:TRAIN]])
    instants = live.calibration.follow_clock()[0]
    other = OnlineDriver("rls", components=3, horizon=2, train_end=TRAIN + 3)
    for t, sample in enumerate(instants.place(live.calibration.weights[:, :MODES])):
        wanted = other.push(sample, filled=t in (7, 12, 13))
    assert got[-1] is not None
    np.testing.assert_array_equal(got[-1].weights, wanted)


OTHER_CLOCK = (
    "the clock is too coarse, or its stamps bunch, as where messages wait; another --clock of a stream may help"
)


def test_calibration_waits_for_a_clock_that_is_mostly_regular(caplog: pytest.LogCaptureFixture) -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    odd = np.cumsum([0.4, 0.7, 1.1, 0.5, 0.9, 1.6, 0.5, 2.1, 1.3, 0.8, 1.9, 0.6, 2.7])
    times = [*odd, *(odd[-1] + TIMES[1:60])]
    with caplog.at_level(logging.WARNING):
        got = [live.push(FRAMES[t], times[t]) for t in range(50)]
    assert [forecast is None for forecast in got] == [True] * 46 + [False] * 4
    assert live.calibration is not None
    assert live.calibration.times_s[0] == times[23]
    early, late = (record.getMessage() for record in caplog.records)
    assert early.startswith("calibration: up to the frame at 9.1000 s 3 of 8 intervals are well below")
    assert late == (
        "calibration needs 24 frames, most of them equally spaced in time, got 20 of 23 intervals that are no period "
        "of 0.5333 s: it goes on with the 1 frame(s) up to the frame at 17.8500 s that come after the last of these; "
        + OTHER_CLOCK
    )


def bunched(count: int, from_frame: int, bunches: int) -> np.ndarray:
    """Return regular times of which some frames have that of the next but 10 ms, as where a message waits."""
    times = PERIOD * np.arange(count)
    late = from_frame + 2 * np.arange(bunches)
    times[late] = times[late + 1] - 0.01
    return times


def test_stamps_that_bunch_for_a_while_only_put_the_calibration_off(caplog: pytest.LogCaptureFixture) -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    times = bunched(60, from_frame=9, bunches=3)
    with caplog.at_level(logging.WARNING):
        for t in range(15):
            live.push(FRAMES[t], times[t])
        (early,) = (record.getMessage() for record in caplog.records)  # long before the last frame of the calibration
        got = [live.push(FRAMES[t], times[t]) for t in range(15, 50)]
    assert early == (
        "calibration: up to the frame at 3.5000 s 3 of 14 intervals are well below 0.2500 s, 0.01 s at the least; "
        + OTHER_CLOCK
    )
    assert caplog.records[1].getMessage() == (
        "calibration needs 24 frames, hardly any of them too early, but 3 of 23 intervals are well below 0.2500 s, "
        "0.01 s at the least: it goes on with the 10 frame(s) up to the frame at 5.7500 s that come after the last of "
        "these; " + OTHER_CLOCK
    )
    assert live.calibration is not None
    np.testing.assert_array_equal(live.calibration.times_s, times[14 : 14 + TRAIN])
    assert [forecast is None for forecast in got] == [True] * (TRAIN - 2) + [False] * 13


def test_a_calibration_that_will_be_too_short_is_said_as_soon_as_the_period_is_known(
    caplog: pytest.LogCaptureFixture,
) -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="3.4s", calibration_frames=TRAIN)
    with caplog.at_level(logging.WARNING):
        for t in range(9):
            assert live.push(FRAMES[t], TIMES[t]) is None
    (record,) = caplog.records
    assert record.getMessage() == (
        "calibration: 24 frames will be too few, as they come every 0.25 s: a history of 12 frames and a horizon of 14 "
        "need 26; start again with more (--calibration)"
    )
    for t in range(9, TRAIN - 1):
        live.push(FRAMES[t], TIMES[t])
    with pytest.raises(ForecastingError, match=r"history_length \+ horizon must be at most train_end, got 12 \+ 13"):
        live.push(FRAMES[TRAIN - 1], TIMES[TRAIN - 1])


@pytest.mark.parametrize(
    ("horizon", "calibration", "sentence"),
    [
        ("13", TRAIN, "must be 25 or more, for a history of 12 frames and a horizon of 13, got 24"),
        ("0.5s", 12, "must be 13 or more, for a history of 12 frames and a horizon of 1, got 12"),
    ],
)
def test_a_calibration_that_is_too_short_at_any_rate_is_refused_at_once(
    horizon: str, calibration: int, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=f"the frames to calibrate on {sentence}; calibrate on more frames"):
        LiveForecaster(Settings(), method="rls", horizon=horizon, calibration_frames=calibration)


def test_a_model_file_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(ForecastingError, match="population_transformer needs a trained model, got none"):
        LiveForecaster(Settings(), method="population_transformer", horizon="0.5s", calibration_frames=TRAIN)


def test_a_clock_set_back_among_the_first_frames_begins_the_collection_anew() -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    for t in range(10):
        live.push(FRAMES[t], TIMES[t] + 100)
    got = [live.push(FRAMES[t], TIMES[t]) for t in range(10, 10 + TRAIN + 5)]
    assert live.calibration is not None
    np.testing.assert_array_equal(live.calibration.times_s, TIMES[14 : 14 + TRAIN])
    assert [forecast is None for forecast in got] == [True] * (TRAIN + 3) + [False] * 2


def test_a_bad_frame_among_the_first_is_skipped(caplog: pytest.LogCaptureFixture) -> None:
    live = LiveForecaster(RUNS, method="rls", horizon="0.5s", calibration_frames=TRAIN)
    with caplog.at_level(logging.WARNING):
        for t in range(TRAIN):
            assert live.push(np.zeros((0, 4)), TIMES[t], f"empty {t}") is None
            assert live.fault == "it has only 0 x 4 pixels"
            live.push(FRAMES[t], TIMES[t])
            assert live.fault is None
    assert len(caplog.records) == TRAIN
    assert live.latest is not None
    np.testing.assert_array_equal(live.latest.frame, start(0.5).latest.frame)


def test_a_clock_that_was_set_back_starts_anew(caplog: pytest.LogCaptureFixture) -> None:
    live = start(0.5)
    live.push(FRAMES[TRAIN], 1e6)  # one frame with a wrong time must not silence the stream
    with caplog.at_level(logging.WARNING):
        got = [live.push(FRAMES[t], TIMES[t]) for t in range(TRAIN + 1, 50)]
    assert all("comes from the past" in forecast.reasons[0] for forecast in got[:4])
    assert "the clock was set back and starts anew: histories begin with it" in got[4].reasons
    assert got[4].time_s == pytest.approx(TIMES[TRAIN + 5] + 0.5)
    assert [forecast.stale for forecast in got] == [True] * 15 + [False] * 10
    assert "the clock of the frames was set back by 999992.75" in "".join(r.getMessage() for r in caplog.records)


def test_a_clock_set_back_right_after_calibration_leaves_no_old_forecast_behind() -> None:
    live = start(0.5)
    shift = 100.0
    times = [TIMES[t] - shift for t in range(TRAIN, 60)]
    got = [live.forecaster.push(FRAMES[t], times[t - TRAIN]) for t in range(TRAIN, 60)]
    radii = [np.isfinite(each.radius).all() for each in got if each is not None]
    assert radii[-1]
    assert len(live.forecaster._supervision.forecaster._bands._weights._pending._waiting) <= 2  # type: ignore[union-attr]


def test_past_frames_among_others_set_no_clock_back() -> None:
    live = start(0.5)
    for t in range(TRAIN, 50):
        live.push(FRAMES[t], TIMES[t])
        assert live.push(FRAMES[t], TIMES[t - 3]).stale
        assert live.latest.issued_s == TIMES[t]


def test_a_first_frame_of_another_size_does_not_decide(caplog: pytest.LogCaptureFixture) -> None:
    live = LiveForecaster(RUNS, method="rls", horizon="0.5s", calibration_frames=TRAIN)
    live.push(FRAMES[0][:20], -0.25)
    with caplog.at_level(logging.WARNING):
        for t in range(TRAIN + 4):
            live.push(FRAMES[t], TIMES[t])
    assert live.calibration is not None
    np.testing.assert_array_equal(live.calibration.times_s, TIMES[4 : 4 + TRAIN])
    assert sum("48 x 40 pixels instead of 20 x 40" in record.getMessage() for record in caplog.records) == 4
    assert caplog.records[-1].getMessage() == (
        "the frame at 1.0000 s: frames have become 48 x 40 pixels large; collecting begins anew"
    )


def test_what_motionless_frames_are_refused_with() -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    for t in range(TRAIN - 1):
        live.push(FRAMES[0], TIMES[t])
    with pytest.raises(SettingsError, match="the train span must show motion"):
        live.push(FRAMES[0], TIMES[TRAIN - 1])


def test_too_few_frames_to_calibrate_on_are_refused() -> None:
    with pytest.raises(SettingsError, match="the frames to calibrate on must be 4 or more, for the reference frame"):
        LiveForecaster(Settings(), method="rls", horizon="1", calibration_frames=3)


def test_an_unknown_method_is_refused_before_the_first_frame() -> None:
    with pytest.raises(ForecastingError, match="a method must be one of persistence"):
        LiveForecaster(Settings(), method="oracle", horizon="1", calibration_frames=30)


def test_the_example_of_the_documentation() -> None:
    assert doctest.testmod(forecaster) == (0, 9)


@pytest.mark.parametrize(
    ("fault", "spoil"),
    [
        ("frozen", lambda t: FRAMES[t - 1]),
        ("upside down", lambda t: FRAMES[t, ::-1]),
        ("nearly black", lambda t: FRAMES[t] // 100),
    ],
)
def test_after_a_faulty_frame_the_motion_before_is_held_and_nothing_is_learned_from_it(
    fault: str, spoil: Callable[[int], NDArray[Any]]
) -> None:
    live, other = start(0.5), driver(start(0.5), 2)
    buffer = np.empty_like(FRAMES[0])  # a source may write every frame into the same memory
    newest = live.calibration.weights[-1, :MODES]
    for t in range(TRAIN, 40):
        buffer[:] = spoil(t) if t == 30 else FRAMES[t]
        got = live.push(buffer, TIMES[t])
        newest = newest if t == 30 else weights_of(live, t)
        np.testing.assert_array_equal(got.weights, other.push(newest, held=t == 30))
        said = f"it is {fault}: the motion of the frame before is held"
        assert (got.stale, got.held, said in got.reasons) == (t == 30,) * 3
        if t == 30:
            np.testing.assert_array_equal(got.measured, live.calibration.estimator.stored(FRAMES[29]))
            learned_after = [each.copy() for each in learned_of(live)]
            assert live.forecaster.fault is None  # it was not skipped
        if t == 29:
            np.testing.assert_array_less(0, got.radius)
            learned = [each.copy() for each in learned_of(live)]
    for before, after in zip(learned, learned_after, strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_forecast_issued_at_a_faulty_last_frame_of_the_calibration_is_stale() -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=TRAIN)
    got = [live.push(FRAMES[t - (t == TRAIN - 1)], TIMES[t]) for t in range(TRAIN)][-1]
    assert got is not None
    assert (got.stale, got.held) == (True, True)
    assert "it is frozen: the motion of the frame before is held" in got.reasons
    assert got.conditions is not None
    assert np.isnan(got.conditions.place).all()


def learned_of(live: Started) -> list[NDArray[Any]]:
    """Return what the bands have learned: radii of forecasts of mean difficulty, and the errors that tell it."""
    calibrated = live.forecaster._calibrated
    assert calibrated is not None
    bands = calibrated._bands._weights
    return [bands._radii[0].issue().radius, bands._radii[0]._steering._excess, bands._difficulty._errors]


def test_faulty_frames_can_be_measured_as_all_others_are() -> None:
    live = start(0.5, settings=Settings(flow=FlowSettings(faulty_frames="measured")))
    got = live.push(FRAMES[TRAIN, ::-1], TIMES[TRAIN])
    assert not got.held
    np.testing.assert_array_equal(got.measured, live.calibration.estimator.stored(FRAMES[TRAIN, ::-1]))


@pytest.mark.parametrize("method", ["rls", "snap1"])
def test_what_is_done_to_a_forecast_reaches_no_later_one(method: str) -> None:
    """A DVF that was turned into mm in its place made the radii of all later forecasts, and `measured` their drift."""

    def forecasts(spoil: bool) -> list[list[NDArray[Any]]]:
        live = LiveForecaster(RUNS, method=method, horizon="0.5s", calibration_frames=TRAIN, spacing_mm=(6.0, 6.0))
        found = []
        for t, time_s in enumerate(TIMES):
            # A forecast also stands for a frame that shows nothing, and for one that was passed over.
            frame = np.zeros_like(FRAMES[t]) if t == TRAIN + 4 else FRAMES[t]
            forecast = live.push(frame, float(time_s), passed_over=t == TRAIN + 6)
            if t == TRAIN:
                mask = np.zeros(FRAMES[0].shape, dtype=bool)
                mask[20:26, 18:25] = True
                live.set_target(make_target("tumour", mask, 0), spacing_mm=(6.0, 6.0))
            if t == TRAIN + 8:
                forecast = live.mark_stale("it is late")
            if forecast is None:
                continue
            assert forecast.pixel_radius_mm is not None
            assert forecast.conditions is not None
            assert forecast.drift is not None
            assert not forecast.drift.flags.writeable
            arrays = [forecast.weights, forecast.radius, forecast.dvf, forecast.frame, forecast.measured]
            arrays += [forecast.pixel_radius_mm, forecast.conditions.place]
            for target in forecast.targets:
                arrays += [target.mask, target.centroid, target.offset_mm]
            found.append([np.array(each) for each in (*arrays, forecast.drift)])
            for each in arrays if spoil else ():
                each[...] = 7
        return found

    for wanted, got in zip(forecasts(False), forecasts(True), strict=True):
        for one, other in zip(wanted, got, strict=True):
            np.testing.assert_array_equal(one, other)
