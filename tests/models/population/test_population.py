"""The population transformer: its augmentation, training, file and guards, and its forecasts through the driver."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cinecast_models import (
    METHODS,
    ForecastingError,
    OnlineDriver,
    forecast_series,
    nrmse,
)
from cinecast_models.forecast_task import ForecastTask
from cinecast_models.forecaster import Array
from cinecast_models.population import network as population_network
from cinecast_models.population import training as population_training
from cinecast_models.population.augmentation import augment
from cinecast_models.population.choice import choose_population
from cinecast_models.population.file import load_population, load_populations, save_population
from cinecast_models.population.population import Population, TrainingSeries, component_digests
from cinecast_models.population.settings import PopulationSettings
from cinecast_models.population.training import resample_to_rate, train_population
from cinecast_models.population.transformer import PopulationTransformer, PopulationTransformerSettings
from cinecast_models.transformer.network import fastest_device
from cinecast_models.windows import histories

RATE, HORIZON = 5.0, 4
SETTINGS = PopulationSettings(history_length=8, horizon=HORIZON, epochs=25, learning_rate=0.003, dropout=0.1, layers=1)


def breathing(seconds: float, rate: float, period: float, seed: int) -> Array:
    """Return two components, shape (T, 2), far from 0 and of different size."""
    rng, time = np.random.default_rng(seed), np.arange(0, seconds, 1 / rate)[:, None]
    signal = np.sin(2 * np.pi * time / period + np.array([0.0, 0.7])) ** 3
    return np.array([5.0, 40.0]) + np.array([3.0, 8.0]) * signal + 0.1 * rng.normal(size=(len(time), 2))


def others() -> list[TrainingSeries]:
    return [
        TrainingSeries(f"at {rate:g} Hz", breathing(60, rate, period, 1), rate)
        for rate, period in ((4.0, 3.4), (5.0, 4.0), (3.0, 4.6))
    ]


def trained(seed: int = 3, runs: int = 2, settings: PopulationSettings = SETTINGS) -> Population:
    return train_population(others(), target_rate=RATE, settings=settings, seed=seed, runs=runs)


@pytest.fixture(scope="module")
def population() -> Population:
    return trained()


@pytest.fixture
def own(population: Population) -> PopulationTransformerSettings:
    return PopulationTransformerSettings(populations=(population,))


def forecasts(samples: Array, own: PopulationTransformerSettings, runs: int = 5, seed: int = 0) -> Array:
    return forecast_series(
        samples, method="population_transformer", settings=own, horizon=HORIZON, train_end=40, runs=runs, seed=seed
    ).forecasts


# Forecasting


def test_it_forecasts_a_sequence_it_has_never_seen(own: PopulationTransformerSettings) -> None:
    series = breathing(60, RATE, 3.8, 9)
    persistence = forecast_series(series, method="persistence", horizon=HORIZON, train_end=40).forecasts
    errors = [nrmse(each[0, 60:], series[60:]) for each in (forecasts(series, own), persistence)]
    assert errors[0] < 0.6 * errors[1]


def test_a_train_span_of_a_single_pair_scales_the_samples_and_changes_no_model(
    own: PopulationTransformerSettings, population: Population
) -> None:
    """Its only target was taken for a constant, and forecast ever after."""
    samples = breathing(30, RATE, 4.3, seed=8)
    driver = OnlineDriver("population_transformer", own, components=2, horizon=HORIZON, train_end=8 + HORIZON, runs=1)
    for sample in samples:
        driver.push(sample)
    np.testing.assert_array_equal(driver.state()["forecaster.parameters"], population.parameters[:1])


def test_runs_are_its_models_and_no_more_without_fine_tuning(own: PopulationTransformerSettings) -> None:
    series = breathing(20, RATE, 3.8, 9)
    both, first = forecasts(series, own), forecasts(series, own, runs=1)
    assert (len(both), len(first)) == (2, 1)
    assert both[0].tobytes() == first[0].tobytes()
    assert not np.array_equal(both[0, -1], both[1, -1])
    assert both.tobytes() == forecasts(series, own, seed=7).tobytes()


def test_a_restored_driver_continues_to_the_bit(own: PopulationTransformerSettings) -> None:
    def driver() -> OnlineDriver:
        return OnlineDriver("population_transformer", own, components=2, horizon=HORIZON, train_end=40, runs=1)

    first, second, series = driver(), driver(), breathing(12, RATE, 3.8, 9)
    for sample in series[:50]:
        first.push(sample)
    second.restore(first.state())
    for sample in series[50:]:
        expected, got = first.push(sample), second.push(sample)
        assert expected is not None
        assert got is not None
        assert expected.tobytes() == got.tobytes()


def test_a_driver_is_not_restored_with_a_model_trained_anew(own: PopulationTransformerSettings) -> None:
    def driver(settings: PopulationTransformerSettings) -> OnlineDriver:
        return OnlineDriver("population_transformer", settings, components=2, horizon=HORIZON, train_end=40)

    again = replace(own, populations=(trained(seed=4, settings=replace(SETTINGS, epochs=1)),))
    with pytest.raises(ForecastingError, match="must be restored with the settings it was saved with"):
        driver(again).restore(driver(own).state())


# Fine-tuning


def train_errors(own: PopulationTransformerSettings, seed: int = 0) -> tuple[float, Array]:
    """Return the mean squared error over the pairs of a train span, and the weights of both runs."""
    series = breathing(30, RATE, 3.8, 9)
    samples = (series - series.mean(axis=0)) / series.std(axis=0)
    windows, targets = histories(samples, 8)[:-HORIZON], samples[7 + HORIZON :]
    forecaster = METHODS["population_transformer"].create(own, components=2, runs=2, seed=seed)
    assert isinstance(forecaster, PopulationTransformer)
    forecaster.fit(windows, targets)
    made = np.array([forecaster.predict(windows[i : i + 1]) for i in range(len(windows))])
    return float(((made - targets[:, np.newaxis]) ** 2).mean()), forecaster.parameters.copy()


def test_fine_tuning_lowers_the_error_over_the_train_span(
    population: Population, own: PopulationTransformerSettings
) -> None:
    as_trained, weights = train_errors(own)
    tuned, _ = train_errors(replace(own, fine_tune_epochs=20, fine_tune_learning_rate=0.002))
    assert weights.tobytes() == population.parameters.tobytes()
    assert tuned < 0.9 * as_trained


def test_fine_tuning_goes_on_from_the_models_with_the_rate_given(own: PopulationTransformerSettings) -> None:
    _, weights = train_errors(own)
    _, tuned = train_errors(replace(own, fine_tune_epochs=1, fine_tune_learning_rate=1e-6))
    # One pass is five steps of Adam, each of which is at most about the rate.
    assert 0 < np.abs(tuned - weights).max() < 1e-5


def test_fine_tuning_is_seeded(own: PopulationTransformerSettings) -> None:
    tuned = replace(own, fine_tune_epochs=2)
    assert train_errors(tuned)[1].tobytes() == train_errors(tuned)[1].tobytes()
    assert train_errors(tuned)[1].tobytes() != train_errors(tuned, seed=1)[1].tobytes()


def test_fine_tuned_runs_begin_with_the_models_in_turn(own: PopulationTransformerSettings) -> None:
    tuned = replace(own, fine_tune_epochs=1)
    forecaster = METHODS["population_transformer"].create(tuned, components=2, runs=5, seed=0)
    assert isinstance(forecaster, PopulationTransformer)
    first = forecaster.parameters
    assert first[0].tobytes() == first[2].tobytes() == first[4].tobytes() != first[1].tobytes()
    series = breathing(20, RATE, 3.8, 9)
    assert len({run.tobytes() for run in forecasts(series, tuned)}) == 5


@pytest.mark.parametrize("last_common", [39, 60])
def test_fine_tuning_sees_the_train_span_alone(own: PopulationTransformerSettings, last_common: int) -> None:
    series, tuned = breathing(20, RATE, 3.8, 9), replace(own, fine_tune_epochs=2)
    changed = series.copy()
    changed[last_common + 1 :] += 100
    before, after = forecasts(series, tuned), forecasts(changed, tuned)
    issued = last_common + 1 + HORIZON
    assert before[:, :issued].tobytes() == after[:, :issued].tobytes()
    assert not np.array_equal(before[:, issued], after[:, issued])


# Choosing


def model(horizon: int = 3, components: int = 2, rate: float = 6.0, length: int = 8, name: str = "other") -> Population:
    """Return a population without weights, which choosing does not look at."""
    series = TrainingSeries(name, breathing(9, RATE, 3.0, 4), RATE)
    return replace(
        Population(np.zeros((1, 1)), replace(SETTINGS, horizon=horizon, history_length=length), components, rate),
        trained_on=(population_training._trained_on(series, rate),),
    )


def test_the_one_that_fits_is_chosen() -> None:
    models = [model(h, k, rate) for h in (2, 3) for k in (2, 3) for rate in (3.18, 6.0)]
    for wanted in models:
        target = ForecastTask(wanted.settings.horizon, wanted.components, wanted.target_rate * 1.04)
        assert choose_population(models, target) is wanted


def test_settings_take_the_history_of_the_one_chosen() -> None:
    settings = PopulationTransformerSettings(populations=(model(2, length=5), model(3, length=9)))
    assert settings.at(ForecastTask(3, 2)).history_length == 9
    assert settings.at(ForecastTask(3, 2)).at(ForecastTask(3, 2)) == settings.at(ForecastTask(3, 2))


def test_a_history_chooses_among_several() -> None:
    models = [model(length=5), model(length=9)]
    assert choose_population(models, ForecastTask(3, 2), history_length=9) is models[1]


def test_a_history_that_no_model_has_is_refused() -> None:
    with pytest.raises(ForecastingError, match=r"history_length must be that of a model, got 7 for 5, 9 in memory"):
        choose_population([model(length=5), model(length=9)], ForecastTask(3, 2), history_length=7, where="memory")


def test_two_that_fit_are_refused() -> None:
    with pytest.raises(ForecastingError, match="one model must fit a horizon, got 2 for 3 frames in the populations"):
        choose_population([model(length=5), model(length=9)], ForecastTask(3, 2))


def test_other_components_are_refused() -> None:
    with pytest.raises(ForecastingError, match=r"as many components as its model.*got 4 in lung for 2, 3 in .*ts 4'"):
        choose_population([model(), model(components=3)], ForecastTask(3, 4, name="lung"))


def test_another_horizon_is_answered_with_those_that_there_are(own: PopulationTransformerSettings) -> None:
    series = breathing(20, RATE, 3.8, 9)
    with pytest.raises(ForecastingError, match="a model for the horizon, got 3 frames for models of 4 frames in mem"):
        forecast_series(series, method="population_transformer", settings=own, horizon=3, train_end=40)


@pytest.mark.parametrize("rate", [5.5, 6.5])
def test_another_rate_is_refused(rate: float) -> None:
    with pytest.raises(ForecastingError, match=rf"within 5 %, got {rate} Hz in lung for 3.2, 6 Hz.*--rate {rate}'"):
        choose_population([model(), model(rate=3.2)], ForecastTask(3, 2, rate, "lung"))


def test_a_sequence_of_the_training_is_refused_under_any_name() -> None:
    seen = component_digests(breathing(9, RATE, 3.0, 4)[:, :1])
    with pytest.raises(ForecastingError, match="what its model has never seen, got copy, which is other of the trai"):
        choose_population([model()], ForecastTask(3, 2, name="copy", digests=lambda: seen))


@pytest.mark.parametrize("part", [slice(0, 60), slice(37, 101), slice(90, None)])
def test_a_part_of_a_series_is_known_again(part: slice) -> None:
    whole = breathing(30, RATE, 3.0, 4)
    assert component_digests(whole) & component_digests(whole[part])
    assert component_digests(whole[part, 1:]) & component_digests(whole)
    lost = whole[part].copy()
    lost[20, 0] = np.nan
    assert component_digests(whole[:, :1]) & component_digests(lost[:, :1])
    assert not component_digests(whole) & component_digests(breathing(30, RATE, 3.0, 5))


@pytest.mark.parametrize("first", [0, 1, 2])
def test_every_third_sample_of_a_series_of_the_training_is_known_again(first: int) -> None:
    """A file at a third of the rate, as the markers have them, was forecast by a model that knew its future."""
    whole = breathing(90, 3 * RATE, 3.3, 4)
    taught = train_population(
        [TrainingSeries("whole", whole, 3 * RATE)], target_rate=RATE, settings=replace(SETTINGS, epochs=1)
    )
    thinned = whole[first::3]
    task = ForecastTask(HORIZON, 2, RATE, "thinned", lambda: component_digests(thinned[40:]))
    with pytest.raises(ForecastingError, match="its model has never seen, got thinned, which is whole of"):
        choose_population([taught], task)
    other = breathing(90, 3 * RATE, 3.3, 5)[first::3]
    assert choose_population([taught], replace(task, digests=lambda: component_digests(other))) is taught


def test_what_many_series_share_tells_none_again() -> None:
    steps = np.repeat([[0.0], [0.1], [0.2]], 40, axis=0)  # of few grey levels or tenths of a millimetre
    assert component_digests(np.concatenate([steps, [[0.3]]])).isdisjoint(component_digests(steps))
    assert component_digests(np.zeros((50, 2))) == frozenset()
    unknown = np.full((50, 1), np.nan)
    unknown[0] = 1.0
    assert len(component_digests(unknown)) == 1


@pytest.mark.shared
def test_no_two_recordings_of_markers_are_taken_for_one(shared: Path) -> None:
    known: set[str] = set()
    for file in sorted((shared / "data" / "markers").glob("*.npz")):
        series = np.load(file)["hz_10"].T
        own = component_digests(series)
        assert known.isdisjoint(own)
        assert own & component_digests(series[: len(series) // 3])
        known |= own


def test_a_sequence_of_the_same_name_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    choose_population([model(name="lung")], ForecastTask(3, 2, name="lung"))
    assert "was trained on a sequence called lung, too" in caplog.text


def test_components_that_never_change_make_nothing_known() -> None:
    assert len(component_digests(np.column_stack([np.zeros(5), np.arange(5.0)]))) == 1


def test_settings_without_a_model_say_how_to_train_one() -> None:
    with pytest.raises(
        ForecastingError, match=r"needs a trained model, got none; train one with 'cinecast population'"
    ):
        PopulationTransformerSettings().loaded()


def test_settings_must_be_loaded_before_their_use() -> None:
    settings = PopulationTransformerSettings(model="x.safetensors")
    with pytest.raises(ForecastingError, match=r"with its model read, got 'x.safetensors'; call loaded\(\)"):
        OnlineDriver("population_transformer", settings, components=2, horizon=3, train_end=40)


def test_weights_of_another_network_are_refused(population: Population) -> None:
    wrong = replace(population, parameters=population.parameters[:, 1:])
    own = PopulationTransformerSettings(populations=(wrong,))
    with pytest.raises(ForecastingError, match=r"a model of 2 components .* must have \d+ weights, got \d+"):
        forecasts(breathing(20, RATE, 3.8, 9), own)


# Training


def test_same_seed_same_weights_whatever_the_number_of_runs(population: Population) -> None:
    assert trained(runs=1).parameters[0].tobytes() == population.parameters[0].tobytes()
    assert trained(runs=1, seed=4).parameters[0].tobytes() != population.parameters[0].tobytes()


def test_the_errors_of_the_training_are_those_over_the_parts_held_out(population: Population) -> None:
    assert len(population.errors) == 2
    assert all(0 < error < 0.5 * population.persistence_error for error in population.errors)
    own = PopulationTransformerSettings(populations=(population,)).at(ForecastTask(HORIZON, 2))
    forecaster = METHODS["population_transformer"].create(own, components=2, runs=2, seed=0)
    parts = [
        np.split(each, [int(0.8 * len(each))])
        for each in (resample_to_rate(s.samples, s.rate_hz, RATE) for s in others())
    ]
    pooled = np.concatenate([first for first, _ in parts])
    squares, of_newest = [], []
    for _, last in parts:
        samples = (last - pooled.mean(axis=0)) / pooled.std(axis=0)
        windows = histories(samples, 8)[:-HORIZON]
        for i, target in enumerate(samples[7 + HORIZON :]):
            squares.append((forecaster.predict(windows[i : i + 1]) - target) ** 2)
            of_newest.append((samples[7 + i] - target) ** 2)
    np.testing.assert_allclose(np.mean(squares, axis=(0, 2)), population.errors, rtol=1e-9)
    assert population.persistence_error == pytest.approx(np.mean(of_newest))


def test_the_first_step_of_the_training_is_as_long_as_its_rate() -> None:
    """Adam moves each weight by the rate at its first step, whatever the gradient."""
    one_step = replace(SETTINGS, epochs=1, batch=100_000)
    far, near = (trained(runs=1, settings=replace(one_step, learning_rate=rate)).parameters for rate in (0.01, 0.002))
    assert np.abs(far - near).max() == pytest.approx(0.008, rel=1e-3)
    assert (np.abs(far - near) > 0.0079).mean() > 0.9


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device: training on the GPU is not tried")
def test_a_gpu_trains_and_fine_tunes_and_the_cpu_forecasts(own: PopulationTransformerSettings) -> None:
    assert all(error < 0.5 * own.populations[0].persistence_error for error in own.populations[0].errors)
    network = population_network.new_network(SETTINGS, 2)
    with fastest_device(network) as device:
        assert device.type == "cuda"
        assert all(parameter.is_cuda for parameter in network.parameters())
    assert not any(parameter.is_cuda for parameter in network.parameters())
    assert train_errors(replace(own, fine_tune_epochs=20, fine_tune_learning_rate=0.002))[0] < train_errors(own)[0]


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

    resampled = resample_to_rate(signal(rate), rate, 6.0)
    expected = signal(6.0)[: len(resampled)]
    assert abs(len(resampled) - 360) <= 2
    # The filter has a ripple of a thousandth of the amplitude, which is 1, and not of what it is about.
    np.testing.assert_allclose(resampled[12:-12], expected[12 : len(resampled) - 12], rtol=0, atol=0.003)
    # Zeros beyond the ends would bring them down to about 25.
    assert np.abs(resampled - 50).max() < 1.2


@pytest.mark.parametrize("rate", [3.18, 6.0, 8.0, 12.0])
def test_resampling_does_not_depend_on_where_zero_is(rng: np.random.Generator, rate: float) -> None:
    samples = np.stack([rng.normal(size=300).cumsum(), np.zeros(300)], axis=1)
    shifted = resample_to_rate(samples - 417.3, rate, 6.0)
    np.testing.assert_allclose(shifted + 417.3, resample_to_rate(samples, rate, 6.0), rtol=0, atol=1e-9)
    assert set(shifted[:, 1]) == {-417.3}


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
        for reached in (values.max(), -values.min()):  # in either direction
            assert 0.95 * most < reached <= most * (1 + 1e-9)


def test_every_pass_learns_from_pairs_that_are_augmented_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of straight lines: a pair stays on one, its target so far ahead too, and no pass has those of another."""
    seen, descend_once = [], population_training.descend_once

    def watched(network: Any, descent: Any, inputs: Any, wanted: Any, batch: int) -> None:
        seen.append((inputs.numpy().copy(), wanted.numpy().copy()))
        descend_once(network, descent, inputs, wanted, batch)

    monkeypatch.setattr(population_training, "descend_once", watched)
    time = np.arange(60.0)[:, np.newaxis]
    lines = [TrainingSeries(name, time * slopes, RATE) for name, slopes in (("a", [1.0, 3.0]), ("b", [2.0, -0.5]))]
    train_population(lines, target_rate=RATE, settings=replace(SETTINGS, epochs=3))
    assert len(seen) == 3
    pairs = 2 * (48 - (8 + HORIZON) + 1)
    for inputs, wanted in seen:
        assert inputs.shape == (pairs, 8, 2)
        steps = np.diff(inputs, axis=1)
        np.testing.assert_allclose(steps, np.broadcast_to(steps[:, :1], steps.shape), atol=1e-9)
        np.testing.assert_allclose(inputs[:, -1] + HORIZON * steps[:, -1], wanted, atol=1e-9)
        slopes = np.unique(np.round(np.abs(steps[:, 0]), 9))
        assert len(slopes) > pairs  # without it there are four
    assert not np.isin(np.round(seen[0][0][:, 0], 9), np.round(seen[1][0][:, 0], 9)).all()


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
    assert [each.name for each in loaded.trained_on] == ["at 4 Hz", "at 5 Hz", "at 3 Hz"]
    assert loaded.about() == population.about()
    assert loaded.digest == population.digest


