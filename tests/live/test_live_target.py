"""A target of a stream: where forecasts and the measured motion carry it, the gate, errors, what is refused."""

from __future__ import annotations

import logging
import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.errors import SettingsError
from cinecast.frames.masks import Target, make_target
from cinecast.live import LiveForecast, StepTimes
from cinecast.live.gate import beam_is_on, beam_state, gate_words
from cinecast.live.live_target import LiveTarget, centroid_of
from cinecast.live.target_errors import TargetErrors
from cinecast.live.target_place import ForecastTarget
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.score.gating import GatingPlan, beam_on
from cinecast.settings import FlowSettings, GateByRadius, ScoreSettings, Settings
from cinecast.target import MaskPropagator

TRAIN, PERIOD, SPACING = 24, 0.25, (6.0, 5.0)
PHANTOM = make_phantom(
    PhantomSettings(rows=48, columns=40, pixel_spacing_mm=SPACING, frame_count=90, frame_period_s=PERIOD)
)
FRAMES = PHANTOM.sequence.frames
ROWS, COLUMNS = np.indices((48, 40))
MASK: NDArray[np.bool_] = (ROWS - 30) ** 2 + (COLUMNS - 15) ** 2 <= 16


def tumour(frame: int, mask: NDArray[np.bool_] = MASK, name: str = "tumour") -> Target:
    return make_target(name, mask, frame)


def calibrated(
    frames: NDArray[np.generic] = FRAMES, *, recalibrate: bool = False, reference: int | None = None
) -> LiveForecaster:
    settings = Settings() if reference is None else Settings(flow=FlowSettings(reference=reference))
    live = LiveForecaster(settings, method="rls", horizon="2", calibration_frames=TRAIN, recalibrate=recalibrate)
    for t in range(TRAIN):
        live.push(frames[t], PERIOD * t)
    return live


def push(live: LiveForecaster, t: int, frames: NDArray[np.generic] = FRAMES) -> LiveForecast:
    forecast = live.push(frames[t], PERIOD * t)
    assert forecast is not None
    return forecast


# The gate


@pytest.mark.parametrize(
    ("offset", "margin", "on"),
    [
        ((0, 0), 1, True),
        ((3, 4), 5, True),
        ((3, 4), 4.99, False),
        ((5 * float(np.float32(1.2)), 0), 6, True),  # a spacing as NIfTI keeps it
        ((-3, -4), 4.99, False),
        ((math.nan,) * 2, 99, False),
    ],
)
def test_the_beam_is_on_within_the_margin(offset: tuple[float, float], margin: float, on: bool) -> None:
    assert beam_is_on(np.array(offset, dtype=float), margin) is on


@pytest.mark.parametrize("by_radius", ["ignore", "narrow", "widen"])
@pytest.mark.parametrize("radius_mm", [0.0, 1.5, 4.0, math.nan])
@pytest.mark.parametrize("distance_mm", [0.0, 1.4, 2.9, 3.1, 4.4, 6.9, 7.1, math.nan])
def test_the_radius_changes_the_margin_as_in_runs(
    by_radius: GateByRadius, radius_mm: float, distance_mm: float
) -> None:
    plan = GatingPlan(np.zeros(2), 3.0, MASK)
    wanted = beam_on(plan, np.array([distance_mm, 0.0]), np.array(radius_mm), by_radius)
    assert beam_is_on(np.array([distance_mm, 0.0]), 3.0, radius_mm, by_radius) == bool(wanted)


def test_the_gate_of_a_stream_goes_by_the_setting_too() -> None:
    beams = {}
    for by_radius in ("ignore", "narrow", "widen"):
        settings = Settings(score=ScoreSettings(gate_by_radius=by_radius))  # type: ignore[arg-type]
        live = LiveForecaster(settings, method="rls", horizon="2", calibration_frames=TRAIN, spacing_mm=SPACING)
        for t in range(TRAIN):
            live.push(FRAMES[t], PERIOD * t)
        live.set_target(tumour(0), spacing_mm=SPACING, margin_mm=7)
        found = [push(live, t).targets[0] for t in range(TRAIN, 80)]
        off = {"ignore": 0.0, "narrow": 1.0, "widen": -1.0}[by_radius]
        known = found[10:]
        assert all(math.isfinite(each.radius_mm) for each in known)
        assert [each.beam_on for each in known] == [each.distance_mm + off * each.radius_mm <= 7 for each in known]
        beams[by_radius] = sum(each.beam_on for each in found)
        assert found[0].beam_on == (by_radius != "narrow" and found[0].distance_mm <= 7)  # no radius is known yet
    assert beams["narrow"] < beams["ignore"] < beams["widen"]


