"""A frame that is passed over is learned from: no forecast of a later frame moves by a bit."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast.frames.masks import make_target
from cinecast.live import LiveForecast, LiveForecaster
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.sequence import Sequence
from cinecast.settings import Settings

TRAIN, SPACING = 30, (6.0, 6.0)
MASK = np.zeros((48, 40), dtype=bool)
MASK[20:28, 15:23] = True
BEHIND = {32, 33, 34, 41, 50, 51}


@pytest.fixture(scope="module")
def recorded() -> Sequence:
    small = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=64, frame_period_s=0.25)
    return make_phantom(small).sequence


def forecasts(recorded: Sequence, method: str, horizon: str, behind: set[int]) -> list[LiveForecast | None]:
    live = LiveForecaster(
        Settings(), method=method, horizon=horizon, calibration_frames=TRAIN, spacing_mm=lambda: SPACING
    )
    found = []
    for t, (time_s, frame) in enumerate(zip(recorded.times_s, recorded.frames, strict=True)):
        if t == TRAIN:
            live.set_target(make_target("disc", MASK, 3), spacing_mm=SPACING)
        found.append(live.push(frame, float(time_s), f"frame {t}", passed_over=t in behind))
    return found


@pytest.mark.parametrize(("method", "horizon"), [("linear", "2"), ("rls", "0.6s"), ("mixture", "0.5s")])
def test_later_forecasts_are_the_same_to_the_bit(recorded: Sequence, method: str, horizon: str) -> None:
    everything = forecasts(recorded, method, horizon, set())
    some = forecasts(recorded, method, horizon, BEHIND)
    for t in range(TRAIN, len(some)):
        wanted, got = everything[t], some[t]
        assert wanted is not None
        assert got is not None
        np.testing.assert_array_equal(got.measured, wanted.measured)
        if t not in BEHIND:
            assert (got.name, got.time_s, got.stale) == (wanted.name, wanted.time_s, wanted.stale)
            np.testing.assert_array_equal(got.weights, wanted.weights)
            np.testing.assert_array_equal(got.radius, wanted.radius)
            np.testing.assert_array_equal(got.frame, wanted.frame)
            np.testing.assert_array_equal(got.pixel_radius_mm, wanted.pixel_radius_mm)
            assert got.target_radii_mm == wanted.target_radii_mm or np.isnan(wanted.target_radii_mm["disc"])
    assert some[-1].target_radii_mm["disc"] > 0  # type: ignore[union-attr]
    assert np.isfinite(some[-1].radius).all()  # type: ignore[union-attr]


def test_a_frame_that_is_passed_over_brings_the_forecast_before_marked_stale(recorded: Sequence) -> None:
    found = forecasts(recorded, "linear", "2", BEHIND)
    before, got = found[31], found[34]
    assert before is not None
    assert got is not None
    assert (got.name, got.time_s, got.stale, before.stale) == ("frame 31", before.time_s, True, False)
    np.testing.assert_array_equal(got.frame, before.frame)
    assert got.reasons == ("frame 34 was passed over: a newer frame had come",)


def test_all_frames_of_the_calibration_are_calibrated_on(recorded: Sequence) -> None:
    wanted, got = (forecasts(recorded, "linear", "2", behind)[TRAIN] for behind in (set(), set(range(TRAIN))))
    assert wanted is not None
    assert got is not None
    np.testing.assert_array_equal(got.weights, wanted.weights)
