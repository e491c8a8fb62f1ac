"""A target in a run: followed, scored against the measured motion and against labels, and blind to what comes later."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.frames import read_sequence
from cinecast.phantom import Phantom, PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.run.motion_models import fitted_motion
from cinecast.run.saved import saved_run
from cinecast.run.target_work import TargetWork
from cinecast.score.delivered_dose import d98_ratio
from cinecast.score.gating_scores import centroids_of
from cinecast.store import artifacts as art
from cinecast.store.tables import read_table
from cinecast.target import MaskPropagator
from helpers.command_line import call_aloud, call_cli, made_at, redone, results, succeed
from helpers.trackrad_cases import write_mha

METHODS = ("--method", "linear", "--horizon", "2")
SIZE = PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3.6, 3.6), frame_count=45, frame_period_s=0.25, seed=3)
FIRST_TEST_FRAME = 30
# What a run with a target has and one without has not.
OF_TARGETS = ("target/measured/", "target/linear/", "target/persistence/", "target/oracle/")


@pytest.fixture(scope="module")
def phantom_truth() -> Phantom:
    return make_phantom(SIZE)


@pytest.fixture(scope="module")
def folder(phantom_truth: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom's file, the mask of a disc in its frame 0 and where the true motion carries that."""
    out = tmp_path_factory.mktemp("target")
    write_phantom(out / "cine.nii.gz", phantom_truth)
    np.save(out / "disc.npy", disc())
    np.save(out / "truth.npy", true_masks(phantom_truth).astype(np.uint8))
    return out


@pytest.fixture(scope="module")
def finished(folder: Path) -> Path:
    out = folder / "finished"
    succeed("run", folder / "cine.nii.gz", "--out", out, *METHODS, "--target", folder / "disc.npy")
    return out


def disc(row: float = 72, column: float = 28, radius: float = 6) -> NDArray[np.uint8]:
    rows, columns = np.indices((96, 80))
    return ((rows - row) ** 2 + (columns - column) ** 2 <= radius**2).astype(np.uint8)


def true_masks(phantom: Phantom) -> NDArray[np.bool_]:
    propagator = MaskPropagator(disc().astype(bool))
    return np.stack([propagator.propagate(dvf[propagator.box]).mask for dvf in phantom.dvf])


def scores(run: Path, against: str = "measured") -> dict[tuple[str, str], float]:
    """Return value by method and metric of the target's rows."""
    rows = read_table(run / "score/scores.csv")
    return {
        (row["method"], row["metric"]): float(row["value"])
        for row in rows
        if row["region"] == "target:disc" and row["against"] == against
    }


def test_a_new_run_measures_from_the_targets_frame_and_follows_it(folder: Path, finished: Path) -> None:
    assert json.loads((finished / "flow/stage.json").read_text())["settings"]["reference"] == 0
    stored = art.load_masks(finished / "target/measured")
    assert stored.masks.bits.shape[:3] == (1, 1, 45)
    np.testing.assert_array_equal(stored.masks.mask(0, 0, 0), disc())
    truth = np.load(folder / "truth.npy").astype(bool)
    overlap = [
        2 * (stored.masks.mask(0, 0, t) & truth[t]).sum() / (stored.masks.mask(0, 0, t).sum() + truth[t].sum())
        for t in range(45)
    ]
    assert np.mean(overlap) > 0.97
    moved = np.array([float(row["row"]) for row in read_table(finished / "target/measured/centroids.csv")])
    assert np.ptp(moved) > 2  # pixels


def test_scores_are_those_of_the_masks(finished: Path) -> None:
    found = scores(finished)
    assert found["oracle", "dice"] > found["linear", "dice"] > found["persistence", "dice"]
    assert found["oracle", "centroid_mm"] < found["linear", "centroid_mm"] < found["persistence", "centroid_mm"]
    assert found["linear", "missed"] == found["linear", "without_reference"] == 0
    measured, forecast = (art.load_masks(finished / key).masks for key in ("target/measured", "target/linear/h002"))
    pairs = [(forecast.mask(0, 0, t - FIRST_TEST_FRAME), measured.mask(0, 0, t)) for t in range(FIRST_TEST_FRAME, 45)]
    dice = np.mean([2 * (a & b).sum() / (a.sum() + b.sum()) for a, b in pairs])
    assert found["linear", "dice"] == pytest.approx(dice)
    errors = [3.6 * np.subtract(*(np.mean(np.nonzero(each), axis=1) for each in pair)) for pair in pairs]
    assert found["linear", "centroid_mm"] == pytest.approx(np.linalg.norm(errors, axis=1).mean())
    # A sagittal phantom: rows run from head to foot.
    assert found["linear", "centroid_si_mm"] == pytest.approx(np.abs(errors)[:, 0].mean())
    frames = read_table(finished / "score/linear/h002/target_per_frame.csv")
    assert [int(row["frame"]) for row in frames] == list(range(FIRST_TEST_FRAME, 45))
    assert np.mean([float(row["dice"]) for row in frames]) == pytest.approx(found["linear", "dice"])