def test_settings_read_a_file_a_folder_and_a_pattern(population: Population, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.safetensors", "b.safetensors", "c.other", "deep/d.safetensors"):
        save_population(population, tmp_path / name)
    counts = {"a.safetensors": 1, "": 2, "*": 3, "[bc].*": 2, "de*/*": 1}
    for name, count in counts.items():
        loaded = PopulationTransformerSettings(model=str(tmp_path / name)).loaded()
        assert [each.digest for each in loaded.populations] == count * [population.digest], name
        assert loaded.values()["model"] == " ".join(count * [population.digest])
        assert loaded.given()["model"] == str(tmp_path / name)


@pytest.mark.parametrize("name", ["none.safetensors", "x*", "no/*.safetensors", ""])
def test_a_path_without_a_model_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ForecastingError, match=r"must name a model file, a folder of them or a pattern, got .*is none"):
        load_populations(str(tmp_path / name))


def test_a_file_that_is_no_population_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(ForecastingError, match="must be a safetensors file written by 'cinecast population'"):
        load_population(tmp_path / "x")


def test_a_safetensors_file_of_something_else_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"parameters": np.zeros(3)}, tmp_path / "x")
    with pytest.raises(ForecastingError, match="must be a safetensors file written by 'cinecast population'"):
        load_population(tmp_path / "x")


