"""The laws that every registered method keeps; a method added to the registry is tested here without a line more."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cinecast_models import METHODS, ForecastingError, OnlineDriver, forecast_series, method_settings, nrmse
from cinecast_models.check.laws import (
    FRAMES,
    LAWS,
    LENGTH,
    TRAIN_END,
    Case,
    assert_future_cannot_change_past,
    assert_same_bits,
    breathing,
)
from cinecast_models.forecaster import Array, Forecaster, Pair
from cinecast_models.windows import histories
from helpers.populations import good_population, tiny_population

# What makes a method quick enough to be run a hundred times; the laws do not depend on size.
SMALL: dict[str, dict[str, object]] = {
    **{net: {"hidden_units": 12} for net in ("fixed", "rtrl", "snap1", "uoro", "dni")},
    "kernel_ridge": {"window": 12},
    "transformer": {"model_width": 4, "epochs": 2},
    # With the training going on, so that its runs draw random numbers.
    "population_transformer": {"fine_tune_epochs": 1},
}

every_method = pytest.mark.parametrize("method", list(METHODS))


def prepared(chosen: Any, horizon: int, components: int) -> Any:
    """Give the population transformer a population, which others read from a file."""
    if chosen.method != "population_transformer":
        return chosen
    return replace(chosen, populations=(tiny_population(chosen.history_length, horizon, components),))


def case_of(method: str, **overrides: object) -> Case:
    return Case(method, {**SMALL.get(method, {}), **overrides}, prepared)


def small(method: str, horizon: int = 3, components: int = 2, **overrides: object) -> Any:
    return case_of(method, **overrides).settings(horizon, components)


def run(series: Array, method: str, **keywords: Any) -> Array:
    return case_of(method).run(series, **keywords)


def small_forecaster(method: str, seed: int = 3) -> Forecaster:
    return case_of(method).forecaster(seed)


@every_method
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_law_is_kept(law: Callable[[Case], None], method: str) -> None:
    law(case_of(method))


# Copies


@every_method
@pytest.mark.parametrize("of_package", ["", "some-package 1.0"])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda driver: pickle.loads(pickle.dumps(driver))])
def test_a_copy_goes_on_alone(
    monkeypatch: pytest.MonkeyPatch, method: str, of_package: str, copied: Callable[[OnlineDriver], OnlineDriver]
) -> None:
    """As a script keeps one to go back to, or a pool of processes hands one over."""
    monkeypatch.setitem(METHODS, method, replace(METHODS[method], source=of_package))
    first, other = case_of(method).driver(), case_of(method).driver(seed=8)
    for sample in breathing()[: TRAIN_END + 7]:
        first.push(sample)
        other.push(100 - 3 * sample)
    second, third = copied(first), copied(first)
    third.restore(other.state())
    for sample in breathing()[TRAIN_END + 7 :]:
        forecast, of_other = first.push(sample), other.push(sample)
        assert forecast is not None
        assert of_other is not None
        np.testing.assert_array_equal(second.push(sample), forecast)
        np.testing.assert_array_equal(third.push(sample), of_other)


# Causality


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
            forecaster.learn(Pair(samples[t - horizon - length + 1 : t - horizon + 1], samples[t], t - horizon, t))
        if TRAIN_END - 1 <= t < FRAMES - horizon:
            pending = np.array([samples[s - length + 1 : s + 1] for s in range(t - horizon + 1, t + 1)])
            expected[:, t + horizon] = forecaster.predict(pending) * scale + mean
    np.testing.assert_allclose(run(series, method, horizon=horizon), expected, rtol=1e-12)


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


# State


@pytest.mark.parametrize("method", [m for m in METHODS if small_forecaster(m).state()])
def test_the_state_of_another_size_is_refused(method: str) -> None:
    other = METHODS[method].create(small(method, components=3), components=3, runs=2, seed=0)
    before = other.state()
    with pytest.raises(ForecastingError, match="restore with the settings and the number of runs"):
        other.restore(small_forecaster(method).state())
    for name, array in other.state().items():
        assert array.tobytes() == before[name].tobytes()


# Numbers


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
    documentation = "\n".join(inspect.cleandoc(each.__doc__ or "") for each in type(chosen).__mro__)
    for field in fields(chosen):
        assert f"\n{field.name}\n" in documentation
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