def test_a_finished_run_redoes_no_flow_motion_or_forecast(folder: Path, tmp_path: Path) -> None:
    run, source = tmp_path / "run", folder / "cine.nii.gz"
    succeed("run", source, "--out", run, *METHODS)
    reference = json.loads((run / "flow/stage.json").read_text())["settings"]["reference"]
    assert reference != 0
    before = made_at(run)
    printed = succeed("run", source, "--out", run, "--target", folder / "disc.npy")
    assert "Target disc: 113 pixels in frame 0; registered to the reference frame" in " ".join(printed.split())
    done = {key.split("/")[0] for key in redone(before, run)}
    assert done == {"target", "score", "report"}
    np.testing.assert_array_equal(art.load_masks(run / "target/measured").masks.mask(0, 0, 0), disc())
    assert scores(run)["oracle", "dice"] > 0.95
    assert "Nothing to do" in succeed("run", source, "--out", run)


def test_labels_are_seen_by_the_scores_alone(folder: Path, finished: Path, tmp_path: Path) -> None:
    run, source = tmp_path / "run", folder / "cine.nii.gz"
    target = ("--target", folder / "disc.npy")
    succeed("run", source, "--out", run, *METHODS, *target, "--labels", folder / "truth.npy")
    without, with_labels = results(finished), results(run)
    of_settings = {"settings.toml", "given_files.json"}
    before_scores = {name for name in without if not name.startswith("score/")} - of_settings
    assert {name: with_labels[name] for name in before_scores} == {name: without[name] for name in before_scores}
    found = scores(run, "labels")
    assert found["measured", "dice"] > 0.97
    assert found["measured", "centroid_mm"] < 0.5
    assert found["linear", "centroid_mm"] < found["persistence", "centroid_mm"]
    assert scores(run) == scores(finished)
    assert not any(method == "measured" for method, _ in scores(run))
    # Other labels change nothing but what is held against them.
    other = np.roll(np.load(folder / "truth.npy"), 1, axis=1)
    other[35] = 0  # has no label: it is missing, not empty
    np.save(tmp_path / "other.npy", other)
    before = made_at(run)
    succeed("run", source, "--out", run, "--labels", tmp_path / "other.npy")
    assert {key.split("/")[0] for key in redone(before, run)} == {"score", "report"}
    assert scores(run) == scores(finished)
    frames = read_table(run / "score/linear/h002/target_per_frame.csv")
    assert 35 not in {int(row["frame"]) for row in frames if row["against"] == "labels"}
    assert 35 in {int(row["frame"]) for row in frames if row["against"] == "measured"}


@pytest.mark.parametrize("last_common", [14, 25, 35])
def test_later_frames_change_no_mask_of_a_frame_that_was_forecast_before(
    folder: Path, finished: Path, tmp_path: Path, last_common: int, rng: np.random.Generator
) -> None:
    sequence = read_sequence(folder / "cine.nii.gz")
    frames = sequence.frames.astype(np.float64)
    later = frames[last_common + 1 :]
    later[:] = np.roll(later, 5, axis=1) + rng.normal(0, 150, later.shape)
    split = sequence.split
    np.savez(
        tmp_path / "cine.npz",
        frames=np.clip(frames, 0, 4095).astype(np.uint16),
        times_s=sequence.times_s,
        pixel_spacing_mm=np.array(sequence.spacing_mm),
        split=np.array([split.train_end, split.validation_end, split.test_end]),
    )
    run = tmp_path / "run"
    succeed("run", tmp_path / "cine.npz", "--out", run, *METHODS, "--target", folder / "disc.npy")
    here, there = (
        art.load_masks(each / "target/measured").masks.bits[..., : last_common + 1, :] for each in (run, finished)
    )
    np.testing.assert_array_equal(here, there)
    count = max(0, last_common + 2 + 1 - FIRST_TEST_FRAME)
    here, there = (art.load_masks(each / "target/linear/h002").masks.bits[..., :count, :] for each in (run, finished))
    np.testing.assert_array_equal(here, there)
    whole = [art.load_masks(each / "target/measured").masks.bits for each in (run, finished)]
    assert not np.array_equal(*whole)


