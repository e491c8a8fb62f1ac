"""Brightness moves no vector: gains, offsets and shadings of frames whose motion is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.flow import FlowEstimator, choose_reference, reference
from cinecast.flow.normalisation import normalise
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.settings import FlowSettings

Array = NDArray[np.float64]
PHANTOM = make_phantom(PhantomSettings(frame_count=24))
FRAMES: Array = PHANTOM.sequence.frames.astype(np.float64)
BODY = FRAMES[0] > 0.1 * FRAMES[0].max()
MOVED = int(np.linalg.norm(PHANTOM.dvf, axis=-1).mean(axis=(1, 2)).argmax())
PLAIN = FlowEstimator(FRAMES[0], FlowSettings())(FRAMES[MOVED])
GAINS = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)
OFFSETS = st.floats(-1e6, 1e6)


def flow(reference: Array, frame: Array) -> Array:
    return FlowEstimator(reference, FlowSettings())(frame)


@settings(max_examples=30)
@given(gain=GAINS, offset=OFFSETS, reference_gain=GAINS, reference_offset=OFFSETS)
def test_no_gain_or_offset_of_either_frame_moves_a_vector(
    gain: float, offset: float, reference_gain: float, reference_offset: float
) -> None:
    found = flow(reference_gain * FRAMES[0] + reference_offset, gain * FRAMES[MOVED] + offset)
    assert np.abs(found - PLAIN).max() < 0.01


def test_the_motion_itself_is_large_beside_what_brightness_may_move() -> None:
    assert np.linalg.norm(PHANTOM.dvf[MOVED], axis=-1)[BODY].mean() > 2
    assert np.linalg.norm(PLAIN - PHANTOM.dvf[MOVED], axis=-1)[BODY].mean() < 0.25


@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("shaded", ["reference", "frame"])
def test_a_smooth_shading_of_40_percent_moves_vectors_inside_the_body_little(direction: int, shaded: str) -> None:
    length = FRAMES.shape[1 + direction]
    wave = 1 + 0.2 * np.cos(np.pi * np.arange(length) / length)
    shading = wave[:, np.newaxis] if direction == 0 else wave[np.newaxis]
    assert np.ptp(shading) == pytest.approx(0.4, rel=0.02)
    reference, frame = FRAMES[0], FRAMES[MOVED]
    found = flow(reference * shading, frame) if shaded == "reference" else flow(reference, frame * shading)
    assert np.linalg.norm(found - PLAIN, axis=-1)[BODY].mean() < 0.05


@pytest.mark.parametrize("axis", [1, 2])
def test_a_shading_of_40_percent_that_wanders_moves_vectors_inside_the_body_little(axis: int) -> None:
    shape = [1, 1, 1]
    shape[axis] = FRAMES.shape[axis]
    place = (np.arange(FRAMES.shape[axis]) / FRAMES.shape[axis]).reshape(shape)
    phase = np.arange(len(FRAMES))[:, np.newaxis, np.newaxis] / 9
    shaded = FRAMES * (1 + 0.2 * np.cos(2 * np.pi * (place / 2 + phase)))
    clean, found = FlowEstimator(FRAMES[0], FlowSettings()), FlowEstimator(shaded[0], FlowSettings())
    moved = [
        np.linalg.norm(found(shaded[t]) - clean(FRAMES[t]), axis=-1)[BODY].mean() for t in range(1, len(FRAMES), 2)
    ]
    assert np.mean(moved) < 0.05


def test_without_normalisation_a_brighter_reference_is_taken_for_motion() -> None:
    raw = FlowSettings(normalisation=0.0)
    moved = FlowEstimator(1.1 * FRAMES[0] + 100, raw)(FRAMES[MOVED]) - FlowEstimator(FRAMES[0], raw)(FRAMES[MOVED])
    # The frame's own mean and deviation are removed as a whole, a shading is not.
    assert np.abs(moved).max() < 0.01
    shading = 1 + 0.2 * np.cos(np.pi * np.arange(FRAMES.shape[1]) / FRAMES.shape[1])[:, np.newaxis]
    shaded = FlowEstimator(shading * FRAMES[0], raw)(FRAMES[MOVED]) - FlowEstimator(FRAMES[0], raw)(FRAMES[MOVED])
    assert np.linalg.norm(shaded, axis=-1)[BODY].mean() > 0.05


def test_a_constant_frame_and_a_constant_reference_have_no_motion() -> None:
    constant = np.full(FRAMES[0].shape, 1e6 / 3)
    assert not flow(constant, FRAMES[0]).any()
    assert np.isfinite(flow(FRAMES[0], constant)).all()
    assert not normalise(constant, 10.0).any()


def test_empty_background_is_not_lifted_to_the_size_of_tissue() -> None:
    far_from_tissue = cv2.distanceTransform((~BODY).astype(np.uint8), cv2.DIST_L2, 5) > 25
    assert far_from_tissue.sum() > 1000
    normalised = normalise(FRAMES[0], 10.0)
    assert FRAMES[0][far_from_tissue].std() > 0
    assert normalised[far_from_tissue].std() < 0.2 * normalised[BODY].std()


@pytest.mark.parametrize("sigma", [1.0, 2.0, 5.0, 10.0, 30.0])
def test_normalisation_removes_the_local_mean_and_scale(sigma: float, rng: np.random.Generator) -> None:
    image = 500 + 20 * rng.normal(size=(90, 70)) + 3 * np.arange(70)
    normalised = normalise(image, sigma)
    assert normalised.dtype == np.float32
    inner = normalised[20:-20, 20:-20]
    assert abs(inner.mean()) < 0.1
    assert 0.3 < inner.std() < 1.1


def test_the_reference_is_that_which_resembles_the_others_most() -> None:
    amplitude = np.linalg.norm(PHANTOM.dvf - PHANTOM.dvf.mean(axis=0), axis=-1).mean(axis=(1, 2))
    chosen = choose_reference(FRAMES)
    assert amplitude[chosen] <= np.quantile(amplitude, 0.35)


@settings(max_examples=20)
@given(seed=st.integers(0, 1000))
def test_flicker_does_not_choose_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flicker = rng.uniform(0.8, 1.25, (len(FRAMES), 1, 1))
    offset = rng.uniform(-300, 300, (len(FRAMES), 1, 1))
    assert choose_reference(FRAMES * flicker + offset) == choose_reference(FRAMES)


def test_frames_before_the_steady_state_are_no_reference() -> None:
    bright = FRAMES.copy()
    bright[:5] *= np.array([1.5, 1.3, 1.2, 1.12, 1.08])[:, np.newaxis, np.newaxis]
    assert choose_reference(bright) >= 3
    same = np.repeat(FRAMES[:1], 8, axis=0)
    same[:2] *= 1.2
    assert choose_reference(same) == 2


def test_faulty_frames_are_no_reference() -> None:
    chosen = choose_reference(FRAMES)
    assert choose_reference(FRAMES, {chosen}) not in {chosen}


def test_blank_frames_are_no_reference_and_of_equals_the_earliest_is() -> None:
    same = np.repeat(FRAMES[:1], 6, axis=0)
    assert choose_reference(same) == 0
    same[0] = 0
    assert choose_reference(same) == 1
    assert choose_reference(same, {1, 2}) == 3
    assert choose_reference(np.zeros((4, 20, 20))) == 0


def test_a_frame_of_a_few_columns_has_a_reference(rng: np.random.Generator) -> None:
    assert 0 <= choose_reference(rng.random((5, 4000, 3))) < 5


@pytest.mark.parametrize("together", [1, 7])
def test_the_reference_of_more_frames_than_are_kept_together_is_the_same(
    together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = choose_reference(FRAMES), choose_reference(FRAMES, {2, 3})
    monkeypatch.setattr(reference, "_TOGETHER", together)
    assert (choose_reference(FRAMES), choose_reference(FRAMES, {2, 3})) == chosen
