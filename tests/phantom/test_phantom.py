"""Laws of the phantom's images, and of images and true deformation together."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from cinecast.phantom.anatomy import LIVER, SAMPLES_PER_PIXEL, make_anatomy
from cinecast.phantom.atlas import pixel_grid
from cinecast.phantom.render import coil_shading, entering_share

CLEAN = PhantomSettings(frame_count=30, noise_level=0, shading=0)
SMALL = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(7.2, 7.2), frame_count=12)


@pytest.fixture(scope="module")
def clean() -> Phantom:
    return make_phantom(CLEAN)


def pulled_back(phantom: Phantom, t: int) -> tuple[np.ndarray, np.ndarray]:
    """Frame t sampled where the true DVF says the tissue of frame 0 went, and where that is inside the frame."""
    points = pixel_grid(CLEAN) + phantom.dvf[t]
    at = [points[..., 1], points[..., 0]]
    height, width = phantom.sequence.frames.shape[1:]
    inside = (at[0] >= 0) & (at[0] <= height - 1) & (at[1] >= 0) & (at[1] <= width - 1)
    return ndimage.map_coordinates(phantom.sequence.frames[t].astype(np.float64), at, order=3, mode="nearest"), inside


def test_same_settings_give_the_same_bytes():
    one, two = make_phantom(SMALL), make_phantom(replace(SMALL))
    assert one.sequence.frames.tobytes() == two.sequence.frames.tobytes()
    assert one.dvf.tobytes() == two.dvf.tobytes()
    assert one.breathing_mm.tobytes() == two.breathing_mm.tobytes()


def test_another_seed_gives_other_breathing_and_another_image():
    one, two = make_phantom(SMALL), make_phantom(replace(SMALL, seed=1))
    assert np.abs(one.breathing_mm - two.breathing_mm).max() > 0.1
    assert np.abs(one.sequence.frames[0].astype(int) - two.sequence.frames[0]).max() > 50


def test_noise_level_leaves_the_breathing_as_it_is():
    one, two = make_phantom(SMALL), make_phantom(replace(SMALL, noise_level=0.1))
    np.testing.assert_array_equal(one.dvf, two.dvf)
    assert (one.sequence.frames != two.sequence.frames).mean() > 0.5


def test_sequence_says_what_later_stages_ask(clean):
    sequence = clean.sequence
    assert sequence.name == "phantom"
    assert sequence.frames.dtype == np.uint16
    assert 1000 < sequence.frames.max() <= 4095
    assert sequence.spacing_mm == (1.8, 1.8)
    assert sequence.frame_period_s == pytest.approx(0.2)
    assert (sequence.split.train_end, sequence.split.validation_end, sequence.split.test_end) == (10, 20, 30)
    assert set(sequence.origins) >= {"frames", "spacing_mm", "roi", "affine"}


def test_roi_holds_the_motion(clean):
    rows, columns = clean.sequence.roi.slices()
    motion = np.linalg.norm(clean.dvf, axis=-1).mean(axis=0)
    assert motion[rows, columns].mean() > 2 * motion.mean()


def test_affine_runs_to_posterior_along_columns_and_to_inferior_along_rows(clean):
    affine = clean.sequence.affine
    np.testing.assert_allclose(affine[:3, 0], [0, -1.8, 0])
    np.testing.assert_allclose(affine[:3, 1], [0, 0, -1.8])
    assert np.linalg.det(affine) > 0
    np.testing.assert_allclose(affine @ [79.5, 95.5, 0, 1], [60, 0, 0, 1], atol=1e-12)


@pytest.mark.parametrize("t", [3, 8, 14, 27])
def test_true_dvf_takes_every_frame_back_to_frame_0(clean, t):
    back, inside = pulled_back(clean, t)
    reference = clean.sequence.frames[0].astype(np.float64)
    assert np.corrcoef(back[inside], reference[inside])[0, 1] > 0.999
    assert np.abs(back - reference)[inside].mean() < 2
    if np.abs(clean.breathing_mm[t, 0]) > 5:
        assert np.corrcoef(clean.sequence.frames[t].ravel(), reference.ravel())[0, 1] < 0.98


def test_a_dvf_that_is_a_fifth_too_small_is_told_from_the_truth(clean):
    """The pull-back test can fail: grain and outlines show an error of a pixel."""
    t = int(clean.breathing_mm[:, 0].argmax())
    wrong = Phantom(clean.sequence, clean.dvf * np.float32(0.8), clean.breathing_mm)
    reference = clean.sequence.frames[0].astype(np.float64)
    right_error, wrong_error = (
        np.abs(back - reference)[inside].mean() for back, inside in (pulled_back(clean, t), pulled_back(wrong, t))
    )
    assert wrong_error > 5 * right_error


def test_a_still_phantom_without_noise_repeats_one_frame():
    still = replace(SMALL, amplitude_mm=0, drift_mm_per_min=0, anterior_posterior_mm=0, cardiac_mm=0, noise_level=0)
    phantom = make_phantom(replace(still, out_of_plane=1))
    assert not phantom.dvf.any()
    assert (phantom.sequence.frames == phantom.sequence.frames[0]).all()


def test_there_is_texture_everywhere_in_the_body(clean):
    """Every 9 x 9 pixel neighbourhood of the body varies by several grey levels, so that flow can be measured."""
    frame = clean.sequence.frames[0].astype(np.float64)
    mean = cv2.blur(frame, (9, 9))
    deviation = np.sqrt(cv2.blur(frame**2, (9, 9)) - mean**2)
    body = ndimage.binary_erosion(ndimage.binary_fill_holes(frame > 300), iterations=4)
    assert 0.4 < body.mean() < 0.7
    assert deviation[body].min() > 4


def test_lung_is_dark_liver_bright_and_air_empty(clean):
    frame = clean.sequence.frames[0]

    def brightness(x_mm, y_mm):
        row, column = round(y_mm / 1.8), round(x_mm / 1.8)
        return np.median(frame[row - 3 : row + 4, column - 3 : column + 4])

    assert brightness(190, 200) < 0.35 * LIVER
    assert brightness(125, 250) == pytest.approx(LIVER, rel=0.35)
    assert brightness(10, 200) == 0


def test_background_noise_is_rayleigh():
    frames = make_phantom(replace(CLEAN, noise_level=0.05)).sequence.frames
    background, sigma = frames[:, :, :12].astype(np.float64), 0.05 * LIVER
    assert background.mean() == pytest.approx(sigma * np.sqrt(np.pi / 2), rel=0.01)
    assert background.std() == pytest.approx(sigma * np.sqrt(2 - np.pi / 2), rel=0.02)


def test_noise_in_bright_tissue_has_the_level_asked(clean):
    noisy = make_phantom(replace(CLEAN, noise_level=0.05)).sequence.frames.astype(np.float64)
    bright = clean.sequence.frames > 500
    assert (noisy - clean.sequence.frames)[bright].std() == pytest.approx(0.05 * LIVER, rel=0.03)


def test_shading_stays_in_the_scanner_while_tissue_moves(clean):
    shaded = make_phantom(replace(CLEAN, shading=0.2)).sequence.frames.astype(np.float64)
    gain = coil_shading(replace(CLEAN, shading=0.2))
    assert np.abs(shaded - clean.sequence.frames * gain).max() <= 1.2
    assert gain.mean() == pytest.approx(1, abs=0.02)
    assert 0.15 < np.ptp(gain) < 0.5


def test_out_of_plane_changes_grey_values_of_moving_tissue_only_and_never_the_dvf(clean):
    leaving = make_phantom(replace(CLEAN, out_of_plane=0.6))
    np.testing.assert_array_equal(leaving.dvf, clean.dvf)
    np.testing.assert_array_equal(leaving.sequence.frames[0], clean.sequence.frames[0])
    t = int(clean.breathing_mm[:, 0].argmax())
    change = np.abs(leaving.sequence.frames[t].astype(int) - clean.sequence.frames[t])
    rows, columns = clean.sequence.roi.slices()
    assert change[rows, columns].mean() > 20
    assert change[:, 125:].max() == 0


def test_entering_share_follows_the_breath_up_to_what_was_asked(clean):
    asked = replace(CLEAN, out_of_plane=0.6)
    share = entering_share(asked, clean.breathing_mm)
    assert share[0] == 0
    assert share.max() <= 0.6
    assert np.corrcoef(share, clean.breathing_mm[:, 0])[0, 1] > 0.9


def test_anatomy_is_continuous_and_reaches_beyond_the_frame():
    anatomy = make_anatomy(SMALL, np.random.default_rng(0))
    edge = -float(anatomy.margin_px)
    column = np.linspace(edge, 39 - edge, 4001, dtype=np.float32)
    line = anatomy(column, np.full_like(column, 30.3))
    assert np.isfinite(line).all()
    steepest = 1450 * SAMPLES_PER_PIXEL
    assert np.abs(np.diff(line)).max() < steepest * (column[1] - column[0])
    # Below the frame lies body, not air, so that tissue can move into view.
    below = anatomy(np.array([20.0], np.float32), np.array([50.0], np.float32))
    assert below[0] > 50


@settings(max_examples=15)
@given(
    phantom_settings=st.builds(
        PhantomSettings,
        rows=st.integers(32, 60),
        columns=st.integers(32, 60),
        pixel_spacing_mm=st.just((10.0, 10.0)),
        frame_count=st.integers(6, 14),
        amplitude_mm=st.floats(0, 15),
        noise_level=st.floats(0, 0.5),
        shading=st.floats(0, 0.3),
        out_of_plane=st.floats(0, 1),
        seed=st.integers(0, 2**63 - 1),
    )
)
@example(PhantomSettings(rows=32, columns=32, pixel_spacing_mm=(10.0, 10.0), frame_count=6, amplitude_mm=5e-324))
def test_every_small_phantom_is_a_valid_sequence(phantom_settings):
    phantom = make_phantom(phantom_settings)
    shape = (phantom_settings.frame_count, phantom_settings.rows, phantom_settings.columns)
    assert phantom.sequence.frames.shape == shape
    assert phantom.sequence.frames.dtype == np.uint16
    assert phantom.sequence.frames.max() <= 4095
    assert phantom.dvf.shape == (*shape, 2)
    assert phantom.dvf.dtype == np.float32
    assert np.isfinite(phantom.dvf).all()
    assert not phantom.dvf[0].any()
    assert phantom.breathing_mm.shape == (phantom_settings.frame_count, 4)
