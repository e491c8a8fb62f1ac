"""What is loaded when: names and settings of methods cost no heavy library."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest

import cinecast_models
from cinecast_models import METHODS, ForecastingError, Method, OnlineDriver, method_settings
from cinecast_models.linear.linear import Linear, LinearSettings

HEAVY = ("numba", "scipy", "sklearn", "torch")


def loaded_by(command: str, *libraries: str) -> list[str]:
    """Return which of the libraries a new interpreter has loaded after a command."""
    command += f"; import sys; print(*({set(libraries)!r} & set(sys.modules)))"
    environment: dict[str, Any] = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, env=environment)
    return sorted(done.stdout.split())


@pytest.mark.parametrize(
    "command",
    [
        "import cinecast_models; dir(cinecast_models)",
        "from cinecast_models import ForecastingError, ForecastTask, MethodSettings, Protocol, Range, setting_ranges",
    ],
)
def test_the_library_is_imported_without_numpy(command: str) -> None:
    assert loaded_by(command, "numpy", *HEAVY) == []


@pytest.mark.parametrize(
    "command",
    [
        "import cinecast_models.registry",
        "from cinecast_models import METHODS, method_settings; [method_settings(name) for name in METHODS]",
        "from cinecast_models import OnlineDriver, forecast_series, nrmse, conformal_bands",
        "from cinecast_models import OnlineDriver; OnlineDriver('rls', components=1, horizon=1, train_end=20)",
    ],
)
def test_methods_are_listed_and_chosen_without_a_heavy_library(command: str) -> None:
    assert loaded_by(command, *HEAVY) == []


@pytest.mark.parametrize(("method", "library"), [("snap1", "numba"), ("transformer", "torch")])
def test_a_method_that_is_used_loads_what_it_needs(method: str, library: str) -> None:
    command = (
        f"from cinecast_models import OnlineDriver; OnlineDriver({method!r}, components=1, horizon=1, train_end=20)"
    )
    assert library in loaded_by(command, *HEAVY)


def test_the_public_names_are_those_of_the_stub_and_can_be_had() -> None:
    assert {"METHODS", "OnlineDriver", "forecast_series", "Range"} <= set(dir(cinecast_models))
    assert set(cinecast_models.__all__) == set(dir(cinecast_models))
    for name in cinecast_models.__all__:
        assert getattr(cinecast_models, name) is not None


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        cinecast_models.nonsense  # type: ignore[attr-defined]  # noqa: B018 - that is the test


@pytest.mark.parametrize("name", METHODS)
def test_a_factory_is_found_by_its_name(name: str) -> None:
    method = METHODS[name]
    assert isinstance(method.factory, str)
    home, _, own = method.factory.partition(":")
    assert (method.forecaster.__module__, method.forecaster.__qualname__) == (home, own)


def test_a_factory_may_be_the_class_itself() -> None:
    method = Method("Own", LinearSettings, Linear, deterministic=True, offline=True, standardised=False)
    assert method.forecaster is Linear


@pytest.mark.parametrize("name", METHODS)
def test_methods_and_settings_go_to_another_process(name: str) -> None:
    assert pickle.loads(pickle.dumps(METHODS[name])) == METHODS[name]
    assert pickle.loads(pickle.dumps(method_settings(name))) == method_settings(name)


@pytest.mark.parametrize("name", [name for name in METHODS if "transformer" not in name])
def test_a_driver_goes_to_another_process(name: str) -> None:
    driver = OnlineDriver(name, components=2, horizon=1, train_end=30)
    assert pickle.loads(pickle.dumps(driver)).state().keys() == driver.state().keys()


def test_an_error_goes_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(ForecastingError("a rule")))
    assert isinstance(error, ForecastingError)
    assert str(error) == "a rule"
