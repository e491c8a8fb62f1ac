"""The population transformer: its augmentation, training, file and guards, and its forecasts through the driver."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast_models import METHODS, ForecastingError, OnlineDriver, forecast_series, nrmse, population_training
from cinecast_models.augmentation import augment
from cinecast_models.forecaster import Array
from cinecast_models.population import Population, PopulationTransformer, use_population
from cinecast_models.population_file import load_population, save_population
from cinecast_models.population_settings import PopulationSettings
from cinecast_models.population_training import resample, train_population
from cinecast_models.windows import histories

RATE, HORIZON = 5.0, 4
SETTINGS = PopulationSettings(history_length=8, horizon=HORIZON, epochs=25, learning_rate=0.003, dropout=0.1, layers=1)


def breathing(seconds: float, rate: float, period: float, seed: int) -> Array:
    """Return two components, shape (T, 2), far from 0 and of different size."""
    rng, time = np.random.default_rng(seed), np.arange(0, seconds, 1 / rate)[:, None]
    signal = np.sin(2 * np.pi * time / period + np.array([0.0, 0.7])) ** 3
    return np.array([5.0, 40.0]) + np.array([3.0, 8.0]) * signal + 0.1 * rng.normal(size=(len(time), 2))


def others() -> tuple[list[Array], list[float]]:
    rates = [4.0, 5.0, 3.0]
    return [breathing(60, rate, period, 1) for rate, period in zip(rates, (3.4, 4.0, 4.6), strict=True)], rates


def trained(seed: int = 3, runs: int = 2, settings: PopulationSettings = SETTINGS) -> Population:
    return train_population(*others(), target_rate=RATE, settings=settings, seed=seed, runs=runs)


@pytest.fixture(scope="module")
def population() -> Population:
    return trained()


@pytest.fixture
def in_use(population: Population) -> Iterator[Population]:
    use_population(population)
    yield population
    del METHODS["population_transformer"]


# Forecasting


def test_it_forecasts_a_sequence_it_has_never_seen(in_use: Population) -> None:
    series = breathing(60, RATE, 3.8, 9)

    def score(method: str, settings: PopulationSettings | None) -> float:
        result = forecast_series(series, method=method, settings=settings, horizon=HORIZON, train_end=40)
        return nrmse(result.forecasts[0, 60:], series[60:])

    assert score("population_transformer", in_use.settings) < 0.6 * score("persistence", None)


def test_runs_are_its_models_and_the_future_cannot_change_the_past(in_use: Population) -> None:
    series = breathing(20, RATE, 3.8, 9)
    changed = series.copy()
    changed[61:] += 100

    def forecasts(samples: Array) -> Array:
        return forecast_series(
            samples, method="population_transformer", settings=SETTINGS, horizon=HORIZON, train_end=40
        ).forecasts

    before, after = forecasts(series), forecasts(changed)
    assert len(before) == 2
    assert not np.array_equal(before[0, -1], before[1, -1])
    assert before[:, : 61 + HORIZON].tobytes() == after[:, : 61 + HORIZON].tobytes()
    assert not np.array_equal(before[:, 61 + HORIZON], after[:, 61 + HORIZON])


def test_a_restored_driver_continues_to_the_bit(in_use: Population) -> None:
    def driver() -> OnlineDriver:
        return OnlineDriver(
            "population_transformer", in_use.settings, components=2, horizon=HORIZON, train_end=40, runs=1
        )

    first, second, series = driver(), driver(), breathing(12, RATE, 3.8, 9)
    for sample in series[:50]:
        first.push(sample)
    second.restore(first.state())
    for sample in series[50:]:
        expected, got = first.push(sample), second.push(sample)
        assert expected is not None
        assert got is not None
        assert expected.tobytes() == got.tobytes()


def test_another_horizon_than_that_of_the_training_is_refused(in_use: Population) -> None:
    series = breathing(20, RATE, 3.8, 9)
    with pytest.raises(ForecastingError, match="must forecast 4 frames ahead as in its training, got another horizon"):
        forecast_series(series, method="population_transformer", settings=in_use.settings, horizon=3, train_end=40)


def test_other_settings_than_those_of_the_training_are_refused(in_use: Population) -> None:
    series, other = breathing(20, RATE, 3.8, 9), replace(in_use.settings, history_length=7)
    with pytest.raises(ForecastingError, match=r"must be used as it was trained, with 2 components.*history_length=8"):
        forecast_series(series, method="population_transformer", settings=other, horizon=HORIZON, train_end=40)


# Training


def test_same_seed_same_weights_whatever_the_number_of_runs(population: Population) -> None:
    assert trained(runs=1).parameters[0].tobytes() == population.parameters[0].tobytes()
    assert trained(runs=1, seed=4).parameters[0].tobytes() != population.parameters[0].tobytes()


def test_training_stops_when_patience_ends_and_keeps_the_best_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    passes, descend_once = [0], population_training.descend_once

    def counted(*arguments: Any) -> None:
        passes[0] += 1
        descend_once(*arguments)

    monkeypatch.setattr(population_training, "descend_once", counted)
    restless = replace(SETTINGS, learning_rate=0.05, patience=3)
    stopped = trained(runs=1, settings=replace(restless, epochs=1000)).parameters
    best = passes[0] - restless.patience
    assert 1 < best < 200
    assert trained(runs=1, settings=replace(restless, epochs=best)).parameters.tobytes() == stopped.tobytes()
    assert trained(runs=1, settings=replace(restless, epochs=best - 1)).parameters.tobytes() != stopped.tobytes()


@pytest.mark.parametrize("rate", [3.18, 12.0])
def test_resampling_keeps_a_slow_signal_far_from_0(rate: float) -> None:
    def signal(at: float) -> Array:
        time = np.arange(0, 60, 1 / at)
        return (50 + np.sin(2 * np.pi * time / 6))[:, None]

    resampled = resample(signal(rate), rate, 6.0)
    expected = signal(6.0)[: len(resampled)]
    assert abs(len(resampled) - 360) <= 2
    # The filter has a ripple of a few per cent of the amplitude, which is 1.
    np.testing.assert_allclose(resampled[12:-12], expected[12 : len(resampled) - 12], rtol=0, atol=0.05)
    # Zeros beyond the ends would bring them down to about 25.
    assert np.abs(resampled - 50).max() < 1.2


# Augmentation


def test_augmentation_is_one_affine_change_per_component_and_continues_to_the_target() -> None:
    rng, length, horizon = np.random.default_rng(2), 9, 3
    time = np.arange(length + horizon)
    lines = rng.normal(size=(500, 2, 2))
    signal = lines[:, :1] + lines[:, 1:] * time[:, None] / 5
    inputs, targets = augment(signal[:, :length], signal[:, -1], horizon, rng)
    # A straight line stays straight under scaling, shift and drift, and its target stays on it.
    slope = (inputs[:, -1] - inputs[:, 0]) / (length - 1)
    np.testing.assert_allclose(inputs[:, 0, None] + slope[:, None] * time[:length, None], inputs, atol=1e-12)
    np.testing.assert_allclose(inputs[:, 0] + slope * time[-1], targets, atol=1e-12)


def test_augmentation_happens_as_often_and_as_much_as_published() -> None:
    rng, pairs = np.random.default_rng(3), 20_000
    wave = np.sin(np.linspace(0, 20, 40))
    signal = np.stack([wave, 100 * wave], axis=1)
    inputs, _ = augment(np.tile(signal, (pairs, 1, 1)), np.zeros((pairs, 2)), 5, rng)
    swapped = np.abs(inputs[:, :, 0]).max(axis=1) > 10
    assert swapped.mean() == pytest.approx(0.25, abs=0.02)
    kept = inputs[~swapped, :, 0]
    design = np.stack([np.ones(40), wave, np.arange(40) / 39], axis=1)
    shift, factor, drift = np.linalg.lstsq(design, kept.T, rcond=None)[0]
    assert (np.abs(factor - 1) > 1e-9).mean() == pytest.approx(0.8, abs=0.02)
    assert (np.abs(shift) > 1e-9).mean() == pytest.approx(0.3, abs=0.02)
    assert (np.abs(drift) > 1e-9).mean() == pytest.approx(0.3, abs=0.02)
    size = np.subtract(*np.percentile(wave, [95, 5]))
    for values, most in ((factor - 1, 0.2), (shift, 0.2 * size), (drift, 0.05 * size)):
        assert 0.95 * most < np.abs(values).max() <= most * (1 + 1e-9)


# Files


def test_a_file_gives_back_what_was_saved_and_is_the_same_bytes_each_time(
    population: Population, tmp_path: Path
) -> None:
    save_population(population, tmp_path / "a.safetensors")
    loaded = load_population(tmp_path / "a.safetensors")
    save_population(loaded, tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert loaded.parameters.tobytes() == population.parameters.tobytes()
    assert (loaded.settings, loaded.components, loaded.target_rate) == (SETTINGS, 2, RATE)


def test_a_file_that_is_no_population_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(ForecastingError, match="must be a safetensors file written by save_population"):
        load_population(tmp_path / "x")


def test_a_safetensors_file_of_something_else_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"parameters": np.zeros(3)}, tmp_path / "x")
    with pytest.raises(ForecastingError, match="must be a safetensors file written by save_population"):
        load_population(tmp_path / "x")


# Guards


def test_without_torch_it_says_what_to_install(population: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ForecastingError, match=r"population_transformer needs torch.*'cinecast\[torch\]'"):
        PopulationTransformer(population)


def test_without_safetensors_nothing_is_saved(
    population: Population, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ForecastingError, match=r"population_transformer needs safetensors.*'cinecast\[torch\]'"):
        save_population(population, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_without_safetensors_nothing_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ForecastingError, match=r"population_transformer needs safetensors.*'cinecast\[torch\]'"):
        load_population(tmp_path / "x")


def test_a_rate_for_each_sequence_is_needed() -> None:
    with pytest.raises(ForecastingError, match="needs one sequence or more and a rate for each, got 3 and 2"):
        train_population(others()[0], [4.0, 5.0], target_rate=RATE, settings=SETTINGS)


def test_a_population_of_nobody_is_refused() -> None:
    with pytest.raises(ForecastingError, match="needs one sequence or more and a rate for each, got 0 and 0"):
        train_population([], [], target_rate=RATE, settings=SETTINGS)


def test_rates_must_be_positive() -> None:
    with pytest.raises(ForecastingError, match=r"rates must be positive, got \[4.0, 0.0, 3.0\]"):
        train_population(others()[0], [4.0, 0.0, 3.0], target_rate=RATE, settings=SETTINGS)


def test_all_sequences_need_the_same_components() -> None:
    series, rates = others()
    with pytest.raises(ForecastingError, match=r"shape \(T, K\) with one K, got .*\(300, 1\)"):
        train_population([series[0], series[1][:, :1], series[2]], rates, target_rate=RATE, settings=SETTINGS)


def test_sequences_that_are_too_short_are_refused() -> None:
    series, rates = others()
    with pytest.raises(ForecastingError, match="must fit into a fifth of some sequence, got 12 frames for 10"):
        train_population([s[:30] for s in series], rates, target_rate=RATE, settings=SETTINGS)


def test_a_sample_that_is_not_a_number_is_refused() -> None:
    series, rates = others()
    series[1][7, 1] = np.nan
    with pytest.raises(ForecastingError, match=r"samples must be finite.*got nan in component 1 of frame 7"):
        train_population(series, rates, target_rate=RATE, settings=SETTINGS)


def test_pairs_never_span_two_sequences() -> None:
    from cinecast_models.population_training import _pairs

    series = [np.arange(20.0)[:, None], 100 + np.arange(15.0)[:, None]]
    windows, targets = _pairs(series, SETTINGS)
    assert len(windows) == len(targets) == (20 - 11) + (15 - 11)
    assert (targets[:, 0] == windows[:, -1, 0] + HORIZON).all()
    np.testing.assert_array_equal(windows[:9], histories(series[0], 8)[:9])
