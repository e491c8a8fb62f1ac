"""``--plane all``: each plane of a recording is the run that ``--plane NUMBER`` makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

from cinecast.frames import list_planes, list_series, read_sequence
from cinecast.settings import FramesSettings
from helpers.cine_like import breathing
from helpers.command_line import call_cli, made_at, redone, results, run_cli, scores, succeed
from helpers.dicom_files import cine, save

OPTIONS = ("--method", "linear", "--horizon", "1", "--set", "forecast.linear.history_length=4")
NORMALS = ([0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1], [1, 0, 0, 0, 1, 0])


def in_turn(folder: Path, planes: int = 2, count: int = 30, odd: int | None = None, scouts: int = 0) -> Path:
    """Save orthogonal planes taken in turn every 0.15 s; the frames of plane `odd` are far too few."""
    shown = [breathing(seed, count, shape=(64, 56)).astype(np.uint16) for seed in range(planes)]
    frames = np.stack(shown, axis=1).reshape(-1, 64, 56)
    images = cine(frames, period_s=0.15)
    for t, dataset in enumerate(images):
        dataset.ImageOrientationPatient = NORMALS[t % planes]
    kept = [image for t, image in enumerate(images) if t % planes != odd or t < 8 * planes]
    for dataset in cine(frames[:scouts], period_s=0.15, start_s=35990.0, SeriesInstanceUID=images[0].SeriesInstanceUID):
        dataset.ImagePositionPatient = [300, 0, 0]
        kept.append(dataset)
    return save(folder, kept)


def test_each_plane_is_the_run_of_its_number_to_the_bit(tmp_path: Path) -> None:
    recording, out = in_turn(tmp_path / "cine"), tmp_path / "runs"
    said = succeed("run", recording, "--out", out, "--plane", "all", *OPTIONS)
    assert "Plane 0: sagittal" in said
    assert "Plane 1: coronal" in said
    assert sorted(path.name for path in out.iterdir()) == ["plane_0", "plane_1"]
    for number in (0, 1):
        single = tmp_path / f"single_{number}"
        succeed("run", recording, "--out", single, "--plane", str(number), *OPTIONS)
        assert results(out / f"plane_{number}") == results(single)
        assert (single / "settings.toml").read_text() == (out / f"plane_{number}" / "settings.toml").read_text()
        # Two planes in turn: each has its own clock, of twice the time between images.
        horizons = {row["horizon_s"] for row in scores(single) if row["method"] == "linear"}
        assert {float(text) for text in horizons} == {0.3}


def test_what_is_up_to_date_of_each_plane_is_kept(tmp_path: Path) -> None:
    recording, out = in_turn(tmp_path / "cine"), tmp_path / "runs"
    succeed("run", recording, "--out", out, "--plane", "all", *OPTIONS)
    before = made_at(out)
    assert succeed("run", recording, "--out", out, "--plane", "all").count("Nothing to do") == 2
    assert redone(before, out) == set()


def test_a_plane_that_fails_costs_the_others_nothing(tmp_path: Path) -> None:
    recording, out = in_turn(tmp_path / "cine", planes=3, odd=1), tmp_path / "runs"
    outcome = call_cli("run", recording, "--out", out, "--plane", "all", *OPTIONS)
    assert outcome.code == 11
    assert outcome.output.splitlines()[-1] == "1 plane failed: 1."
    (sentence,) = outcome.errors.splitlines()
    assert sentence.startswith("cinecast: plane 1: ")
    assert {folder.name for folder in out.iterdir() if scores(folder)} == {"plane_0", "plane_2"}


def test_scouts_are_no_plane_of_their_own(tmp_path: Path) -> None:
    recording = in_turn(tmp_path / "cine", scouts=2)
    (series,) = list_series(recording)
    assert sorted(plane.frame_count for plane in series.planes) == [2, 30, 30]
    assert list_planes(recording) == tuple(plane for plane in series.planes if plane.frame_count == 30)
    outcome = run_cli("info", recording, "--plane", "all")
    assert outcome.code == 0
    assert "2 frame(s) of other planes, which are taken for scouts and left out" in outcome.errors


def test_the_numbers_of_planes_are_those_of_the_kind_that_is_read(tmp_path: Path) -> None:
    """A scout that says so is of another kind, and does not count among the planes."""
    recording = in_turn(tmp_path / "cine")
    images = cine(breathing(9, 3, shape=(64, 56)).astype(np.uint16), ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    own = list_series(recording)[0].uid
    for t, dataset in enumerate(images):
        dataset.SeriesInstanceUID = own
        dataset.ImagePositionPatient = [-300, 0, t * 20]
    save(recording, images, ["scout0", "scout1", "scout2"])
    (series,) = list_series(recording)
    assert [plane.orientation for plane in series.planes] == ["sagittal", "coronal"]
    assert list_planes(recording) == series.planes


def test_planes_of_a_nifti_file(tmp_path: Path) -> None:
    frames = np.stack([breathing(seed, 30, shape=(64, 56)) for seed in (0, 1)], axis=-1).astype(np.int16)
    image = nibabel.Nifti1Image(frames.transpose(2, 1, 3, 0), np.diag([2.0, 2.0, 8.0, 1.0]))
    image.header.set_zooms((2.0, 2.0, 8.0, 0.3))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, tmp_path / "two.nii.gz")
    said = succeed("info", tmp_path / "two.nii.gz", "--plane", "all")
    assert "--plane all each in its turn" in said
    assert said.count("0.3000 s (3.33 Hz)") == 2


@pytest.mark.parametrize("option", ["--target", "--labels", "--landmarks", "--dvf"])
def test_a_file_of_pixels_alone_is_laid_on_no_plane_that_it_was_not_drawn_on(option: str, tmp_path: Path) -> None:
    """A mask of the sagittal plane was followed in the coronal one, and scored."""
    recording, out = in_turn(tmp_path / "cine"), tmp_path / "runs"
    mask = np.zeros((64, 56), dtype=np.uint8)
    mask[20:28, 20:28] = 1
    files = {"--dvf": tmp_path / "dvf.npy", "--landmarks": tmp_path / "places.csv"}
    given = files.get(option, tmp_path / "mask.npy")
    if given.suffix == ".csv":
        given.write_text("name,frame,row,column\na,0,20,20\n")
    else:
        np.save(given, mask)
    sentence = call_cli("run", recording, "--out", out, "--plane", "all", *OPTIONS, option, given).sentence
    rule = "with --plane all a file must say where in the patient it lies, or it would be laid on every plane, got"
    assert f"{rule} {given.name}" in sentence
    assert not out.exists()
    if option == "--target":
        listed = tmp_path / "list.csv"
        listed.write_text(f"path,target\n{recording},{given}\n")
        sentence = call_cli("batch", listed, "--out", out, "--plane", "all", *OPTIONS).sentence
        assert rule in sentence
        succeed("run", recording, "--out", tmp_path / "one", "--plane", "0", *OPTIONS, option, given)


def test_a_mask_with_a_position_goes_to_the_plane_that_it_was_drawn_on(tmp_path: Path) -> None:
    recording, out = in_turn(tmp_path / "cine"), tmp_path / "runs"
    sagittal = read_sequence(recording, FramesSettings(plane=0))
    mask = np.zeros((56, 64, 1), dtype=np.uint8)
    mask[20:28, 20:28] = 1
    nibabel.save(nibabel.Nifti1Image(mask, sagittal.affine), tmp_path / "mask.nii")
    target = ("--target", tmp_path / "mask.nii")
    outcome = call_cli("run", recording, "--out", out, "--plane", "all", *OPTIONS, *target)
    assert outcome.code == 11
    assert "plane 1: a mask must have the geometry of the frames, got mask.nii" in outcome.errors
    assert any(row["region"] == "target:mask" for row in scores(out / "plane_0"))


def test_one_folder_is_not_both(tmp_path: Path) -> None:
    recording, out = in_turn(tmp_path / "cine"), tmp_path / "run"
    succeed("run", recording, "--out", out, "--plane", "0", *OPTIONS)
    sentence = call_cli("run", recording, "--out", out, "--plane", "all", *OPTIONS).sentence
    assert "--out must be a folder for the runs of all planes with --plane all, got that of one run" in sentence


@pytest.mark.parametrize(
    ("command", "rest"),
    [
        ("live", ("--out", "live")),
        ("live", ("--watch", "--out", "live")),
        ("tune", ("--out", "tuned.toml")),
        ("track", ("--out", "tracked", "--target", "mask.nii.gz")),
    ],
)
def test_commands_of_one_plane_say_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, rest: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    recording = in_turn(tmp_path / "cine")
    sentence = call_cli(command, recording, "--plane", "all", *rest).sentence
    assert "--plane must name one plane here, got all; give the number of one" in sentence
    assert "start the command once for each" in sentence


def test_a_plane_is_a_number_or_all(tmp_path: Path) -> None:
    sentence = call_cli("run", tmp_path, "--out", tmp_path / "run", "--plane", "both").sentence
    assert "--plane takes the number of a plane, or all with run, batch and info, got 'both'" in sentence


def test_without_plane_several_are_refused_as_before(tmp_path: Path) -> None:
    sentence = call_cli("run", in_turn(tmp_path / "cine"), "--out", tmp_path / "run", *OPTIONS).sentence
    assert "one plane must be chosen where there are several, got 2" in sentence
    assert "also take --plane all" in sentence


def test_a_batch_has_a_sequence_for_each_plane(tmp_path: Path, address: str) -> None:
    recordings, out = tmp_path / "data", tmp_path / "runs"
    in_turn(recordings / "both")
    in_turn(recordings / "single", planes=1)
    in_turn(recordings / "short", odd=1)
    # Asked for without planes first: what failed then does not stay beside its planes.
    assert call_cli("batch", recordings, "--out", out, "--scheduler", address, *OPTIONS).code == 12
    outcome = call_cli("batch", recordings, "--out", out, "--scheduler", address, "--plane", "all", *OPTIONS)
    assert outcome.code == 11, outcome
    assert "1 sequence failed: short_plane_1" in outcome.output
    table = (out / "summary.csv").read_text().splitlines()
    assert {line.split(",")[0] for line in table[1:]} == {"both_plane_0", "both_plane_1", "short_plane_0", "single"}
    assert "p is too small: both_plane_0, both_plane_1." in (out / "index.html").read_text()
    single = tmp_path / "one"
    succeed("run", recordings / "both", "--out", single, "--plane", "1", *OPTIONS)
    assert results(single) == results(out / "both_plane_1")
    again = call_cli("batch", "--out", out, "--scheduler", address, "--plane", "all")
    assert again.code == 11
    assert (out / "summary.csv").read_text().splitlines() == table
    content = json.loads((out / "batch.json").read_text())
    names = {entry["name"] for entry in content["sequences"]}
    assert names == {"both_plane_0", "both_plane_1", "short_plane_0", "short_plane_1", "single"}
