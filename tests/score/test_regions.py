"""Where motion is scored: masks of the body and of texture, made from the train span alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes, convolve, gaussian_filter

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.score.regions import MASKS, body_mask, masks_of, region_names, regions_of, textured_mask
from cinecast.sequence import Sequence
from helpers.real_frames import frames as real_frames

SMALL = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3.6, 3.6), frame_count=30)


@cache
def phantom(noise: float = 0.0) -> Sequence:
    """Return a phantom whose anatomy is known: tissue is brighter than a tenth of the brightest."""
    return make_phantom(replace(SMALL, noise_level=noise)).sequence


def overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_the_body_of_a_phantom_is_found_at_any_noise(noise: float) -> None:
    clean = phantom().frames[0]
    known = binary_fill_holes(clean > 0.1 * clean.max())  # with the lung, which is darker
    assert overlap(body_mask(phantom(noise).frames[:10]), known) > 0.93


def test_texture_lies_in_the_body_and_not_in_flat_tissue() -> None:
    sequence = phantom(0.02)
    masks = masks_of(sequence, 0)
    assert tuple(masks) == MASKS
    assert 0.2 < masks["textured"].sum() / masks["body"].sum() < 0.9
    assert not (masks["textured"] & ~masks["body"]).any()


def test_texture_is_where_motion_shows_in_both_directions() -> None:
    frame = np.zeros((60, 60))
    frame[:, 10:14] = 100.0  # a bar: motion along it does not show
    frame[38:42, 38:42] = 100.0  # a spot
    found = textured_mask(frame, np.ones(frame.shape, dtype=bool))
    assert found[38:42, 38:42].any()
    assert not found[15:45, 5:20].any()


@settings(max_examples=15)
@given(gain=st.floats(0.01, 500), offset=st.floats(-1000, 30000))
def test_brightness_moves_no_mask(gain: float, offset: float) -> None:
    frames = phantom(0.02).frames[:10].astype(np.float64)
    body = body_mask(frames)
    changed = gain * frames + offset
    # A pixel that lies at the threshold to the last digit may fall to either side of it.
    assert (body_mask(changed) != body).sum() <= 1
    assert (textured_mask(changed[0], body) != textured_mask(frames[0], body)).sum() <= 1


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_no_frame_after_the_train_span_moves_a_mask(seed: int) -> None:
    sequence = phantom(0.02)
    later = sequence.frames.copy()
    later[sequence.split.train_end :] = np.random.default_rng(seed).integers(
        0, 4000, later[sequence.split.train_end :].shape
    )
    for name, mask in masks_of(replace(sequence, frames=later), 3).items():
        np.testing.assert_array_equal(mask, masks_of(sequence, 3)[name])
    within = sequence.frames.copy()
    within[: sequence.split.train_end, :20] = 4000
    assert (masks_of(replace(sequence, frames=within), 3)["body"] != masks_of(sequence, 3)["body"]).any()


def test_what_a_faulty_frame_shows_moves_no_mask() -> None:
    sequence = phantom(0.02)
    end = sequence.split.train_end
    faulty = {2, end - 1, end}  # the last one is none of the train span
    frames = sequence.frames.copy()
    frames[[2, end - 1], :, :30] = 40 * frames.max()
    changed = replace(sequence, frames=frames)
    good = body_mask(sequence.frames[[t for t in range(end) if t not in faulty]])
    found = masks_of(changed, 3, faulty)
    np.testing.assert_array_equal(found["body"], good)
    np.testing.assert_array_equal(found["textured"], textured_mask(sequence.frames[3], good))
    assert (masks_of(changed, 3)["body"] != good).mean() > 0.1


def test_specks_are_no_body_and_holes_belong_to_it() -> None:
    frames = np.zeros((3, 50, 60))
    frames[:, 5:35, 5:45] = 100.0
    frames[:, 15:25, 15:30] = 2.0  # lung
    frames[:, 44:46, 54:56] = 100.0
    found = body_mask(frames)
    assert found[20, 20]
    assert not found[40:, 50:].any()


@pytest.mark.parametrize(("side", "kept"), [(18, False), (21, True)])
def test_a_part_that_is_a_twentieth_of_the_largest_is_body_too(side: int, kept: bool) -> None:
    """An arm beside the trunk of 100 x 100 pixels, that is found with 4.4 or 5.7 % of its size."""
    frame = np.zeros((150, 170))
    frame[20:120, 10:110], frame[40 : 40 + side, 130 : 130 + side] = 100, 100
    frame[60:80, 40:60] = 220  # fat
    assert body_mask(frame[np.newaxis])[50, 138] == kept


def test_a_ghost_in_the_air_is_no_body() -> None:
    """Of three classes the lowest is air with its ghost; of four, the ghost would be one of its own."""
    frame = np.zeros((60, 80))
    frame[:, 32:44], frame[:, 44:68], frame[:, 68:] = 8, 60, 250
    body = body_mask(frame[np.newaxis])
    assert not body[:, :40].any()
    assert body[3:-3, 46:-3].all()


@pytest.mark.parametrize("seed", range(4))
def test_texture_is_the_smaller_eigenvalue_of_the_structure_tensor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = gaussian_filter(rng.normal(100, 40, (50, 40)), rng.uniform(0, 2, 2)) * np.linspace(0.2, 2, 40)
    body = rng.random((50, 40)) < 0.8
    smooth = gaussian_filter(frame, 1.0)
    along = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    x, y = convolve(smooth, along), convolve(smooth, along.T)
    tensor = np.array([[gaussian_filter(one * other, 2.0) for other in (x, y)] for one in (x, y)])
    smaller = np.linalg.eigvalsh(np.moveaxis(tensor, (0, 1), (2, 3)))[..., 0]
    reached = np.percentile(smaller[body], 95) / 10
    certain = np.abs(smaller - reached) > 1e-6 * reached
    assert certain.mean() > 0.99
    expected = body & (smaller >= reached)
    assert 0.1 < expected.mean() < 0.75
    np.testing.assert_array_equal(textured_mask(frame, body)[certain], expected[certain])


def test_images_without_contrast_have_neither() -> None:
    flat = np.full((4, 12, 12), 7)
    body = body_mask(flat)
    assert not body.any()
    assert not textured_mask(flat[0], body).any()
    assert not textured_mask(flat[0], np.ones((12, 12), dtype=bool)).any()


def test_names_are_those_of_rectangles_and_masks() -> None:
    sequence = phantom(0.02)
    assert region_names(sequence) == ("image", "roi", "body", "textured")
    assert region_names(replace(sequence, roi=None)) == ("image", "body", "textured")
    assert list(regions_of(sequence)) == ["image", "roi"]
    pixels = np.arange(96 * 80).reshape(96, 80)
    np.testing.assert_array_equal(pixels[regions_of(sequence)["image"]], pixels)
    assert sequence.roi is not None
    (top, bottom), (left, right) = sequence.roi.rows, sequence.roi.columns
    assert regions_of(sequence)["roi"] == (slice(top, bottom), slice(left, right))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["eth-1", "eth-4", "ovgu-1", "ovgu-7"])
def test_real_bodies_are_whole_and_without_air(shared: Path, name: str) -> None:
    """Seen on pictures: between a third and two thirds of these images, their corners at the front without tissue."""
    frames = real_frames(shared, name)[:90]
    body = body_mask(frames)
    textured = textured_mask(frames[0], body)
    assert 0.3 < body.mean() < 0.65
    assert not body[:10, :10].any()
    assert 0.1 < textured.mean() < 0.7 * body.mean()
