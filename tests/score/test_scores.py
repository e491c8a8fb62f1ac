"""Scores of frames and fields, on cases worked out by hand and against the published formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.motion import MotionModel
from cinecast.motion.drift import ForecastMotion
from cinecast.score import (
    cross_correlation,
    geometric_error,
    image_nrmse,
    pixel_distance_mm,
    structural_similarity,
)
from cinecast.score.geometric import forecast_distances
from cinecast.score.image import LikenessTo
from helpers import oracles

REAL = np.array([[1.0, 2.0], [3.0, 6.0]])  # mean 3, squared distances from it 4 + 1 + 0 + 9 = 14


def test_nrmse_of_a_case_by_hand() -> None:
    predicted = np.array([[1.0, 4.0], [3.0, 6.0]])  # off by 2 in one pixel
    assert image_nrmse(predicted, REAL) == pytest.approx(2 / np.sqrt(14))


def test_nrmse_is_zero_for_the_frame_itself_and_one_for_its_mean() -> None:
    assert image_nrmse(REAL, REAL) == 0.0
    assert image_nrmse(np.full((2, 2), 3.0), REAL) == 1.0


def test_nrmse_of_unsigned_pixels_does_not_wrap_around() -> None:
    predicted, real = np.array([[0, 10]], np.uint8), np.array([[10, 0]], np.uint8)
    assert image_nrmse(predicted, real) == pytest.approx(2.0)


def test_correlation_of_a_case_by_hand() -> None:
    predicted = np.array([[0.0, 0.0], [0.0, 4.0]])  # off its mean 1: -1 -1 -1 3; products 2 + 1 + 0 + 9
    assert cross_correlation(predicted, REAL) == pytest.approx(12 / np.sqrt(12 * 14))


@given(gain=st.floats(0.01, 100), offset=st.floats(-1000, 1000), seed=st.integers(0, 9))
def test_correlation_does_not_depend_on_gain_and_offset(gain: float, offset: float, seed: int) -> None:
    a, b = np.random.default_rng(seed).normal(size=(2, 9, 8))
    expected = np.corrcoef(a.ravel(), b.ravel())[0, 1]
    assert cross_correlation(gain * a + offset, b) == pytest.approx(expected, abs=1e-9)
    assert cross_correlation(-a, b) == pytest.approx(-expected, abs=1e-12)
    assert cross_correlation(b, a) == pytest.approx(expected, abs=1e-12)


def test_correlation_of_single_precision_pixels_is_summed_in_double(rng: np.random.Generator) -> None:
    a = (rng.normal(size=(300, 300)) + 1e4).astype(np.float32)
    assert cross_correlation(a, 3 * a.astype(float)) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, 255.0])
def test_against_a_constant_image_nothing_can_be_said(value: float) -> None:
    constant, image = np.full((7, 9), value), np.arange(63.0).reshape(7, 9)
    assert np.isnan(cross_correlation(constant, image))
    assert np.isnan(cross_correlation(image, constant))
    assert np.isnan(image_nrmse(image, constant))
    assert np.isnan(image_nrmse(constant, constant))


@pytest.mark.parametrize("shape", [(11, 11), (12, 30), (40, 33)])
@pytest.mark.parametrize("data_range", [1.0, 255.0, 4095.0])
def test_ssim_is_that_of_wang(shape: tuple[int, int], data_range: float, rng: np.random.Generator) -> None:
    a = rng.uniform(0, data_range, shape)
    b = a + rng.normal(scale=0.1 * data_range, size=shape)
    expected = oracles.ssim(a, b, data_range=data_range)
    assert structural_similarity(a, b, data_range=data_range) == pytest.approx(expected, abs=1e-10)


def test_ssim_is_one_for_the_frame_itself_and_symmetric(rng: np.random.Generator) -> None:
    a, b = rng.uniform(0, 255, (2, 20, 20))
    assert structural_similarity(a, a, data_range=255) == pytest.approx(1.0)
    assert structural_similarity(a, b, data_range=255) == structural_similarity(b, a, data_range=255)


def test_ssim_of_whole_pixels_is_that_of_their_values(rng: np.random.Generator) -> None:
    a, b = rng.integers(0, 256, (2, 20, 20)).astype(np.uint8)
    expected = structural_similarity(a.astype(float), b.astype(float), data_range=255)
    assert structural_similarity(a, b, data_range=255) == expected


@pytest.mark.parametrize("shape", [(10, 40), (40, 10), (3, 3)])
def test_ssim_of_a_region_smaller_than_its_window(shape: tuple[int, int]) -> None:
    assert np.isnan(structural_similarity(np.zeros(shape), np.ones(shape), data_range=255))


def test_distance_scales_x_by_the_columns_and_y_by_the_rows() -> None:
    truth = np.zeros((1, 3, 2))
    forecast = np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 2.0]]])
    distance = pixel_distance_mm(forecast, truth, spacing_mm=(2.0, 3.0))
    np.testing.assert_allclose(distance, [[3.0, 2.0, 5.0]])


def test_distances_of_many_frames_are_those_of_each(rng: np.random.Generator) -> None:
    forecast, truth = rng.normal(size=(2, 4, 5, 6, 2)).astype(np.float32)
    together = pixel_distance_mm(forecast, truth, spacing_mm=(1.5, 1.0))
    assert together.shape == (4, 5, 6)
    assert together.dtype == np.float64
    for t in range(4):
        np.testing.assert_array_equal(together[t], pixel_distance_mm(forecast[t], truth[t], spacing_mm=(1.5, 1.0)))


def test_one_field_is_held_against_many_and_many_against_one(rng: np.random.Generator) -> None:
    many, one = rng.normal(size=(3, 4, 5, 2)), rng.normal(size=(4, 5, 2)).astype(np.float32)
    expected = np.sqrt(((many - one)[..., 0] * 2.0) ** 2 + ((many - one)[..., 1] * 1.5) ** 2)
    for first, second in ((many, one), (one, many)):
        np.testing.assert_allclose(pixel_distance_mm(first, second, spacing_mm=(1.5, 2.0)), expected, rtol=1e-14)


def test_of_a_masked_vector_there_is_no_distance() -> None:
    dvf = np.zeros((1, 3, 2))
    masked = np.ma.MaskedArray(
        [[[3.0, 4.0], [99.0, 0.0], [0.0, 99.0]]], [[[False, False], [True, False], [False, True]]]
    )
    for first, second in ((dvf, masked), (masked, dvf)):
        distance = pixel_distance_mm(first, second, spacing_mm=(1.0, 1.0))
        np.testing.assert_array_equal(distance, [[5.0, np.nan, np.nan]])
    unmasked = np.ma.MaskedArray(masked.data, False)
    np.testing.assert_array_equal(pixel_distance_mm(dvf, unmasked, spacing_mm=(1.0, 1.0)), [[5.0, 99.0, 99.0]])


@pytest.mark.parametrize("spacing_mm", [(0.0, 1.0), (1.0, -1.0), (np.nan, 1.0), (1.0,)])
def test_distances_need_a_spacing(spacing_mm: Any) -> None:
    with pytest.raises(ReadError, match="pixel spacing must be two positive numbers"):
        pixel_distance_mm(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)), spacing_mm=spacing_mm)


def test_distances_go_from_the_first_to_the_last_frame_with_a_forecast(rng: np.random.Generator) -> None:
    modes = rng.normal(size=(2, 3, 4, 2))
    motion = ForecastMotion(MotionModel(rng.normal(size=(3, 4, 2)), modes, np.ones(2)), 1)
    dvf, forecasts = rng.normal(size=(8, 3, 4, 2)), rng.normal(size=(8, 2))
    forecasts[[0, 4, 7]] = np.nan
    forecasts[1, 1] = np.nan  # known in part
    found = dict(forecast_distances(dvf, motion, forecasts, spacing_mm=(1.5, 2.0)))
    assert list(found) == [2, 3, 4, 5, 6]
    for t, distance in found.items():
        off = motion.model.mean + forecasts[t, 0] * modes[0] + forecasts[t, 1] * modes[1] - dvf[t]
        np.testing.assert_allclose(distance, np.hypot(off[..., 0] * 2.0, off[..., 1] * 1.5), rtol=1e-12)
    assert np.isnan(found[4]).all()
    assert not list(forecast_distances(dvf, motion, np.full((8, 2), np.nan), spacing_mm=(1.5, 2.0)))


def test_geometric_error_gives_mean_95th_percentile_and_maximum() -> None:
    error = geometric_error(np.arange(101.0).reshape(1, 101))
    assert error == (50.0, 95.0, 100.0)
    assert (error.mean, error.p95, error.max) == (50.0, 95.0, 100.0)


def nasty_distances(count: int, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    some = rng.random(count - 1)
    return [
        np.sqrt(rng.chisquare(2, count)),
        np.zeros(count),
        np.ones(count),
        rng.integers(0, 3, count).astype(float),
        np.append(np.zeros(count - 1), 5.0),
        np.append(some, 1e200),  # all others are in one bin
        np.append(some * 1e-200, 1.0),
        some.mean() * np.full(count, 1e-310),
        np.append(some, np.inf),
    ]


@pytest.mark.parametrize("count", [2, 3, 16, 17, 40, 999, 5000])
def test_geometric_error_is_numpys_of_any_distances(count: int, rng: np.random.Generator) -> None:
    for values in nasty_distances(count, rng):
        error = geometric_error(rng.permutation(values))
        with np.errstate(invalid="ignore"):
            expected = np.percentile(values, 95)
        if np.isfinite(expected):
            assert error.p95 == pytest.approx(expected, rel=1e-14, abs=0)
        assert error.mean == pytest.approx(values.mean(), rel=1e-13)
        assert error.max == values.max()


def test_geometric_error_of_one_pixel_of_none_and_of_what_is_no_number() -> None:
    assert geometric_error(np.array([2.5])) == (2.5, 2.5, 2.5)
    assert np.isnan(geometric_error(np.array([]))).all()
    assert np.isnan(geometric_error(np.array([1.0, np.nan, 2.0] * 20))).all()


def test_distance_of_wild_vectors_is_their_length() -> None:
    forecast = np.array([[[3e200, 4e200], [1.0, np.nan], [3.0, 4.0]]])
    distance = pixel_distance_mm(forecast, np.zeros((1, 3, 2)), spacing_mm=(1.0, 1.0))
    np.testing.assert_allclose(distance, [[5e200, np.nan, 5.0]])
    distance = pixel_distance_mm(forecast, np.zeros((1, 3, 2)), spacing_mm=(3.0, 4.0))  # columns are 4 mm wide
    np.testing.assert_allclose(distance, [[12e200 * np.sqrt(2), np.nan, 12 * np.sqrt(2)]])


def test_rectangles_are_scored_as_if_each_were_an_image_of_its_own(rng: np.random.Generator) -> None:
    real = rng.integers(0, 900, (60, 50)).astype(np.uint16)
    predicted = (real + rng.integers(0, 90, real.shape)).astype(np.uint16)
    rectangles = [(slice(0, 60), slice(0, 50)), (slice(7, 31), slice(9, 44)), (slice(3, 13), slice(0, 50))]
    found = LikenessTo(real, rectangles, data_range=900)(predicted)
    for rectangle, (similarity, nrmse, correlation) in zip(rectangles, found, strict=True):
        a, b = predicted[rectangle].astype(float), real[rectangle].astype(float)
        whole = min(a.shape) >= 11
        expected = oracles.ssim(a, b, data_range=900) if whole else np.nan
        assert similarity == pytest.approx(expected, abs=1e-10, nan_ok=True)
        assert nrmse == pytest.approx(np.linalg.norm(a - b) / np.linalg.norm(b - b.mean()), rel=1e-12)
        assert correlation == pytest.approx(np.corrcoef(a.ravel(), b.ravel())[0, 1], rel=1e-12)


def test_of_a_rectangle_that_is_constant_nothing_can_be_said(rng: np.random.Generator) -> None:
    real, predicted = rng.normal(size=(2, 40, 50))
    real[2:14, 20:40], predicted[25:38, 5:19] = 3.0, 7.0
    rectangles = [(slice(2, 14), slice(20, 40)), (slice(25, 38), slice(5, 19))]
    found = LikenessTo(real, rectangles, data_range=1.0)(predicted)
    assert np.isnan(found[0, 1:]).all()
    own = real[rectangles[1]]
    assert found[1, 1] == pytest.approx(np.linalg.norm(7.0 - own) / np.linalg.norm(own - own.mean()), rel=1e-12)
    assert np.isnan(found[1, 2])


@pytest.mark.parametrize("score", [image_nrmse, cross_correlation])
def test_scores_leave_the_images_as_they_were(score: Any, rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 9, 9))
    before = a.copy(), b.copy()
    score(a, b)
    np.testing.assert_array_equal(a, before[0])
    np.testing.assert_array_equal(b, before[1])
