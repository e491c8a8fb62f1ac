"""Every rule of the settings is tripped by one bad value, and the sentence names the setting and the value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any

import pytest

from cinecast.errors import CinecastError, SettingsError
from cinecast.settings import (
    FlowSettings,
    ForecastSettings,
    FramesSettings,
    MotionSettings,
    ReportSettings,
    ScoreSettings,
    Settings,
    WarpSettings,
)

NAN, INFINITE = float("nan"), float("inf")

BAD: list[tuple[type, str, Any, str]] = [
    (FramesSettings, "frame_period_s", 0.0, r"frames\.frame_period_s \(--frame-period\) must be a pos.* got 0\.0"),
    (FramesSettings, "frame_period_s", -0.2, r"frames\.frame_period_s .* got -0\.2"),
    (FramesSettings, "frame_period_s", NAN, r"frames\.frame_period_s .* got nan"),
    (FramesSettings, "frame_period_s", INFINITE, r"frames\.frame_period_s .* got inf"),
    (FramesSettings, "pixel_spacing_mm", (1.0,), r"frames\.pixel_spacing_mm .* two positive .* got \(1\.0,\)"),
    (FramesSettings, "pixel_spacing_mm", (1.0, 0.0), r"frames\.pixel_spacing_mm .* got \(1\.0, 0\.0\)"),
    (FramesSettings, "pixel_spacing_mm", (INFINITE, 1.0), r"frames\.pixel_spacing_mm .* got \(inf, 1\.0\)"),
    (FramesSettings, "plane", -1, r"frames\.plane must be 0 or more, got -1"),
    (FlowSettings, "reference", -1, r"flow\.reference must be 0 or more, got -1"),
    (FlowSettings, "levels", 0, r"flow\.levels must be 1 to 8, got 0"),
    (FlowSettings, "levels", 9, r"flow\.levels must be 1 to 8, got 9"),
    (FlowSettings, "iterations", 0, r"flow\.iterations must be 1 to 100, got 0"),
    (FlowSettings, "iterations", 101, r"flow\.iterations must be 1 to 100, got 101"),
    (FlowSettings, "sigma_init", 0.0, r"flow\.sigma_init must be above 0 and at most 50 pixels, got 0\.0"),
    (FlowSettings, "sigma_init", 51.0, r"flow\.sigma_init must be above 0 and at most 50 pixels, got 51\.0"),
    (FlowSettings, "sigma_subsampling", -1.0, r"flow\.sigma_subsampling must be above 0 .* got -1\.0"),
    (FlowSettings, "sigma_subsampling", 50.1, r"flow\.sigma_subsampling must be above 0 .* got 50\.1"),
    (FlowSettings, "sigma_window", NAN, r"flow\.sigma_window must be above 0 .* got nan"),
    (FlowSettings, "sigma_window", INFINITE, r"flow\.sigma_window must be above 0 .* got inf"),
    (FlowSettings, "sigma_motion", -0.1, r"flow\.sigma_motion must be 0 to 50 pixels, got -0\.1"),
    (FlowSettings, "sigma_motion", 50.1, r"flow\.sigma_motion must be 0 to 50 pixels, got 50\.1"),
    (FlowSettings, "ridge", -0.1, r"flow\.ridge must be 0 to 100, got -0\.1"),
    (FlowSettings, "ridge", 100.1, r"flow\.ridge must be 0 to 100, got 100\.1"),
    (FlowSettings, "arithmetic", "integer", r"flow\.arithmetic must be one of unit_free, published, got 'integer'"),
    (MotionSettings, "modes", 0, r"motion\.modes must be 1 or more, got 0"),
    (MotionSettings, "offline_train_end", 1, r"motion\.offline_train_end must be 2 frames or more, got 1"),
    (ForecastSettings, "methods", (), r"forecast\.methods must name at least one method"),
    (ForecastSettings, "horizons", (), r"forecast\.horizons must hold at least one horizon"),
    (ForecastSettings, "protocol", "online", r"forecast\.protocol must be one of causal, published, got 'online'"),
    (ForecastSettings, "runs", 0, r"forecast\.runs must be 1 or more, got 0"),
    (ForecastSettings, "seed", -1, r"forecast\.seed must be 0 or more, got -1"),
    (WarpSettings, "sigma", 0.0, r"warp\.sigma must be above 0 and at most 5 pixels, got 0\.0"),
    (WarpSettings, "sigma", 5.1, r"warp\.sigma must be above 0 and at most 5 pixels, got 5\.1"),
    (WarpSettings, "half_window", 0, r"warp\.half_window must be 1 to 16 pixels, got 0"),
    (WarpSettings, "half_window", 17, r"warp\.half_window must be 1 to 16 pixels, got 17"),
    (WarpSettings, "arithmetic", "round", r"warp\.arithmetic must be one of unit_free, published, got 'round'"),
    (WarpSettings, "image_runs", 0, r"warp\.image_runs must be 1 or more, got 0"),
    (ScoreSettings, "ssim_data_range", 0.0, r"score\.ssim_data_range must be a positive number, got 0\.0"),
    (ScoreSettings, "ssim_data_range", NAN, r"score\.ssim_data_range must be a positive number, got nan"),
    (ReportSettings, "max_frames", 0, r"report\.max_frames must be 1 or more, got 0"),
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
