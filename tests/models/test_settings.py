"""Guards of settings, registry and generators."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast_models import METHODS, ForecastingError, method_settings, setting_ranges
from cinecast_models.linear.lms import LmsSettings
from cinecast_models.randomness import run_generators
from cinecast_models.recurrent.settings import RecurrentSettings


def test_an_unknown_method_is_answered_with_those_known() -> None:
    with pytest.raises(ForecastingError, match=r"one of persistence, linear, lms.*snap1.*got 'oracle'"):
        method_settings("oracle")


def test_an_unknown_setting_is_answered_with_those_known() -> None:
    known = "history_length, learning_rate, clip_norm"
    with pytest.raises(ForecastingError, match=f"a setting of lms must be one of {known}, got 'hidden_units'"):
        method_settings("lms", {"hidden_units": 3})


def test_whole_numbers_are_welcome_where_real_ones_are_wanted() -> None:
    settings = method_settings("lms", {"learning_rate": 1, "history_length": np.int64(7)})
    assert settings == LmsSettings(history_length=7, learning_rate=1.0)
    assert type(settings.history_length) is int
    assert type(vars(settings)["learning_rate"]) is float


@pytest.mark.parametrize("value", [0, -1, 100_001, 2.5, "12", True, None, float("nan")])
def test_history_length_must_be_a_whole_number_in_range(value: object) -> None:
    with pytest.raises(ForecastingError, match=r"lms.history_length must be a whole number from 1 to 100000, got"):
        method_settings("lms", {"history_length": value})


@pytest.mark.parametrize("value", [0.0, -0.1, 11, float("inf"), float("nan"), "fast", False, 1j])
def test_learning_rate_must_be_a_number_in_range(value: object) -> None:
    with pytest.raises(ForecastingError, match=r"snap1.learning_rate must be a number above 0 to 10, got"):
        method_settings("snap1", {"learning_rate": value})


@pytest.mark.parametrize(
    ("method", "setting", "value"),
    [
        ("lms", "clip_norm", 0),
        ("rls", "forgetting", 0.5),
        ("rls", "forgetting", 1.001),
        ("rls", "ridge", 0),
        ("snap1", "hidden_units", 0),
        ("snap1", "weight_std", -0.01),
        ("snap1", "clip_norm", float("inf")),
        ("persistence", "history_length", 0),
    ],
)
def test_every_other_range_is_kept(method: str, setting: str, value: float) -> None:
    with pytest.raises(ForecastingError, match=f"{method}.{setting} must be"):
        method_settings(method, {setting: value})


def test_bounds_themselves_are_allowed() -> None:
    assert vars(method_settings("rls", {"forgetting": 1}))["forgetting"] == 1.0
    assert vars(method_settings("snap1", {"weight_std": 0}))["weight_std"] == 0.0


def test_ranges_can_be_listed() -> None:
    ranges = setting_ranges(RecurrentSettings)
    assert list(ranges) == ["history_length", "hidden_units", "learning_rate", "weight_std", "clip_norm"]
    assert {name: (kind.__name__, str(allowed)) for name, (kind, allowed) in ranges.items()} == {
        "history_length": ("int", "from 1 to 100000"),
        "hidden_units": ("int", "from 1 to 10000"),
        "learning_rate": ("float", "above 0 to 10"),
        "weight_std": ("float", "from 0 to 10"),
        "clip_norm": ("float", "above 0 to 1e+300"),
    }


def test_baselines_come_first() -> None:
    assert list(METHODS)[:2] == ["persistence", "linear"]


def test_run_generators_do_not_depend_on_the_number_of_runs() -> None:
    few, many = run_generators(4, 2), run_generators(4, 5)
    for first, second in zip(few, many, strict=False):
        assert first.normal() == second.normal()


def test_a_seed_must_not_be_negative() -> None:
    with pytest.raises(ForecastingError, match="seed must be 0 or more, got -1"):
        run_generators(-1, 1)


def test_at_least_one_run_is_needed() -> None:
    with pytest.raises(ForecastingError, match="runs must be 1 or more, got 0"):
        run_generators(0, 0)
