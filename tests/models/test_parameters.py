"""Forecasters have parameters and a repr as scikit-learn has them, and its `clone` takes them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from cinecast_models import METHODS, ForecastingError, MethodSettings, Pair, method_settings
from cinecast_models.forecaster import Array
from cinecast_models.linear.rls import Rls, RlsSettings
from cinecast_models.mixture.experts import RunningMean
from cinecast_models.population.population import Population
from cinecast_models.population.settings import PopulationSettings
from cinecast_models.population.transformer import PopulationTransformer, PopulationTransformerSettings

LENGTH, COMPONENTS = 5, 2
OWN_MODEL = "population_transformer"
SERIES = np.sin(np.arange(60)[:, np.newaxis] * (0.3, 0.7)) + np.random.default_rng(0).normal(0, 0.1, (60, 2))


def make(name: str, **changes: Any) -> Any:
    """Return a forecaster that has learned nothing."""
    if name == OWN_MODEL:
        population = Population(np.zeros((1, 1)), PopulationSettings(history_length=LENGTH), COMPONENTS, 5.0)
        from cinecast_models.population.network import new_network
        from cinecast_models.transformer.base import NetworkForecaster

        size = NetworkForecaster([new_network(population.settings, COMPONENTS)], []).parameters.shape[1]
        weights = np.random.default_rng(1).normal(0, 0.1, (1, size))
        population = Population(weights, population.settings, COMPONENTS, 5.0)
        settings: MethodSettings = PopulationTransformerSettings(history_length=LENGTH, populations=(population,))
    else:
        quick = {"epochs": 1} if name == "transformer" else {}
        settings = method_settings(name, {"history_length": LENGTH, **quick, **changes})
    return METHODS[name].create(settings, components=COMPONENTS, runs=1, seed=4)


def forecasts(forecaster: Any) -> Array:
    """Return what it forecasts after it has learned; each is a copy."""
    length = forecaster.get_params()["history_length"]
    windows = np.stack([SERIES[i : i + length] for i in range(len(SERIES) - length)])
    targets = SERIES[length:]
    forecaster.fit(windows[:30], targets[:30])
    said = []
    for i in range(30, 45):
        said.append(np.array(forecaster.predict(windows[i : i + 1])))
        forecaster.learn(Pair(windows[i], targets[i], length - 1 + i, length + i))
    return np.stack(said)


@pytest.mark.parametrize("name", METHODS)
def test_parameters_are_the_settings_by_name(name: str) -> None:
    forecaster = make(name)
    assert forecaster.get_params() == forecaster.get_params(deep=False)
    assert list(forecaster.get_params()) == list(METHODS[name].settings(history_length=LENGTH).given())
    assert forecaster.get_params()["history_length"] == LENGTH


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("again", [clone, lambda each: each.set_params(**each.get_params())])
def test_one_made_again_forecasts_the_same_to_the_bit(name: str, again: Callable[[Any], Any]) -> None:
    first = make(name)
    untouched = pickle.dumps(first.get_params())
    expected = forecasts(first)
    second = again(first)  # the first has learned; the second must not have
    assert pickle.dumps(second.get_params()) == untouched
    assert forecasts(second).tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", [each for each in METHODS if each != OWN_MODEL])
def test_settings_that_are_set_are_those_it_forecasts_with(name: str) -> None:
    forecaster = make(name)
    forecasts(forecaster)
    assert forecaster.set_params(history_length=LENGTH + 2) is forecaster
    assert forecasts(forecaster).tobytes() == forecasts(make(name, history_length=LENGTH + 2)).tobytes()


@pytest.mark.parametrize("name", METHODS)
def test_a_name_that_is_no_setting_is_refused_and_changes_nothing(name: str) -> None:
    forecaster = make(name)
    forecasts(forecaster)
    kept = forecaster.state()
    with pytest.raises(ForecastingError, match=r"must be one of history_length.*got 'history_lenght'; did you mean"):
        forecaster.set_params(history_lenght=9)
    assert all(array.tobytes() == kept[key].tobytes() for key, array in forecaster.state().items())


def test_a_value_out_of_range_is_refused_and_changes_nothing() -> None:
    forecaster = make("rls")
    with pytest.raises(ForecastingError, match=r"rls\.forgetting must be a number above 0\.5 to 1, got 2"):
        forecaster.set_params(history_length=3, forgetting=2)
    assert forecaster.get_params() == {"history_length": LENGTH, "forgetting": 0.995, "ridge": 3.0}


def test_setting_nothing_keeps_what_was_learned() -> None:
    forecaster = make("rls")
    forecasts(forecaster)
    assert forecaster.set_params().weights.any()
    assert not forecaster.set_params(ridge=2.0).weights.any()


def test_a_model_that_was_read_is_not_changed_by_its_name() -> None:
    with pytest.raises(ForecastingError, match=r"model of PopulationTransformer must stay what was read, got 'other'"):
        make(OWN_MODEL).set_params(model="other")


def test_the_history_of_a_model_is_not_changed() -> None:
    with pytest.raises(ForecastingError, match=f"history_length must be that of the model, {LENGTH}, got 9"):
        make(OWN_MODEL).set_params(history_length=9)
    assert isinstance(make(OWN_MODEL).set_params(fine_tune_epochs=2), PopulationTransformer)


def test_the_repr_shows_what_differs_from_the_defaults() -> None:
    assert repr(Rls(RlsSettings(), 2)) == "Rls()"
    assert (
        repr(Rls(settings=RlsSettings(history_length=8, ridge=1), components=2)) == "Rls(history_length=8, ridge=1.0)"
    )
    assert repr(make("mixture").set_params(rate=0.5)) == "Mixture(history_length=5, rate=0.5)"


def test_one_made_without_settings_has_no_parameters() -> None:
    forecaster = RunningMean(0.9, 2)
    assert (repr(forecaster), forecaster.get_params()) == ("RunningMean()", {})
    with pytest.raises(ForecastingError, match=r"a parameter of RunningMean must be one of none, got 'rate'"):
        forecaster.set_params(rate=1)


@pytest.mark.parametrize("name", ["rls", "mixture", "snap1"])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_keeps_what_was_learned_and_its_parameters(name: str, copied: Callable[[Any], Any]) -> None:
    first = make(name, history_length=7)
    forecasts(first)
    second = copied(first)
    assert second.get_params() == first.get_params()
    assert all(array.tobytes() == second.state()[key].tobytes() for key, array in first.state().items())
    assert forecasts(clone(second)).tobytes() == forecasts(clone(first)).tobytes()