def test_a_damaged_file_is_refused(population: Population, tmp_path: Path) -> None:
    save_population(population, tmp_path / "x")
    (tmp_path / "x").write_bytes((tmp_path / "x").read_bytes()[:-9])
    with pytest.raises(ForecastingError, match="must be a safetensors file written by 'cinecast population'"):
        load_population(tmp_path / "x")


def rewritten(path: Path, parameters: Any, **changes: Any) -> Path:
    from safetensors import safe_open
    from safetensors.numpy import save_file

    with safe_open(path, framework="numpy") as file:
        about = json.loads(file.metadata()["cinecast.population"])
    save_file({"parameters": parameters}, path, {"cinecast.population": json.dumps(about | changes)})
    return path


def test_a_file_of_a_newer_version_is_refused(population: Population, tmp_path: Path) -> None:
    save_population(population, tmp_path / "x")
    newer = rewritten(tmp_path / "x", population.parameters, format=2)
    with pytest.raises(ForecastingError, match=r"must have format 1 or older, got format 2 .*; use a newer cinecast"):
        load_population(newer)


@pytest.mark.parametrize("changes", [{"settings": {"layer": 1}}, {"settings": {"layers": 0}}, {"trained_on": [1]}])
def test_a_file_with_other_facts_is_refused(population: Population, tmp_path: Path, changes: Any) -> None:
    save_population(population, tmp_path / "x")
    other = rewritten(tmp_path / "x", population.parameters, **changes)
    with pytest.raises(ForecastingError, match="must be a safetensors file written by 'cinecast population'"):
        load_population(other)


