"""Frames that are frozen, nearly black or flipped: named, and kept out of what is learned and of what is scored."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from cinecast import open_run
from cinecast.flow import FlowEstimator
from cinecast.frames import read_sequence
from cinecast.motion import fit_motion_model
from cinecast.report.second_opinion import frame_errors
from cinecast.settings import FlowSettings
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from helpers.command_line import call_aloud, made_at, redone, run_cli, scores, succeed
from helpers.faulty_frames import FAULTS, FAULTS_TEXT

TRAIN, TEST = 20, range(40, 60)


def reference_of(run: Path) -> int:
    """Return the frame that the motion of a run is measured from."""
    reference = json.loads((run / "flow" / "stage.json").read_text())["settings"]["reference"]
    assert reference not in FAULTS
    return int(reference)


def test_info_names_them(faulty_phantom: Path, original_phantom: Path) -> None:
    assert read_sequence(faulty_phantom).faults == FAULTS
    assert FAULTS_TEXT in " ".join(succeed("info", faulty_phantom).replace("│", " ").split())
    assert "faulty" not in succeed("info", original_phantom)


def test_a_run_names_them_and_its_report_too(faulty_phantom: Path, faulty_run: Path, tmp_path: Path) -> None:
    outcome = call_aloud("run", faulty_phantom, "--out", tmp_path / "run", "--method", "linear", "--horizon", "2")
    said = f"faulty: {FAULTS_TEXT}: theirs is the motion of the frame before"
    assert said in " ".join(outcome.errors.split())
    again = call_aloud("run", faulty_phantom, "--out", tmp_path / "run")
    assert "Nothing to do" in again.output
    assert " ".join(again.errors.split()).count(said) == 1
    assert FAULTS_TEXT in (faulty_run / "report" / "index.html").read_text(encoding="utf-8")
    assert art.load_sequence(faulty_run / "frames").faults == FAULTS


def test_motion_is_held_and_the_model_is_fitted_to_good_frames_alone(faulty_phantom: Path, faulty_run: Path) -> None:
    frames = read_sequence(faulty_phantom).frames
    estimator = FlowEstimator(frames[reference_of(faulty_run)], FlowSettings())
    dvf = art.load_array(faulty_run / "flow" / "dvf.npy")
    good = 0
    for t in range(1, len(frames)):
        good = good if t in FAULTS else t
        np.testing.assert_array_equal(dvf[t], estimator.stored(frames[good]))
    learned = [t for t in range(TRAIN) if t not in FAULTS]
    kept = art.load_motion_model(faulty_run / art.motion_key(TRAIN))
    again = fit_motion_model(dvf[learned], len(kept.modes), pixel_weights=kept.pixel_weights)
    np.testing.assert_array_equal(kept.modes, again.modes)


def test_they_are_not_scored(faulty_run: Path) -> None:
    rows = read_table(faulty_run / art.method_key("score", "linear", 2) / "per_frame.csv")
    values = {int(row["frame"]): row["dvf_error_mean_mm"] for row in rows if row["region"] == "image"}
    assert {t for t, value in values.items() if not value} == set(FAULTS).intersection(TEST)
    (score,) = [
        row
        for row in scores(faulty_run)
        if (row["method"], row["region"], row["metric"]) == ("linear", "image", "dvf_error_mean_mm")
    ]
    assert float(score["value"]) == pytest.approx(np.mean([float(value) for value in values.values() if value]))


def test_what_a_faulty_frame_shows_changes_no_score(faulty_phantom: Path, tmp_path: Path) -> None:
    """Noise in the train and the test span, dim or bright: the range of grey values of SSIM was that of the noise."""
    sequence = read_sequence(faulty_phantom)
    tables = []
    for name, times in (("dim", 1), ("bright", 9)):
        frames = np.array(sequence.frames)
        noise = np.random.default_rng(0).integers(0, int(frames.max()), frames.shape[1:])
        frames[[9, 45, 52]] = times * noise
        (tmp_path / name).mkdir()
        source, out = tmp_path / name / "cine.npz", tmp_path / f"run_{name}"
        np.savez(source, frames=frames, times_s=sequence.times_s, pixel_spacing_mm=sequence.spacing_mm)
        succeed("run", source, "--out", out, "--method", "linear", "--horizon", "2")
        assert {9, 45, 52} <= set(art.load_sequence(out / art.FRAMES).faults) <= set(FAULTS)
        tables.append([row for row in scores(out) if row["metric"] != "step_time_ms"])
    assert {"ssim", "nrmse", "dvf_error_mean_mm"} <= {row["metric"] for row in tables[0]}
    assert tables[0] == tables[1]


def test_the_last_frame_may_be_faulty(faulty_phantom: Path, tmp_path: Path) -> None:
    last = max(FAULTS)
    assert last in TEST
    end = f"frames.test_end={last + 1}"
    succeed("run", faulty_phantom, "--out", tmp_path / "run", "--method", "linear", "--horizon", "2", "--set", end)
    data = open_run(tmp_path / "run").data
    for entry in data.entries:
        assert data.sequence.split.test_frames[entry.last_scored] not in FAULTS
        errors = frame_errors(entry, at_landmarks=False)
        assert errors is not None
        good = [t not in FAULTS for t in data.sequence.split.test_frames]
        assert np.isfinite(errors).tolist() == good


def test_a_run_without_a_good_test_frame_has_a_report_of_what_there_is(faulty_phantom: Path, tmp_path: Path) -> None:
    sequence = read_sequence(faulty_phantom)
    frames = np.array(sequence.frames)
    frames[TEST.start - 1 :] = frames[TEST.start - 2]
    np.savez(tmp_path / "still.npz", frames=frames, times_s=sequence.times_s, pixel_spacing_mm=sequence.spacing_mm)
    spans = ("--set", f"frames.train_end={TRAIN}", "--set", f"frames.validation_end={TEST.start}")
    method = ("--method", "linear", "--horizon", "2")
    for stage in ("frames", "flow", "motion", "forecast"):
        given = (*spans, *method) if stage == "frames" else ()
        call_aloud("run", tmp_path / "still.npz", "--out", tmp_path / "run", "--only", stage, *given)
    assert list((tmp_path / "run" / "forecast" / "linear").iterdir())
    assert "index.html" in succeed("report", tmp_path / "run")
    refused = call_aloud("run", tmp_path / "still.npz", "--out", tmp_path / "run")
    assert refused.code == 2
    assert "the test span must hold 1 good frame(s) or more, got 0 of 20" in " ".join(refused.errors.split())


def good_frames_error_mm(run: Path, method: str) -> float:
    """Return the mean error of a method over the test frames that are good in the faulty phantom."""
    rows = read_table(run / art.method_key("score", method, 2) / "per_frame.csv")
    good = [row for row in rows if row["region"] == "image" and int(row["frame"]) not in FAULTS]
    return float(np.mean([float(row["dvf_error_mean_mm"]) for row in good]))


def test_holding_them_keeps_the_forecasts_of_good_frames_from_harm(
    original_phantom: Path, faulty_phantom: Path, faulty_run: Path, tmp_path: Path
) -> None:
    options = ("--method", "linear", "--horizon", "2", "--set", "flow.faulty_frames=measured")
    for source in (original_phantom, faulty_phantom):
        succeed("run", source, "--out", tmp_path / source.name, *options)
    for method in ("linear", "persistence"):
        clean, harmed = (good_frames_error_mm(tmp_path / s.name, method) for s in (original_phantom, faulty_phantom))
        held = good_frames_error_mm(faulty_run, method)
        assert held - clean < 0.5 * (harmed - clean)


def test_measured_takes_them_like_all_others(faulty_run: Path, faulty_phantom: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(faulty_run, tmp_path / "run"))
    before = made_at(run)
    options = ("--method", "linear", "--horizon", "2", "--set", "flow.faulty_frames=measured")
    outcome = call_aloud("run", faulty_phantom, "--out", run, *options)
    assert outcome.code == 0
    assert "taken like all others" in " ".join(outcome.errors.split())
    assert {"flow", f"motion/train_{TRAIN:04d}"} <= redone(before, run)
    frames = read_sequence(faulty_phantom).frames
    dvf = art.load_array(run / "flow" / "dvf.npy")
    np.testing.assert_array_equal(dvf[24], FlowEstimator(frames[reference_of(run)], FlowSettings()).stored(frames[24]))
    rows = read_table(run / art.method_key("score", "linear", 2) / "per_frame.csv")
    assert all(row["ssim"] for row in rows if row["region"] == "image")


def test_live_says_what_is_wrong_and_counts_no_error_of_them(faulty_phantom: Path, tmp_path: Path) -> None:
    options = ("--method", "linear", "--horizon", "2", "--calibration", str(TRAIN), "--rate", "max")
    outcome = run_cli("live", faulty_phantom, "--out", tmp_path / "live", *options)
    assert outcome.code == 0
    assert "calibration: frame 4 frozen; frames 9, 10 nearly black" in " ".join(outcome.errors.split())
    for t, row in enumerate(read_table(tmp_path / "live" / "frames.csv")):
        if t in FAULTS and t >= TRAIN:
            assert (row["state"], row["error_mm"]) == ("stale", "")
            assert f"it is {FAULTS[t]}: the motion of the frame before is held" in row["reason"]
        elif t >= TRAIN + 2:
            assert float(row["error_mm"]) > 0
            assert "held" not in row["reason"]


def test_exports_of_the_measured_motion_name_them(faulty_run: Path, tmp_path: Path) -> None:
    def said(*options: str) -> str:
        return " ".join(succeed("export", faulty_run, "--what", "dvf", *options).split())

    held = ", ".join(map(str, FAULTS))
    whole = said("--out", str(tmp_path / "dvf.nii"))
    assert whole.endswith(f"; along the measured motion, which is held in {len(FAULTS)} frames ({held}).")
    maps = succeed("export", faulty_run, "--what", "reliability", "--out", tmp_path / "r.nii")
    assert " ".join(maps.split()).endswith(f", which is held in {len(FAULTS)} frames ({held}).")
    static = succeed("export", faulty_run, "--what", "static-reliability", "--out", tmp_path / "s.nii")
    assert "held" not in static
    faulty = "; this frame is faulty, and the motion is that of the good frame before it."
    assert said("--out", str(tmp_path / "one.mha"), "--frame", "24").endswith(faulty)
    assert "faulty" not in said("--out", str(tmp_path / "one.mha"), "--frame", "25")
    forecast = said("--out", str(tmp_path / "all.nii"), "--method", "linear", "--horizon", "2")
    assert "held" not in forecast


def test_an_export_says_that_a_faulty_first_frame_has_the_motion_of_the_frame_after_it(
    faulty_phantom: Path, tmp_path: Path
) -> None:
    sequence = read_sequence(faulty_phantom)
    frames = np.array(sequence.frames)
    frames[:2] = frames[:2, ::-1]  # upside down
    np.savez(tmp_path / "c.npz", frames=frames, times_s=sequence.times_s, pixel_spacing_mm=sequence.spacing_mm)
    succeed("run", tmp_path / "c.npz", "--out", tmp_path / "run", "--method", "linear", "--horizon", "2")
    for frame, side in ((0, "after"), (1, "after"), (24, "before")):
        out = str(tmp_path / f"{frame}.mha")
        text = succeed("export", tmp_path / "run", "--what", "dvf", "--out", out, "--frame", str(frame))
        assert f"the motion is that of the good frame {side} it" in " ".join(text.split())


def test_exports_of_measured_targets_name_them(faulty_phantom: Path, faulty_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(faulty_run, tmp_path / "run"))
    mask = np.zeros(read_sequence(faulty_phantom).frames.shape[1:], np.uint8)
    mask[20:26, 14:22] = 1
    np.save(tmp_path / "target.npy", mask)
    succeed("run", faulty_phantom, "--out", run, "--target", tmp_path / "target.npy")
    held = f"along the measured motion, which is held in {len(FAULTS)} frames (4, 9, 10, 24, 45, 48, 52)"
    for what, name in (("target-masks", "masks.nii"), ("target-centroids", "places.csv")):
        assert held in " ".join(succeed("export", run, "--what", what, "--out", tmp_path / name).split())