def test_the_first_radius_of_a_target_is_none_or_what_its_mask_can_show_but_never_0() -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="2", calibration_frames=TRAIN, spacing_mm=SPACING)
    for t in range(TRAIN):
        live.push(FRAMES[t], PERIOD * t)
    still = np.zeros((48, 40), dtype=bool)
    still[1:4, 2:4] = True  # in the air, where no error comes
    live.set_target(tumour(0, still, "still"), spacing_mm=SPACING)
    found = [push(live, t).target_radii_mm["still"] for t in range(TRAIN, 60)]
    assert math.isnan(found[0])
    known = [each for each in found if not math.isnan(each)]
    assert len(known) > 30
    np.testing.assert_allclose(known, 0.28 * 6.0)


@pytest.mark.parametrize(
    ("latency_s", "horizon", "warned"),
    [(1.0, "0.5s", True), (0.9, "2", True), (0.6, "0.5s", False), (0.0, "0.5s", False), (None, "2", False)],
)
def test_a_beam_that_acts_later_than_is_forecast_is_warned_of(
    latency_s: float | None, horizon: str, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(score=ScoreSettings(latency_s=latency_s))
    live = LiveForecaster(settings, method="persistence", horizon=horizon, calibration_frames=TRAIN)
    for t in range(TRAIN):
        live.push(FRAMES[t], PERIOD * t)
    live.set_target(tumour(0), spacing_mm=SPACING)
    said = [record.getMessage() for record in caplog.records if "latency" in record.getMessage()]
    wanted = (
        "the gate is of the instant that is forecast, 0.5 s after a frame, got score.latency_s of "
        f"{latency_s} s, which has no effect in a live session: a beam that acts so late needs --horizon {latency_s}s"
    )
    assert said == ([wanted.replace("1.0", "1")] if warned else [])


def test_a_stale_forecast_is_said_beside_the_gate() -> None:
    place = ForecastTarget("a", MASK, np.zeros(2), np.zeros(2), 0, beam_on=True)
    assert gate_words(place, False) == "beam on"
    assert gate_words(place, True) == "beam off: the forecast is stale"
    assert gate_words(replace(place, beam_on=False), False) == "beam off"
    assert [beam_state(place, stale) for stale in (False, True)] == ["on", "off"]


# Where a target is


def test_the_measured_place_is_where_the_phantom_moves_the_tissue() -> None:
    live = calibrated()
    target = live.set_target(tumour(0), spacing_mm=SPACING)
    errors = []
    for t in range(TRAIN, 60):
        place = target.place(push(live, t).measured)
        moved = PHANTOM.dvf[t][MASK].mean(axis=0)[::-1]
        errors.append(np.abs(place.centroid - (centroid_of(MASK) + moved)).max())
        np.testing.assert_allclose(place.offset_mm, (place.centroid - (30, 15)) * SPACING)
    # A mask shows motion in steps of pixels: of a disc this small up to 0.3 of one is lost.
    assert np.mean(errors) < 0.25
    assert max(errors) < 0.6


@pytest.mark.parametrize("frame", [3, 11])
def test_forecasts_carry_the_target_along_their_own_motion(frame: int) -> None:
    live = calibrated(reference=11)
    assert live.calibration is not None
    own = None if frame == 11 else live.calibration.dvf[frame]
    live.set_target(tumour(frame), spacing_mm=SPACING, margin_mm=7)
    propagator = MaskPropagator(MASK, own)
    beams = []
    for t in range(TRAIN, 50):
        forecast = push(live, t)
        (found,) = forecast.targets
        wanted = propagator.propagate(forecast.dvf[propagator.box])
        np.testing.assert_array_equal(found.mask, wanted.mask)
        rows, columns = np.nonzero(wanted.mask)
        assert found.centroid.tolist() == [rows.mean(), columns.mean()]
        distance = math.hypot((rows.mean() - 30) * 6, (columns.mean() - 15) * 5)
        assert found.distance_mm == pytest.approx(distance)
        assert (found.name, found.folded, found.beam_on) == ("tumour", wanted.folded, distance <= 7)
        beams.append(found.beam_on)
    assert {*beams} == {True, False}


def test_without_a_target_a_forecast_has_none_and_with_one_it_is_the_same() -> None:
    plain, followed = calibrated(), calibrated()
    followed.set_target(tumour(3), spacing_mm=SPACING)
    for t in range(TRAIN, TRAIN + 5):
        without, with_one = push(plain, t), push(followed, t)
        assert without.targets == ()
        assert len(with_one.targets) == 1
        np.testing.assert_array_equal(without.frame, with_one.frame)
        np.testing.assert_array_equal(without.weights, with_one.weights)


def test_what_is_skipped_brings_the_latest_place_again_and_later_ones_go_on(caplog: pytest.LogCaptureFixture) -> None:
    live = calibrated()
    live.set_target(tumour(3), spacing_mm=SPACING)
    before = push(live, TRAIN)
    skipped = live.push(FRAMES[TRAIN][:40], PERIOD * (TRAIN + 1))
    assert skipped is not None
    assert skipped.stale
    (place,), (latest,) = skipped.targets, before.targets
    assert (place.name, place.number, place.beam_on) == (latest.name, latest.number, latest.beam_on)
    np.testing.assert_array_equal(place.mask, latest.mask)
    np.testing.assert_array_equal(place.centroid, latest.centroid)
    np.testing.assert_array_equal(place.offset_mm, latest.offset_mm)
    for t in range(5):  # the clock is set back: the fifth frame in a row is believed
        again = live.push(FRAMES[TRAIN + 2 + t], PERIOD * t)
    assert live.fault is None
    assert again is not None
    assert again.targets[0] is not before.targets[0]
    assert again.targets[0].mask.any()


def test_a_model_that_is_fitted_anew_keeps_the_target() -> None:
    moved = np.concatenate([FRAMES[:40], np.roll(FRAMES[40:], 3, axis=1)])
    live = calibrated(moved, recalibrate=True)
    first = live.calibration
    assert first is not None
    early = live.set_target(tumour(3), spacing_mm=SPACING)
    for t in range(TRAIN, 90):
        forecast = push(live, t, moved)
        assert live._supervision is not None
        if live._supervision.refit is not None:
            live._supervision.refit.wait()
    assert live.calibration is not first
    (place,) = forecast.targets
    np.testing.assert_array_equal(place.mask, early.place(forecast.dvf).mask)
    # The motion of its own frame is that of the first calibration, whose frames the new one has not measured.
    late = live.set_target(tumour(3, name="late"), spacing_mm=SPACING)
    np.testing.assert_array_equal(late.place(forecast.dvf).mask, place.mask)
    assert [each.name for each in push(live, 89, moved).targets] == ["tumour"]  # the time repeats: skipped
    assert live.fault is not None


def test_a_target_that_leaves_the_image_is_nowhere_with_the_beam_off_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    live = calibrated()
    target = live.set_target(tumour(3), spacing_mm=SPACING)
    forecast = push(live, TRAIN)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            place = target.forecast(replace(forecast, dvf=np.full((48, 40, 2), 60.0)))
    assert not place.mask.any()
    assert np.isnan(place.centroid).all()
    assert math.isnan(place.distance_mm)
    assert not place.beam_on
    (said,) = [record.getMessage() for record in caplog.records]
    assert said == (
        f"target tumour: the forecast of {forecast.time_s:.4f} s leaves none of it in the image: the beam is off "
        "whenever that is so"
    )


def test_a_target_that_the_edge_cuts_is_said_once_since_its_centroid_is_that_of_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    live = calibrated()
    target = live.set_target(tumour(3), spacing_mm=SPACING)
    forecast = push(live, TRAIN)
    down = np.zeros((48, 40, 2))
    down[..., 1] = 16  # the last row of the disc around row 30 is row 34: half of it lies beyond row 47 then
    with caplog.at_level(logging.WARNING):
        inside = target.forecast(replace(forecast, dvf=down * (12 / 16)))
        assert not caplog.records
        places = [target.forecast(replace(forecast, dvf=down)) for _ in range(2)]
    assert inside.distance_mm == pytest.approx(12 * SPACING[0], abs=0.1)
    assert places[0].distance_mm < 16 * SPACING[0] - 1
    (said,) = [record.getMessage() for record in caplog.records]
    assert said == (
        f"target tumour: the forecast of {forecast.time_s:.4f} s carries it to the edge of the image: its centroid is "
        "that of the part that is seen, so where it reaches the edge the beam may be on though it is farther away"
    )


def test_a_target_that_was_drawn_at_the_edge_is_said_to_be_cut_too(caplog: pytest.LogCaptureFixture) -> None:
    live = calibrated()
    target = live.set_target(tumour(3, np.roll(MASK, 13, axis=0)), spacing_mm=SPACING)  # its last row is row 47
    forecast = push(live, TRAIN)
    down = np.zeros((48, 40, 2))
    down[..., 1] = 4
    with caplog.at_level(logging.WARNING):
        place = target.forecast(replace(forecast, dvf=down))
    assert place.distance_mm < 3 * SPACING[0]  # of the part that is seen: the disc moves by four rows
    assert any("carries it to the edge of the image" in record.getMessage() for record in caplog.records)


def test_folds_inside_the_target_are_counted_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    live = calibrated()
    target = live.set_target(tumour(3), spacing_mm=SPACING)
    forecast = push(live, TRAIN)
    folding = np.zeros((48, 40, 2))
    folding[..., 0] = -1.5 * (COLUMNS - 15)
    with caplog.at_level(logging.WARNING):
        places = [target.forecast(replace(forecast, dvf=folding)) for _ in range(2)]
    assert places[0].folded > 30
    (said,) = [record.getMessage() for record in caplog.records]
    assert f"folds at {places[0].folded} of its pixels" in said


def test_a_target_takes_the_place_of_one_of_the_same_name() -> None:
    live = calibrated()
    for name, row in (("tumour", 30), ("cord", 20), ("tumour", 26)):
        live.set_target(tumour(3, np.roll(MASK, row - 30, axis=0), name), spacing_mm=SPACING)
    assert [each.target.name for each in live.targets] == ["tumour", "cord"]
    assert live.targets[0].planned.tolist() == [26, 15]


# What is refused


def test_before_the_calibration_no_target_can_be_set() -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="2", calibration_frames=TRAIN)
    live.push(FRAMES[0], 0.0)
    with pytest.raises(SettingsError, match="once the stream is calibrated, got 'tumour' after 1 of 24 frames"):
        live.set_target(tumour(0), spacing_mm=SPACING)


