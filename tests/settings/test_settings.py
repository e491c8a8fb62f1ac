"""Every rule of the settings is tripped by one bad value, and the sentence names the setting and the value."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any, get_type_hints

import numpy as np
import pytest

from cinecast.errors import CinecastError, SettingsError
from cinecast.parsed_text import parse_toml
from cinecast.settings import (
    FlowSettings,
    ForecastSettings,
    FramesSettings,
    LandmarksSettings,
    MotionSettings,
    ReportSettings,
    ScoreSettings,
    Settings,
    WarpSettings,
)
from cinecast.settings.toml_file import build_settings, settings_text
from cinecast_models.setting_rules import setting_rules
from helpers.command_line import ROOT

NAN, INFINITE = float("nan"), float("inf")

BAD: list[tuple[type, str, Any, str]] = [
    (
        FramesSettings,
        "frame_period_s",
        0.0,
        r"frames\.frame_period_s \(--frame-period\) must be a number of seconds from 1e-06 to 1e\+06, got 0\.0",
    ),
    (FramesSettings, "frame_period_s", -0.2, r"frames\.frame_period_s .* got -0\.2"),
    (FramesSettings, "frame_period_s", NAN, r"frames\.frame_period_s .* got nan"),
    (FramesSettings, "frame_period_s", INFINITE, r"frames\.frame_period_s .* got inf"),
    (
        FramesSettings,
        "pixel_spacing_mm",
        (1.0,),
        r"frames\.pixel_spacing_mm .* two numbers of mm from 1e-06 to 1e\+06, got \(1\.0,\)",
    ),
    (FramesSettings, "pixel_spacing_mm", (1.0, 0.0), r"frames\.pixel_spacing_mm .* got \(1\.0, 0\.0\)"),
    (FramesSettings, "pixel_spacing_mm", (INFINITE, 1.0), r"frames\.pixel_spacing_mm .* got \(inf, 1\.0\)"),
    (FramesSettings, "plane", -1, r"frames\.plane \(--plane\) must be a whole number, 0 or more, got -1"),
    (FlowSettings, "reference", -1, r"flow\.reference must be a whole number, 0 or more, or auto, got -1"),
    (FlowSettings, "levels", 0, r"flow\.levels must be a whole number from 1 to 8, or auto, got 0"),
    (FlowSettings, "levels", 9, r"flow\.levels must be a whole number from 1 to 8, or auto, got 9"),
    (FlowSettings, "iterations", 0, r"flow\.iterations must be a whole number from 1 to 100, got 0"),
    (FlowSettings, "iterations", 101, r"flow\.iterations must be a whole number from 1 to 100, got 101"),
    (FlowSettings, "sigma_init", 0.0, r"flow\.sigma_init must be a number of pixels above 0 to 50, got 0\.0"),
    (FlowSettings, "sigma_init", 51.0, r"flow\.sigma_init must be a number of pixels above 0 to 50, got 51\.0"),
    (
        FlowSettings,
        "sigma_subsampling",
        -1.0,
        r"flow\.sigma_subsampling must be a number of pixels above 0 to 50, got -1\.0",
    ),
    (
        FlowSettings,
        "sigma_subsampling",
        50.1,
        r"flow\.sigma_subsampling must be a number of pixels above 0 to 50, got 50\.1",
    ),
    (FlowSettings, "sigma_window", NAN, r"flow\.sigma_window must be a number of pixels above 0 to 50, got nan"),
    (FlowSettings, "sigma_window", INFINITE, r"flow\.sigma_window must be a number of pixels above 0 to 50, got inf"),
    (FlowSettings, "sigma_motion", -0.1, r"flow\.sigma_motion must be a number of pixels from 0 to 50, got -0\.1"),
    (FlowSettings, "sigma_motion", 50.1, r"flow\.sigma_motion must be a number of pixels from 0 to 50, got 50\.1"),
    (FlowSettings, "ridge", -0.1, r"flow\.ridge must be a number from 0 to 100, got -0\.1"),
    (FlowSettings, "ridge", 100.1, r"flow\.ridge must be a number from 0 to 100, got 100\.1"),
    (FlowSettings, "arithmetic", "integer", r"flow\.arithmetic must be one of unit_free, published, got 'integer'"),
    (MotionSettings, "modes", 0, r"motion\.modes must be a whole number, 1 or more, got 0"),
    (
        MotionSettings,
        "offline_train_end",
        1,
        r"motion\.offline_train_end must be a whole number of frames, 2 or more, got 1",
    ),
    (
        MotionSettings,
        "pixel_weights",
        "texture",
        r"motion\.pixel_weights must be one of uniform, reliable, got 'texture'",
    ),
    (ForecastSettings, "methods", (), r"forecast\.methods must name at least one method"),
    (ForecastSettings, "horizons", (), r"forecast\.horizons must hold at least one horizon"),
    (ForecastSettings, "protocol", "online", r"forecast\.protocol must be one of causal, published, got 'online'"),
    (ForecastSettings, "runs", 0, r"forecast\.runs must be a whole number from 1 to 1000, got 0"),
    (ForecastSettings, "seed", -1, r"forecast\.seed must be a whole number, 0 or more, got -1"),
    (WarpSettings, "sigma", 0.0, r"warp\.sigma must be a number of pixels above 0 to 5, got 0\.0"),
    (WarpSettings, "sigma", 5.1, r"warp\.sigma must be a number of pixels above 0 to 5, got 5\.1"),
    (WarpSettings, "half_window", 0, r"warp\.half_window must be a whole number of pixels from 1 to 16, got 0"),
    (WarpSettings, "half_window", 17, r"warp\.half_window must be a whole number of pixels from 1 to 16, got 17"),
    (WarpSettings, "arithmetic", "round", r"warp\.arithmetic must be one of unit_free, published, got 'round'"),
    (WarpSettings, "image_runs", 0, r"warp\.image_runs must be a whole number, 1 or more, got 0"),
    (LandmarksSettings, "patch_mm", 3.9, r"landmarks\.patch_mm must be a number of mm from 4 to 100, got 3\.9"),
    (LandmarksSettings, "search_mm", 1.0, r"landmarks\.search_mm must be a number of mm from 2 to 100, got 1\.0"),
    (LandmarksSettings, "most", 0, r"landmarks\.most must be a whole number from 1 to 500, got 0"),
    (LandmarksSettings, "quality", 1.0, r"landmarks\.quality must be a number from 0 to below 1, got 1\.0"),
    (LandmarksSettings, "distinctness", -0.1, r"landmarks\.distinctness must be a number from 0 to below 1, got -0\.1"),
    (LandmarksSettings, "return_mm", 0.0, r"landmarks\.return_mm must be a number of mm above 0 to 20, got 0\.0"),
    (LandmarksSettings, "share", 0.1, r"landmarks\.share must be a number from 0\.2 to 1, got 0\.1"),
    (LandmarksSettings, "amplitude_mm", -1.0, r"landmarks\.amplitude_mm must be a number of mm from 0 to 100, got -1"),
    (
        LandmarksSettings,
        "file",
        3,
        r"landmarks\.file \(--landmarks\) must be the path of a CSV file, got 3; write it as",
    ),
    (ScoreSettings, "ssim_data_range", 0.0, r"score\.ssim_data_range must be a number above 0, got 0\.0"),
    (ScoreSettings, "ssim_data_range", NAN, r"score\.ssim_data_range must be a number above 0, got nan"),
    (ReportSettings, "max_frames", 0, r"report\.max_frames must be a whole number of frames, 1 or more, got 0"),
]

EDGES: list[tuple[type, str, Any]] = [
    (FramesSettings, "plane", 0),
    (FlowSettings, "levels", 8),
    (FlowSettings, "iterations", 100),
    (FlowSettings, "sigma_window", 50.0),
    (FlowSettings, "sigma_motion", 0.0),
    (FlowSettings, "ridge", 0.0),
    (FlowSettings, "ridge", 100.0),
    (MotionSettings, "offline_train_end", 2),
    (WarpSettings, "sigma", 5.0),
    (WarpSettings, "half_window", 16),
    (ReportSettings, "max_frames", 1),
]


@pytest.mark.parametrize(("stage", "name", "value", "sentence"), BAD, ids=lambda case: getattr(case, "__name__", None))
def test_a_value_out_of_range(stage: Any, name: str, value: Any, sentence: str) -> None:
    with pytest.raises(SettingsError, match=f"^{sentence}"):
        stage(**{name: value})


@pytest.mark.parametrize(("stage", "name", "value"), EDGES)
def test_the_edge_of_the_range_is_allowed(stage: Any, name: str, value: Any) -> None:
    assert getattr(stage(**{name: value}), name) == value


def test_every_stage_has_settings_that_cannot_be_changed() -> None:
    settings = Settings()
    for field in fields(settings):
        assert is_dataclass(getattr(settings, field.name))
    with pytest.raises(FrozenInstanceError):
        settings.flow.levels = 2  # type: ignore[misc]


def test_a_wrong_setting_is_an_error_of_the_user() -> None:
    assert issubclass(SettingsError, CinecastError)


@pytest.mark.parametrize(
    ("stage", "name", "value", "sentence"),
    [
        (FlowSettings, "levels", 2.5, "flow.levels must be a whole number from 1 to 8, or auto, got 2.5"),
        (FlowSettings, "levels", True, "flow.levels must be a whole number from 1 to 8, or auto, got True"),
        (FlowSettings, "sigma_init", "1", "flow.sigma_init must be a number of pixels above 0 to 50, got '1'"),
        (FramesSettings, "series", 1.5, "frames.series (--series) must be a text, got 1.5"),
        (ScoreSettings, "ssim_data_range", INFINITE, "score.ssim_data_range must be a number above 0, got inf"),
        (FramesSettings, "train_end", 1, "frames.train_end must be a whole number of frames, 2 or more, got 1"),
        (ForecastSettings, "horizons", "3", "forecast.horizons (--horizon) must be a list of texts such as "),
    ],
)
def test_a_value_of_another_type_is_refused_in_python_too(stage: Any, name: str, value: Any, sentence: str) -> None:
    with pytest.raises(SettingsError, match=f"^{re.escape(sentence)}"):
        stage(**{name: value})


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_of_every_stage_has_a_rule_and_the_name_of_its_table(field: Any) -> None:
    kind = get_type_hints(Settings)[field.name]
    assert kind.stage == field.name
    without = {each.name for each in fields(kind)} - set(setting_rules(kind))
    assert without == ({"method_settings", "tuned"} if field.name == "forecast" else set())


def test_settings_load_the_standard_library_alone() -> None:
    code = """
        import sys
        before = set(sys.modules)
        import cinecast.settings, cinecast_models.settings
        loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(*sorted(loaded - sys.stdlib_module_names - {"cinecast", "cinecast_models", "lazy_loader"}))
    """
    program = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


@pytest.mark.parametrize("number", [2**63, 2**200, np.uint64(2**63)])
def test_whole_numbers_that_no_file_holds_are_refused(number: int) -> None:
    largest = Settings(forecast=ForecastSettings(seed=2**63 - 1))
    assert build_settings(parse_toml(settings_text(largest))) == largest
    with pytest.raises(SettingsError, match=r"forecast\.seed must be a whole number, .*; a file of settings holds"):
        ForecastSettings(seed=number)
