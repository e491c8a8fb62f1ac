"""The drift of the mean motion: against plain numpy, causal, found where it is known, not led away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.motion import MotionModel, fit_motion_model
from cinecast.motion.drift import (
    INTERVAL,
    RATE_PX,
    STEP_PX,
    DriftTracker,
    ForecastMotion,
    drift_row,
    drift_shape,
    follow_drift,
)

T, TRAIN, H, W = 400, 60, 6, 5
Array = NDArray[np.float64]


def breathing(rng: np.random.Generator, shift: Array) -> NDArray[np.float32]:
    """One breathing motion with noise, shifted by ``shift`` (T, H, W, 2)."""
    pattern = rng.normal(size=(H, W, 2))
    wave = np.sin(2 * np.pi * np.arange(T) / 17.3)[:, None, None, None]
    return np.asarray(wave * pattern + shift + 0.1 * rng.normal(size=(T, H, W, 2)), dtype=np.float32)


def modelled(dvf: NDArray[np.float32]) -> tuple[MotionModel, Array]:
    model = fit_motion_model(dvf[:TRAIN], 1)
    return model, model.project(dvf)


def plain(dvf: NDArray[np.float32], model: MotionModel, weights: Array) -> Array:
    """The same in double precision, pixel by pixel and number by number as the docstring has it."""
    drift, rows = np.zeros((H, W, 2)), [np.zeros((H, W, 2))]
    for t in range(len(dvf)):
        way = dvf[t] - model.reconstruct(weights[t]) - drift
        drift = drift + 0.02 * way / (np.linalg.norm(way, axis=-1, keepdims=True) + 0.2)
        if (t + 1) % 16 == 0:
            rows.append(drift)
    return np.stack(rows)


def test_it_is_the_plain_one_in_whole_steps(rng: np.random.Generator) -> None:
    dvf = breathing(rng, np.zeros((T, H, W, 2)))
    model, weights = modelled(dvf)
    drifts = follow_drift(dvf, model, weights)
    assert drifts.shape == (1 + T // INTERVAL, H, W, 2)
    assert drifts.dtype == np.float32
    np.testing.assert_allclose(drifts, plain(dvf, model, weights), atol=STEP_PX / 2 + 1e-4)
    np.testing.assert_array_equal(drifts / STEP_PX, np.rint(drifts / STEP_PX))
    assert np.abs(drifts).max() > 5 * STEP_PX


def test_held_frames_count_and_do_not_move_it(rng: np.random.Generator) -> None:
    dvf = breathing(rng, np.zeros((T, H, W, 2)))
    model, weights = modelled(dvf)
    held = {70, 71, 100}
    wild = dvf.copy()
    wild[list(held)] = 50
    drifts = follow_drift(wild, model, model.project(wild), held)
    np.testing.assert_array_equal(drifts, follow_drift(dvf, model, weights, held))
    assert drifts.shape == follow_drift(dvf, model, weights).shape
    assert not np.array_equal(drifts, follow_drift(dvf, model, weights))


def test_a_shift_of_the_baseline_is_found_and_lowers_the_error(rng: np.random.Generator) -> None:
    shift = np.zeros((T, H, W, 2))
    known = rng.uniform(-1, 1, (H, W, 2))
    shift[TRAIN:] = known
    dvf = breathing(rng, shift)
    model, weights = modelled(dvf)
    unexplained = known - np.tensordot(np.tensordot(model.modes, known, axes=3), model.modes, axes=(0, 0))
    drifts = follow_drift(dvf, model, weights)
    np.testing.assert_allclose(drifts[-1], unexplained, atol=0.1)
    still, moving = ForecastMotion(model, 3), ForecastMotion(model, 3, drifts)
    late = range(300, T)
    errors = [
        np.mean([np.linalg.norm(motion.dvf(t, weights[t]) - dvf[t], axis=-1).mean() for t in late])
        for motion in (still, moving)
    ]
    assert errors[1] < 0.5 * errors[0]


def test_frames_measured_wrong_do_not_lead_it_away(rng: np.random.Generator) -> None:
    dvf = breathing(rng, np.zeros((T, H, W, 2)))
    model, weights = modelled(dvf)
    wrong = dvf.copy()
    wrong[100:104, 2, 3] = 1e4
    wrong[120, 4, 1] = np.nan
    wrong[121, 4, 1] = np.inf
    drifts = follow_drift(wrong, model, weights)
    assert np.isfinite(drifts).all()
    assert np.abs(drifts - follow_drift(dvf, model, weights)).max() <= 4 * 2 * RATE_PX + STEP_PX


@given(last=st.integers(TRAIN, T - 2), horizon=st.integers(1, 20), seed=st.integers(0, 100))
def test_what_comes_later_moves_no_forecast_by_a_bit(last: int, horizon: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dvf = breathing(rng, np.zeros((T, H, W, 2)))
    model, weights = modelled(dvf)
    later = dvf.copy()
    later[last + 1 :] += rng.normal(0, 9, later[last + 1 :].shape).astype(np.float32)
    one = ForecastMotion(model, horizon, follow_drift(dvf, model, weights))
    other = ForecastMotion(model, horizon, follow_drift(later, model, model.project(later)))
    for frame in range(TRAIN + horizon, min(last + horizon + 1, T)):
        np.testing.assert_array_equal(one.dvf(frame, weights[frame]), other.dvf(frame, weights[frame]))


@pytest.mark.parametrize(("issued", "row"), [(0, 0), (INTERVAL - 2, 0), (INTERVAL - 1, 1), (2 * INTERVAL - 1, 2)])
def test_a_row_is_known_when_all_of_its_frames_have_come(issued: int, row: int) -> None:
    assert drift_row(issued) == row


def test_a_forecast_has_the_drift_that_was_known_when_it_was_issued() -> None:
    model = MotionModel(np.zeros((H, W, 2)), np.ones((1, H, W, 2)), np.ones(1))
    drifts = np.arange(4, dtype=np.float32)[:, None, None, None] * np.ones((H, W, 2), np.float32)
    regular = ForecastMotion(model, 3, drifts)
    weights = np.array([[10.0], [20.0], [30.0], [40.0]])
    frames = [INTERVAL + 1, INTERVAL + 2, 2 * INTERVAL + 1, 2 * INTERVAL + 2]  # issued three frames before
    assert regular.dvfs(frames, weights)[:, 2, 1, 0].tolist() == [10, 21, 31, 42]
    issued = np.arange(60) - 7  # a gap lies between
    assert ForecastMotion(model, 3, drifts, issued).dvf(INTERVAL + 5, weights[0])[2, 1, 0] == 10
    assert ForecastMotion(model, 3, drifts, issued).dvf(INTERVAL + 6, weights[0])[2, 1, 0] == 11
    assert ForecastMotion(model, 3).dvf(INTERVAL + 6, weights[0])[2, 1, 0] == 10


def test_a_part_of_the_image_moves_as_it_does_in_the_whole(rng: np.random.Generator) -> None:
    model = MotionModel(rng.normal(size=(H, W, 2)), rng.normal(size=(2, H, W, 2)), np.ones(2))
    drifts = rng.normal(size=(3, H, W, 2)).astype(np.float32)
    box = (slice(1, 4), slice(2, 5))
    for motion in (ForecastMotion(model, 3, drifts), ForecastMotion(model, 3)):
        whole = motion.dvf(INTERVAL + 9, np.array([1.5, -2.0]))
        np.testing.assert_allclose(motion.within(box).dvf(INTERVAL + 9, np.array([1.5, -2.0])), whole[1:4, 2:5])


@pytest.mark.parametrize(("frames", "drifts"), [(INTERVAL - 1, 1), (INTERVAL, 2), (3 * INTERVAL + 5, 4)])
def test_the_shape_of_drifts_is_told_before_they_are_made(rng: np.random.Generator, frames: int, drifts: int) -> None:
    dvf = breathing(rng, np.zeros((T, H, W, 2)))
    model, weights = modelled(dvf)
    assert drift_shape(dvf[:frames]) == (drifts, H, W)
    assert follow_drift(dvf[:frames], model, weights[:frames]).shape[:3] == (drifts, H, W)


def test_another_drift_is_due_with_the_last_frame_of_each_interval(rng: np.random.Generator) -> None:
    dvf = breathing(rng, np.zeros((T, H, W, 2)))
    model, weights = modelled(dvf)
    tracker = DriftTracker(model)
    for t in range(2 * INTERVAL + 3):
        before, due = tracker.known, tracker.due
        tracker.observe(dvf[t], weights[t], held=t == INTERVAL - 1)
        assert due == (tracker.known is not before) == (t in (INTERVAL - 1, 2 * INTERVAL - 1))
