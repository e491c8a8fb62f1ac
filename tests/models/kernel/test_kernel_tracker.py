"""The kernel tracker against scikit-learn's Gaussian process, fitted anew on all pairs seen so far."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RationalQuadratic

from cinecast_models import METHODS, forecast_series, method_settings
from cinecast_models.forecaster import Array, Pair
from cinecast_models.kernel import kernel_tracker as kernel_tracker_module
from cinecast_models.kernel.growing_factor import similarities
from cinecast_models.kernel.kernel_tracker import KernelTracker
from cinecast_models.windows import histories

LENGTH, HORIZON, WINDOW = 4, 2, 25


def kernel_tracker(**overrides: object) -> KernelTracker:
    settings = method_settings("kernel_tracker", {"history_length": LENGTH, "window": WINDOW, **overrides})
    forecaster = METHODS["kernel_tracker"].create(settings, components=2, runs=1, seed=0)
    assert isinstance(forecaster, KernelTracker)
    return forecaster


def breathing_pairs(rng: np.random.Generator, frames: int = 90) -> list[Pair]:
    series = np.sin(np.arange(frames)[:, None] / [3.0, 5.0]) + 0.1 * rng.normal(size=(frames, 2))
    windows, first = histories(series, LENGTH), LENGTH - 1
    return [Pair(windows[i], series[first + i + HORIZON], first + i, first + i + HORIZON) for i in range(frames - 6)]


def fitted(pairs: list[Pair], **overrides: object) -> KernelTracker:
    forecaster = kernel_tracker(**overrides)
    forecaster.fit(np.stack([pair.history for pair in pairs[:20]]), np.stack([pair.target for pair in pairs[:20]]))
    return forecaster


def plain_forecast(forecaster: KernelTracker, known: list[Pair], newest: Pair, **settings: float) -> Array:
    """The mean of the process by its formula, from the pairs themselves."""
    roots = np.repeat(settings["lag_decay"] ** (np.arange(LENGTH)[::-1] / 2), 2)
    inputs = np.stack([pair.history.ravel() * roots for pair in [*known, newest]])
    times = np.array([pair.issued for pair in [*known, newest]])
    squared = ((inputs[:, np.newaxis] - inputs) ** 2).sum(axis=2)
    kernel = settings["forgetting"] ** np.abs(times[:, np.newaxis] - times) / (1 + squared / forecaster.scale**2)
    matrix = kernel[:-1, :-1] + settings["ridge"] * np.eye(len(known))
    return np.asarray(kernel[-1, :-1] @ np.linalg.solve(matrix, np.stack([pair.target for pair in known])))


@pytest.mark.parametrize("seen", [1, 24, 25])
@pytest.mark.parametrize("ridge", [1e-4, 0.3])
def test_it_is_the_mean_of_a_gaussian_process(rng: np.random.Generator, seen: int, ridge: float) -> None:
    pairs = breathing_pairs(rng)
    forecaster = fitted(pairs, ridge=ridge, lag_decay=1.0)
    for pair in pairs[:seen]:
        forecaster.learn(pair)
    # scikit-learn's own annotation knows no None.
    as_it_is: Any = None
    covariance = RationalQuadratic(float(forecaster.scale) / np.sqrt(2), alpha=1)
    process = GaussianProcessRegressor(covariance, alpha=ridge, optimizer=as_it_is)
    process.fit([pair.history.ravel() for pair in pairs[:seen]], [pair.target for pair in pairs[:seen]])
    newest = pairs[seen + HORIZON - 1].history
    np.testing.assert_allclose(
        forecaster.predict(newest[np.newaxis])[0], process.predict(newest.reshape(1, -1))[0], rtol=1e-6
    )


def test_pairs_fade_by_their_age_and_samples_by_theirs(rng: np.random.Generator) -> None:
    settings = {"ridge": 0.05, "lag_decay": 0.7, "forgetting": 0.9}
    pairs = breathing_pairs(rng)
    forecaster = fitted(pairs, **settings)
    # Two targets were filled in: nothing is learned, and time passes.
    for i, pair in enumerate(pairs[:22]):
        (forecaster.skip if i in (9, 21) else forecaster.learn)(pair)
    known = [pair for i, pair in enumerate(pairs[:22]) if i not in (9, 21)]
    newest = pairs[21 + HORIZON]
    np.testing.assert_allclose(
        forecaster.predict(newest.history[np.newaxis])[0],
        plain_forecast(forecaster, known, newest, **settings),
        rtol=1e-9,
    )


@pytest.mark.parametrize("forgetting", [1.0, 0.97])
def test_where_the_window_is_full_the_oldest_fifth_goes(rng: np.random.Generator, forgetting: float) -> None:
    settings = {"ridge": 0.05, "lag_decay": 0.8, "forgetting": forgetting}
    pairs = breathing_pairs(rng)
    forecaster = fitted(pairs, **settings)
    kept: list[Pair] = []
    for pair, newest in zip(pairs, pairs[HORIZON:], strict=False):
        kept = [*(kept[WINDOW // 5 :] if len(kept) == WINDOW else kept), pair]
        forecaster.learn(pair)
        np.testing.assert_allclose(
            forecaster.predict(newest.history[np.newaxis])[0],
            plain_forecast(forecaster, kept, newest, **settings),
            rtol=1e-8,
        )
    assert len(kept) < WINDOW < len(pairs)


def test_a_window_of_one_pair_holds_the_newest(rng: np.random.Generator) -> None:
    pairs = breathing_pairs(rng)
    many, one = fitted(pairs, window=1), fitted(pairs, window=1)
    for pair in pairs[:5]:
        many.learn(pair)
    one.learn(pairs[4])
    newest = pairs[6].history[np.newaxis]
    np.testing.assert_array_equal(many.predict(newest), one.predict(newest))


@pytest.mark.parametrize("measured", [True, False])
def test_memory_does_not_grow_with_the_number_of_forecasts(rng: np.random.Generator, measured: bool) -> None:
    """Each forecast keeps its similarities until its target has come, or was filled in."""
    pairs, forecaster = breathing_pairs(rng, 606), kernel_tracker(window=600)

    def step(first: int, last: int) -> int:
        for i in range(first, last):
            (forecaster.learn if measured or i < 50 else forecaster.skip)(pairs[i])
            forecaster.predict(pairs[i + HORIZON].history[np.newaxis])
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        early = step(0, 100)
        late = step(100, 590)
    finally:
        tracemalloc.stop()
    # What a forecast keeps takes 16 bytes for each pair: all of them 400 kB or more.
    assert late - early < 40_000


def test_what_was_forecast_before_is_not_answered_once_another_state_is_restored(rng: np.random.Generator) -> None:
    pairs, others = breathing_pairs(rng), breathing_pairs(rng)
    newest = pairs[20]
    expected, restored = kernel_tracker(), kernel_tracker()
    for pair, other in zip(pairs[: 20 - HORIZON + 1], others, strict=False):
        expected.learn(pair)
        restored.learn(other)
    restored.predict(newest.history[np.newaxis])
    restored.restore(expected.state())
    for each in (expected, restored):
        each.learn(newest)
    for name, array in expected.state().items():
        np.testing.assert_array_equal(restored.state()[name], array)


def test_after_breathing_has_changed_one_that_forgets_is_nearer() -> None:
    phase = np.arange(700) / 4
    series = np.stack([np.sin(phase), np.cos(phase)], axis=1)
    series[350:, 1] *= -1  # the same samples are followed by others from now on
    errors = {}
    for forgetting in (0.99, 1.0):
        settings = method_settings("kernel_tracker", {"forgetting": forgetting, "history_length": 1})
        got = forecast_series(series, method="kernel_tracker", settings=settings, horizon=4, train_end=150)
        errors[forgetting] = np.abs(got.forecasts[0, 400:600] - series[400:600]).mean()
    assert errors[0.99] < 0.7 * errors[1.0]


@pytest.mark.parametrize("forgetting", [1.0, 0.99])
def test_similarities_known_from_the_forecast_are_those_computed_anew(
    rng: np.random.Generator, forgetting: float
) -> None:
    inputs, newest, times = rng.normal(size=(301, 36)), rng.normal(size=36), np.arange(301)
    whole = np.empty(301)
    similarities(inputs, times, newest, 310, 5.0, forgetting, 0, whole)
    for done in (0, 1, 7, 298, 301):
        parts = np.empty(301)
        similarities(inputs, times, newest, 310, 5.0, forgetting, 0, parts[:done])
        similarities(inputs, times, newest, 310, 5.0, forgetting, done, parts)
        np.testing.assert_array_equal(parts, whole)


def test_the_scale_is_a_multiple_of_the_median_distance_of_weighted_histories(rng: np.random.Generator) -> None:
    train, weights = rng.normal(size=(9, LENGTH, 2)), [0.25**1.5, 0.25, 0.25**0.5, 1.0]
    forecaster = kernel_tracker(lag_decay=0.25, relative_scale=3)
    forecaster.fit(train, train[:, 0])
    distances = [
        np.sqrt(sum(w**2 * ((train[i, age] - train[j, age]) ** 2).sum() for age, w in enumerate(weights)))
        for i in range(9)
        for j in range(i)
    ]
    assert float(forecaster.scale) == pytest.approx(3 * np.median(distances), rel=1e-12)


def test_of_a_long_train_span_every_so_many_histories_set_the_scale(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = rng.normal(size=(61, LENGTH, 2))
    chosen, whole = kernel_tracker(), kernel_tracker()
    whole.fit(train[::3], train[::3, 0])
    monkeypatch.setattr(kernel_tracker_module, "_LOOKED_AT", 30)
    chosen.fit(train, train[:, 0])
    assert float(chosen.scale) == float(whole.scale)


@pytest.mark.parametrize("train", [np.zeros((5, LENGTH, 2)), np.ones((1, LENGTH, 2))])
def test_without_a_scale_in_the_train_span_unrelated_samples_set_it(train: Array) -> None:
    forecaster = kernel_tracker(relative_scale=3, lag_decay=0.5)
    forecaster.fit(train, train[:, 0])
    # Squared differences of unrelated samples of variance 1 are 2 on average.
    assert float(forecaster.scale) == pytest.approx(3 * np.sqrt(2 * 2 * (1 + 0.5 + 0.25 + 0.125)))