def test_folding_inside_the_target_is_said_of_forecast_motion_too(
    finished: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with saved_run(finished) as found:
        work = TargetWork(found.store, found.sequence, found.settings, 0, frozenset())
        task = next(task for task in found.plan.tasks if task.method == "linear")
        motion = fitted_motion(found.store, task.train_end).forecast_motion(task, found.sequence.instants)
        mean = np.array(motion.model.mean)
        mean[70:74, 26:31, 0] -= 2.5 * np.arange(5)  # the tissue runs backwards
        forecasts = art.load_forecast(found.store.path(task.key("forecast")), 45)
        work.forecast(tmp_path, task, replace(motion, model=replace(motion.model, mean=mean)), forecasts)
    (message,) = [record.getMessage() for record in caplog.records if "folds" in record.getMessage()]
    assert message.startswith(
        f"target disc: the motion that linear forecasts 2 frame(s) ahead folds inside it in 15 of 15 frames (frame "
        f"{FIRST_TEST_FRAME} first, "
    )
    folded = [int(row["folded_pixels"]) for row in read_table(tmp_path / "centroids.csv")]
    assert len(folded) == 15
    assert min(folded) > 0


def test_a_random_run_that_lacks_a_forecast_counts_in_no_score_of_a_target(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "run")
    with saved_run(tmp_path / "run") as found:
        work = TargetWork(found.store, found.sequence, found.settings, 0, frozenset())
        task = next(task for task in found.plan.tasks if task.method == "linear")
        motion = fitted_motion(found.store, task.train_end).forecast_motion(task, found.sequence.instants)
        whole = art.load_forecast(found.store.path(task.key("forecast")), 45)
        # The other one is better before it diverges, and surer of it.
        other = fitted_motion(found.store, task.train_end).weights[np.newaxis, :, : whole.shape[2]].copy()
        other[:, 40:] = np.nan
        radii_mm = np.stack([1.5 + 0.1 * np.arange(15.0), np.full(15, 0.25)])[..., np.newaxis]
        folder = tmp_path / "run" / task.key("target")
        work.forecast(folder, task, motion, whole)
        alone = work.score(tmp_path, task, radii_mm[:1], frozenset())
        alone_frames = read_table(tmp_path / "target_per_frame.csv")
        work.forecast(folder, task, motion, np.concatenate([whole, other]))
        both = work.score(tmp_path, task, radii_mm, frozenset())
        frames = read_table(tmp_path / "target_per_frame.csv")
    metrics = {row.metric for _, row in alone}
    assert {"dice", "centroid_mm", "duty_cycle", "gate_correct", "centroid_inside", "centroid_radius_mm"} <= metrics
    assert list(map(repr, both)) == list(map(repr, alone))  # there are NaNs, which are not equal
    assert frames[:15] == alone_frames
    assert [row["beam_on"] for row in frames[25:]] == ["0"] * 5  # where nothing is forecast the beam is off
    assert [float(row["radius_mm"]) for row in frames[:15]] == radii_mm[0, :, 0].tolist()
    assert next(row.value for _, row in both if row.metric == "centroid_radius_mm") == pytest.approx(2.2)


def test_several_targets_and_one_that_leaves_the_image(folder: Path, tmp_path: Path) -> None:
    labels = disc() + 2 * disc(94, 60, 3)
    np.save(tmp_path / "both.npy", labels)
    source, run = folder / "cine.nii.gz", tmp_path / "run"
    sentence = call_cli("run", source, "--out", run, "--target", tmp_path / "both.npy").sentence
    assert "--target-label" in sentence
    assert not run.exists()
    chosen = ("--target-label", "1", "--target-label", "2", "--target-name", "tumour", "--target-name", "low")
    printed = succeed("run", source, "--out", run, *METHODS, "--target", tmp_path / "both.npy", *chosen)
    assert "Target low:" in printed
    assert "touches the edge of the image" in " ".join(printed.split())
    page = (run / "report/index.html").read_text(encoding="utf-8")
    assert re.findall(r"target (\w+): along the measured motion it reaches the edge of the image in", page) == ["low"]
    assert {row["region"] for row in read_table(run / "score/scores.csv")} >= {"target:tumour", "target:low"}


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.zeros((96, 80), dtype=np.uint8), "a mask must hold pixels inside, got an empty one"),
        (disc()[:, :70], "70 x 96 pixels"),
        (disc().astype(np.float32) / 2, "0.5"),
        (disc(20, 20, 0.9), "at least 4 pixels, got 1"),
    ],
    ids=["empty", "another size", "float", "small"],
)
def test_a_mask_of_no_use_is_refused_before_anything_is_made(
    folder: Path, tmp_path: Path, mask: NDArray[np.generic], words: str
) -> None:
    np.save(tmp_path / "mask.npy", mask)
    run = tmp_path / "run"
    sentence = call_cli("run", folder / "cine.nii.gz", "--out", run, "--target", tmp_path / "mask.npy").sentence
    assert words in sentence
    assert not run.exists()