def test_a_frame_that_was_not_calibrated_on_is_refused_and_the_stream_goes_on() -> None:
    live = LiveForecaster(Settings(), method="rls", horizon="2", calibration_frames=TRAIN)
    live.push(FRAMES[0][:30], -PERIOD)  # of another size: collecting begins anew with the fifth of the others
    for t in range(TRAIN + 10):
        live.push(FRAMES[t], PERIOD * t)
    assert live.calibration is not None
    assert live.calibration.labels[0].number == 5
    for frame in (4, 29):
        with pytest.raises(SettingsError, match=f"calibrated on, 5 to 28, got 'tumour' of frame {frame}; draw it"):
            live.set_target(tumour(frame), spacing_mm=SPACING)
    assert live.set_target(tumour(5), spacing_mm=SPACING).position == 0
    assert live.set_target(tumour(28), spacing_mm=SPACING).position == 23


def test_a_faulty_frame_is_refused() -> None:
    frames = FRAMES.copy()
    frames[7] = frames[7] // 300
    live = calibrated(frames)
    with pytest.raises(SettingsError, match="of a frame that shows it, got 'tumour' of frame 7, which is nearly black"):
        live.set_target(tumour(7), spacing_mm=SPACING)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"spacing_mm": (6.0, 0.0)}, "pixel spacing must be two positive numbers in mm, got"),
        ({"margin_mm": 0.0}, r"the margin of the gate \(--margin\) must be above 0 mm, got 0"),
        ({"margin_mm": math.nan}, r"the margin of the gate \(--margin\) must be above 0 mm, got nan"),
        ({"mask": MASK[:40]}, r"the size of the frames, \(48, 40\), got \(40, 40\) for 'tumour'"),
    ],
)
def test_lengths_and_sizes_that_cannot_be_are_refused(options: dict[str, object], sentence: str) -> None:
    live = calibrated()
    mask = options.pop("mask", MASK)
    assert isinstance(mask, np.ndarray)
    with pytest.raises(SettingsError, match=sentence):
        live.set_target(tumour(3, mask), **({"spacing_mm": SPACING} | options))  # type: ignore[arg-type]
    assert live.targets == ()