@pytest.mark.parametrize("parameters", [np.zeros(3), np.full((1, 3), np.nan), np.zeros((1, 3), dtype=np.float32)])
def test_weights_that_are_none_are_refused(population: Population, tmp_path: Path, parameters: Any) -> None:
    save_population(population, tmp_path / "x")
    other = rewritten(tmp_path / "x", parameters)
    with pytest.raises(ForecastingError, match="not a table of finite numbers in double precision"):
        load_population(other)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ForecastingError, match="a model must be readable, got"):
        load_population(tmp_path)


# Guards


def test_without_torch_it_says_what_to_install(
    own: PopulationTransformerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ForecastingError, match=r"population_transformer needs torch.*--editable '\.\[torch\]'"):
        PopulationTransformer(own, 2, [np.random.default_rng(0)])


def test_without_safetensors_nothing_is_saved(
    population: Population, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ForecastingError, match=r"population_transformer needs safetensors.*--editable '\.\[torch\]'"):
        save_population(population, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_without_safetensors_nothing_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ForecastingError, match=r"population_transformer needs safetensors.*--editable '\.\[torch\]'"):
        load_population(tmp_path / "x")


def test_a_population_of_nobody_is_refused() -> None:
    with pytest.raises(ForecastingError, match="needs one sequence or more, got none"):
        train_population([], target_rate=RATE, settings=SETTINGS)


