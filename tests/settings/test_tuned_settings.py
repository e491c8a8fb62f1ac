"""Settings of single methods at single horizons: read, written back, checked, and what they make stale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cinecast.errors import SettingsError
from cinecast.run.plan import Plan, make_plan
from cinecast.sequence import Sequence, Split
from cinecast.settings import TunedSettings
from cinecast.settings.toml_file import build_settings, settings_tables
from cinecast_models import ForecastingError

ENTRY: dict[str, Any] = {"method": "rls", "horizon_frames": 2, "modes": 1, "settings": {"history_length": 5}}


def tables(*entries: dict[str, Any], **forecast: Any) -> dict[str, Any]:
    base = {"methods": ["rls", "linear"], "horizons": ["1", "2"], "tuned": list(entries)}
    return {"forecast": base | forecast}


@pytest.fixture(scope="module")
def sequence() -> Sequence:
    frames = np.random.default_rng(1).integers(0, 100, (60, 16, 16))
    return Sequence("lung", frames, 0.25 * np.arange(60), (1.0, 1.0), Split(20, 40, 60))


def step_values(plan: Plan, key: str) -> dict[str, Any]:
    return dict(next(step.settings for step in plan.steps() if step.key == key))


def test_tuned_settings_are_read_and_written_back() -> None:
    settings = build_settings(tables(ENTRY))
    assert settings.forecast.tuned == (TunedSettings("rls", 2, 1, {"history_length": 5}),)
    assert build_settings(settings_tables(settings)) == settings
    assert "tuned" not in settings_tables(build_settings({}))["forecast"]


def test_they_are_laid_over_those_of_the_method_at_their_horizon_only(sequence: Sequence) -> None:
    plan = make_plan(sequence, build_settings(tables(ENTRY, rls={"history_length": 8, "ridge": 1.0})))
    tuned, other = (step_values(plan, f"forecast/rls/h{h:03d}") for h in (2, 1))
    assert (tuned["history_length"], tuned["ridge"], tuned["modes"]) == (5, 1.0, 1)
    assert (other["history_length"], other["ridge"]) == (8, 1.0)
    assert other["modes"] == plan.settings.motion.modes > 1
    tasks = {(task.method, task.horizon.frames): task.modes for task in plan.tasks}
    assert tasks["rls", 2] == 1
    assert tasks["linear", 2] == tasks["rls", 1] == plan.settings.motion.modes


def test_what_is_not_tuned_stays_up_to_date(sequence: Sequence) -> None:
    plans = [make_plan(sequence, build_settings(tables(*entries))) for entries in ([], [ENTRY])]
    keys = [step.key for step in plans[0].steps() if step.stage in ("forecast", "motion", "flow")]
    changed = {key for key in keys if step_values(plans[0], key) != step_values(plans[1], key)}
    assert changed == {"forecast/rls/h002"}


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ("rls", "forecast.tuned must be a list of tables"),
        (["rls"], "forecast.tuned must be a list of tables"),
        ([{"method": "rls"}], "got none of horizon_frames, modes"),
        ([ENTRY | {"mode": 3}], "did you mean modes?"),
        ([ENTRY | {"method": "rsl"}], "did you mean rls?"),
        ([ENTRY | {"modes": 0}], "forecast.tuned.modes of rls must be a whole number, 1 or more, got 0"),
        ([ENTRY | {"modes": "two"}], "forecast.tuned.modes of rls must be a whole number, 1 or more, got 'two'"),
        ([ENTRY | {"horizon_frames": 0}], "horizon_frames of rls must be a whole number of frames, 1 or more, got 0"),
        ([ENTRY | {"settings": {"length": 3}}], "a setting of forecast.rls must be one of"),
        ([ENTRY | {"settings": 3}], "forecast.rls must be a table"),
        ([ENTRY, ENTRY], "must name each method and horizon once"),
    ],
)
def test_wrong_entries_are_refused(entries: Any, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence.replace("?", r"\?")):
        build_settings({"forecast": {"tuned": entries}})


def test_a_value_out_of_range_is_refused() -> None:
    with pytest.raises(ForecastingError, match=r"rls\.history_length must be a whole number from 1"):
        build_settings(tables(ENTRY | {"settings": {"history_length": 0}}))


def test_more_modes_than_the_model_has_are_refused(sequence: Sequence) -> None:
    settings = build_settings(tables(ENTRY | {"modes": 5}))
    with pytest.raises(SettingsError, match=r"at most motion.modes = 3 modes, got 5 for rls at 2 frames"):
        make_plan(sequence, settings)


def test_a_history_that_does_not_fit_is_refused(sequence: Sequence) -> None:
    settings = build_settings(tables(ENTRY | {"settings": {"history_length": 19}}))
    with pytest.raises(SettingsError, match="the history of rls and the horizon must fit into the train span"):
        make_plan(sequence, settings)
