"""The compiled loops and filters of the flow equal plain numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from cinecast.flow import FlowEstimator, translate
from cinecast.flow.filters import gaussian_kernel, scharr_gradient, smooth
from cinecast.flow.kernels import (
    MARGIN,
    add_increment,
    invert_normal_matrices,
    residual_moments,
    surround,
    to_finer_level,
)
from cinecast.flow.normalisation import FLOOR, block_means, normalise
from cinecast.settings import FlowSettings
from helpers import oracles
from helpers.synthetic import moved, texture, translation

Array = NDArray[np.float64]

coordinates = st.one_of(
    st.floats(-12, 12), st.integers(-12, 12).map(float), st.sampled_from([np.nan, np.inf, -np.inf, 1e6, -1e300])
)


@given(dvf=arrays(np.float64, (5, 6, 2), elements=coordinates))
def test_pulling_back_is_bilinear_with_zeros_outside(dvf: Any) -> None:
    frame = np.random.default_rng(5).uniform(1, 255, (5, 6))
    np.testing.assert_allclose(translate(frame, dvf), oracles.pulled_back(frame, dvf), atol=1e-12)


@given(dvf=arrays(np.float64, (5, 6, 2), elements=coordinates))
def test_residual_moments_are_gradient_times_difference(dvf: Any) -> None:
    reference, frame, gradient_x, gradient_y = np.random.default_rng(5).normal(size=(4, 5, 6))
    difference = reference - oracles.pulled_back(frame, dvf)
    surrounded = np.zeros((5 + 2 * MARGIN, 6 + 2 * MARGIN))
    surround(frame, surrounded)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 3e-5)):
        out = np.empty((5, 6, 2), dtype)
        with np.errstate(over="ignore"):  # -1e300 becomes infinite
            given = [array.astype(dtype) for array in (reference, surrounded, dvf, gradient_x, gradient_y)]
        residual_moments(*given, out, False)
        np.testing.assert_allclose(out[..., 0], gradient_x * difference, atol=tolerance)
        np.testing.assert_allclose(out[..., 1], gradient_y * difference, atol=tolerance)


def _inverses(matrices: Any, limit: float) -> Any:
    xx, xy, yy = (np.ascontiguousarray(matrices[..., i, j]) for i, j in ((0, 0), (0, 1), (1, 1)))
    a, b, c = invert_normal_matrices(xx, xy, yy, limit, 1e-12)
    return np.stack([np.stack([a, b], axis=-1), np.stack([b, c], axis=-1)], axis=-2)


def test_singular_normal_matrices_are_pseudo_inverted(rng: np.random.Generator) -> None:
    vectors = np.concatenate([rng.integers(-9, 10, (6, 8, 2)).astype(float), np.zeros((1, 8, 2))])
    matrices = vectors[..., :, None] * vectors[..., None, :]
    expected = np.linalg.pinv(matrices, hermitian=True)
    np.testing.assert_allclose(_inverses(matrices, 1e-3), expected, atol=1e-12)


def test_regular_normal_matrices_are_inverted(rng: np.random.Generator) -> None:
    roots = rng.normal(size=(6, 8, 2, 2))
    matrices = roots @ roots.swapaxes(-1, -2) + 0.01 * np.eye(2)
    np.testing.assert_allclose(_inverses(matrices, 1e-3), np.linalg.inv(matrices), rtol=1e-8)


def test_a_small_determinant_that_is_not_zero_gets_the_plain_inverse() -> None:
    matrices = np.array([[[[1e-3, 0.0], [0.0, 1e-3]]]])
    np.testing.assert_allclose(_inverses(matrices, 1e-3), np.linalg.inv(matrices), rtol=1e-12)


@pytest.mark.parametrize(("limit", "along_y"), [(1e-3, 1e4), (np.inf, 0.0)])
def test_a_matrix_of_rank_one_but_for_rounding_is_so_only_up_to_the_limit(limit: float, along_y: float) -> None:
    matrices = np.array([[[[1e9, 0.0], [0.0, 1e-4]]]])  # of a determinant of 1e5
    found = _inverses(matrices, limit)[0, 0]
    np.testing.assert_allclose(found, [[1e-9, 0], [0, along_y]], rtol=1e-6, atol=1e-20)


def test_increment_is_the_matrix_product_and_zero_on_the_border(rng: np.random.Generator) -> None:
    flow, matrices, moments = rng.normal(size=(6, 7, 2)), rng.normal(size=(3, 6, 7)), rng.normal(size=(6, 7, 2))
    expected = flow.copy()
    expected[..., 0] += matrices[0] * moments[..., 0] + matrices[1] * moments[..., 1]
    expected[..., 1] += matrices[1] * moments[..., 0] + matrices[2] * moments[..., 1]
    expected[[0, -1]] = 0
    expected[:, [0, -1]] = 0
    add_increment(flow, matrices[0], matrices[1], matrices[2], moments)
    np.testing.assert_allclose(flow, expected, atol=1e-14)


@pytest.mark.parametrize("shape", [(6, 8), (5, 7)])
def test_the_finer_level_starts_from_twice_the_coarser_motion(shape: tuple[int, int]) -> None:
    coarse = np.random.default_rng(0).normal(size=(3, 4, 2))
    finer = to_finer_level(coarse, *shape)
    i, j = np.indices(shape)
    np.testing.assert_array_equal(finer, 2 * coarse[i // 2, j // 2])


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-11), (np.float32, 1e-4)])
@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0, 3.3])
def test_smoothing_is_the_gaussian_of_the_published_window(
    sigma: float, dtype: Any, tolerance: float, rng: np.random.Generator
) -> None:
    image = rng.uniform(0, 255, (20, 17)).astype(dtype)
    smoothed = smooth(image, sigma)
    assert smoothed.dtype == dtype
    np.testing.assert_allclose(smoothed, oracles.gaussian(image.astype(np.float64), sigma), atol=tolerance)
    assert len(gaussian_kernel(sigma)) == 2 * np.ceil(2 * sigma) + 1


def test_smoothing_by_a_tenth_of_a_pixel_is_the_identity(rng: np.random.Generator) -> None:
    image = rng.uniform(0, 255, (20, 17))
    np.testing.assert_array_equal(smooth(image, 0.1), image)


def test_gradient_is_that_of_scharr_with_zero_padding(rng: np.random.Generator) -> None:
    image = rng.uniform(0, 255, (12, 9))
    np.testing.assert_allclose(scharr_gradient(image), oracles.scharr(image), atol=1e-12)


def test_gradient_of_a_ramp_is_its_slope() -> None:
    y, x = np.mgrid[:9, :9].astype(float)
    along_x, along_y = scharr_gradient(3 * x - 2 * y)
    np.testing.assert_allclose(along_x[1:-1, 1:-1], 3)
    np.testing.assert_allclose(along_y[1:-1, 1:-1], -2)


def _whole_numbers(shift: tuple[float, float]) -> Array:
    grey = moved(texture(np.random.default_rng(7)), translation(*shift), (41, 37))
    image: Array = np.rint(grey)
    image[:12, :12] = 7  # no gradient at all: the pseudo-inverse of nothing
    return image


@pytest.mark.parametrize(("levels", "iterations"), [(1, 1), (2, 1), (3, 2)])
def test_the_published_flow_equals_the_plain_form(levels: int, iterations: int) -> None:
    reference, frame = _whole_numbers((0.0, 0.0)), _whole_numbers((0.7, -0.4))
    settings = FlowSettings(levels=levels, iterations=iterations, arithmetic="published")
    expected = oracles.published_flow(reference, frame, settings, levels)
    np.testing.assert_allclose(FlowEstimator(reference, settings)(frame), expected, atol=1e-9)


# Single precision: measured 3e-6 px; double, without a ridge: 1e-11.
@pytest.mark.parametrize(("ridge", "tolerance"), [(0.02, 2e-5), (1e-4, 1e-9)])
@pytest.mark.parametrize(
    ("levels", "iterations", "finest", "shift"),
    [(1, 1, 1, (0.7, -0.4)), (2, 1, 2, (-0.7, 0.4)), (3, 2, 1, (0.7, -0.4))],  # out of either side of an odd size
)
def test_the_default_flow_equals_the_plain_form(
    levels: int, iterations: int, finest: int, shift: tuple[float, float], ridge: float, tolerance: float
) -> None:
    reference, frame = _whole_numbers((0.0, 0.0)), _whole_numbers(shift)
    settings = FlowSettings(levels=levels, iterations=iterations, finest_iterations=finest, ridge=ridge)
    freed = [normalise(image, settings.normalisation).astype(np.float64) for image in (reference, frame)]
    expected = oracles.cell_flow(freed[0], freed[1], settings, levels)
    np.testing.assert_allclose(FlowEstimator(reference, settings)(frame), expected, atol=tolerance)


@pytest.mark.parametrize(("sigma", "tolerance"), [(1.5, 1e-4), (10.0, 0.12)])
def test_normalisation_is_that_of_plain_gaussians(sigma: float, tolerance: float, rng: np.random.Generator) -> None:
    image = oracles.gaussian(rng.normal(size=(120, 116)), 1.5) + 5
    rest = image - oracles.gaussian(image, sigma)
    deviation = np.sqrt(oracles.gaussian(rest**2, sigma))
    expected = rest / np.sqrt(deviation**2 + (FLOOR * deviation.mean()) ** 2)
    inner = slice(24, -24)  # at the edges, blocks and pixels are replicated at other places
    np.testing.assert_allclose(normalise(image, sigma)[inner, inner], expected[inner, inner], atol=tolerance)


def test_blocks_at_the_far_edges_are_narrower(rng: np.random.Generator) -> None:
    image, means = rng.normal(size=(7, 11)).astype(np.float32), np.empty((3, 4), np.float32)
    block_means(image, 3, means)
    wanted = [[image[i : i + 3, j : j + 3].mean() for j in (0, 3, 6, 9)] for i in (0, 3, 6)]
    np.testing.assert_allclose(means, wanted, rtol=1e-5, atol=1e-6)
