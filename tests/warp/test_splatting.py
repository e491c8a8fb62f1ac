"""The parts of the warp that are computed in an uncommon way equal the plain ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.warp import NARROWEST_SIGMA, splat
from cinecast.warp.kernel_weights import ROW_LANES, kernel_weights
from cinecast.warp.splatting import room_for_sums, splat_sums
from helpers import oracles
from helpers.fused import plus_product


@given(st.floats(1e-3, 0.5 / NARROWEST_SIGMA**2), st.integers(1, 7))
def test_kernel_weights_are_exponentials(precision: float, half: int) -> None:
    fractions, weights = np.linspace(0, 1, 2 * ROW_LANES), np.empty((2 * half, 2 * ROW_LANES))
    kernel_weights(fractions, precision, half, weights)
    places = np.arange(1 - half, half + 1)[:, np.newaxis]
    # Squaring doubles the relative rounding error each time, and each ratio adds its own.
    rtol = 1e-15 * max(4.0, 16.0 * precision) * 4 * half**2
    np.testing.assert_allclose(weights, np.exp(-precision * (places - fractions) ** 2), rtol=rtol, atol=1e-300)


@pytest.mark.parametrize("half_window", [1, 2, 3, 4, 6, 7, 16])
@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (13, 4)])
def test_windows_of_any_width_on_images_of_any_size(
    half_window: int, shape: tuple[int, int], rng: np.random.Generator
) -> None:
    reference, dvf = rng.uniform(1, 255, shape), rng.normal(scale=2 * half_window, size=(*shape, 2))
    expected = oracles.splat(reference, dvf, sigma=0.25 * half_window, half_window=half_window)
    values = splat(reference, dvf, sigma=0.25 * half_window, half_window=half_window)
    np.testing.assert_allclose(values, expected, rtol=1e-11)


def test_vectors_in_single_and_in_double_precision(rng: np.random.Generator) -> None:
    reference, dvf = rng.uniform(1, 255, (20, 30)), rng.normal(size=(20, 30, 2)).astype(np.float32)
    single = splat(reference, dvf, sigma=0.5, half_window=3)
    np.testing.assert_array_equal(single, splat(reference, dvf.astype(np.float64), sigma=0.5, half_window=3))


@pytest.mark.parametrize("column", [-4.0, -3.999, -3.001, -3.0, -2.0, 6.0, 6.001, 7.0, 7.999, 8.0])
def test_a_pixel_at_the_edge_of_what_reaches_the_image(column: float) -> None:
    reference, dvf = np.full((1, 5), 7.0), np.full((1, 5, 2), np.nan)
    dvf[0, 2] = column - 2, 0.0
    expected = oracles.splat(reference, dvf, sigma=0.5, half_window=3)
    np.testing.assert_allclose(splat(reference, dvf, sigma=0.5, half_window=3), expected, rtol=1e-11)


@pytest.mark.parametrize(("half_window", "sigma"), [(1, 0.5), (3, 0.5), (3, 0.2), (4, 1.3)])
@pytest.mark.parametrize("scale", [0.0, 0.4, 3.0, 40.0])
def test_sums_are_those_of_one_pixel_after_another_to_the_bit(
    half_window: int, sigma: float, scale: float, rng: np.random.Generator
) -> None:
    """Whatever pixels are spread together, and where a value is no number."""
    reference, dvf = rng.normal(size=(7, 23)), rng.normal(scale=scale, size=(7, 23, 2))
    reference[2, 5], dvf[3, 4, 0] = np.nan, np.inf
    precision, span = 0.5 / sigma**2, 2 * half_window
    sums = room_for_sums(reference.shape, half_window)
    splat_sums(reference, dvf, precision, half_window, sums)
    expected, weight = np.zeros_like(sums), np.empty((span, ROW_LANES))
    for row, column in np.ndindex(reference.shape):
        x, y = column + dvf[row, column, 0], row + dvf[row, column, 1]
        if not (-half_window - 1 < x < 23 + half_window and -half_window - 1 < y < 7 + half_window):
            continue
        left, top = int(np.floor(x)), int(np.floor(y))
        kernel_weights(np.array([x - left, y - top] * (ROW_LANES // 2)), precision, half_window, weight)
        for i, j in np.ndindex(span, span):
            to = top + half_window + 1 + i, left + half_window + 1 + j
            expected[0][to] = plus_product(expected[0][to], weight[i, 1], weight[j, 0] * reference[row, column])
            expected[1][to] = plus_product(expected[1][to], weight[i, 1], weight[j, 0])
    np.testing.assert_array_equal(sums, expected)
