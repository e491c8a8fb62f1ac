"""The splat equals its plain form, stays within the grey values it mixes, and survives wild vectors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from cinecast.motion import ForecastMotion, MotionModel
from cinecast.settings import WarpSettings
from cinecast.warp import black_of, splat, warp
from cinecast.warp.predicted import PredictedFrames
from helpers import oracles
from helpers.synthetic import moved, texture, translation

DEFAULT = WarpSettings()
vectors = st.one_of(st.floats(-9, 9), st.sampled_from([np.nan, np.inf, -np.inf, 1e6, -1e6, 1e300, -0.5, 3.0]))


def _image(shape: tuple[int, int] = (40, 36)) -> NDArray[np.float64]:
    return moved(texture(np.random.default_rng(3)), translation(0.0, 0.0), shape)


@given(
    dvf=arrays(np.float64, (6, 7, 2), elements=vectors),
    sigma=st.sampled_from([0.3, 0.5, 1.0, 2.5]),
    half_window=st.integers(1, 5),
)
def test_splat_equals_the_plain_form(dvf: Any, sigma: float, half_window: int) -> None:
    reference = np.random.default_rng(9).uniform(0, 255, (6, 7))
    expected = oracles.splat(reference, dvf, sigma=sigma, half_window=half_window)
    np.testing.assert_allclose(splat(reference, dvf, sigma=sigma, half_window=half_window), expected, atol=1e-8)


@given(
    dvf=arrays(np.float64, (6, 7, 2), elements=vectors),
    sigma=st.sampled_from([1e-3, 0.04, 0.3, 0.5, 5.0]),
    half_window=st.sampled_from([1, 3, 16]),
)
def test_grey_values_are_mixtures_of_those_of_the_reference(dvf: Any, sigma: float, half_window: int) -> None:
    reference = np.random.default_rng(9).uniform(50, 60, (6, 7))
    values = splat(reference, dvf, sigma=sigma, half_window=half_window)
    landed = values[values != 0]
    assert (landed >= reference.min() * (1 - 1e-12)).all()
    assert (landed <= reference.max() * (1 + 1e-12)).all()


def test_a_constant_image_stays_constant_wherever_pixels_land(rng: np.random.Generator) -> None:
    values = splat(np.full((20, 20), 7.0), rng.normal(size=(20, 20, 2)), sigma=0.5, half_window=3)
    np.testing.assert_allclose(values, 7.0)


def test_no_motion_smooths_a_little() -> None:
    """The kernel does not interpolate: its centre holds 62 % of the weight, 1 / (1 + 2 exp(-2) + ...) squared."""
    point = np.zeros((15, 15))
    point[7, 7] = 1.0
    taps = np.exp(-2.0 * np.arange(-2, 4) ** 2)
    values = splat(point, np.zeros((15, 15, 2)), sigma=0.5, half_window=3)
    np.testing.assert_allclose(values[7, 7], 1 / taps.sum() ** 2)
    np.testing.assert_allclose(values.sum(), 1)


def test_no_motion_leaves_a_smooth_image_within_a_grey_level_and_a_narrow_kernel_every_bit() -> None:
    image, still = _image(), np.zeros((40, 36, 2))
    inner = (slice(4, -4), slice(4, -4))
    assert 0.01 < np.abs(splat(image, still, sigma=0.5, half_window=3) - image)[inner].max() < 2.0
    np.testing.assert_allclose(splat(image, still, sigma=0.04, half_window=3), image, rtol=1e-12)


@pytest.mark.parametrize("shift", [(3, 0), (0, -2), (-4, 5)])
def test_a_whole_shift_moves_the_unmoved_warp(shift: tuple[int, int]) -> None:
    image = _image()
    still = splat(image, np.zeros((40, 36, 2)), sigma=0.5, half_window=3)
    shifted = splat(image, np.broadcast_to(np.array(shift, float), (40, 36, 2)), sigma=0.5, half_window=3)
    inner = (slice(9, -9), slice(9, -9))
    np.testing.assert_allclose(np.roll(still, shift[::-1], axis=(0, 1))[inner], shifted[inner], rtol=1e-13)


def test_tissue_arrives_where_the_vector_points() -> None:
    point = np.zeros((15, 15))
    point[4, 5] = 1.0
    values = splat(point, np.broadcast_to([2.0, 6.0], (15, 15, 2)), sigma=0.5, half_window=3)
    assert np.unravel_index(values.argmax(), values.shape) == (10, 7)


@pytest.mark.parametrize("wild", [1e6, -1e6, 1e300, np.inf, -np.inf, np.nan])
def test_a_wild_vector_lands_nowhere_and_harms_no_other(wild: float) -> None:
    image, dvf = _image((12, 12)), np.zeros((12, 12, 2))
    dvf[5, 6, 1] = wild
    expected = oracles.splat(image, dvf, sigma=0.5, half_window=3)
    np.testing.assert_allclose(splat(image, dvf, sigma=0.5, half_window=3), expected, rtol=1e-12)


def test_where_nothing_lands_the_frame_is_zero() -> None:
    values = warp(np.full((20, 20), 9, np.uint8), np.broadcast_to([12.0, 0.0], (20, 20, 2)), DEFAULT)
    assert not values[:, :9].any()
    assert (values[:, 12:] == 9).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("arithmetic", ["unit_free", "published"])
def test_the_type_of_the_pixels_is_kept(dtype: Any, arithmetic: Any) -> None:
    image = _image().astype(dtype)
    assert warp(image, np.zeros((40, 36, 2)), WarpSettings(arithmetic=arithmetic)).dtype == dtype


def test_whole_grey_values_are_rounded_and_fractions_kept(rng: np.random.Generator) -> None:
    image, dvf = _image(), rng.normal(size=(40, 36, 2))
    whole = np.rint(image).astype(np.uint8)
    np.testing.assert_array_equal(warp(whole, dvf, DEFAULT), np.rint(splat(whole, dvf, sigma=0.5, half_window=3)))
    np.testing.assert_array_equal(warp(image, dvf, DEFAULT), splat(image, dvf, sigma=0.5, half_window=3))


def test_published_arithmetic_floors(rng: np.random.Generator) -> None:
    image, dvf = _image(), rng.normal(size=(40, 36, 2))
    expected = np.floor(oracles.splat(image, dvf, sigma=0.5, half_window=3) + 1e-9)
    np.testing.assert_array_equal(warp(image, dvf, WarpSettings(arithmetic="published")), expected)


@pytest.mark.parametrize("arithmetic", ["unit_free", "published"])
@pytest.mark.parametrize(("dtype", "greatest"), [(np.uint8, 255), (np.uint16, 65535), (np.int16, -32768)])
def test_extreme_grey_values_do_not_wrap_around(
    dtype: Any, greatest: int, arithmetic: Any, rng: np.random.Generator
) -> None:
    image, dvf = np.full((20, 20), greatest, dtype), rng.uniform(-1, 1, (20, 20, 2))
    assert (warp(image, dvf, WarpSettings(arithmetic=arithmetic)) == greatest).all()


def test_neither_the_reference_nor_the_field_is_changed(rng: np.random.Generator) -> None:
    image, dvf = _image(), rng.normal(size=(40, 36, 2)).astype(np.float32)
    before = image.copy(), dvf.copy()
    warp(image, dvf, DEFAULT)
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(dvf, before[1])


def test_a_field_of_another_size() -> None:
    with pytest.raises(ValueError, match=r"dvf must have shape \(8, 9, 2\) like the reference, got \(9, 8, 2\)"):
        warp(np.zeros((8, 9)), np.zeros((9, 8, 2)), DEFAULT)


def test_what_nothing_lands_at_is_black_also_where_grey_values_are_below_0() -> None:
    """Of frames of mean 0, or with an offset, 0 is a grey: it would look like tissue."""
    image = np.random.default_rng(2).integers(0, 900, (20, 24)).astype(np.int16)
    image[3, 4] = 0
    away = np.full((20, 24, 2), (6.0, 0.0))
    moved = warp(image, away, DEFAULT)
    assert (moved[:, :3] == 0).all()
    np.testing.assert_array_equal(warp(image - 500, away, DEFAULT), moved - 500)
    published = replace(DEFAULT, arithmetic="published")
    assert (warp(image - 500, away, published)[:, :3] == 0).all()


def test_a_frame_without_a_forecast_is_black(rng: np.random.Generator) -> None:
    """Of a mean of 0, as some exports have them, black is the lowest value and not a grey in the middle."""
    reference = rng.normal(size=(12, 10))
    model = MotionModel(np.zeros((12, 10, 2)), rng.normal(size=(1, 12, 10, 2)), np.ones(1))
    forecasts = np.array([[np.nan], [0.3], [np.nan]])
    frames = PredictedFrames(reference, ForecastMotion(model, 1), forecasts, range(1, 3), DEFAULT)
    assert frames.known.tolist() == [True, False]
    np.testing.assert_array_equal(frames[0], warp(reference, 0.3 * model.modes[0], DEFAULT))
    np.testing.assert_array_equal(frames[1], np.full((12, 10), reference.min()))
    np.testing.assert_array_equal(frames.stacked(), [frames[0], frames[1]])


def test_without_values_below_0_black_is_0() -> None:
    image = np.full((20, 24), 70.0)
    assert (warp(image, np.full((20, 24, 2), (6.0, 0.0)), DEFAULT)[:, :3] == 0).all()
    assert black_of(image, DEFAULT) == 0
    assert black_of(image - 90, DEFAULT) == -20
