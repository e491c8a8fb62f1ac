"""A run whose target is exchanged or taken away: nothing of the one before may go on under the new one's name."""

from __future__ import annotations

import shutil
from pathlib import Path

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.phantom.files import write_phantom
from cinecast.settings import Settings
from cinecast.settings.toml_file import build_settings, read_settings_file
from cinecast.store import artifacts as art
from cinecast.store.record import read_record
from helpers.command_line import call_cli, made_at, redone, scores, succeed

METHODS = ("--method", "linear", "--horizon", "2")
SIZE = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=45, frame_period_s=0.25)


def disc(row: float, column: float) -> NDArray[np.uint8]:
    rows, columns = np.indices((48, 40))
    return ((rows - row) ** 2 + (columns - column) ** 2 <= 16).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("changes")
    write_phantom(out / "cine.nii.gz", make_phantom(SIZE))
    np.save(out / "tumour.npy", disc(30, 15))
    np.save(out / "kidney.npy", disc(20, 24))
    np.save(out / "truth.npy", np.repeat(disc(30, 15)[np.newaxis], 45, axis=0))
    options = ("--target", out / "tumour.npy", "--target-name", "GTV", "--target-frame", 5, "--labels")
    succeed("run", out / "cine.nii.gz", "--out", out / "run", *METHODS, *options, out / "truth.npy")
    return out


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder / "run", tmp_path / "run"))


def saved(run: Path) -> Settings:
    return build_settings(read_settings_file(run / art.SETTINGS_FILE))


def regions(run: Path) -> set[tuple[str, str]]:
    return {(row["region"], row["against"]) for row in scores(run) if row["region"].startswith("target:")}


