"""What a second command redoes: what changed and what depends on it, nothing else."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from cinecast.frames import read_sequence
from cinecast.store.nifti import write_nifti
from helpers.command_line import OPTIONS, call_cli, digests, made_at, redone, results, scores, succeed

TASKS = {"oracle/h000", *(f"{method}/h00{h}" for method in ("linear", "persistence", "snap1") for h in (1, 2))}
PER_STAGE = {
    "frames": {"frames"},
    "flow": {"flow"},
    "motion": {"motion/train_0020", "motion/drift_0020"},
    "forecast": {f"forecast/{task}" for task in TASKS},
    "warp": set[str](),  # made whenever it is needed
    "landmarks": {"landmarks"},
    "score": {f"score/{task}" for task in TASKS},
    "report": {"report"},
}
STAGES = list(PER_STAGE)


def stages_from(stage: str) -> set[str]:
    return set[str]().union(*(PER_STAGE[name] for name in STAGES[STAGES.index(stage) :]))


def of_methods(*names: str, stages: tuple[str, ...] = ("forecast", "score")) -> set[str]:
    return {key for stage in stages for key in PER_STAGE[stage] if key.split("/")[1] in names}


def change(run: Path, phantom: Path, *options: str | Path) -> set[str]:
    """Run again with options; return what was redone."""
    before = made_at(run)
    succeed("run", phantom, "--out", run, *options)
    return redone(before, run)


def test_the_same_command_again_has_nothing_to_do(phantom: Path, run: Path) -> None:
    before = made_at(run)
    printed = succeed("run", phantom, "--out", run, *OPTIONS)
    assert "Nothing to do: all 20 results are up to date." in printed
    assert made_at(run) == before


def test_a_run_keeps_its_own_settings_when_none_are_given(phantom: Path, run: Path) -> None:
    before = made_at(run)
    assert "Nothing to do" in succeed("run", phantom, "--out", run)
    assert made_at(run) == before


def test_the_saved_settings_reproduce_the_run_elsewhere(phantom: Path, run: Path, tmp_path: Path) -> None:
    succeed("run", phantom, "--out", tmp_path / "second", "--settings", run / "settings.toml")
    assert results(tmp_path / "second") == results(run)
    assert "Nothing to do" in succeed("run", phantom, "--out", run, "--settings", tmp_path / "second" / "settings.toml")


def test_a_setting_of_one_method_touches_that_method_alone(phantom: Path, run: Path) -> None:
    done = change(run, phantom, "--set", "forecast.linear.history_length=5")
    assert done == of_methods("linear") | {"report"}


def test_random_runs_concern_only_methods_that_draw_random_numbers(phantom: Path, run: Path) -> None:
    assert change(run, phantom, "--set", "forecast.runs=2") == of_methods("snap1") | {"report"}
    assert {row["runs"] for row in scores(run) if row["method"] == "snap1"} == {"2"}


def test_one_more_horizon_is_computed_alone(phantom: Path, run: Path) -> None:
    done = change(run, phantom, "--horizon", "3")
    new = {f"{stage}/{m}/h003" for stage in ("forecast", "score") for m in ("linear", "persistence", "snap1")}
    assert done == new | {"report"}
    for method in ("oracle", "snap1"):
        assert {row["horizon_frames"] for row in scores(run) if row["method"] == method} == {"1", "2", "3"}


def test_one_more_method_is_computed_alone_and_the_others_stay(phantom: Path, run: Path) -> None:
    done = change(run, phantom, "--method", "rls", "--method", "linear")
    assert done == {f"{stage}/rls/h00{h}" for stage in ("forecast", "score") for h in (1, 2)} | {"report"}
    methods = ["measured", "oracle", "persistence", "linear", "snap1", "rls"]
    assert list(dict.fromkeys(row["method"] for row in scores(run) if row["horizon_frames"] == "2")) == methods
    assert change(run, phantom) == set()


def test_a_method_of_more_modes_is_computed_alone_and_changes_no_bit_of_the_others(phantom: Path, run: Path) -> None:
    before = {key: value for key, value in results(run).items() if not key.startswith("report")}
    done = change(run, phantom, "--method", "mixture", "--set", "forecast.mixture.history_length=6")
    new = {f"{stage}/mixture/h00{h}" for stage in ("forecast", "score") for h in (1, 2)}
    assert done == new | {"report"}
    after = results(run)
    changed = {key for key, value in before.items() if after[key] != value}
    assert changed <= {"settings.toml", "score/scores.csv"}


def test_settings_of_a_file_state_the_whole(phantom: Path, run: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[forecast]\nmethods = ['linear']\nhorizons = ['1']\n")
    assert change(run, phantom, "--settings", file) == {"report"}
    assert {row["method"] for row in scores(run)} == {"measured", "oracle", "persistence", "linear"}
    assert {row["horizon_frames"] for row in scores(run)} == {"1"}
    assert change(run, phantom, *OPTIONS) == {"report"}  # nothing had been removed


def test_a_dropped_method_leaves_tables_report_and_disk(phantom: Path, run: Path) -> None:
    assert change(run, phantom, "--drop", "snap1") == {"report"}
    assert {row["method"] for row in scores(run)} == {"measured", "oracle", "persistence", "linear"}
    assert not list(run.glob("*/snap1"))
    assert "snap1" not in (run / "report" / "index.html").read_text(encoding="utf-8")
    assert change(run, phantom) == set()
    assert change(run, phantom, "--method", "snap1") == of_methods("snap1") | {"report"}


def test_what_was_removed_is_said(phantom: Path, run: Path) -> None:
    assert "Removed, with its files: snap1.\n" in succeed("run", phantom, "--out", run, "--drop", "snap1")


def test_a_dropped_horizon_is_the_same_in_seconds(phantom: Path, run: Path) -> None:
    assert change(run, phantom, "--drop", "0.5s") == {"report"}  # asked for as 2 frames
    assert {row["horizon_frames"] for row in scores(run)} == {"1"}
    assert {path.name for path in run.glob("*/*/h*")} == {"h000", "h001"}


def test_what_is_left_of_a_dropped_method_after_a_kill_can_be_dropped_again(phantom: Path, run: Path) -> None:
    text = (run / "settings.toml").read_text()
    (run / "settings.toml").write_text(text.replace('    "snap1",\n', ""))
    assert change(run, phantom, "--drop", "snap1") == {"report"}
    assert not list(run.glob("*/snap1"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("rls",), "what --drop takes out must be one of linear, snap1, 1, 2, got 'rls'; choose one of"),
        (("3",), "what --drop takes out must be one of linear, snap1, 1, 2, got '3'; choose one of these"),
        (("0.5x",), "a horizon must be a number of frames such as 3, or of seconds such as 0.5s, got '0.5x'"),
        (("oracle",), "--drop must name a forecaster, got oracle, which stands beside all; leave it out"),
        (("linear", "--drop", "snap1"), "--drop must leave one method or more, got all of them; add one with --method"),
        (("1", "--drop", "2"), "--drop must leave one horizon or more, got all of them; add one with --horizon"),
        (("linear", "--method", "linear"), "--drop must not name what --method or --horizon names, got 'linear' in"),
        (("linear", "--preset", "default"), "--settings and --preset state the whole, got both; give one"),
        (("linear", "--only", "score"), "--drop needs the whole run, got --only score with it; leave that out"),
    ],
)
def test_what_cannot_be_dropped(phantom: Path, run: Path, options: tuple[str, ...], sentence: str) -> None:
    before = digests(run)
    assert sentence in call_cli("run", phantom, "--out", run, "--drop", *options).sentence
    assert digests(run) == before


def test_nothing_is_dropped_from_a_run_that_is_not_there(phantom: Path, tmp_path: Path) -> None:
    sentence = call_cli("run", phantom, "--out", tmp_path / "new", "--drop", "linear").sentence
    wanted = f"--drop takes out of a run that is there, got none in {tmp_path / 'new'}; leave it out"
    assert sentence == f"cinecast: {wanted}"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("assignment", "first"),
    [
        ("flow.iterations=1", "flow"),
        ("flow.reference=3", "flow"),
        ("motion.pixel_weights=uniform", "motion"),
        ("warp.sigma=0.6", "warp"),
        ("score.ssim_data_range=255", "score"),
        ("report.max_frames=5", "report"),
    ],
)
def test_a_changed_setting_redoes_its_stage_and_those_after_it(
    phantom: Path, run: Path, assignment: str, first: str
) -> None:
    done = change(run, phantom, "--set", assignment)
    assert done - PER_STAGE["landmarks"] == stages_from(first) - PER_STAGE["landmarks"]
    assert (done >= PER_STAGE["landmarks"]) == (assignment == "flow.reference=3")


@pytest.mark.parametrize("assignment", ["landmarks.most=3", "landmarks.patch_mm=30"])
def test_settings_of_landmarks_redo_nothing_of_the_forecasts(phantom: Path, run: Path, assignment: str) -> None:
    done = change(run, phantom, "--set", assignment)
    assert done >= {"landmarks", "report"}
    assert done <= stages_from("landmarks")


def test_other_frames_redo_everything(phantom: Path, run: Path) -> None:
    sequence = read_sequence(phantom)
    frames = sequence.frames.copy()
    frames[30] += 1
    period = sequence.frame_period_s
    write_nifti(phantom, frames, spacing_mm=(6, 6), frame_period_s=period, affine=sequence.affine)
    # A frame that is only brighter moves as before: forecasts and drifts stay.
    kept = of_methods("persistence", "linear", "oracle", "snap1") | {"motion/drift_0020"}
    assert change(run, phantom) >= stages_from("frames") - kept


def test_another_roi_redoes_the_scores_but_not_the_flow(phantom: Path, run: Path) -> None:
    sidecar = phantom.with_name("breathing.json")
    content = json.loads(sidecar.read_text())
    content["roi"]["rows"] = [20, 40]
    sidecar.write_text(json.dumps(content))
    done = change(run, phantom)
    assert done >= {"frames", "report"} | PER_STAGE["score"]
    assert not done & (PER_STAGE["flow"] | PER_STAGE["motion"] | PER_STAGE["forecast"])


def test_a_source_that_moved_is_the_same_source(phantom: Path, run: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in phantom.parent.glob("breathing.*"):
        shutil.copy(path, elsewhere)
    os.utime(elsewhere / phantom.name)
    assert change(run, elsewhere / phantom.name) == set()


@pytest.mark.parametrize("stage", STAGES)
def test_from_redoes_a_stage_and_all_after_it(phantom: Path, run: Path, stage: str) -> None:
    before = results(run)
    assert change(run, phantom, "--from", stage) == stages_from(stage)
    assert results(run) == before


@pytest.mark.parametrize("stage", STAGES)
def test_only_redoes_one_stage(phantom: Path, run: Path, stage: str) -> None:
    before = results(run)
    assert change(run, phantom, "--only", stage) == PER_STAGE[stage]
    assert results(run) == before


@pytest.mark.parametrize("stage", [stage for stage in STAGES[2:] if stage not in ("landmarks", "warp")])
def test_only_refuses_inputs_that_are_not_up_to_date(phantom: Path, run: Path, stage: str) -> None:
    before = digests(run)
    sentence = call_cli("run", phantom, "--out", run, "--only", stage, "--set", "flow.levels=2").sentence
    assert sentence == f"cinecast: --only {stage} needs flow to be up to date, got it stale; run without --only"
    assert digests(run) == before


def test_only_refuses_inputs_that_are_missing(phantom: Path, tmp_path: Path) -> None:
    sentence = call_cli("run", phantom, "--out", tmp_path / "new", "--only", "score", *OPTIONS).sentence
    assert "--only score needs frames to be up to date, got it missing" in sentence


def test_only_landmarks_needs_the_frames_alone(phantom: Path, run: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    succeed("run", phantom, "--out", fresh, "--only", "frames", *OPTIONS)
    assert change(fresh, phantom, "--only", "landmarks") == {"landmarks"}
    assert not (fresh / "flow").exists()
    for name in ("landmarks.csv", "tracks.csv"):
        assert (fresh / "landmarks" / name).read_bytes() == (run / "landmarks" / name).read_bytes()
    # Nor does it matter that other stages are no longer up to date.
    assert change(run, phantom, "--only", "landmarks", "--set", "flow.levels=2") == {"landmarks"}


def test_a_run_says_which_frame_motion_is_measured_from(phantom: Path, run: Path) -> None:
    chosen = json.loads((run / "flow/stage.json").read_text())["settings"]["reference"]
    said = f"Reference: motion is measured from frame {chosen}, which was chosen in the train span."
    assert said in succeed("run", phantom, "--out", run).splitlines()
    assert "Reference:" not in succeed("run", phantom, "--out", run, "--set", f"flow.reference={chosen}")


def test_only_a_changed_stage_leaves_the_rest_for_later(phantom: Path, run: Path) -> None:
    done = change(run, phantom, "--only", "forecast", "--set", "forecast.linear.history_length=5")
    assert done == PER_STAGE["forecast"]
    left = of_methods("linear", stages=("score",))
    # Scores hold the times per step, which differ each time that a forecast is made.
    assert change(run, phantom) == left | PER_STAGE["score"] - {"score/oracle/h000"} | {"report"}
