"""Online kernel ridge regression against scikit-learn's, fitted anew on the pairs of the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge as SklearnKernelRidge

from cinecast_models import METHODS, method_settings
from cinecast_models.forecaster import Array
from cinecast_models.kernel import kernel_ridge as kernel_ridge_module
from cinecast_models.kernel.kernel_ridge import KernelRidge
from cinecast_models.windows import histories
from helpers.pairs import pair

LENGTH = 4


def kernel_ridge(**overrides: object) -> KernelRidge:
    settings = method_settings("kernel_ridge", {"history_length": LENGTH, "window": 25, **overrides})
    forecaster = METHODS["kernel_ridge"].create(settings, components=2, runs=1, seed=0)
    assert isinstance(forecaster, KernelRidge)
    return forecaster


def pairs(rng: np.random.Generator, frames: int = 90) -> tuple[Array, Array]:
    series = np.sin(np.arange(frames)[:, None] / [3.0, 5.0]) + 0.1 * rng.normal(size=(frames, 2))
    return histories(series, LENGTH)[:-2], series[LENGTH + 1 :]


@pytest.mark.parametrize("seen", [1, 24, 25, 26, 60])
@pytest.mark.parametrize("ridge", [1e-6, 0.3])
def test_it_is_ridge_regression_on_the_newest_pairs(rng: np.random.Generator, seen: int, ridge: float) -> None:
    windows, targets = pairs(rng)
    forecaster = kernel_ridge(ridge=ridge, relative_scale=1.5)
    forecaster.fit(windows[:20], targets[:20])
    for history, target in zip(windows[:seen], targets[:seen], strict=True):
        forecaster.learn(pair(history, target))
    flat = windows.reshape(len(windows), -1)
    # scikit-learn's own annotation says int.
    penalty: Any = ridge
    oracle = SklearnKernelRidge(alpha=penalty, kernel="rbf", gamma=1 / float(forecaster.scale) ** 2)
    newest = slice(max(0, seen - 25), seen)
    oracle.fit(flat[newest], targets[newest])
    np.testing.assert_allclose(
        forecaster.predict(windows[seen + 1 : seen + 3])[0], oracle.predict(flat[seen + 2 : seen + 3])[0], rtol=1e-6
    )


def plain_forecast(forecaster: KernelRidge, newest: Array, ridge: float) -> Array:
    """Solve for the pairs of the window, in whatever order they lie."""
    filled = min(int(forecaster.count), len(forecaster.inputs))
    inputs, targets = forecaster.inputs[:filled], forecaster.targets[:filled]

    def kernel(first: Array, second: Array) -> Array:
        squared = ((first[:, np.newaxis] - second[np.newaxis]) ** 2).sum(axis=2)
        return np.asarray(np.exp(-squared / forecaster.scale**2))

    weights = np.linalg.solve(kernel(inputs, inputs) + ridge * np.eye(filled), targets)
    return np.asarray(kernel(newest.reshape(1, -1), inputs) @ weights)


# An error of rounding is a few times 1e-16 times the condition of the matrix: window / ridge at most.
@pytest.mark.parametrize(("ridge", "tolerance"), [(0.03, 1e-10), (1e-6, 1e-6)])
def test_the_sliding_factor_stays_that_of_the_window_over_10_000_steps(
    rng: np.random.Generator, ridge: float, tolerance: float
) -> None:
    # Breathing that stops for long, so that all pairs of the window are nearly equal, and goes on.
    phase = np.cumsum(np.where(np.arange(10_040) % 400 < 250, 0.3, 0.0))
    series = np.stack([np.sin(phase), np.cos(phase)], axis=1) + 1e-3 * rng.normal(size=(10_040, 2))
    windows, targets = histories(series, LENGTH)[:-2], series[LENGTH + 1 :]
    window = 90
    forecaster = kernel_ridge(ridge=ridge, window=window)
    forecaster.fit(windows[:100], targets[:100])
    compared = 0
    for t in range(10_000):
        forecaster.learn(pair(windows[t], targets[t]))
        # Before the factor is made anew, when most has added up; right after it; and in between.
        if t % window in (window - 2, window - 1, 31) or t < 2:
            got, wanted = forecaster.predict(windows[t + 1 : t + 2]), plain_forecast(forecaster, windows[t + 1], ridge)
            np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
            compared += 1
    assert compared > 300


def test_the_factor_is_made_anew_when_the_ring_has_gone_round(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    forecaster, spoiled = kernel_ridge(), kernel_ridge()
    for t in range(60):
        for each in (forecaster, spoiled):
            each.learn(pair(windows[t], targets[t]))
        if t == 26:
            spoiled.factor *= 1.01
            assert not np.allclose(forecaster.predict(windows[:1]), spoiled.predict(windows[:1]), rtol=1e-3)
        if t >= 49:
            np.testing.assert_allclose(forecaster.predict(windows[:1]), spoiled.predict(windows[:1]), rtol=1e-9)


@pytest.mark.parametrize("window", [1, 2])
def test_a_window_of_one_or_two_pairs(rng: np.random.Generator, window: int) -> None:
    windows, targets = pairs(rng)
    forecaster = kernel_ridge(window=window, ridge=0.2)
    for t in range(7):
        forecaster.learn(pair(windows[t], targets[t]))
        got = forecaster.predict(windows[t + 1 : t + 2])
        np.testing.assert_allclose(got, plain_forecast(forecaster, windows[t + 1], 0.2), rtol=1e-12)


def test_pairs_that_are_all_the_same_are_learned_from(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    forecaster = kernel_ridge(ridge=1e-8)
    for _ in range(80):
        forecaster.learn(pair(windows[0], targets[0]))
    np.testing.assert_allclose(forecaster.predict(windows[:1])[0], targets[0], rtol=1e-4)


def test_the_scale_is_a_multiple_of_the_median_distance_in_the_train_span(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng, 12)
    forecaster = kernel_ridge(relative_scale=3)
    forecaster.fit(windows, targets)
    distances = [np.linalg.norm(windows[i] - windows[j]) for i in range(len(windows)) for j in range(i)]
    assert float(forecaster.scale) == pytest.approx(3 * np.median(distances), rel=1e-12)


def test_of_a_long_train_span_histories_evenly_spaced_set_the_scale(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = rng.normal(size=(61, LENGTH, 2))
    chosen, whole = (kernel_ridge() for _ in range(2))
    whole.fit(train[::3], train[::3, 0])
    monkeypatch.setattr(kernel_ridge_module, "_MOST_COMPARED", 21)
    chosen.fit(train, train[:, 0])
    assert float(chosen.scale) == float(whole.scale)


@pytest.mark.parametrize("count", [1, 5])
def test_without_a_scale_in_the_train_span_unrelated_samples_set_it(count: int) -> None:
    forecaster = kernel_ridge(relative_scale=3)
    forecaster.fit(np.zeros((count, LENGTH, 2)), np.zeros((count, 2)))
    assert float(forecaster.scale) == pytest.approx(3 * np.sqrt(2 * LENGTH * 2))


def test_the_forecast_is_0_before_any_pair(rng: np.random.Generator) -> None:
    windows, _ = pairs(rng)
    assert (kernel_ridge().predict(windows[:1]) == np.zeros((1, 2))).all()


def test_far_from_all_it_has_seen_the_forecast_is_the_mean_of_the_train_span(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    forecaster = kernel_ridge()
    forecaster.learn(pair(windows[0], targets[0]))
    assert np.abs(forecaster.predict(windows[:1])).max() > 0.1
    assert (forecaster.predict(windows[:1] + 1e4) == 0).all()
