"""Analogues against their formula written out plainly."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast_models import forecast_series, method_settings
from cinecast_models.analogue.analogue import Analogue, AnalogueSettings
from cinecast_models.forecaster import Array
from cinecast_models.windows import histories
from helpers.pairs import pair

LENGTH, NEIGHBOURS, WINDOW = 3, 4, 30


def plain_forecast(windows: Array, targets: Array, newest: Array, compared: int) -> Array:
    """Sort all pairs by distance, and weigh what followed the nearest."""
    distances = [float(np.sqrt(((window - newest)[:, :compared] ** 2).sum())) for window in windows]
    nearest = sorted(range(len(windows)), key=distances.__getitem__)[:NEIGHBOURS]
    weights = [np.exp(-2 * (distances[i] / distances[nearest[-1]]) ** 2) for i in nearest]
    steps = [targets[i] - windows[i][-1] for i in nearest]
    moved = sum(weight * step for weight, step in zip(weights, steps, strict=True))
    return np.asarray(newest[-1] + moved / sum(weights))


@pytest.mark.parametrize("compared", [1, 2])
@pytest.mark.parametrize("seen", [2, 4, 30, 75])
def test_it_adds_what_followed_the_nearest_histories(rng: np.random.Generator, seen: int, compared: int) -> None:
    series = np.sin(np.arange(90)[:, None] / [3.0, 5.0]) + 0.1 * rng.normal(size=(90, 2))
    windows, targets = histories(series, LENGTH)[:-2], series[LENGTH + 1 :]
    settings = AnalogueSettings(history_length=LENGTH, neighbours=NEIGHBOURS, window=WINDOW)
    forecaster = Analogue(settings, components=2, compared=compared)
    for history, target in zip(windows[:seen], targets[:seen], strict=True):
        forecaster.learn(pair(history, target))
    kept = slice(max(0, seen - WINDOW), seen)
    wanted = plain_forecast(windows[kept], targets[kept], windows[seen + 2], compared)
    np.testing.assert_allclose(forecaster.predict(windows[seen + 1 : seen + 3])[0], wanted, rtol=1e-12)


def test_what_repeats_itself_is_forecast_exactly() -> None:
    series = np.tile(np.random.default_rng(0).normal(size=(17, 3)), (12, 1))
    settings = method_settings("analogue", {"neighbours": 3})
    got = forecast_series(series, method="analogue", settings=settings, horizon=5, train_end=90).forecasts[0]
    np.testing.assert_allclose(got[95:], series[95:], atol=1e-12)


def test_equal_histories_weigh_alike() -> None:
    forecaster = Analogue(AnalogueSettings(history_length=1), components=1)
    for target in (1.0, 2.0, 6.0):
        forecaster.learn(pair(np.zeros((1, 1)), np.array([target])))
    assert forecaster.predict(np.zeros((1, 1, 1)))[0, 0] == pytest.approx(3.0)
    assert forecaster.predict(np.ones((1, 1, 1)))[0, 0] == pytest.approx(4.0)


def test_before_any_pair_the_forecast_is_the_newest_sample(rng: np.random.Generator) -> None:
    pending = rng.normal(size=(2, 3, 2))
    forecaster = Analogue(AnalogueSettings(history_length=3), components=2)
    np.testing.assert_array_equal(forecaster.predict(pending), pending[1:, 2])


def test_the_nearest_are_found_wherever_they_lie(rng: np.random.Generator) -> None:
    """Steps are as long as their history is far away, so that the mean of any others is another."""
    for count in (7, 40, 300):
        forecaster = Analogue(AnalogueSettings(history_length=1, neighbours=5), components=1)
        far = rng.permutation(count) + 1.0
        for distance in far:
            forecaster.learn(pair(np.array([[distance]]), np.array([2 * distance])))
        nearest = np.arange(1, 6)
        weights = np.exp(-2 * (nearest / 5) ** 2)
        assert forecaster.predict(np.zeros((1, 1, 1)))[0, 0] == pytest.approx((weights * nearest).sum() / weights.sum())
