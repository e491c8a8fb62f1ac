"""Recursive least squares against the batch solution of the same weighted problem, over long streams."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast_models import METHODS, method_settings
from cinecast_models.forecaster import Array
from cinecast_models.linear.rls import CompiledRls, Rls, RlsSettings
from cinecast_models.windows import histories, input_vectors
from helpers.pairs import pair

LENGTH, COMPONENTS = 2, 1


def rls(forgetting: float, ridge: float) -> Rls:
    settings = method_settings("rls", {"history_length": LENGTH, "forgetting": forgetting, "ridge": ridge})
    forecaster = METHODS["rls"].create(settings, components=COMPONENTS, runs=1, seed=0)
    assert isinstance(forecaster, Rls)
    return forecaster


def batch_solution(inputs: Array, targets: Array, forgetting: float, ridge: float) -> Array:
    """Solve the normal equations, each pair weighted by forgetting ** age, with the ridge renewed in turn."""
    steps, size = inputs.shape
    weight = forgetting ** np.arange(steps - 1, -1, -1.0)
    renewed = np.zeros(size)
    np.add.at(renewed, np.arange(steps) % size, weight)
    penalty = ridge * ((1 - forgetting**size) * renewed + forgetting**steps)
    information = (inputs * weight[:, None]).T @ inputs + np.diag(penalty)
    return np.linalg.solve(information, (inputs * weight[:, None]).T @ targets).T.astype(np.float64)


def pairs(series: Array) -> tuple[Array, Array]:
    return histories(series, LENGTH)[:-1], series[LENGTH:]


@pytest.mark.parametrize(("forgetting", "ridge"), [(0.9, 0.5), (0.995, 3.0), (1.0, 1e-3)])
def test_it_solves_the_weighted_ridge_problem(rng: np.random.Generator, forgetting: float, ridge: float) -> None:
    windows, targets = pairs(rng.normal(size=(300, COMPONENTS)).cumsum(axis=0))
    forecaster = rls(forgetting, ridge)
    for history, target in zip(windows, targets, strict=True):
        forecaster.learn(pair(history, target))
    expected = batch_solution(input_vectors(windows), targets, forgetting, ridge)
    np.testing.assert_allclose(forecaster.weights, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("forgetting", [0.95, 1.0])
def test_the_compiled_steps_are_the_plain_ones(rng: np.random.Generator, forgetting: float) -> None:
    settings = RlsSettings(history_length=4, forgetting=forgetting, ridge=0.3)
    plain, compiled = Rls(settings, 3, 5), CompiledRls(settings, 3, 5)
    for _ in range(400):
        learned = pair(rng.normal(size=(4, 3)), rng.normal(size=5))
        plain.learn(learned)
        compiled.learn(learned)
    np.testing.assert_allclose(compiled.weights, plain.weights, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(compiled.root, plain.root, rtol=1e-9, atol=1e-12)
    assert (compiled.turn, compiled.root.any()) == (plain.turn, True)


def test_it_stays_exact_over_100_000_steps_most_of_them_a_breath_hold(rng: np.random.Generator) -> None:
    forgetting, ridge = 0.995, 3.0
    series = np.zeros((100_000, COMPONENTS))
    series[:2_000] = np.sin(np.arange(2_000) / 3)[:, None]
    series[-400:] = rng.normal(size=(400, COMPONENTS))
    forecaster = rls(forgetting, ridge)
    windows, targets = pairs(series)
    largest = 0.0
    for i, (history, target) in enumerate(zip(windows, targets, strict=True)):
        forecaster.learn(pair(history, target))
        if i % 1_000 == 0:
            largest = max(largest, float(np.abs(forecaster.root @ forecaster.root.T).max()))
    # The ridge that each step renews keeps the covariance within 1 / ridge, but for its decay between two turns.
    assert largest <= 1.01 / (ridge * forgetting ** forecaster.root.shape[0])
    # What is older than 10 000 steps weighs less than 1e-21.
    expected = batch_solution(input_vectors(windows[-10_000:]), targets[-10_000:], forgetting, ridge)
    # The renewal's turn does not start at weight 0 in that cut, which moves the ridge by up to 1 %.
    np.testing.assert_allclose(forecaster.weights, expected, rtol=2e-2, atol=1e-4)


def test_outliers_do_not_make_the_covariance_indefinite(rng: np.random.Generator) -> None:
    series = rng.normal(size=(3_000, COMPONENTS))
    series[::50] *= 1e8
    forecaster = rls(0.98, 1e-6)
    for history, target in zip(*pairs(series), strict=True):
        forecaster.learn(pair(history, target))
    assert np.isfinite(forecaster.weights).all()
    # A product S S^T cannot be indefinite but for the rounding of the product itself.
    eigenvalues = np.linalg.eigvalsh(forecaster.root @ forecaster.root.T)
    assert eigenvalues.min() > -1e-12 * eigenvalues.max()
