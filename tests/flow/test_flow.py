"""The flow finds known motions to a stated error in pixels, and depends on nothing it should not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.errors import ReadError, SettingsError
from cinecast.flow import FlowEstimator, estimate_flow, registration_nrmse, translate
from cinecast.flow.pyramid import pyramid_levels
from cinecast.settings import FlowSettings
from helpers.synthetic import endpoint_error, grid, moved, sinusoid, texture, translation

SHAPE = (128, 120)
STILL = translation(0.0, 0.0)
DEFAULT = FlowSettings(reference=0)
PUBLISHED = FlowSettings(
    arithmetic="published", reference=0, levels=3, iterations=3, sigma_init=0.1, sigma_window=2.0, normalisation=0.0
)


def _pair(seed: int = 0, shape: tuple[int, int] = (48, 44)) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return whole-numbered grey values of a texture and of the same moved by about a pixel."""
    grey = texture(np.random.default_rng(seed))
    return np.rint(moved(grey, STILL, shape)), np.rint(moved(grey, translation(0.8, -1.1), shape))


# Measured over seeds 0 to 2: mean 0.04-0.05, 0.11-0.12, 0.19-0.22, 0.06-0.08, 0.11-0.12, 0.16-0.20 px.
@pytest.mark.parametrize(
    ("field", "mean_px", "max_px"),
    [
        pytest.param(translation(0.3, -0.45), 0.08, 0.4, id="sub-pixel shift"),
        pytest.param(translation(2.5, -1.5), 0.16, 1.3, id="shift of 2.9 px"),
        pytest.param(translation(3.0, -4.0), 0.3, 2.8, id="shift of 5 px"),
        pytest.param(sinusoid(1.0, 60), 0.12, 0.6, id="wave of 1 px"),
        pytest.param(sinusoid(3.0, 90), 0.17, 1.4, id="wave of 3 px"),
        pytest.param(sinusoid(5.0, 120), 0.28, 2.4, id="wave of 5 px"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_known_motion_is_found_within_pixels(field: Any, mean_px: float, max_px: float, seed: int) -> None:
    grey = texture(np.random.default_rng(seed))
    estimator = FlowEstimator(moved(grey, STILL, SHAPE), DEFAULT)
    error = endpoint_error(estimator(moved(grey, field, SHAPE)), field(*grid(SHAPE)), margin=12)
    assert error.mean() < mean_px
    assert error.max() < max_px


def test_more_iterations_settle_instead_of_running_away() -> None:
    grey, field = texture(np.random.default_rng(0)), translation(3.0, -4.0)
    reference, frame = moved(grey, STILL, SHAPE), moved(grey, field, SHAPE)
    errors = [
        endpoint_error(FlowEstimator(reference, replace(DEFAULT, iterations=n))(frame), field(*grid(SHAPE)), 12).mean()
        for n in (1, 2, 5, 10, 20)
    ]
    assert errors[-1] < 1.02 * min(errors)
    assert errors[-1] < 0.04


def test_the_pyramid_is_what_finds_large_motion() -> None:
    grey, field = texture(np.random.default_rng(0)), translation(3.0, -4.0)
    reference, frame = moved(grey, STILL, SHAPE), moved(grey, field, SHAPE)
    one, three = (
        endpoint_error(FlowEstimator(reference, replace(DEFAULT, levels=n))(frame), field(*grid(SHAPE)), 12).mean()
        for n in (1, 3)
    )
    assert three < 0.1 * one


def test_flow_explains_the_frame_better_than_standing_still() -> None:
    reference, frame = _pair()
    dvf = FlowEstimator(reference, DEFAULT)(frame)
    inner = slice(4, -4)  # tissue that leaves the frame cannot be compared
    back, still = translate(frame, dvf)[inner, inner], frame[inner, inner]
    target = reference[inner, inner]
    assert np.linalg.norm(target - back) < 0.2 * np.linalg.norm(target - still)


@pytest.mark.parametrize("settings", [DEFAULT, PUBLISHED], ids=["default", "published"])
def test_a_frame_like_the_reference_has_zero_flow(settings: FlowSettings) -> None:
    reference, _ = _pair()
    assert not FlowEstimator(reference, settings)(reference.copy()).any()


@given(scale=st.floats(1e-3, 1e4), seed=st.integers(0, 3))
def test_default_flow_does_not_depend_on_the_unit_of_intensity(scale: float, seed: int) -> None:
    reference, frame = _pair(seed)
    expected = FlowEstimator(reference, DEFAULT)(frame)
    # Grey values are rounded to single precision, differently in every unit: measured 1.2e-6 px.
    np.testing.assert_allclose(FlowEstimator(reference * scale, DEFAULT)(frame * scale), expected, atol=1e-5)


@pytest.mark.parametrize("unit", [1e-300, 1e-30, 1e30, 1e300])
def test_default_flow_in_units_that_single_precision_cannot_hold(unit: float) -> None:
    reference, frame = _pair()
    expected = FlowEstimator(reference, DEFAULT)(frame)
    np.testing.assert_allclose(FlowEstimator(reference * unit, DEFAULT)(frame * unit), expected, atol=1e-5)


def test_a_frame_brighter_than_any_number_in_single_precision_has_a_finite_flow() -> None:
    reference, frame = _pair()
    frame[10, 12] = 1e300
    assert np.isfinite(FlowEstimator(reference, DEFAULT).stored(frame)).all()


@given(exponent=st.integers(-20, 20))
def test_scaling_by_a_power_of_two_leaves_every_bit(exponent: int) -> None:
    reference, frame = _pair()
    scaled = FlowEstimator(np.ldexp(reference, exponent), DEFAULT)(np.ldexp(frame, exponent))
    np.testing.assert_array_equal(scaled, FlowEstimator(reference, DEFAULT)(frame))


def test_published_flow_does_depend_on_the_unit_which_is_why_it_is_a_setting() -> None:
    reference, frame = _pair()
    as_8_bit = FlowEstimator(reference, PUBLISHED)(frame)
    as_fraction = FlowEstimator(reference / 255, PUBLISHED)(frame / 255)
    assert np.abs(as_8_bit - as_fraction).max() > 0.5


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, ">u2"])
def test_the_type_of_the_pixels_does_not_matter(dtype: Any) -> None:
    reference, frame = _pair()
    dvf = FlowEstimator(reference.astype(dtype), DEFAULT)(frame.astype(dtype))
    np.testing.assert_array_equal(dvf, FlowEstimator(reference, DEFAULT)(frame))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_published_flow_takes_bytes_as_floating_point(dtype: Any) -> None:
    reference, frame = _pair()
    dvf = FlowEstimator(reference.astype(dtype), PUBLISHED)(frame.astype(dtype))
    np.testing.assert_array_equal(dvf, FlowEstimator(reference, PUBLISHED)(frame))


def test_the_memory_order_of_the_pixels_does_not_matter() -> None:
    reference, frame = _pair()
    dvf = FlowEstimator(np.asfortranarray(reference), PUBLISHED)(np.repeat(frame, 2, axis=1)[:, ::2])
    np.testing.assert_array_equal(dvf, FlowEstimator(reference, PUBLISHED)(frame))


def test_the_flow_of_a_frame_does_not_depend_on_the_other_frames(rng: np.random.Generator) -> None:
    reference, frame = _pair()
    together = list(estimate_flow(np.stack([reference, rng.normal(size=frame.shape), frame]), DEFAULT))
    alone = list(estimate_flow(np.stack([reference, frame]), DEFAULT))
    np.testing.assert_array_equal(together[2], alone[1])


def test_fields_come_in_order_single_precision_and_zero_for_the_reference() -> None:
    reference, frame = _pair()
    fields = list(estimate_flow(np.stack([frame, reference, frame]), replace(DEFAULT, reference=1)))
    assert [field.dtype for field in fields] == [np.float32] * 3
    assert not fields[1].any()
    np.testing.assert_array_equal(fields[0], fields[2])
    np.testing.assert_array_equal(fields[0], FlowEstimator(reference, DEFAULT)(frame).astype(np.float32))


@pytest.mark.parametrize("shape", [(33, 47), (50, 38), (17, 64), (16, 16)])
@pytest.mark.parametrize("settings", [DEFAULT, PUBLISHED], ids=["default", "published"])
def test_sizes_that_the_pyramid_does_not_divide(shape: tuple[int, int], settings: FlowSettings) -> None:
    reference, frame = _pair(shape=shape)
    dvf = FlowEstimator(reference, settings)(frame)
    assert dvf.shape == (*shape, 2)
    assert np.isfinite(dvf).all()


@pytest.mark.parametrize("ridge", [0.0, 0.02, 0.1])
def test_constant_regions_hardly_move(ridge: float) -> None:
    reference, frame = _pair()
    reference[:20] = frame[:20] = 0.1
    dvf = FlowEstimator(reference, replace(DEFAULT, ridge=ridge))(frame)
    assert np.isfinite(dvf).all()
    if ridge > 0:  # without one, nothing holds back what the texture below leaves in the local mean
        assert np.abs(dvf[:5]).max() < 1.6  # the motion of the texture itself is 1.4 px


def test_an_image_that_varies_along_one_axis_only_has_no_flow_along_the_other() -> None:
    _, y = grid((90, 90))
    reference, frame = 50 + 20 * np.sin(y / 4), 50 + 20 * np.sin((y - 1) / 4)
    inner = slice(40, 50)
    dvf = FlowEstimator(reference, replace(DEFAULT, levels=1, ridge=0.0))(frame)[inner, inner]
    np.testing.assert_allclose(dvf[..., 0], 0, atol=1e-6)
    np.testing.assert_allclose(dvf[..., 1].mean(), 1, atol=0.1)


@pytest.mark.parametrize("settings", [DEFAULT, PUBLISHED], ids=["default", "published"])
def test_frames_are_left_as_they_were(settings: FlowSettings) -> None:
    reference, frame = _pair()
    before = reference.copy(), frame.copy()
    FlowEstimator(reference, settings)(frame)
    np.testing.assert_array_equal(reference, before[0])
    np.testing.assert_array_equal(frame, before[1])


def test_an_estimator_keeps_nothing_of_the_frames_it_saw() -> None:
    reference, frame = _pair()
    estimator = FlowEstimator(reference, DEFAULT)
    first = estimator(frame)
    estimator(frame[::-1])
    np.testing.assert_array_equal(estimator(frame), first)


def test_threads_that_share_an_estimator_do_not_disturb_each_other() -> None:
    reference, frame = _pair(shape=(120, 100))
    frames = np.stack([reference, *(np.roll(frame, shift, axis=0) for shift in range(12))])
    with ThreadPoolExecutor(4) as pool:
        together = list(estimate_flow(frames, DEFAULT, apply=pool.map))
    np.testing.assert_array_equal(together, list(estimate_flow(frames, DEFAULT)))


def test_more_levels_than_the_frames_have_pixels_for() -> None:
    with pytest.raises(SettingsError, match=r"flow\.levels must leave 4 pixels .* got 5 levels for frames of 48 x 44"):
        FlowEstimator(_pair()[0], replace(DEFAULT, levels=5))


@pytest.mark.parametrize(
    ("shape", "levels"), [((7, 90), 1), ((15, 15), 1), ((16, 40), 2), ((40, 31), 2), ((32, 90), 3), ((256, 255), 5)]
)
def test_as_many_levels_as_leave_8_pixels_along_the_shorter_side(shape: tuple[int, int], levels: int) -> None:
    assert pyramid_levels(shape, FlowSettings(levels="auto")) == levels


def test_a_reference_beyond_the_last_frame() -> None:
    with pytest.raises(SettingsError, match=r"flow\.reference must be at most 1, the last frame, got 2"):
        estimate_flow(np.stack(_pair()), replace(DEFAULT, reference=2))


def test_a_frame_of_another_size() -> None:
    estimator = FlowEstimator(_pair()[0], DEFAULT)
    with pytest.raises(ReadError, match=r"as large as the reference frame, 48 x 44, got shape \(48, 40\)"):
        estimator(np.zeros((48, 40)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_frame_with_pixels_that_are_not_finite(value: float) -> None:
    reference, frame = _pair()
    frame[3, 4] = value
    with pytest.raises(ReadError, match="pixels must be finite numbers, got NaN or infinity"):
        FlowEstimator(reference, DEFAULT)(frame)


def test_translate_by_whole_pixels_shifts_and_fills_with_zero() -> None:
    frame = np.arange(1.0, 21.0).reshape(4, 5)
    dvf = np.broadcast_to([1.0, -1.0], (4, 5, 2))
    expected = np.zeros((4, 5))
    expected[1:, :4] = frame[:3, 1:]
    np.testing.assert_array_equal(translate(frame, dvf), expected)
    np.testing.assert_array_equal(translate(np.asfortranarray(frame), np.asfortranarray(dvf)), expected)


def test_translate_refuses_a_field_of_another_size() -> None:
    with pytest.raises(ValueError, match=r"dvf must have shape \(4, 5, 2\) like the frame, got \(4, 4, 2\)"):
        translate(np.zeros((4, 5)), np.zeros((4, 4, 2)))


def test_registration_error_is_one_when_the_frame_shows_the_mean() -> None:
    reference = np.array([[0.0, 2.0], [4.0, 6.0]])
    assert registration_nrmse(reference, np.full((2, 2), 3.0), np.zeros((2, 2, 2))) == 1.0


def test_registration_error_against_a_constant_reference_is_not_a_number() -> None:
    assert np.isnan(registration_nrmse(np.full((4, 4), 0.1), np.zeros((4, 4)), np.zeros((4, 4, 2))))