# Errors, once the time of a forecast has come


def field(x: float, y: float) -> NDArray[np.float32]:
    return np.full((48, 40, 2), (x, y), dtype=np.float32)


def still_target() -> LiveTarget:
    live = calibrated(reference=0)
    return live.set_target(tumour(0), spacing_mm=SPACING, margin_mm=100)


def made(
    target: LiveTarget, t: int, ahead: tuple[float, float], now: tuple[float, float], **facts: bool
) -> LiveForecast:
    """A forecast made at frame t for two frames later."""
    nothing, steps = np.zeros((1, 1)), StepTimes(1, 1, 1, 1, 1)
    forecast = LiveForecast(
        "", float(t), t + 2.0, nothing, nothing, 0, field(*ahead).astype(float), nothing, field(*now), steps, **facts
    )
    return replace(forecast, targets=(target.forecast(forecast),))


def test_the_error_is_the_distance_of_the_centroids_in_mm() -> None:
    target, errors = still_target(), TargetErrors(1.0)
    found = []
    for t in range(4):
        (each,) = errors.observe([target], made(target, t, (3, 4), (t, 2)))
        found.append(each.error_mm)
    assert np.isnan(found[:2]).all()
    assert found[2:] == pytest.approx([math.hypot(5, 12), math.hypot(0, 12)])
    assert errors.figures(target) == (4, 4, 2, pytest.approx(12.5), 0)
    assert each.centroid.tolist() == [32, 18]


