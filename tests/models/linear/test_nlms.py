"""Normalised least mean squares against its formula written out, and what the normalisation is for."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast_models import METHODS, ForecastingError, method_settings
from cinecast_models.forecaster import Array
from cinecast_models.linear.nlms import Nlms
from cinecast_models.windows import histories
from helpers.pairs import pair


def nlms(learning_rate: float, components: int = 2) -> Nlms:
    settings = method_settings("nlms", {"history_length": 3, "learning_rate": learning_rate})
    forecaster = METHODS["nlms"].create(settings, components=components, runs=1, seed=0)
    assert isinstance(forecaster, Nlms)
    return forecaster


def test_it_is_the_formula(rng: np.random.Generator) -> None:
    series = rng.normal(size=(60, 2)).cumsum(axis=0)
    forecaster, weights = nlms(0.3), np.zeros((2, 7))
    for history, target in zip(histories(series, 3)[:-1], series[3:], strict=True):
        inputs = np.array([1.0, *history[0], *history[1], *history[2]])
        np.testing.assert_allclose(forecaster.predict(history[None])[0], weights @ inputs, rtol=1e-10, atol=1e-12)
        for row in range(2):
            error = target[row] - sum(weights[row] * inputs)
            weights[row] += 0.3 * error * inputs / sum(inputs**2)
        forecaster.learn(pair(history, target))


@pytest.mark.parametrize("rate", [0.2, 1.0, 1.7])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_a_step_leaves_the_same_share_of_the_error_whatever_the_size(
    rng: np.random.Generator, rate: float, size: float
) -> None:
    history, target, forecaster = size * rng.normal(size=(3, 2)), size * rng.normal(size=2), nlms(rate)
    forecaster.learn(pair(history, target))
    error: Array = target - forecaster.predict(history[None])[0]
    np.testing.assert_allclose(error, (1 - rate) * target, rtol=1e-9, atol=1e-12 * size)


def test_a_rate_of_2_is_refused() -> None:
    with pytest.raises(ForecastingError, match=r"nlms.learning_rate must be a number above 0 to below 2, got 2"):
        nlms(2)


def test_a_rate_of_0_is_refused() -> None:
    with pytest.raises(ForecastingError, match=r"nlms.learning_rate must be a number above 0 to below 2, got 0"):
        nlms(0)
