"""Least mean squares against its formula written out, and a step that is clipped."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast_models import METHODS, method_settings
from cinecast_models.linear.clipping import clip_factor
from cinecast_models.windows import histories
from helpers.pairs import pair


@pytest.mark.parametrize("clip_norm", [1e9, 3.0])
def test_it_is_the_formula(rng: np.random.Generator, clip_norm: float) -> None:
    series = rng.normal(size=(40, 2)).cumsum(axis=0)
    settings = method_settings("lms", {"history_length": 3, "learning_rate": 0.01, "clip_norm": clip_norm})
    forecaster, weights, clipped = METHODS["lms"].create(settings, components=2, runs=1, seed=0), np.zeros((2, 7)), 0
    for history, target in zip(histories(series, 3)[:-1], series[3:], strict=True):
        inputs = np.array([1.0, *history[0], *history[1], *history[2]])
        np.testing.assert_allclose(forecaster.predict(history[None])[0], weights @ inputs, rtol=1e-10, atol=1e-12)
        errors = [target[row] - sum(weights[row] * inputs) for row in range(2)]
        # The gradient is minus error times inputs, of each row; its norm is over both rows.
        norm = np.sqrt(sum(error**2 for error in errors) * sum(inputs**2))
        for row in range(2):
            weights[row] += 0.01 * errors[row] * inputs * min(1.0, clip_norm / norm)
        clipped += norm > clip_norm
        forecaster.learn(pair(history, target))
    assert bool(clipped) == (clip_norm == 3.0)


def test_a_gradient_is_clipped_run_by_run_over_all_its_parts() -> None:
    parts = [np.array([[[3.0]], [[0.3]], [[3.0]]]), np.array([[[0.0, 4.0]], [[0.4, 0.0]], [[4.0, 12.0]]])]
    np.testing.assert_allclose(clip_factor(parts, 5.0), [1.0, 1.0, 5 / 13])
