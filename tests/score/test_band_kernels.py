"""The compiled errors that bands learn from, against their plain form."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.score.band_kernels import forecast_errors

FRAMES, PIXELS = 3, 2500  # several blocks of pixels, the last one shorter
SPACING = (2.0, 0.5)


@pytest.mark.parametrize("modes", [0, 1, 4, 6])
def test_errors_are_those_of_rebuilt_fields(modes: int, rng: np.random.Generator) -> None:
    mean, fields = rng.normal(size=2 * PIXELS), rng.normal(size=(modes, 2 * PIXELS))
    weights, harder = rng.normal(size=(FRAMES, modes)), np.array([0.5, 1, 3], np.float32)
    drifts = rng.normal(size=(2, 2 * PIXELS)).astype(np.float32)
    measured = rng.normal(size=(FRAMES, 2 * PIXELS)).astype(np.float32)
    rows = np.array([-1, 1, 0])
    found = forecast_errors(mean, fields, weights, drifts, rows, measured, SPACING, 2.5, harder)
    rebuilt = mean + weights @ fields + np.stack([0 * drifts[0], drifts[1], drifts[0]])
    x, y = np.moveaxis((measured - rebuilt).reshape(FRAMES, PIXELS, 2), 2, 0)
    expected = np.minimum(np.hypot(x * SPACING[1], y * SPACING[0]), 2.5) / harder[:, np.newaxis]
    assert expected.max() == pytest.approx(5)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_frame_without_forecast_has_no_errors_and_a_wild_one_the_largest(
    rng: np.random.Generator,
) -> None:
    def errors(*weights: float) -> NDArray[np.float32]:
        fields, measured = rng.normal(size=(1, 8)), np.zeros((len(weights), 8), np.float32)
        none, harder = np.zeros((0, 8), np.float32), np.ones(len(weights), np.float32)
        own, rows = np.array(weights)[:, np.newaxis], np.full(len(weights), -1)
        return np.asarray(forecast_errors(np.zeros(8), fields, own, none, rows, measured, SPACING, 1e30, harder))

    found = errors(np.nan, 1e250, 0.0)
    assert np.isnan(found[0]).all()
    np.testing.assert_array_equal(found[1:], [[np.float32(1e30)] * 4, [0.0] * 4])
