"""An option that names a setting of a method counts also where that setting was tuned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cinecast.forecast.modes import modes_at, settings_at
from cinecast.run.settings_sources import resolve_settings
from cinecast.settings import Settings
from cinecast_models import method_settings

TUNED = """
[forecast]
methods = ["rls"]
horizons = ["2", "3"]

[[forecast.tuned]]
method = "rls"
horizon_frames = 2
modes = 2
settings = { history_length = 6, ridge = 0.3 }

[[forecast.tuned]]
method = "lms"
horizon_frames = 2
modes = 3
settings = { history_length = 7 }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tuned.toml"
    path.write_text(TUNED)
    return path


def resolved(file: Path, asked: dict[str, Any]) -> Settings:
    return resolve_settings(file.parent / "cine.nii", file.parent / "run", file, None, [asked])


def at(settings: Settings, method: str, frames: int) -> tuple[Any, Any]:
    own = settings_at(method_settings(method, settings.forecast.method_settings.get(method)), frames, settings)
    return own.history_length, getattr(own, "ridge", None)


def test_a_setting_given_by_option_counts_where_it_was_tuned(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert at(resolved(file, {}), "rls", 2) == (6, 0.3)
    assert not caplog.messages
    settings = resolved(file, {"forecast": {"rls": {"history_length": 30}}})
    assert [at(settings, "rls", frames) for frames in (2, 3)] == [(30, 0.3), (30, 3.0)]
    assert at(settings, "lms", 2)[0] == 7
    assert modes_at("rls", 2, settings) == 2
    assert caplog.messages == [
        "forecast.rls.history_length = 30 counts at 2 frame(s) too, where 6 had been tuned",
    ]


def test_it_counts_in_the_next_command_of_the_run_too(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    from cinecast.settings.toml_file import build_settings, parse_assignment, read_settings_file, settings_text

    settings = resolved(file, parse_assignment("forecast.rls.ridge=1"))
    file.write_text(settings_text(settings))
    assert build_settings(read_settings_file(file)) == settings
    assert at(resolved(file, {}), "rls", 2) == (6, 1.0)
    assert len(caplog.messages) == 1


def test_a_number_of_modes_that_was_tuned_stays_and_is_said(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = resolved(file, {"motion": {"modes": 3}})
    assert (modes_at("rls", 2, settings), modes_at("rls", 3, settings)) == (2, 3)
    assert caplog.messages == [
        "rls was tuned to forecast 2 mode(s) at 2 frame(s), and does so there whatever motion.modes is"
    ]