def test_rates_must_be_positive() -> None:
    with pytest.raises(ForecastingError, match=r"a rate must be positive, got 0.0 Hz for at 4 Hz"):
        train_population([replace(others()[0], rate_hz=0.0)], target_rate=RATE, settings=SETTINGS)


def test_the_target_rate_must_be_positive() -> None:
    with pytest.raises(ForecastingError, match=r"a rate must be positive, got -1 Hz for the target"):
        train_population(others(), target_rate=-1, settings=SETTINGS)


@pytest.mark.parametrize("rate", [0.004, 3001.0])
def test_a_target_rate_far_from_those_of_the_sequences_is_refused(rate: float) -> None:
    """Of the one the ratio became 0, which ended in a traceback; the other needs more memory than there is."""
    with pytest.raises(ForecastingError, match=rf"at most 1000 times that of each sequence.*got {rate:g} Hz for \d Hz"):
        train_population(others(), target_rate=rate, settings=SETTINGS)


def test_all_sequences_need_the_same_components() -> None:
    first, second, third = others()
    narrow = replace(second, samples=second.samples[:, :1])
    with pytest.raises(ForecastingError, match=r"shape \(T, K\) with one K, got .*\(300, 1\) of at 5 Hz"):
        train_population([first, narrow, third], target_rate=RATE, settings=SETTINGS)


