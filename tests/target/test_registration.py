"""How well a target's own frame is registered at the target: correlations by numpy over pixels that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage  # type: ignore[import-untyped]

from cinecast.frames.masks import Target
from cinecast.target.registration import registered, registration_at
from cinecast.target.still import stands_still

SHAPE, X, Y = (40, 36), 3, -2  # the tissue of the target's own frame, 1, lies so many columns and rows further
FRAMES = np.random.default_rng(5).integers(0, 200, (3, *SHAPE)).astype(np.float64)
FRAMES[1] = np.roll(FRAMES[2], (Y, X), axis=(0, 1))
DVF = np.zeros((3, *SHAPE, 2))
DVF[1] = X, Y
OWN = np.zeros(SHAPE, dtype=bool)
OWN[18:21, 19:22] = True
TARGET = Target("tumour", OWN, 1)
IN_REFERENCE = np.zeros(SHAPE, dtype=bool)
IN_REFERENCE[20:23, 16:19] = True


def around(pixels: int) -> np.ndarray:
    """Return the pixels that lie so many steps along rows and columns from the target in the reference frame."""
    rows, columns = np.nonzero(IN_REFERENCE)
    r, c = np.indices(SHAPE)
    steps = np.abs(r[..., np.newaxis] - rows) + np.abs(c[..., np.newaxis] - columns)
    return np.asarray(steps.min(axis=-1) <= pixels)


def test_where_the_measured_motion_is_right_both_frames_are_alike() -> None:
    assert registration_at(TARGET, FRAMES, 2, DVF) == pytest.approx(1)
    assert registered(TARGET, FRAMES, 2, DVF) == "registered to the reference frame 2 with a correlation of 1.000"
    assert abs(registration_at(TARGET, FRAMES, 2, -DVF)) < 0.3
    assert registration_at(TARGET, -3 * FRAMES + 500, 2, DVF) == pytest.approx(1)


def test_an_offset_of_the_grey_values_is_no_edge_where_the_image_ends() -> None:
    """Of the 5 pixels above and below the target the outermost come from beyond the image: as if from its border."""
    mask = np.zeros(SHAPE, dtype=bool)
    mask[2:4, 10:13] = True
    target, smooth = Target("tumour", mask, 1), np.cumsum(FRAMES, axis=1) / 40
    one, other = (registration_at(target, frames, 2, DVF) for frames in (smooth, smooth + 1000))
    assert one == pytest.approx(other, rel=1e-9)
    rows, columns = np.indices(SHAPE)
    tissue = np.roll(mask, (-Y, -X), axis=(0, 1))
    inside = ndimage.binary_dilation(tissue, iterations=5)
    back = smooth[1, np.clip(rows + Y, 0, 39), np.clip(columns + X, 0, 35)]
    assert one == pytest.approx(np.corrcoef(back[inside], smooth[2][inside])[0, 1], rel=1e-9)


def test_what_counts_is_the_target_and_5_pixels_around_it_in_the_reference_frame() -> None:
    for pixels, changed in ((5, False), (4, True)):
        frames = FRAMES.copy()
        frames[2][~around(pixels)] = 0
        assert (registration_at(TARGET, frames, 2, DVF) < 0.99) == changed
    frames = FRAMES.copy()
    frames[2, 20, 16] += 400
    pixels = around(5)
    expected = np.corrcoef(FRAMES[2][pixels], frames[2][pixels])[0, 1]
    assert registration_at(TARGET, frames, 2, DVF) == pytest.approx(expected)


@pytest.mark.parametrize("constant", [1, 2])
def test_a_constant_frame_is_like_none(constant: int) -> None:
    frames = FRAMES.copy()
    frames[constant] = 7
    assert np.isnan(registration_at(TARGET, frames, 2, DVF))


def test_a_target_that_the_reference_frame_does_not_show_has_no_registration() -> None:
    dvf = DVF.copy()
    dvf[1] = 500, 0
    assert np.isnan(registration_at(TARGET, FRAMES, 2, dvf))


@pytest.mark.parametrize(("farthest_mm", "still"), [(0.0, True), (0.59, True), (0.6, False), (1.0, False)])
def test_half_a_pixel_of_the_finer_axis_is_the_least_that_a_mask_shows(farthest_mm: float, still: bool) -> None:
    assert stands_still(farthest_mm, (2.0, 1.2)) == stands_still(farthest_mm, (1.2, 2.0)) == still
