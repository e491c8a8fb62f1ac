"""Settings as TOML: read, overridden by name, checked, written back."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast.errors import SettingsError
from cinecast.settings import FlowSettings, ForecastSettings, FramesSettings, MotionSettings, ScoreSettings, Settings
from cinecast.settings.toml_file import (
    build_settings,
    merge,
    parse_assignment,
    read_settings_file,
    settings_tables,
    settings_text,
)
from cinecast_models import METHODS, ForecastingError

SETTINGS = st.builds(
    Settings,
    frames=st.builds(
        FramesSettings,
        frame_period_s=st.none() | st.floats(1e-6, 1e6),
        pixel_spacing_mm=st.none() | st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)),
        series=st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20),
    ),
    flow=st.builds(FlowSettings, levels=st.integers(1, 8), sigma_window=st.floats(0.1, 50)),
    motion=st.builds(
        MotionSettings,
        modes=st.integers(1, 9),
        offline_train_end=st.none() | st.integers(2, 500),
        pixel_weights=st.sampled_from(["uniform", "reliable"]),
    ),
    forecast=st.builds(
        ForecastSettings,
        methods=st.lists(st.sampled_from(list(METHODS)), min_size=1).map(tuple),
        horizons=st.lists(st.sampled_from(["3", "0.5s"]), min_size=1).map(tuple),
        method_settings=st.just({"snap1": {"hidden_units": 60, "learning_rate": 0.01}, "rls": {"history_length": 3}}),
    ),
    score=st.builds(ScoreSettings, ssim_data_range=st.none() | st.floats(1e-3, 1e6)),
)


@given(SETTINGS)
def test_settings_written_and_read_are_the_same(settings: Settings) -> None:
    assert build_settings(tomllib.loads(settings_text(settings))) == settings


def test_the_defaults_are_written_out_in_full() -> None:
    tables = settings_tables(Settings())
    assert tables["flow"] == dataclasses.asdict(FlowSettings())
    assert tables["forecast"]["methods"] == ["mixture", "linear"]
    assert "method_settings" not in tables["forecast"]


def test_nothing_given_is_the_defaults() -> None:
    assert build_settings({}) == Settings()


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("flow.levels=3", {"flow": {"levels": 3}}),
        (" flow.sigma_window = 2.5 ", {"flow": {"sigma_window": 2.5}}),
        ("forecast.snap1.hidden_units=60", {"forecast": {"snap1": {"hidden_units": 60}}}),
        ("forecast.protocol=published", {"forecast": {"protocol": "published"}}),
        ('forecast.protocol="published"', {"forecast": {"protocol": "published"}}),
        ('forecast.horizons=["1", "0.5s"]', {"forecast": {"horizons": ["1", "0.5s"]}}),
        ("frames.series=a=b", {"frames": {"series": "a=b"}}),
        ("frames.series=", {"frames": {"series": ""}}),
        ("rls.ridge=3", {"forecast": {"rls": {"ridge": 3}}}),
        ("forecast.rls.ridge=3", {"forecast": {"rls": {"ridge": 3}}}),
    ],
)
def test_assignments(text: str, tables: dict[str, Any]) -> None:
    assert parse_assignment(text) == tables


@pytest.mark.parametrize("text", ["", "flow.levels", "levels=3", ".levels=3", "flow.=3", "flow..levels=3", "=3"])
def test_what_is_no_assignment(text: str) -> None:
    with pytest.raises(
        SettingsError, match=r"--set takes STAGE.NAME=VALUE or METHOD.NAME=VALUE, such as flow.levels=3 or"
    ):
        parse_assignment(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("levels=3", "; did you mean flow.levels=3?"),
        ("forgetting=1", "; did you mean rls.forgetting=1, kernel_tracker.forgetting=1?"),
        ("history_length=9", "; did you mean persistence.history_length=9, linear.history_length=9, lms.history_"),
        ("RLS.ridge=3", "got 'RLS'; did you mean rls?"),
        ("forcast.runs=3", "got 'forcast'; did you mean forecast?"),
        ("xyz.runs=3", "got 'xyz'; choose one of these"),
    ],
)
def test_near_misses_of_an_assignment_get_a_hint(text: str, hint: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(hint)):
        parse_assignment(text)


def test_later_tables_win_name_by_name() -> None:
    base = {"flow": {"levels": 3, "iterations": 1}, "forecast": {"methods": ["linear", "rls"]}}
    changes = {"flow": {"levels": 2}, "forecast": {"methods": ["lms"], "linear": {"history_length": 3}}}
    assert merge(base, changes) == {
        "flow": {"levels": 2, "iterations": 1},
        "forecast": {"methods": ["lms"], "linear": {"history_length": 3}},
    }
    assert base["forecast"] == {"methods": ["linear", "rls"]}


def test_whole_numbers_are_welcome_as_numbers_and_as_texts() -> None:
    settings = build_settings(
        {"flow": {"sigma_window": 2}, "forecast": {"horizons": [1, "2"]}, "frames": {"series": 7}}
    )
    assert settings.flow.sigma_window == 2.0
    assert isinstance(settings.flow.sigma_window, float)
    assert settings.forecast.horizons == ("1", "2")
    assert settings.frames.series == "7"


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ({"flwo": {}}, "a stage of the settings must be one of frames, flow, .*got 'flwo'; did you mean flow"),
        ({"xyz": {}}, "got 'xyz'; choose one of these"),
        ({"flow": {"level": 3}}, "a setting of flow must be one of reference, levels, .*did you mean levels"),
        ({"flow": 3}, r"\[flow\] of the settings must be a table of names and values, got 3"),
        ({"flow": {"levels": "3"}}, "flow.levels must be a whole number from 1 to 8, or auto, got '3'"),
        ({"flow": {"levels": 2.0}}, "flow.levels must be a whole number from 1 to 8, or auto, got 2.0"),
        ({"flow": {"levels": True}}, "flow.levels must be a whole number from 1 to 8, or auto, got True"),
        ({"flow": {"sigma_window": True}}, "flow.sigma_window must be a number of pixels above 0 to 50, got True"),
        ({"flow": {"sigma_window": "wide"}}, "flow.sigma_window must be a number of pixels above 0 to 50, got 'wide'"),
        (
            {"flow": {"sigma_window": float("nan")}},
            "flow.sigma_window must be a number of pixels above 0 to 50, got nan",
        ),
        ({"flow": {"arithmetic": "exact"}}, "flow.arithmetic must be one of unit_free, published, got 'exact'"),
        ({"frames": {"series": True}}, r"frames.series \(--series\) must be a text, got True"),
        (
            {"frames": {"pixel_spacing_mm": [1.0]}},
            r"pixel_spacing_mm \(--pixel-spacing\) must be a list of two numbers",
        ),
        (
            {"frames": {"pixel_spacing_mm": 1.0}},
            r"frames.pixel_spacing_mm .* must be a list of two numbers of mm from 1e-06 to 1e\+06, got 1.0",
        ),
        ({"frames": {"pixel_spacing_mm": ["1", "2"]}}, r"frames.pixel_spacing_mm .* must be a list of two numbers"),
        (
            {"forecast": {"methods": "linear"}},
            r"forecast.methods \(--method\) must be a list of texts such as .*got 'linear'",
        ),
        ({"forecast": {"methods": ["liner"]}}, "a method of forecast.methods .*got 'liner'; did you mean linear"),
        ({"forecast": {"snap": {}}}, "a setting of forecast must be one of .*got 'snap'; did you mean snap1"),
        ({"forecast": {"snap1": 3}}, "forecast.snap1 must be a table of names and values, got 3"),
        ({"forecast": {"snap1": {"hiden_units": 3}}}, "a setting of forecast.snap1 .*did you mean hidden_units"),
        ({"forecast": {"method_settings": {}}}, "got 'method_settings'"),
    ],
)
def test_what_is_no_setting(tables: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        build_settings(tables)


def test_a_value_of_a_method_is_checked_by_the_method() -> None:
    with pytest.raises(ForecastingError, match=r"snap1.hidden_units must be a whole number .*got 2.5"):
        build_settings({"forecast": {"snap1": {"hidden_units": 2.5}}})


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"must be readable, got No such file or directory for .*nothing.toml"):
        read_settings_file(tmp_path / "nothing.toml")


def test_a_file_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be readable, got Is a directory"):
        read_settings_file(tmp_path)


@pytest.mark.parametrize("content", [b"[flow\n", b"\xff", b"levels = \n"])
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"must be TOML, got .*bad.toml: .*; mend that line"):
        read_settings_file(tmp_path / "bad.toml")