def test_sequences_that_are_too_short_are_refused() -> None:
    short = [replace(each, samples=each.samples[:30]) for each in others()]
    with pytest.raises(ForecastingError, match="must fit into a fifth of some sequence, got 12 frames for 10"):
        train_population(short, target_rate=RATE, settings=SETTINGS)


def test_a_sequence_that_adds_nothing_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    first, second, third = others()
    few, fewer = replace(second, samples=second.samples[:40]), replace(third, samples=third.samples[:6])
    train_population([first, few, fewer], target_rate=RATE, settings=replace(SETTINGS, epochs=1))
    assert "at 5 Hz is too short" in caplog.messages[0]
    assert "32 to learn from and 8 to judge by; nothing is learned from its end" in caplog.messages[0]
    assert "at 3 Hz is too short" in caplog.messages[1]
    assert "8 to learn from and 2 to judge by; nothing is learned from it" in caplog.messages[1]


def test_a_sample_that_is_not_a_number_is_refused() -> None:
    series = others()
    series[1].samples[7, 1] = np.nan
    with pytest.raises(ForecastingError, match=r"samples must be finite.*got nan in component 1 of frame 7"):
        train_population(series, target_rate=RATE, settings=SETTINGS)
    series[1].samples[7, 1] = 1.0
    masked = replace(series[1], samples=np.ma.masked_equal(series[1].samples, 1.0))
    with pytest.raises(ForecastingError, match=r"samples must be finite.*got nan in component 1 of frame 7"):
        train_population([series[0], masked], target_rate=RATE, settings=SETTINGS)


def test_pairs_never_span_two_sequences() -> None:
    from cinecast_models.population.training import _pairs

    series = [np.arange(20.0)[:, None], 100 + np.arange(15.0)[:, None]]
    windows, targets = _pairs(series, SETTINGS)
    assert len(windows) == len(targets) == (20 - 11) + (15 - 11)
    assert (targets[:, 0] == windows[:, -1, 0] + HORIZON).all()
    np.testing.assert_array_equal(windows[:9], histories(series[0], 8)[:9])
