"""Targets as files, read back by other libraries: masks, centroids, and films with contours."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from PIL import Image
from skimage.measure import find_contours

from cinecast.export.side_by_side import FORECAST, REAL, Contours, SideBySide, contour_lines, dashes
from cinecast.pictures import grey_window, to_levels
from cinecast.sequence import Sequence, Split
from cinecast.store import artifacts as art
from cinecast.target import pack
from helpers.command_line import call_cli, made_at, succeed
from helpers.report_targets import disc

FORECAST_BY = ("--method", "linear", "--horizon", "0.5s")
MASKS = ("--what", "target-masks")
CENTROIDS = ("--what", "target-centroids")
FILM = ("--what", "target", *FORECAST_BY)


@pytest.fixture(scope="module")
def sequence(target_run: Path) -> Sequence:
    return art.load_sequence(target_run / "frames")


def export(run: Path, out: Path, *options: str) -> Path:
    printed = succeed("export", run, "--out", out, *options)
    assert printed.startswith(f"Wrote {out}: ")
    return out


def stored(run: Path, key: str, number: int = 0) -> NDArray[np.bool_]:
    masks = art.load_masks(run / key).masks
    return np.stack([masks.mask(0, number, i) for i in range(masks.bits.shape[2])])


def test_measured_masks_overlay_the_frames_in_nifti_and_mha(target_run: Path, tmp_path: Path) -> None:
    expected = stored(target_run, "target/measured")
    assert 0 < expected.mean() < 0.2
    for ending in ("nii", "nii.gz"):
        got = nibabel.load(export(target_run, tmp_path / f"m.{ending}", *MASKS))
        frames = nibabel.load(export(target_run, tmp_path / f"f.{ending}", "--what", "frames"))
        np.testing.assert_array_equal(np.asarray(got.dataobj)[:, :, 0].transpose(2, 1, 0), expected)
        assert got.get_data_dtype() == np.uint8
        assert got.shape == frames.shape
        np.testing.assert_array_equal(got.affine, frames.affine)
        np.testing.assert_array_equal(got.header["pixdim"], frames.header["pixdim"])
    image = SimpleITK.ReadImage(str(export(target_run, tmp_path / "m.mha", *MASKS)))
    of_frames = SimpleITK.ReadImage(str(export(target_run, tmp_path / "f.mha", "--what", "frames")))
    np.testing.assert_array_equal(np.moveaxis(SimpleITK.GetArrayFromImage(image), -1, 0), expected)
    for fact in ("GetSize", "GetSpacing", "GetOrigin", "GetDirection"):
        assert getattr(image, fact)() == getattr(of_frames, fact)()


def test_the_mask_of_the_targets_own_frame_is_that_which_was_given(target_run: Path, tmp_path: Path) -> None:
    (target,) = art.load_targets(target_run / "target/measured")
    got = np.asarray(nibabel.load(export(target_run, tmp_path / "m.nii", *MASKS)).dataobj)
    np.testing.assert_array_equal(got[:, :, 0, target.frame].T, disc((48, 40), 30.0, 18.0))


def test_forecast_masks_are_those_of_the_method_horizon_and_run(
    target_run: Path, sequence: Sequence, tmp_path: Path
) -> None:
    which = (*MASKS, "--method", "snap1", "--horizon", "1", "--run", "2")
    printed = succeed("export", target_run, "--out", tmp_path / "m.nii.gz", *which)
    first, count = sequence.split.test_frames.start, len(sequence.frames)
    assert f"frames {first} to {count - 1} (counted from 0) of {count}, mask of disc as run 2 of snap1 " in printed
    got = nibabel.load(tmp_path / "m.nii.gz")
    np.testing.assert_array_equal(
        np.asarray(got.dataobj)[:, :, 0].transpose(2, 1, 0), stored(target_run, "target/snap1/h001", 2)
    )
    assert float(got.header["toffset"]) == pytest.approx(sequence.times_s[first] - sequence.times_s[0])
    other = nibabel.load(export(target_run, tmp_path / "o.nii", *which[:-1], "0"))
    assert not np.array_equal(np.asarray(other.dataobj), np.asarray(got.dataobj))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_centroids_are_in_mm_of_the_image_and_of_the_patient(
    target_run: Path, sequence: Sequence, tmp_path: Path
) -> None:
    rows = rows_of(export(target_run, tmp_path / "c.csv", *CENTROIDS))
    masks = nibabel.load(export(target_run, tmp_path / "m.nii", *MASKS))
    assert len(rows) == len(sequence.frames)
    for t in (0, 17, 59):
        row, inside = rows[t], np.argwhere(np.asarray(masks.dataobj)[:, :, 0, t])
        column_px, row_px = inside.mean(axis=0)
        assert (row["target"], int(row["frame"]), int(row["pixels"])) == ("disc", t, len(inside))
        assert float(row["time_s"]) == sequence.times_s[t]
        assert [float(row[name]) for name in ("row_mm", "column_mm")] == pytest.approx([6 * row_px, 6 * column_px])
        in_patient = masks.affine @ [column_px, row_px, 0, 1]
        found = [float(row[name]) for name in ("right_mm", "anterior_mm", "superior_mm")]
        assert found == pytest.approx(in_patient[:3].tolist(), abs=1e-6)
    assert len({row["row_mm"] for row in rows}) > 10  # it moves
    assert {row["protocol"] for row in rows} == {"measured"}


def test_centroids_of_a_forecast_are_those_of_its_run(target_run: Path, tmp_path: Path) -> None:
    which = (*CENTROIDS, "--method", "snap1", "--horizon", "1", "--run", "1")
    rows = rows_of(export(target_run, tmp_path / "c.csv", *which))
    own = [row for row in rows_of(target_run / "target/snap1/h001/centroids.csv") if row["run"] == "1"]
    assert [{name: row[name] for name in own[0]} for row in rows] == own
    assert {row["protocol"] for row in rows} == {"causal"}
    assert call_cli("export", target_run, *which[:-1], "7", "--out", tmp_path / "d.csv").sentence.endswith(
        "got 7; choose another"
    )


# Films


def pictures_of(path: Path) -> list[NDArray[np.uint8]]:
    if path.suffix == ".gif":
        with Image.open(path) as image:
            found = []
            for i in range(getattr(image, "n_frames", 1)):
                image.seek(i)
                found.append(np.array(image.convert("RGB")))
            return found
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def near(picture: NDArray[np.uint8], colour: tuple[int, int, int], tolerance: int) -> NDArray[np.bool_]:
    return np.asarray(np.abs(picture.astype(int) - colour).max(axis=-1) < tolerance)


@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_a_film_shows_both_contours_on_real_and_predicted_frames(
    target_run: Path, sequence: Sequence, tmp_path: Path, ending: str
) -> None:
    out = export(target_run, tmp_path / f"t.{ending}", *FILM)
    pictures = pictures_of(out)
    assert len(pictures) == len(sequence.split.test_frames)
    height, width, _ = pictures[0].shape
    assert (height % 2, width % 2) == (0, 0) or ending == "gif"
    for picture in (pictures[0], pictures[9]):
        for half in (picture[26:-36, : width // 2], picture[26:-36, width // 2 :]):
            assert near(half, REAL, 70).sum() > 40
            assert near(half, FORECAST, 70).sum() > 20
    # Not byte by byte: x264 may choose otherwise where the machine is busy.
    for again, before in zip(pictures_of(export(target_run, tmp_path / f"u.{ending}", *FILM)), pictures, strict=True):
        assert np.abs(again.astype(int) - before.astype(int)).mean() < 0.5


def made_up() -> Sequence:
    frames = np.random.default_rng(3).integers(0, 200, (6, 20, 30)).astype(np.uint8)
    return Sequence("s", frames, np.arange(6) * 0.125, (3.0, 2.0), Split(2, 4, 6))


def painter(real: NDArray[np.bool_], forecast: NDArray[np.bool_], *, known: bool = True) -> SideBySide:
    both = [pack([mask, mask], (20, 30)) for mask in (real, forecast)]
    sequence = made_up()
    contours = Contours(both[0], np.array([known, known]), both[1], labelled=False)
    return SideBySide(
        sequence,
        sequence.frames[4:],
        np.ones(len(sequence.frames) - 4, dtype=bool),
        (contours,),
        "linear, 0.25 s ahead",
    )


def test_a_film_has_square_mm_and_a_bar_that_is_as_long_as_it_says() -> None:
    """Both sides of the frame are 60 mm long, whatever the spacing: 360 pixels."""
    picture = painter(disc((20, 30), 9, 14, 4), disc((20, 30), 11, 14, 4))(0)
    assert picture.shape == (360 + 2 * 26 + 10, 2 * 360 + 30, 3)
    ink = near(picture[360 + 26 + 16], (230, 233, 237), 3)[:360]
    length = int(np.flatnonzero(~ink[10:])[0])
    assert length == 20 * 360 / 60  # 20 mm, the longest that a third of the width holds
    levels = to_levels(made_up().frames[4], grey_window(made_up().frames))
    assert (picture[26 + 9, 10 + 6] == levels[0, 0]).all()
    assert (picture[26 + 360 - 9, 10 + 360 - 6] == levels[-1, -1]).all()


@pytest.mark.parametrize("number", [0, 1])
def test_the_real_frame_is_on_the_left_and_the_predicted_one_of_its_time_on_the_right(number: int) -> None:
    left_and_right = painter(disc((20, 30), 9, 14, 4), disc((20, 30), 11, 14, 4))
    real, window = made_up().frames[4 + number], grey_window(made_up().frames)
    predicted = 199 - made_up().frames[4:]
    picture = replace(left_and_right, predicted=predicted)(number)
    # Pixels of 18 x 12 film pixels, below a strip of 26, between gaps of 10; the corners are free of contours.
    for image, left in ((real, 10), (predicted[number], 10 + 360 + 10)):
        shown = picture[26 + 9 : 26 + 360 : 18, left + 6 : left + 360 : 12, 0]
        levels = to_levels(image, window)
        for corner in (np.s_[:3, :3], np.s_[:3, -3:], np.s_[-3:, :3]):
            np.testing.assert_array_equal(shown[corner], levels[corner])


def test_contours_lie_between_pixels_in_a_film() -> None:
    real, forecast = np.zeros((20, 30), dtype=bool), np.zeros((20, 30), dtype=bool)
    real[5:9, 6:12], forecast[12:15, 6:12] = True, True
    picture = painter(real, forecast)(0)
    yellow = near(picture[26 : 26 + 360, 10:370], REAL, 10)
    rows, columns = (np.flatnonzero(yellow.any(axis=axis)) for axis in (1, 0))
    # Half way between the pixels' centres: 18 film pixels a row, 12 a column; the line is 2 wide.
    assert (rows.min(), rows.max()) == (pytest.approx(5 * 18, abs=2), pytest.approx(9 * 18, abs=2))
    assert (columns.min(), columns.max()) == (pytest.approx(6 * 12, abs=2), pytest.approx(12 * 12, abs=2))
    across = yellow[5 * 18 - 2 : 5 * 18 + 3, 8 * 12 : 10 * 12].any(axis=0)
    assert across.all()  # unbroken
    blue = near(picture[26 : 26 + 360, 10:370], FORECAST, 10)[12 * 18 - 2 : 12 * 18 + 3, 7 * 12 : 11 * 12].any(axis=0)
    assert 0.3 < blue.mean() < 0.95  # broken


def test_a_frame_without_a_real_mask_has_no_real_contour() -> None:
    mask = disc((20, 30), 9, 14, 4)
    assert near(painter(mask, mask)(0)[26:386], REAL, 10).any()
    assert not near(painter(mask, mask, known=False)(0)[26:386], REAL, 10).any()


def test_a_missed_target_is_said_in_the_film() -> None:
    mask = disc((20, 30), 9, 14, 4)
    found, missed = (painter(mask, forecast)(0)[:26, 380:] for forecast in (mask, np.zeros_like(mask)))
    assert near(missed, (230, 233, 237), 60).sum() > near(found, (230, 233, 237), 60).sum() + 100


def test_lines_and_strokes(rng: np.random.Generator) -> None:
    mask = rng.random((8, 9)) < 0.4
    mask[0, 0] = True
    lines = contour_lines(mask)
    assert all((line[0] == line[-1]).all() for line in lines)  # also at the image's edge
    expected = find_contours(np.pad(mask, 5).astype(float), 0.5)
    assert sum(map(len, lines)) == sum(map(len, expected))
    strokes = dashes(np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 20.0]]))
    lengths = [float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in strokes]
    assert lengths == pytest.approx([8, 8, 8, 1])
    assert strokes[1].tolist() == [[13, 0], [20, 0], [20, 1]]


# What cannot be exported


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((*MASKS, "--out", "a.mp4"), "a mask of a target is exported as nifti or mha, got mp4"),
        ((*FILM, "--out", "a.nii"), "a film of targets is exported as mp4 or gif, got nifti"),
        ((*CENTROIDS, "--out", "a.nii"), "a table of centroids is exported as csv, got nifti; choose that"),
        (("--what", "frames", "--out", "a.csv"), "an image is exported as nifti or mha or mp4 or gif, got csv"),
        (("--what", "target", "--out", "a.mp4"), "--what target needs --method and --horizon, got only some of them"),
        ((*MASKS, "--method", "linear", "--out", "a.nii"), "or neither for the measured motion"),
        ((*MASKS, "--run", "1", "--out", "a.nii"), "or neither for the measured motion"),
        ((*MASKS, "--target", "lung", "--out", "a.nii"), "--target must be one of disc, got 'lung'"),
        (("--what", "dvf", "--target", "disc", "--out", "a.nii"), "--target belongs to --what target, target-masks"),
        ((*MASKS, *FORECAST_BY, "--run", "1", "--out", "a.nii"), "--run must be 0 to 0 for target/linear/h002, got 1"),
        ((*MASKS, "--method", "linear", "--horizon", "9", "--out", "a.nii"), "got linear at 9 frame(s); "),
    ],
)
def test_what_of_targets_cannot_be_exported(target_run: Path, options: tuple[str, ...], sentence: str) -> None:
    assert sentence in call_cli("export", target_run, *options).sentence
    assert not Path(options[-1]).exists()


@pytest.mark.parametrize("what", [MASKS, CENTROIDS, FILM])
def test_a_run_without_a_target_says_how_to_give_it_one(
    original_run: Path, tmp_path: Path, what: tuple[str, ...]
) -> None:
    out = tmp_path / {"target-masks": "a.nii", "target-centroids": "a.csv"}.get(what[1], "a.mp4")
    sentence = call_cli("export", original_run, *what, "--out", out).sentence
    assert "a run must have a target for this, got none in " in sentence
    assert sentence.endswith("run the sequence again with --target FILE")


def change_file(run: Path, name: str) -> None:
    content = bytearray((run / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (run / name).write_bytes(content)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("target/measured/targets.npz", MASKS),
        ("target/measured/masks.npz", MASKS),
        ("target/linear/h002/masks.npz", (*MASKS, *FORECAST_BY)),
        ("target/linear/h002/centroids.csv", (*CENTROIDS, *FORECAST_BY)),
        ("target/linear/h002/masks.npz", FILM),
    ],
)
def test_damaged_targets_are_not_exported(
    target_run: Path, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    run = Path(shutil.copytree(target_run, tmp_path / "run"))
    change_file(run, name)
    out = tmp_path / {"target-masks": "a.nii", "target-centroids": "a.csv"}.get(options[1], "a.mp4")
    sentence = call_cli("export", run, *options, "--out", out).sentence
    assert f"{name} must be as it was written, got a damaged or missing file" in sentence


def test_targets_of_other_settings_are_not_exported(target_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(target_run, tmp_path / "run"))
    settings = run / "settings.toml"
    line = next(line for line in settings.read_text().splitlines() if line.startswith("sigma_motion = "))
    settings.write_text(settings.read_text().replace(line, "sigma_motion = 5"))
    for options, out in ((MASKS, "a.nii"), ((*CENTROIDS, *FORECAST_BY), "a.csv"), (FILM, "a.mp4")):
        sentence = call_cli("export", run, *options, "--out", tmp_path / out).sentence
        assert "what is exported must be made with the settings that the run has now, got target/" in sentence


def test_several_targets_need_a_choice_and_are_filmed_together(
    original_phantom: Path, target_run: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(target_run, tmp_path / "run"))
    both = np.zeros((48, 40), dtype=np.uint8)
    both[disc((48, 40), 30.0, 18.0)], both[disc((48, 40), 16.0, 25.0, 2.5)] = 1, 2
    np.save(tmp_path / "both.npy", both)
    labels = ("--target-label", "1", "--target-label", "2", "--target-name", "GTV", "--target-name", "heart")
    options = ("--method", "linear", "--horizon", "2", "--target", str(tmp_path / "both.npy"), *labels)
    succeed("run", original_phantom, "--out", run, *options)
    sentence = call_cli("export", run, *MASKS, "--out", tmp_path / "a.nii").sentence
    assert "--what target-masks writes one target, got a run with GTV, heart; choose one with --target" in sentence
    got = nibabel.load(export(run, tmp_path / "h.nii", *MASKS, "--target", "heart"))
    masks = art.load_masks(run / "target/measured").masks
    np.testing.assert_array_equal(np.asarray(got.dataobj)[:, :, 0, 11].T, masks.mask(1, 0, 11))
    names = [row["target"] for row in rows_of(export(run, tmp_path / "c.csv", *CENTROIDS))]
    assert (names.count("GTV"), names.count("heart")) == (60, 60)
    only = rows_of(export(run, tmp_path / "o.csv", *CENTROIDS, "--target", "heart"))
    assert {row["target"] for row in only} == {"heart"}
    counts = []
    for target in ((), ("--target", "GTV")):
        pictures = pictures_of(export(run, tmp_path / f"f{len(target)}.gif", *FILM, *target))
        counts.append(near(pictures[0][26:-36], REAL, 70).sum())
    assert counts[0] > 1.2 * counts[1]


def test_an_export_of_targets_changes_nothing_in_the_run(target_run: Path, tmp_path: Path) -> None:
    before: Any = made_at(target_run)
    export(target_run, tmp_path / "m.mha", *MASKS)
    assert made_at(target_run) == before