def test_a_forecast_that_has_it_nowhere_is_missed_and_a_frame_that_has_it_nowhere_does_not_count() -> None:
    target, errors = still_target(), TargetErrors(1.0)
    away = (90.0, 0.0)
    places = [((0, 0), (0, 0)), (away, (0, 0)), (away, away), ((0, 0), (0, 0)), ((0, 0), away)]
    found = [errors.observe([target], made(target, t, *each))[0].error_mm for t, each in enumerate(places)]
    # Of frame 2 a forecast that had it: the motion has it nowhere. Of frame 3 one that had not, which is missed.
    assert np.isnan([found[2], found[4]]).all()
    assert found[3] == 48 * 6
    assert errors.figures(target)[:3] == (5, 3, 1)
    assert errors.figures(target).missed == 1


def test_nothing_is_scored_on_a_faulty_frame_nor_over_a_clock_that_was_set_back() -> None:
    target, errors = still_target(), TargetErrors(1.0)
    for t in range(2):
        errors.observe([target], made(target, t, (0, 0), (0, 0)))
    assert errors.observe([target], made(target, 2, (0, 0), (0, 0), held=True)) == ()
    assert errors.figures(target).scored == 0
    (each,) = errors.observe([target], made(target, 3, (0, 0), (1, 0)))
    assert each.error_mm == pytest.approx(5.0)
    (each,) = errors.observe([target], made(target, 0, (0, 0), (1, 0)))
    assert math.isnan(each.error_mm)
    assert errors.figures(target).scored == 1


def test_a_target_set_later_is_scored_from_then_on_and_the_others_go_on() -> None:
    first, errors = still_target(), TargetErrors(1.0)
    for t in range(3):
        errors.observe([first], made(first, t, (0, 0), (0, 0)))
    second = calibrated(reference=0).set_target(tumour(0, name="cord"), spacing_mm=SPACING)
    for t in range(3, 6):
        forecast = made(first, t, (0, 0), (0, 0))
        both = replace(forecast, targets=(*forecast.targets, second.forecast(forecast)))
        errors.observe([first, second], both)
    assert [errors.figures(each).scored for each in (first, second)] == [4, 1]
