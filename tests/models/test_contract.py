"""The laws that every registered method keeps; a method added to the registry is tested here without a line more."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cinecast_models import METHODS, ForecastingError, OnlineDriver, forecast_series, method_settings, nrmse
from cinecast_models.forecast_task import Target
from cinecast_models.forecaster import Array, Forecaster, State
from cinecast_models.windows import histories
from helpers.populations import good_population, tiny_population

FRAMES, TRAIN_END, LENGTH = 70, 30, 6

# What makes a method quick enough to be run a hundred times; the laws do not depend on size.
SMALL: dict[str, dict[str, object]] = {
    **{net: {"hidden_units": 12} for net in ("fixed", "rtrl", "snap1", "uoro", "dni")},
    "kernel_ridge": {"window": 12},
    "transformer": {"model_width": 4, "epochs": 2},
    # With the training going on, so that its runs draw random numbers.
    "population_transformer": {"fine_tune_epochs": 1},
}

every_method = pytest.mark.parametrize("method", list(METHODS))
every_random_method = pytest.mark.parametrize("method", [m.name for m in METHODS.values() if not m.deterministic])


def small(method: str, horizon: int = 3, components: int = 2, **overrides: object) -> Any:
    chosen = method_settings(method, {"history_length": LENGTH, **SMALL.get(method, {}), **overrides})
    if method == "population_transformer":
        chosen = replace(chosen, populations=(tiny_population(chosen.history_length, horizon, components),))
    return chosen.at(Target(horizon, components))


def breathing(frames: int = FRAMES, components: int = 2, seed: int = 1) -> Array:
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None]
    phase = rng.uniform(0, 2 * np.pi, components)
    signal = np.sin(2 * np.pi * time / 17.3 + phase) + 0.3 * np.sin(2 * np.pi * time / 7.1 + 2 * phase)
    return 20 * signal + rng.normal(0, 1, (frames, components)) + 100


def run(series: Array, method: str, *, horizon: int = 3, **keywords: Any) -> Array:
    keywords = {
        "settings": small(method, horizon, series.shape[1]),
        "train_end": TRAIN_END,
        "runs": 2,
        "seed": 5,
    } | keywords
    result = forecast_series(series, method=method, horizon=horizon, **keywords)
    return result.forecasts


def small_forecaster(method: str, seed: int = 3) -> Forecaster:
    return METHODS[method].create(small(method), components=2, runs=2, seed=seed)


def training_pairs(horizon: int = 3) -> tuple[Array, Array]:
    series = (breathing() - 100) / 15
    return histories(series, LENGTH)[:-horizon], series[LENGTH - 1 + horizon :]


def through_a_file(state: State) -> dict[str, Any]:
    file = io.BytesIO()
    np.savez(file, **state)  # type: ignore[arg-type]  # numpy's stub takes the arrays for its own flag
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def assert_same_bits(first: Array, second: Array) -> None:
    assert first.shape == second.shape
    assert first.tobytes() == second.tobytes()


def assert_future_cannot_change_past(forecast: Callable[[Array], Array], series: Array, t: int, horizon: int) -> None:
    """Replace every sample after t and demand that no forecast issued up to t moves by one bit."""
    changed = series.copy()
    changed[t + 1 :] += 1e6 * np.random.default_rng(t).normal(size=changed[t + 1 :].shape)
    issued_up_to_t = slice(0, t + horizon + 1)
    assert_same_bits(forecast(series)[:, issued_up_to_t], forecast(changed)[:, issued_up_to_t])


# Causality


@every_method
@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("t", [10, TRAIN_END - 2, TRAIN_END - 1, TRAIN_END, TRAIN_END + 11, FRAMES - 2])
def test_the_future_cannot_change_the_past(method: str, horizon: int, t: int) -> None:
    assert_future_cannot_change_past(lambda s: run(s, method, horizon=horizon), breathing(), t, horizon)


@every_method
def test_the_law_above_has_something_to_hold(method: str) -> None:
    series = breathing()
    changed = series.copy()
    changed[TRAIN_END + 5 :] += 50
    before, after = run(series, method), run(changed, method)
    issued_at = TRAIN_END + 5
    assert np.isfinite(before[:, TRAIN_END + 2 : issued_at + 3]).all()
    assert not np.array_equal(before[:, issued_at + 3], after[:, issued_at + 3])


@pytest.mark.parametrize("method", [m.name for m in METHODS.values() if not m.offline])
def test_a_driver_that_hands_over_targets_at_once_breaks_the_law(method: str) -> None:
    with pytest.raises(AssertionError):
        assert_future_cannot_change_past(
            lambda s: run(s, method, horizon=4, protocol="published"), breathing(), TRAIN_END + 11, 4
        )


def test_a_scaling_by_the_whole_series_breaks_the_law() -> None:
    def leaky(series: Array) -> Array:
        mean, scale = float(series.mean()), float(series.std())
        return run((series - mean) / scale, "rls") * scale + mean

    with pytest.raises(AssertionError):
        assert_future_cannot_change_past(leaky, breathing(), TRAIN_END + 11, 3)


def test_a_forecaster_fitted_on_the_whole_series_breaks_the_law() -> None:
    def leaky(series: Array) -> Array:
        forecaster = METHODS["linear"].create(small("linear"), components=2, runs=1, seed=0)
        windows = histories(series, LENGTH)
        forecaster.fit(windows[:-3], series[LENGTH + 2 :])
        forecasts = np.full((1, *series.shape), np.nan)
        for t in range(TRAIN_END - 1, FRAMES - 3):
            forecasts[:, t + 3] = forecaster.predict(windows[: t - LENGTH + 2])
        return forecasts

    with pytest.raises(AssertionError):
        assert_future_cannot_change_past(leaky, breathing(), TRAIN_END + 11, 3)


@every_method
def test_at_horizon_1_both_protocols_agree_to_the_bit(method: str) -> None:
    series = breathing()
    assert_same_bits(run(series, method, horizon=1), run(series, method, horizon=1, protocol="published"))


@every_method
@pytest.mark.parametrize("horizon", [1, 4])
def test_the_driver_learns_when_a_target_arrives_then_forecasts(method: str, horizon: int) -> None:
    """The causal protocol written out plainly, with its times spelled as indices of the series."""
    series, chosen = breathing(), small(method, horizon)
    mean, scale = series[:TRAIN_END].mean(axis=0), series[:TRAIN_END].std(axis=0)
    if not METHODS[method].standardised:
        mean, scale = np.zeros(2), np.ones(2)
    samples, length = (series - mean) / scale, chosen.history_length
    forecaster = METHODS[method].create(chosen, components=2, runs=2, seed=5)
    ends = range(length - 1, TRAIN_END - horizon)
    forecaster.fit(
        np.array([samples[s - length + 1 : s + 1] for s in ends]), np.array([samples[s + horizon] for s in ends])
    )
    expected = np.full((forecaster.runs, FRAMES, 2), np.nan)
    for t in range(FRAMES):
        if t - horizon >= length - 1:
            forecaster.learn(samples[t - horizon - length + 1 : t - horizon + 1], samples[t])
        if TRAIN_END - 1 <= t < FRAMES - horizon:
            pending = np.array([samples[s - length + 1 : s + 1] for s in range(t - horizon + 1, t + 1)])
            expected[:, t + horizon] = forecaster.predict(pending) * scale + mean
    np.testing.assert_allclose(run(series, method, horizon=horizon), expected, rtol=1e-12)


@every_method
def test_batch_equals_stream(method: str) -> None:
    series, horizon = breathing(), 3
    driver = OnlineDriver(method, small(method), components=2, horizon=horizon, train_end=TRAIN_END, runs=2, seed=5)
    streamed = [driver.push(sample) for sample in series]
    batch = run(series, method, horizon=horizon)
    assert all(forecast is None for forecast in streamed[: TRAIN_END - 1])
    assert np.isnan(batch[:, : TRAIN_END - 1 + horizon]).all()
    for t in range(TRAIN_END - 1, FRAMES - horizon):
        forecast = streamed[t]
        assert forecast is not None
        assert_same_bits(forecast, batch[:, t + horizon].copy())


@settings(max_examples=60)
@given(data=st.data())
def test_causality_and_streaming_hold_for_random_series(data: st.DataObject) -> None:
    method = data.draw(st.sampled_from(list(METHODS)))
    length, horizon, components = (data.draw(st.integers(1, n)) for n in (7, 6, 4))
    train_end = length + horizon + data.draw(st.integers(0, 12))
    frames = train_end + horizon + data.draw(st.integers(0, 12))
    scale = 10.0 ** data.draw(st.integers(-6, 6))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    series = scale * rng.normal(size=(frames, components)).cumsum(axis=0)
    chosen = small(method, horizon, components, history_length=length)

    def forecast(samples: Array) -> Array:
        return run(samples, method, horizon=horizon, settings=chosen, train_end=train_end)

    t = data.draw(st.integers(0, frames - 1))
    assert_future_cannot_change_past(forecast, series, t, horizon)
    # Cutting the series off after t is the same law: what has not arrived cannot matter.
    if t + 1 >= train_end + horizon:
        assert_same_bits(forecast(series[: t + 1]), forecast(series)[:, : t + 1].copy())


# Random runs


@every_method
def test_same_seed_same_forecasts(method: str) -> None:
    assert_same_bits(run(breathing(), method), run(breathing(), method))


@every_method
def test_a_deterministic_method_has_one_run(method: str) -> None:
    forecasts = run(breathing(), method, runs=3)
    assert forecasts.shape == (1 if METHODS[method].deterministic else 3, FRAMES, 2)


@every_random_method
def test_runs_and_seeds_differ(method: str) -> None:
    forecasts, other = run(breathing(), method), run(breathing(), method, seed=6)
    assert np.nanmax(np.abs(forecasts[0] - forecasts[1])) > 0
    assert np.nanmax(np.abs(forecasts[0] - other[0])) > 0


@every_random_method
def test_a_run_does_not_depend_on_the_number_of_runs(method: str) -> None:
    alone, together = run(breathing(), method, runs=1), run(breathing(), method, runs=3)
    np.testing.assert_allclose(together[0], alone[0], rtol=1e-12, atol=0)


# Purity and state


@every_method
def test_the_series_is_not_changed(method: str) -> None:
    for protocol in ("causal", "published"):
        series = breathing()
        run(series, method, protocol=protocol)
        assert_same_bits(series, breathing())


@every_method
def test_a_forecaster_accepts_arrays_that_cannot_be_written(method: str) -> None:
    windows, targets = (a.copy() for a in training_pairs())
    windows.flags.writeable = targets.flags.writeable = False
    forecaster = small_forecaster(method)
    forecaster.fit(windows[:20], targets[:20])
    forecaster.learn(windows[20], targets[20])
    assert forecaster.predict(windows[21:24]).shape == (forecaster.runs, 2)


@every_method
def test_predicting_changes_nothing(method: str) -> None:
    windows, targets = training_pairs()
    quiet, asked = small_forecaster(method), small_forecaster(method)
    for forecaster in (quiet, asked):
        forecaster.fit(windows[:20], targets[:20])
    for i in range(20, 40):
        for n in (1, 3):
            assert_same_bits(asked.predict(windows[i : i + n]), asked.predict(windows[i : i + n]))
        quiet.learn(windows[i], targets[i])
        asked.learn(windows[i], targets[i])
    assert_same_bits(quiet.predict(windows[40:43]), asked.predict(windows[40:43]))


@every_method
def test_a_forecast_handed_out_may_be_changed(method: str) -> None:
    windows, targets = training_pairs()
    forecaster = small_forecaster(method)
    forecaster.fit(windows[:20], targets[:20])
    forecast = forecaster.predict(windows[20:23])
    kept = forecast.copy()
    forecast += 1e3
    assert_same_bits(forecaster.predict(windows[20:23]), kept)


@every_method
def test_a_restored_forecaster_continues_to_the_bit(method: str) -> None:
    windows, targets = training_pairs()
    first, second = small_forecaster(method), small_forecaster(method, seed=99)
    first.fit(windows[:20], targets[:20])
    for i in range(20, 30):
        first.learn(windows[i], targets[i])
    state = through_a_file(first.state())
    second.restore(state)
    for i in range(30, 45):
        assert_same_bits(first.predict(windows[i : i + 3]), second.predict(windows[i : i + 3]))
        first.learn(windows[i], targets[i])
        second.learn(windows[i], targets[i])
    # What was saved is a copy: learning on did not reach it.
    third = small_forecaster(method)
    third.restore(state)
    fourth = small_forecaster(method)
    fourth.restore(through_a_file(third.state()))
    assert_same_bits(third.predict(windows[30:33]), fourth.predict(windows[30:33]))


@every_method
@pytest.mark.parametrize("saved_after", [0, 12, TRAIN_END - 1, TRAIN_END, TRAIN_END + 9])
def test_a_restored_driver_continues_to_the_bit(method: str, saved_after: int) -> None:
    def driver(seed: int) -> OnlineDriver:
        return OnlineDriver(method, small(method), components=2, horizon=3, train_end=TRAIN_END, runs=2, seed=seed)

    series = breathing()
    first, second = driver(1), driver(2)
    for sample in series[:saved_after]:
        first.push(sample)
    state = through_a_file(first.state())
    second.restore(state)
    for sample in series[saved_after:]:
        expected, got = first.push(sample), second.push(sample)
        assert (expected is None) == (got is None)
        if expected is not None and got is not None:
            assert_same_bits(expected, got)


@every_method
def test_the_state_of_another_method_is_refused(method: str) -> None:
    with pytest.raises(ForecastingError, match="restore it into the method that saved it"):
        small_forecaster(method).restore({"nonsense": np.zeros(1)})


@pytest.mark.parametrize("method", [m for m in METHODS if small_forecaster(m).state()])
def test_the_state_of_another_size_is_refused(method: str) -> None:
    other = METHODS[method].create(small(method, components=3), components=3, runs=2, seed=0)
    before = other.state()
    with pytest.raises(ForecastingError, match="restore with the settings and the number of runs"):
        other.restore(small_forecaster(method).state())
    for name, array in other.state().items():
        assert array.tobytes() == before[name].tobytes()


# Numbers


@every_method
@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e9])
def test_forecasts_are_finite_at_any_scale(method: str, scale: float) -> None:
    forecasts = run(scale * breathing(), method)
    assert np.isfinite(forecasts[:, TRAIN_END + 2 :]).all()


@every_method
@pytest.mark.parametrize("value", [0.0, 0.1, -1e9, 1e-300])
def test_a_constant_signal_is_forecast_as_itself(method: str, value: float) -> None:
    forecasts = run(np.full((FRAMES, 2), value), method)
    # A constant has no scale of its own, so the small random weights of a net show as they are.
    tolerance = 1e-12 if METHODS[method].deterministic else 0.01
    np.testing.assert_allclose(forecasts[:, TRAIN_END + 2 :], value, rtol=1e-9, atol=tolerance)


@every_method
def test_a_signal_that_starts_to_move_after_the_train_span_stays_finite(method: str) -> None:
    series = np.full((FRAMES, 2), 7.0)
    series[TRAIN_END + 5 :] = breathing()[TRAIN_END + 5 :]
    assert np.isfinite(run(series, method)[:, TRAIN_END + 2 :]).all()


@every_method
def test_forecasts_do_not_depend_on_the_unit(method: str) -> None:
    pixels, millimetres = run(breathing(), method), run(1.818 * breathing(), method)
    np.testing.assert_allclose(millimetres, 1.818 * pixels, rtol=1e-6)


@every_method
@pytest.mark.parametrize("components", [1, 5])
def test_any_number_of_components(method: str, components: int) -> None:
    forecasts = run(breathing(components=components), method)
    assert np.isfinite(forecasts[:, TRAIN_END + 2 :]).all()
    assert forecasts.shape[1:] == (FRAMES, components)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "persistence"])
def test_breathing_is_forecast_better_than_by_persistence(method: str) -> None:
    series, horizon, train_end, start = breathing(600), 5, 200, 300
    truth = series[start:]

    def score(name: str) -> float:
        own = method_settings(name)
        if name == "population_transformer":
            own = replace(own, populations=(good_population(12, horizon, 2),))  # type: ignore[call-arg]  # its own
        result = forecast_series(series, method=name, settings=own, horizon=horizon, train_end=train_end)
        return nrmse(result.forecasts[0, start:], truth)

    assert score(method) < 0.75 * score("persistence")


# Settings


@every_method
def test_settings_are_frozen_documented_and_valid_by_default(method: str) -> None:
    chosen = method_settings(method)
    documentation = type(chosen).__doc__
    assert documentation is not None
    for field in fields(chosen):
        assert f"    {field.name}\n" in documentation
    with pytest.raises(FrozenInstanceError):
        chosen.history_length = 3  # type: ignore[misc]


@every_method
def test_a_method_is_registered_under_the_name_of_its_settings(method: str) -> None:
    assert METHODS[method].name == method == METHODS[method].settings.method
    assert METHODS[method].title


@every_method
def test_settings_of_another_method_are_refused(method: str) -> None:
    other = next(name for name in METHODS if name != method)
    with pytest.raises(ForecastingError, match=f"settings of {method} must be"):
        run(breathing(), method, settings=small(other))
