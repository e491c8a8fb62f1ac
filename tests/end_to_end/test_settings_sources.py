"""Where a run's settings come from, and which source wins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cinecast.settings import Settings
from cinecast.settings.toml_file import build_settings, read_settings_file
from helpers.command_line import call_aloud, call_cli, made_at, redone, scores, succeed

PUBLISHED = {
    "flow": {"sigma_init": 0.1, "sigma_subspl": 0.3, "sigma_LK": 3, "nb_layers": 2, "nb_iter": 1},
    "offline_train_end": 30,
}
FEW = ("--method", "linear", "--horizon", "1")


@pytest.fixture
def with_block(phantom: Path) -> Path:
    """The phantom, whose sidecar has a `published` block."""
    sidecar = phantom.with_name("breathing.json")
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | {"published": PUBLISHED}))
    return phantom


def saved(run: Path) -> Settings:
    return build_settings(read_settings_file(run / "settings.toml"))


def test_options_win_over_the_file_which_wins_over_the_preset(with_block: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "mine.toml", tmp_path / "new"
    file.write_text("[flow]\nlevels = 1\nsigma_window = 1.5\n[forecast]\nmethods = ['rls']\nhorizons = ['2']\n")
    options = ["--preset", "published", "--settings", file, "--set", "flow.sigma_window=2.5", "--horizon", "3"]
    succeed("run", with_block, "--out", out, *options)
    settings = saved(out)
    assert settings.flow.iterations == 1  # preset
    assert settings.flow.levels == 1  # file
    assert settings.flow.sigma_window == 2.5  # option
    assert settings.forecast.methods == ("rls",)
    assert settings.forecast.horizons == ("3",)
    assert settings.forecast.protocol == "published"
    assert {row["horizon_frames"] for row in scores(out)} == {"3"}


def test_the_published_preset_is_one_switch(with_block: Path, tmp_path: Path) -> None:
    out = tmp_path / "new"
    printed = succeed("run", with_block, "--out", out, "--preset", "published", *FEW)
    assert "NON-CAUSAL" in printed
    settings = saved(out)
    assert settings.flow.arithmetic == settings.warp.arithmetic == "published"
    assert settings.score.ssim_data_range == 255
    assert {path.name for path in (out / "motion").iterdir()} == {"train_0020", "train_0030"}


def test_another_preset_lets_go_of_the_saved_settings(with_block: Path, tmp_path: Path) -> None:
    out = tmp_path / "new"
    succeed("run", with_block, "--out", out, "--preset", "published", *FEW)
    assert "NON-CAUSAL" in succeed("run", with_block, "--out", out)
    assert "NON-CAUSAL" not in succeed("run", with_block, "--out", out, "--preset", "default", *FEW)
    assert saved(out).flow == Settings().flow


def test_a_run_of_before_the_drift_was_a_setting_stays_as_it_was(phantom: Path, tmp_path: Path) -> None:
    out = tmp_path / "new"
    succeed("run", phantom, "--out", out, "--set", "motion.drift=made_for_it", *FEW)
    file, line = out / "settings.toml", 'drift = "made_for_it"\n'
    assert line in file.read_text()
    file.write_text(file.read_text().replace(line, ""))
    assert "Nothing to do" in succeed("run", phantom, "--out", out)
    assert saved(out).motion.drift == "made_for_it"


def test_the_last_of_two_assignments_counts(phantom: Path, run: Path) -> None:
    succeed("run", phantom, "--out", run, "--set", "flow.iterations=3", "--set", "flow.iterations=1")
    assert saved(run).flow.iterations == 1


def test_horizons_that_are_the_same_frames_are_one(phantom: Path, run: Path) -> None:
    before = made_at(run)
    succeed("run", phantom, "--out", run, "--horizon", "0.5s", "--horizon", "2", "--horizon", "0.26 s")
    assert {row["horizon_frames"] for row in scores(run)} == {"1", "2"}
    assert redone(before, run) == {"report"}  # it shows the horizons as they were asked for


def test_a_saved_file_that_was_broken_by_hand(phantom: Path, run: Path) -> None:
    (run / "settings.toml").write_text("[flow\n")
    assert "must be TOML" in call_cli("run", phantom, "--out", run).sentence
    # Settings that are given leave it unread and mend it.
    succeed("run", phantom, "--out", run, "--preset", "default", *FEW)
    assert saved(run).forecast.methods == ("linear",)


def test_a_run_without_its_settings_says_that_it_goes_on_with_the_defaults(phantom: Path, tmp_path: Path) -> None:
    # As if a number of pixels were 3 again: other results, under the same names.
    out = tmp_path / "run"
    assert "settings.toml" not in call_aloud("run", phantom, "--out", out, "--set", "flow.iterations=3", *FEW).errors
    said = f"{out} holds results but no settings.toml (it is gone or empty, or the first run failed): all settings that"
    (out / "settings.toml").write_text("")
    assert said in call_aloud("run", phantom, "--out", out, "--only", "flow").errors
    (out / "settings.toml").unlink()
    assert said in call_aloud("run", phantom, "--out", out, "--only", "flow").errors
    assert not (out / "score/scores.csv").exists()  # they are not of these settings
    assert "no settings.toml" not in call_aloud("run", phantom, "--out", out, *FEW).errors
    assert (out / "score/scores.csv").exists()


def test_a_run_killed_at_its_start_goes_on_with_its_settings(phantom: Path, run: Path, tmp_path: Path) -> None:
    for stage in ("flow", "motion", "forecast", "score", "report"):
        (run / stage).rename(tmp_path / stage)
    succeed("run", phantom, "--out", run)
    assert {row["method"] for row in scores(run)} == {"measured", "oracle", "persistence", "linear", "snap1"}
    assert saved(run).forecast.runs == 3
