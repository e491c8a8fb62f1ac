"""Settings that cannot be met must not come back by themselves with the next command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cinecast.run.maker import settings_saved
from cinecast.settings import FlowSettings, Settings
from cinecast.store import RunFolder


@pytest.mark.parametrize("error", [MemoryError, ValueError])
def test_settings_that_were_too_much_are_not_kept(tmp_path: Path, error: type[Exception]) -> None:
    with RunFolder(tmp_path / "run", "one") as store:
        with settings_saved(store, Settings()):
            pass
        before = (tmp_path / "run/settings.toml").read_bytes()
        asked = replace(Settings(), flow=FlowSettings(levels=2))
        with pytest.raises(error), settings_saved(store, asked):
            raise error
        assert (tmp_path / "run/settings.toml").read_bytes() == before


def test_settings_of_an_interrupted_run_are_kept(tmp_path: Path) -> None:
    asked = replace(Settings(), flow=FlowSettings(levels=2))
    with RunFolder(tmp_path / "run", "one") as store:
        with pytest.raises(KeyboardInterrupt), settings_saved(store, asked):
            raise KeyboardInterrupt
        assert "levels = 2" in (tmp_path / "run/settings.toml").read_text()
