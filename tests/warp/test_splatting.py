"""The parts of the warp that are computed in an uncommon way equal the plain ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.warp import NARROWEST_SIGMA, splat
from cinecast.warp.splatting import exponentials
from helpers import oracles


@given(st.floats(1e-3, 0.5 / NARROWEST_SIGMA**2))
def test_exponentials_are_those_of_numpy(largest: float) -> None:
    values = np.linspace(-largest, largest, 101)
    expected = np.exp(values)
    exponentials(values, largest)
    # Squaring doubles the relative rounding error each time.
    np.testing.assert_allclose(values, expected, rtol=1e-15 * max(4.0, 16.0 * largest))


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