def test_another_target_has_neither_name_nor_frame_nor_labels_of_the_one_before(
    folder: Path, run: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert regions(run) == {("target:GTV", "measured"), ("target:GTV", "labels")}
    succeed("run", folder / "cine.nii.gz", "--out", run, "--target", folder / "kidney.npy")
    (target,) = art.load_targets(run / "target/measured")
    assert (target.name, target.frame) == ("kidney", 0)
    assert regions(run) == {("target:kidney", "measured")}
    assert "truth.npy are labels of the target before, and are let go" in caplog.text


def test_what_is_said_anew_of_another_target_counts(folder: Path, run: Path) -> None:
    options = ("--target", folder / "kidney.npy", "--target-name", "cord", "--set", "target.frame=3")
    succeed("run", folder / "cine.nii.gz", "--out", run, *options, "--labels", folder / "truth.npy")
    (target,) = art.load_targets(run / "target/measured")
    assert (target.name, target.frame) == ("cord", 3)
    assert regions(run) == {("target:cord", "measured"), ("target:cord", "labels")}


def test_the_same_target_keeps_what_was_said_of_it(folder: Path, run: Path) -> None:
    before = saved(run)
    printed = succeed("run", folder / "cine.nii.gz", "--out", run, "--target", folder / "tumour.npy")
    assert saved(run) == before
    assert "Nothing to do" in printed


def test_another_label_does_not_go_by_the_name_of_the_one_before(folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "both.npy", disc(30, 15) + 2 * disc(20, 24))
    both, out = folder / "cine.nii.gz", tmp_path / "run"
    options = ("--target", tmp_path / "both.npy", "--target-label", "1", "--target-name", "GTV", "--target-frame", 5)
    succeed("run", both, "--out", out, *METHODS, *options)
    assert regions(out) == {("target:GTV", "measured")}
    succeed("run", both, "--out", out, "--target-label", "2")
    (target,) = art.load_targets(out / "target/measured")
    assert (target.name, target.frame) == ("label 2", 5)
    assert regions(out) == {("target:label 2", "measured")}
    before = saved(out)
    succeed("run", both, "--out", out, "--target-label", "2")
    assert saved(out) == before
    sentence = call_cli("run", both, "--out", out, "--target-name", "kidney").sentence
    assert "one of several structures must be chosen, got 1; 2 in both.npy" in sentence


def test_a_target_that_was_taken_away_is_in_no_report_and_no_export(folder: Path, run: Path, tmp_path: Path) -> None:
    succeed("run", folder / "cine.nii.gz", "--out", run, "--set", "target.files=[]")
    assert saved(run).target == Settings().target
    assert saved(run).score.labels == ""
    assert regions(run) == set()
    assert "Left out" not in succeed("report", run)
    assert "GTV" not in (run / "report/index.html").read_text()
    assert "Nothing to do" in succeed("run", folder / "cine.nii.gz", "--out", run)
    sentence = call_cli("export", run, "--what", "target-masks", "--out", tmp_path / "masks.mha").sentence
    assert "a run must have a target for this, got none" in sentence


def test_labels_that_were_taken_away_are_in_no_report(folder: Path, run: Path) -> None:
    succeed("run", folder / "cine.nii.gz", "--out", run, "--set", 'score.labels=""')
    assert regions(run) == {("target:GTV", "measured")}
    assert "Left out" not in succeed("report", run)


def test_a_reference_that_is_given_and_let_go_again_leaves_that_of_the_target(folder: Path, run: Path) -> None:
    for reference in ("2", "auto"):
        succeed("run", folder / "cine.nii.gz", "--out", run, "--set", f"flow.reference={reference}")
        assert saved(run).flow.reference == (2 if reference == "2" else 5)
    for name in ("flow/dvf.npy", "target/measured/centroids.csv"):
        assert (run / name).read_bytes() == (folder / "run" / name).read_bytes()


def test_a_target_that_comes_with_another_flow_is_measured_from_as_in_a_new_run(folder: Path, tmp_path: Path) -> None:
    cine, without, alone = folder / "cine.nii.gz", tmp_path / "without", tmp_path / "alone"
    succeed("run", cine, "--out", without, *METHODS)
    chosen = read_record(without / "flow")
    assert chosen is not None
    assert chosen["settings"]["reference"] != 5
    shutil.copytree(without, alone)
    target = ("--target", folder / "kidney.npy", "--target-frame", 5)
    succeed("run", cine, "--out", alone, *target)  # nothing but the target is new: what was measured stays
    assert saved(alone).flow.reference == "auto"
    assert (alone / "flow/dvf.npy").read_bytes() == (without / "flow/dvf.npy").read_bytes()
    flow = ("--set", "flow.iterations=2")
    succeed("run", cine, "--out", tmp_path / "new", *METHODS, *target, *flow)
    succeed("run", cine, "--out", without, *target, *flow)
    succeed("run", cine, "--out", alone, *flow)
    for run in (without, alone):
        assert saved(run).flow.reference == 5
        for name in ("flow/dvf.npy", "target/measured/centroids.csv"):
            assert (run / name).read_bytes() == (tmp_path / "new" / name).read_bytes()


def test_dvfs_that_were_given_and_are_given_no_more_leave_the_reference_of_the_target(
    folder: Path, run: Path, tmp_path: Path
) -> None:
    succeed("run", folder / "cine.nii.gz", "--out", tmp_path / "without", *METHODS)
    record = read_record(tmp_path / "without/flow")
    assert record is not None
    own = ("--dvf", tmp_path / "without/flow/dvf.npy", "--dvf-reference", record["settings"]["reference"])
    assert call_cli("run", folder / "cine.nii.gz", "--out", run, *own).code == 0
    succeed("run", folder / "cine.nii.gz", "--out", run, "--set", 'flow.dvf=""', "--set", "flow.reference=auto")
    assert saved(run).flow.reference == 5
    assert (run / "flow/dvf.npy").read_bytes() == (folder / "run/flow/dvf.npy").read_bytes()


def test_a_batch_measures_from_the_frame_that_another_target_was_drawn_on(folder: Path, tmp_path: Path) -> None:
    for frame in (5, 9):
        line = f"{folder / 'cine.nii.gz'},one,{folder / 'kidney.npy'},{frame}\n"
        (tmp_path / "list.csv").write_text("path,name,target,target_frame\n" + line)
        succeed("batch", tmp_path / "list.csv", "--out", tmp_path / "runs", "--workers", "1", *METHODS)
        record = read_record(tmp_path / "runs/one/flow")
        assert record is not None
        assert record["settings"]["reference"] == frame
        one = tmp_path / "runs/one"
        assert saved(one).flow.reference == frame
        assert "Left out" not in succeed("report", one, "--out", tmp_path / f"page_{frame}")
        succeed("export", one, "--what", "target-centroids", "--out", tmp_path / f"centroids_{frame}.csv")
    before = made_at(one)
    succeed("batch", tmp_path / "list.csv", "--out", tmp_path / "runs", "--workers", "1", *METHODS)
    assert not redone(before, one)
    assert saved(one).flow.reference == frame


@pytest.mark.parametrize("command", ["run", "live"])
def test_what_is_said_of_no_target_is_refused(folder: Path, tmp_path: Path, command: str) -> None:
    horizon = ("--horizon", "2") if command == "live" else METHODS
    out, options = tmp_path / "out", ("--target-name", "GTV", "--target-frame", "5")
    sentence = call_cli(command, folder / "cine.nii.gz", "--out", out, *horizon, *options).sentence
    assert "--target-name and --target-frame must be said of a target, got none; give it with --target FILE" in sentence
    assert not out.exists()


def test_a_name_with_brackets_and_line_breaks_stands_in_one_line(folder: Path, run: Path) -> None:
    options = ("--target", folder / "kidney.npy", "--target-name", "cord\n[/] [left]")
    printed = succeed("run", folder / "cine.nii.gz", "--out", run, *options)
    assert "Target cord [/] [left] against the measured motion" in printed
    assert regions(run) == {("target:cord [/] [left]", "measured")}


def test_labels_say_how_many_test_frames_they_have_and_whether_they_are_of_the_target(
    folder: Path, run: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    masks = np.zeros((45, 48, 40), dtype=np.uint8)
    masks[5], masks[33] = disc(10, 10), disc(30, 15)
    np.save(tmp_path / "labels.npy", masks)
    printed = succeed("run", folder / "cine.nii.gz", "--out", run, "--labels", tmp_path / "labels.npy")
    assert (
        "Labels of GTV: in 1 of 15 test frames; in frame 5 their DSC with the target as it was given is 0.000"
        in printed
    )
    assert "labels of GTV are unlike it in its own frame" in caplog.text
    assert "none in the test span" not in caplog.text
    assert "labels of GTV are unlike it in its own frame" in (run / "report/index.html").read_text()
    masks[33] = 0
    np.save(tmp_path / "labels.npy", masks)
    succeed("run", folder / "cine.nii.gz", "--out", run)
    assert "labels of GTV: none in the test span, frames 30 to 44: nothing is scored against them" in caplog.text
    assert "No test frame has labels" in (run / "report/index.html").read_text()


def test_a_target_where_nothing_moves_is_a_warning(
    folder: Path, run: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    printed = succeed("run", folder / "cine.nii.gz", "--out", run, "--target", folder / "kidney.npy")
    assert 1 < float(printed.split("moves by up to ")[1].split(" mm")[0]) < 40
    assert "does not move it" not in caplog.text
    behind = np.zeros((48, 40), dtype=np.uint8)
    behind[8:12, 36:40] = 1
    np.save(tmp_path / "air.npy", behind)
    options = ("--target", tmp_path / "air.npy", "--target-frame", "5")
    succeed("run", folder / "cine.nii.gz", "--out", run, *options)
    assert "target air: the measured motion does not move it. Where frames show no tissue" in caplog.text
    assert "target air: the measured motion does not move it" in (run / "report/index.html").read_text()


def test_a_batch_warns_of_targets_and_labels_too(folder: Path, tmp_path: Path) -> None:
    behind, elsewhere = np.zeros((48, 40), dtype=np.uint8), np.zeros((45, 48, 40), dtype=np.uint8)
    behind[8:12, 36:40], elsewhere[:30] = 1, disc(10, 10)
    np.save(tmp_path / "air.npy", behind)
    np.save(tmp_path / "labels.npy", elsewhere)
    line = f"{folder / 'cine.nii.gz'},one,{tmp_path / 'air.npy'},5,{tmp_path / 'labels.npy'}\n"
    (tmp_path / "list.csv").write_text("path,name,target,target_frame,labels\n" + line)
    succeed("batch", tmp_path / "list.csv", "--out", tmp_path / "runs", "--workers", "1", *METHODS)
    page, report = ((tmp_path / "runs" / name).read_text() for name in ("index.html", "one/report/index.html"))
    for text in (page, report):
        assert "target air: the measured motion does not move it" in text
        assert "labels of air are unlike it in its own frame" in text
        assert "labels of air: none in the test span, frames 30 to 44" in text


def test_the_report_says_how_well_the_targets_own_frame_is_registered(folder: Path, run: Path) -> None:
    options = ("--target", folder / "kidney.npy", "--target-frame", "9")
    printed = succeed("run", folder / "cine.nii.gz", "--out", run, *options)
    said = "registered to the reference frame 5 with a correlation of "
    likeness = printed.split(said)[1][:5]
    assert f"{said}{likeness}" in (run / "report/index.html").read_text()


def test_a_batch_names_sequences_that_show_the_same_frames(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    image = nibabel.load(folder / "cine.nii.gz")
    turned = np.asanyarray(image.dataobj)[:, ::-1]  # rows turned round, as by a converter
    affine = image.affine @ np.diag([1.0, -1, 1, 1])
    nibabel.save(nibabel.Nifti1Image(turned, affine, image.header), tmp_path / "turned.nii.gz")
    inputs = (folder / "cine.nii.gz", tmp_path / "turned.nii.gz")
    succeed("batch", *inputs, "--out", tmp_path / "runs", "--workers", "1", *METHODS)
    words = "the tables count them as several sequences, so that p values are too small"
    assert f"cine and turned show the same frames: {words}; keep one of them" in caplog.text
    page = (tmp_path / "runs/index.html").read_text()
    assert f"turned shows the same frames: {words}" in page
    assert f"cine shows the same frames: {words}" in page
