"""Weights of pixels: none where all count alike, of the train span alone, small where nothing can be trusted."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from cinecast.flow import estimate_flow
from cinecast.flow.reliability import static_reliability
from cinecast.motion import fit_motion_model, fit_train_span, train_pixel_weights
from cinecast.motion.pixel_weights import weights_of
from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from cinecast.settings.toml_file import build_settings

RELIABLE = build_settings({"flow": {"reference": 0}, "motion": {"pixel_weights": "reliable"}})
UNIFORM = build_settings({"flow": {"reference": 0}, "motion": {"pixel_weights": "uniform"}})
TRAIN = 24


@cache
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(frame_count=TRAIN, noise_level=0.1))


@cache
def measured() -> NDArray[np.float32]:
    return np.stack(list(estimate_flow(phantom().sequence.frames, RELIABLE.flow)))


def far_from_tissue(frame: NDArray[np.generic]) -> NDArray[np.bool_]:
    from scipy import ndimage

    body = ndimage.binary_opening(frame > 0.1 * frame.max(), iterations=2)
    return np.asarray(~ndimage.binary_dilation(ndimage.binary_fill_holes(body), iterations=12))


def air_noise(frame: NDArray[np.generic]) -> NDArray[np.float32]:
    """Vectors of 3 pixels in the air, as a flow without a ridge finds them there."""
    fields = 3 * np.random.default_rng(0).normal(size=(TRAIN, 1, 1, 2)) * far_from_tissue(frame)[..., np.newaxis]
    return fields.astype(np.float32)


def test_weights_are_the_square_of_the_reliability_with_a_mean_of_one() -> None:
    np.testing.assert_allclose(weights_of(np.array([[0.0, 0.5], [1.0, 0.5]])), [[0, 2 / 3], [8 / 3, 2 / 3]])
    np.testing.assert_array_equal(weights_of(np.zeros((2, 3), dtype=np.float32)), np.ones((2, 3)))


def test_uniform_is_no_weights_and_reliable_is_the_static_map() -> None:
    frames = phantom().sequence.frames
    assert train_pixel_weights(frames, measured(), UNIFORM) is None
    weights = train_pixel_weights(frames, measured(), RELIABLE)
    assert weights is not None
    np.testing.assert_array_equal(weights, weights_of(static_reliability(frames, measured(), 0)))


def test_frames_whose_motion_was_not_measured_say_nothing_of_pixels(rng: np.random.Generator) -> None:
    held = range(3, TRAIN, 2)
    frames, dvf = np.array(phantom().sequence.frames), measured().copy()
    frames[held], dvf[held] = rng.permuted(frames[held], axis=1), 7
    weights = train_pixel_weights(frames, dvf, RELIABLE, held)
    assert weights is not None
    model = fit_train_span(frames, dvf, RELIABLE, 2, held)
    others = [t for t in range(TRAIN) if t not in held]
    np.testing.assert_array_equal(weights, train_pixel_weights(frames[others], dvf[others], RELIABLE))
    np.testing.assert_array_equal(model.pixel_weights, weights)
    assert not np.allclose(weights, train_pixel_weights(frames, dvf, RELIABLE), rtol=0.1)


def test_modes_of_reliable_pixels_leave_the_air_alone() -> None:
    """Noise of air fills modes of pixels that all count alike; the known motion of tissue is found better without."""
    frames, true = phantom().sequence.frames, phantom().dvf
    noisy = measured() + air_noise(frames[0])
    moving = np.linalg.norm(true, axis=-1).max(axis=0) > 3
    errors, shares = [], []
    for settings in (UNIFORM, RELIABLE):
        weights = train_pixel_weights(frames, noisy, settings)
        model = fit_motion_model(noisy, 2, pixel_weights=weights)
        energy = (model.modes**2).sum(axis=(0, -1)) * (1 if weights is None else weights)
        shares.append(energy[far_from_tissue(frames[0])].sum() / energy.sum())
        rebuilt = np.array([model.reconstruct(each) for each in model.project(noisy)])
        errors.append(np.linalg.norm(rebuilt - true, axis=-1)[:, moving].mean())
    assert shares[0] > 0.1 > 10 * shares[1]
    assert errors[1] < 0.9 * errors[0]