def test_labels_without_a_target_or_of_another_length_are_refused(folder: Path, tmp_path: Path) -> None:
    source, run = folder / "cine.nii.gz", tmp_path / "run"
    sentence = call_cli("run", source, "--out", run, *METHODS, "--labels", folder / "truth.npy").sentence
    assert "got truth.npy and no target; give the target with --target" in sentence
    np.save(tmp_path / "short.npy", np.load(folder / "truth.npy")[:40])
    options = ("--target", folder / "disc.npy", "--labels", tmp_path / "short.npy")
    sentence = call_cli("run", source, "--out", run, *METHODS, *options).sentence
    assert "as many as the 45 frames" in sentence
    assert not run.exists()


@pytest.mark.shared
def test_the_first_label_of_a_trackrad_case_is_the_target_of_its_run(
    shared: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source, run = shared / "data/trackrad/Z_001/images/Z_001_frames.mha", tmp_path / "run"
    # The case has 9 frames.
    options = ("--method", "persistence", "--horizon", "1", "--set", "motion.modes=1")
    outcome = call_cli("run", source, "--out", run, *options)
    assert outcome.code == 0
    assert "Z_001_first_label.mha is taken as the target" in [record.getMessage() for record in caplog.records]
    masks = art.load_masks(tmp_path / "run/target/measured").masks
    assert masks.mask(0, 0, 0).sum() == 2997
    assert (tmp_path / "run/settings.toml").read_text().count("_labels") == 0


def test_the_d98_of_a_run_has_the_penumbra_of_the_region_that_stands_beside_its_case(
    phantom_truth: Phantom, tmp_path: Path
) -> None:
    case = tmp_path / "A_001"
    frames, ratios = case / "images/A_001_frames.mha", {}
    # Pixels so small that the plan covers the target in the lung, too.
    write_mha(frames, phantom_truth.sequence.frames, (1.5, 1.5))
    write_mha(case / "targets/A_001_first_label.mha", disc()[np.newaxis], (1.5, 1.5))
    (case / "frame-rate.json").write_text("4.0")
    for region in ("abdomen", "lung"):
        (case / "scanned-region.json").write_text(json.dumps(region))
        succeed("run", frames, "--out", tmp_path / region, *METHODS)
        (target,) = art.load_targets(tmp_path / region / "target/measured")
        sequence = read_sequence(frames)
        test, spacing_mm = sequence.split.test_frames, sequence.spacing_mm
        forecast = art.load_masks(tmp_path / region / "target/persistence/h002").masks
        measured = art.load_masks(tmp_path / region / "target/measured").masks
        errors_mm = centroids_of(forecast.part(0), spacing_mm)[0]
        errors_mm = errors_mm - centroids_of(measured.part(0), spacing_mm)[0, test.start : test.stop]
        ratios[region] = d98_ratio(target.mask, errors_mm, spacing_mm=spacing_mm, scanned_region=region)
        rows = read_table(tmp_path / region / "score/scores.csv")
        (row,) = (r for r in rows if (r["method"], r["metric"]) == ("persistence", "d98_ratio"))
        assert float(row["value"]) == pytest.approx(ratios[region])
    assert ratios["lung"] != ratios["abdomen"]


def test_a_motion_that_folds_inside_a_target_is_warned_of_in_the_report_too(
    folder: Path, phantom_truth: Phantom, tmp_path: Path
) -> None:
    dvf, folding = phantom_truth.dvf.astype(np.float32), 35
    dvf -= dvf[:1]
    dvf[folding, 69:76, 26:30, 0] -= 2 * np.arange(4)  # the tissue runs backwards
    np.save(tmp_path / "dvf.npy", dvf)
    given = ("--dvf", tmp_path / "dvf.npy", "--dvf-reference", "0", "--target", folder / "disc.npy")
    done = call_aloud("run", folder / "cine.nii.gz", "--out", tmp_path / "run", *METHODS, *given)
    said = "target disc: the measured motion folds inside it in 1 of 45 frames (frame 35 first, "
    assert said in " ".join(done.errors.split())
    for _ in range(2):  # also when it is written again, and nothing else is
        assert said in (tmp_path / "run/report/index.html").read_text(encoding="utf-8")
        succeed("run", folder / "cine.nii.gz", "--out", tmp_path / "run", "--only", "report")
