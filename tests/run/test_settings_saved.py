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


def test_scores_of_other_settings_do_not_lie_beside_settings(tmp_path: Path) -> None:
    """A table does not say which settings its numbers are of; other methods, horizons or looks change none of them."""
    table, first = tmp_path / "run/score/scores.csv", Settings()
    more = replace(first, forecast=replace(first.forecast, methods=("linear", "rls"), horizons=("1", "3")))
    other_report = replace(more, report=replace(more.report, max_frames=20))
    with RunFolder(tmp_path / "run", "one") as store:
        for settings in (first, more, other_report):
            with settings_saved(store, settings):
                assert table.exists() == (settings is not first)
                store.write_file("score/scores.csv", b"a,b\n")
        other = replace(other_report, flow=FlowSettings(levels=2))
        there = []
        with pytest.raises(ValueError, match="refused"), settings_saved(store, other):  # noqa: PT012 - what it is for
            there.append(table.exists())
            raise ValueError("refused")
        assert there == [False]
        assert table.read_bytes() == b"a,b\n"
        with settings_saved(store, other):
            pass
        assert not table.exists()


def test_the_scores_of_frames_that_have_been_replaced_do_not_come_back(tmp_path: Path) -> None:
    first, other = Settings(), replace(Settings(), flow=FlowSettings(levels=2))
    with RunFolder(tmp_path / "run", "one") as store:
        with settings_saved(store, first):
            store.write_file("score/scores.csv", b"a,b\n")
        with pytest.raises(ValueError, match="refused"), settings_saved(store, other):  # noqa: PT012 - what it is for
            with store.commit("frames", "", {}) as folder:
                (folder / "times.csv").write_text("others")
            raise ValueError("refused")
        assert "levels = 2" not in (tmp_path / "run/settings.toml").read_text()
        assert not (tmp_path / "run/score/scores.csv").exists()
