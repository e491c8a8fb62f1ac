"""Small populations for tests: one for each size, trained once per process on signals unlike those they forecast."""

from __future__ import annotations

from functools import cache

import numpy as np

from cinecast_models.forecaster import Array
from cinecast_models.population.population import Population, TrainingSeries
from cinecast_models.population.settings import PopulationSettings
from cinecast_models.population.training import train_population


def waves(frames: int, components: int, seed: int) -> Array:
    """Return breathing-like samples (frames, components), far from 0, with two periods drawn at random and noise."""
    rng = np.random.default_rng(seed)
    time, phase = np.arange(frames)[:, None], rng.uniform(0, 2 * np.pi, components)
    slow, fast = rng.uniform(15, 20), rng.uniform(6, 8)
    signal = np.sin(2 * np.pi * time / slow + phase) + 0.3 * np.sin(2 * np.pi * time / fast + 2 * phase)
    return 50 + 10 * signal + rng.normal(0, 0.5, signal.shape)


@cache
def tiny_population(length: int, horizon: int, components: int, rate: float = 4.0, models: int = 2) -> Population:
    """Return models that have hardly learned: the laws of forecasters do not depend on how good they are."""
    settings = PopulationSettings(
        history_length=length, horizon=horizon, layers=1, head_width=2, feedforward=4, epochs=2, learning_rate=0.01
    )
    series = [TrainingSeries(f"other {seed}", waves(90, components, seed), rate) for seed in (101, 102)]
    return train_population(series, target_rate=rate, settings=settings, seed=1, runs=models)


@cache
def good_population(length: int, horizon: int, components: int) -> Population:
    """Return a model that forecasts the periods of `waves` well."""
    settings = PopulationSettings(
        history_length=length, horizon=horizon, layers=1, dropout=0.0, epochs=30, learning_rate=0.004
    )
    series = [TrainingSeries(f"other {seed}", waves(400, components, seed), 1.0) for seed in range(201, 205)]
    return train_population(series, target_rate=1.0, settings=settings, seed=1)
