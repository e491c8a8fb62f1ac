"""Exports are read back by other libraries than those that wrote them, where there is another."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from PIL import Image

from cinecast.export.content import Content
from cinecast.export.films import write_gif, write_mp4
from cinecast.export.volumes import displacements_mm, write_mha, write_nifti_volume
from cinecast.flow.reliability import ReliabilityEstimator
from cinecast.frames import read_sequence
from cinecast.frames.dvf_image import Grid, read_nifti_vectors
from cinecast.motion.pixel_weights import train_pixel_weights, weights_of
from cinecast.pictures import grey_window, to_levels
from cinecast.run.plan import STAGE_VERSIONS
from cinecast.sequence import Sequence, Split
from cinecast.settings.toml_file import build_settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art
from cinecast.store.digests import file_digest, json_digest
from helpers.command_line import call_cli, made_at, succeed
from helpers.predicted import predicted_of

PREDICTED = ("--what", "predicted", "--method", "linear", "--horizon", "0.5s")


@pytest.fixture(scope="module")
def sequence(original_run: Path) -> Sequence:
    return art.load_sequence(original_run / "frames")


@pytest.fixture(scope="module")
def dvf(original_run: Path) -> NDArray[np.float32]:
    return np.array(art.load_array(original_run / "flow" / "dvf.npy"))


def export(run: Path, out: Path, *options: str) -> Path:
    printed = succeed("export", run, "--out", out, *options)
    assert printed.startswith(f"Wrote {out}: ")
    return out


@pytest.mark.parametrize("ending", ["nii", "nii.gz"])
def test_frames_as_nifti_overlay_their_source(
    original_run: Path, original_phantom: Path, tmp_path: Path, ending: str
) -> None:
    out = export(original_run, tmp_path / f"frames.{ending}", "--what", "frames")
    got, source = nibabel.load(out), nibabel.load(original_phantom)
    np.testing.assert_array_equal(np.asarray(got.dataobj), np.asarray(source.dataobj))
    np.testing.assert_allclose(got.affine, source.affine)
    assert got.header["pixdim"][4] == pytest.approx(0.25)


def test_frames_as_mha_are_read_as_the_same_sequence(original_run: Path, sequence: Sequence, tmp_path: Path) -> None:
    out = export(original_run, tmp_path / "frames.mha", "--what", "frames")
    (tmp_path / "frames.json").write_text('{"frame_period_s": 0.25}')
    got = read_sequence(out)
    np.testing.assert_array_equal(got.frames, sequence.frames)
    assert got.spacing_mm == pytest.approx(sequence.spacing_mm)
    assert got.affine is not None
    np.testing.assert_allclose(got.affine, sequence.affine, atol=1e-9)


def test_predicted_frames_are_those_of_the_run(original_run: Path, tmp_path: Path) -> None:
    expected = predicted_of(original_run, "linear", 2)
    nifti = nibabel.load(export(original_run, tmp_path / "p.nii.gz", *PREDICTED))
    np.testing.assert_array_equal(np.asarray(nifti.dataobj)[:, :, 0].transpose(2, 1, 0), expected)
    mha = SimpleITK.ReadImage(str(export(original_run, tmp_path / "p.mha", *PREDICTED)))
    np.testing.assert_array_equal(np.moveaxis(SimpleITK.GetArrayFromImage(mha), -1, 0), expected)


def test_predicted_frames_say_which_frames_they_are(original_run: Path, sequence: Sequence, tmp_path: Path) -> None:
    first, count = sequence.split.test_frames.start, len(sequence.frames)
    printed = succeed("export", original_run, "--out", tmp_path / "p.nii", *PREDICTED)
    assert f"frames {first} to {count - 1} (counted from 0) of {count}, grey values" in printed
    start = float(nibabel.load(tmp_path / "p.nii").header["toffset"])
    assert start == pytest.approx(sequence.times_s[first] - sequence.times_s[0])
    whole = export(original_run, tmp_path / "f.nii", "--what", "frames")
    assert float(nibabel.load(whole).header["toffset"]) == 0


def test_results_of_other_settings_are_not_exported(run: Path, tmp_path: Path) -> None:
    """What a run that was killed leaves: its new settings, and results of the old ones."""
    settings = run / "settings.toml"
    text = settings.read_text()
    for name, options in (
        ("sigma_motion", ("--what", "dvf")),
        ("ridge", ("--what", "reliability")),
        ("modes", PREDICTED),
    ):
        line = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
        settings.write_text(text.replace(line, f"{name} = 5"))
        sentence = call_cli("export", run, "--out", tmp_path / "a.nii", *options).sentence
        assert "what is exported must be made with the settings that the run has now, got" in sentence
    settings.write_text(text)
    export(run, tmp_path / "a.nii", *PREDICTED)


def test_forecasts_of_the_published_protocol_say_that_they_are_non_causal(
    phantom: Path, run: Path, tmp_path: Path
) -> None:
    said = "non-causal: of the published protocol, to compare with published tables"
    dvf = ("--what", "dvf", "--method", "linear", "--horizon", "0.5s")
    succeed("run", phantom, "--out", run, "--set", "forecast.protocol=published")
    for what in (dvf, PREDICTED):
        assert succeed("export", run, "--out", tmp_path / "a.nii", *what).rstrip().endswith(f"; {said}.")
        assert nibabel.load(tmp_path / "a.nii").header["descrip"].item().decode() == said
        succeed("export", run, "--out", tmp_path / "a.mha", *what)
        assert SimpleITK.ReadImage(str(tmp_path / "a.mha")).GetMetaData("causality") == said
    assert read_sequence(tmp_path / "a.nii").frames.shape  # a field more does not harm
    for name in ("field.mha", "field.nrrd"):
        succeed("export", run, "--out", tmp_path / name, *dvf, "--frame", "42")
        assert SimpleITK.ReadImage(str(tmp_path / name)).GetMetaData("causality") == said
    # What is measured, and no forecast, learns nothing.
    for what in (("--what", "dvf"), ("--what", "predicted", "--method", "persistence", "--horizon", "0.5s")):
        assert "causal" not in succeed("export", run, "--out", tmp_path / "b.nii", *what)
        assert not nibabel.load(tmp_path / "b.nii").header["descrip"].item()


@pytest.mark.parametrize(("stage", "options"), [("flow", ("--what", "dvf")), ("motion", PREDICTED)])
def test_results_of_an_older_version_are_not_said_to_be_of_other_settings(
    stage: str, options: tuple[str, ...], run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STAGE_VERSIONS, stage, STAGE_VERSIONS[stage] + 1)  # as if the run had been made before
    sentence = call_cli("export", run, "--out", tmp_path / "a.nii", *options).sentence
    assert "what is exported must be made by this version of cinecast, got " in sentence
    assert "made by an older one, or from what that made" in sentence
    settings = run / "settings.toml"
    settings.write_text(settings.read_text().replace("sigma_motion = 2.0", "sigma_motion = 5.0"))
    sentence = call_cli("export", run, "--out", tmp_path / "a.nii", *options).sentence
    assert "must be made with the settings that the run has now" in sentence


def test_predicted_frames_are_made_with_the_settings_that_the_run_has_now(run: Path, tmp_path: Path) -> None:
    before = predicted_of(run, "linear", 2)
    settings = run / "settings.toml"
    settings.write_text(settings.read_text().replace("sigma = 0.5", "sigma = 1.5"))
    after = predicted_of(run, "linear", 2)
    assert not np.array_equal(after, before)
    nifti = nibabel.load(export(run, tmp_path / "p.nii.gz", *PREDICTED))
    np.testing.assert_array_equal(np.asarray(nifti.dataobj)[:, :, 0].transpose(2, 1, 0), after)


@pytest.mark.parametrize("file", ["motion/train_0020/modes.npy", "forecast/linear/h002/weights.csv"])
def test_predicted_frames_of_what_is_damaged(run: Path, tmp_path: Path, file: str) -> None:
    content = (run / file).read_bytes()
    (run / file).write_bytes(content[:-3] + b"9" + content[-2:])
    sentence = call_cli("export", run, "--out", tmp_path / "a.nii", *PREDICTED).sentence
    assert f"{file} must be as it was written, got a damaged or missing file in" in sentence
    assert not (tmp_path / "a.nii").exists()


def test_a_method_that_left_the_settings_is_still_exported(phantom: Path, run: Path, tmp_path: Path) -> None:
    succeed("run", phantom, "--out", run, "--method", "rls", "--horizon", "1")
    export(run, tmp_path / "a.nii", *PREDICTED)


def test_a_run_that_diverged_is_not_exported(run: Path, tmp_path: Path) -> None:
    file = run / "forecast" / "linear" / "h002" / "weights.csv"
    lines = file.read_text().splitlines()
    cells = lines[-1].split(",")
    file.write_text("\n".join([*lines[:-1], ",".join([*cells[:-1], "nan"])]) + "\n")
    record = dict(RunFolder.view(run).record("forecast/linear/h002"))
    record["files"] = {**record["files"], file.name: file_digest(file)}
    (file.parent / "stage.json").write_text(json.dumps({**record, "digest": json_digest(record)}))
    sentence = call_cli("export", run, "--out", tmp_path / "a.nii", *PREDICTED).sentence
    assert "got run 0 of linear, which diverged" in sentence


def test_another_random_run_and_the_oracle(original_run: Path, tmp_path: Path) -> None:
    out = export(
        original_run, tmp_path / "r.nii", "--what", "predicted", "--method", "snap1", "--horizon", "1", "--run", "2"
    )
    np.testing.assert_array_equal(
        np.asarray(nibabel.load(out).dataobj)[:, :, 0].transpose(2, 1, 0),
        predicted_of(original_run, "snap1", 1, 2),
    )
    assert export(original_run, tmp_path / "o.nii", "--what", "predicted", "--method", "oracle").is_file()


def test_reliability_is_that_of_each_frame(
    original_run: Path, sequence: Sequence, dvf: NDArray[np.float32], tmp_path: Path
) -> None:
    printed = succeed("export", original_run, "--out", tmp_path / "r.nii.gz", "--what", "reliability")
    assert f"frames 0 to {len(dvf) - 1} (counted from 0) of {len(dvf)}, reliability of the DVF, 0 to 1." in printed
    nifti = nibabel.load(tmp_path / "r.nii.gz")
    np.testing.assert_allclose(nifti.affine, sequence.affine)
    maps = np.asarray(nifti.dataobj)[:, :, 0].transpose(2, 1, 0)
    reference = json.loads((original_run / "flow/stage.json").read_text())["settings"]["reference"]
    estimator = ReliabilityEstimator(sequence.frames[reference])
    for t in (0, 31):
        np.testing.assert_array_equal(maps[t], estimator(sequence.frames[t], dvf[t]))
        assert np.all(maps[t] <= estimator.texture * estimator.agreement(sequence.frames[t], dvf[t]) + 1e-6)
    mha = SimpleITK.ReadImage(str(export(original_run, tmp_path / "r.mha", "--what", "reliability")))
    np.testing.assert_array_equal(np.moveaxis(SimpleITK.GetArrayFromImage(mha), -1, 0), maps)


def test_the_static_reliability_is_that_by_which_the_motion_model_weights_pixels(
    original_run: Path, sequence: Sequence, dvf: NDArray[np.float32], tmp_path: Path
) -> None:
    train_end = sequence.split.train_end
    printed = succeed("export", original_run, "--out", tmp_path / "s.nii", "--what", "static-reliability")
    assert (
        f"one map, learned from frames 0 to {train_end - 1} (counted from 0), reliability of the DVFs, 0 to 1."
        in printed
    )
    static = np.asarray(nibabel.load(tmp_path / "s.nii").dataobj).reshape(sequence.frames.shape[:0:-1]).T
    reference = json.loads((original_run / "flow/stage.json").read_text())["settings"]["reference"]
    given = build_settings({"flow": {"reference": reference}})
    weights = train_pixel_weights(sequence.frames[:train_end], dvf[:train_end], given)
    np.testing.assert_array_equal(weights_of(static), weights)
    mha = SimpleITK.ReadImage(str(export(original_run, tmp_path / "s.mha", "--what", "static-reliability")))
    np.testing.assert_array_equal(np.squeeze(SimpleITK.GetArrayFromImage(mha)), static)


def test_a_dvf_as_nifti_is_where_tissue_goes_in_the_patient(
    original_run: Path, sequence: Sequence, dvf: NDArray[np.float32], tmp_path: Path
) -> None:
    got = nibabel.load(export(original_run, tmp_path / "dvf.nii.gz", "--what", "dvf"))
    count, rows, columns, _ = dvf.shape
    assert got.shape == (columns, rows, 1, count, 3)
    assert got.header.get_intent()[0] == "displacement vector"
    assert got.header.get_xyzt_units() == ("mm", "sec")
    vectors = np.asarray(got.dataobj)
    for t, y, x in ((30, 20, 25), (41, 30, 10)):
        here = got.affine @ [x, y, 0, 1]
        there = got.affine @ [x + dvf[t, y, x, 0], y + dvf[t, y, x, 1], 0, 1]
        np.testing.assert_allclose(vectors[x, y, 0, t], (there - here)[:3], atol=1e-4)
    assert np.abs(vectors).max() > 1


def test_a_dvf_as_mha_is_where_tissue_goes_in_itks_space(
    original_run: Path, dvf: NDArray[np.float32], tmp_path: Path
) -> None:
    image = SimpleITK.ReadImage(str(export(original_run, tmp_path / "dvf.mha", "--what", "dvf")))
    count, rows, columns, _ = dvf.shape
    assert image.GetSize() == (count, columns, rows)
    assert image.GetNumberOfComponentsPerPixel() == 3
    for t, y, x in ((30, 20, 25), (41, 30, 10)):
        here = image.TransformContinuousIndexToPhysicalPoint((t, x, y))
        u = [float(value) for value in dvf[t, y, x]]
        there = image.TransformContinuousIndexToPhysicalPoint((t, x + u[0], y + u[1]))
        np.testing.assert_allclose(image[t, x, y], np.subtract(there, here), atol=1e-4)


def unplaced(dtype: str = "uint8", period: float = 0.125) -> Sequence:
    rng = np.random.default_rng(3)
    frames = rng.integers(0, 200, (6, 9, 11)).astype(dtype)
    return Sequence("s", frames, np.arange(6) * period, (2.0, 3.0), Split(2, 4, 6))


def test_without_a_position_displacements_are_along_columns_and_rows(tmp_path: Path) -> None:
    content = Content(np.full((6, 9, 11, 2), (1.0, -2.0), np.float32), unplaced())
    assert "along the columns and rows" in write_nifti_volume(tmp_path / "u.nii", content)
    got = nibabel.load(tmp_path / "u.nii")
    assert (got.header["sform_code"], got.header["qform_code"]) == (0, 0)
    np.testing.assert_array_equal(np.asarray(got.dataobj)[4, 5, 0, 3], [3, -4, 0])
    # ITK has columns and rows along its own axes here, and turned x and y of intent 1006 round.
    itk = SimpleITK.ReadImage(str(tmp_path / "u.nii"))
    assert itk[4, 5, 0, 3] == (3, -4, 0)
    here, there = (np.array(itk.TransformContinuousIndexToPhysicalPoint((*pixel, 0, 0))) for pixel in ((4, 5), (5, 3)))
    np.testing.assert_allclose((there - here)[:3], itk[4, 5, 0, 3])
    again = read_nifti_vectors(tmp_path / "u.nii").on_grid(Grid((6, 9, 11), (2.0, 3.0)), "u.nii").dvf
    np.testing.assert_array_equal(again, content.array)
    assert "along the columns and rows" in write_mha(tmp_path / "u.mha", content)
    image = SimpleITK.ReadImage(str(tmp_path / "u.mha"))
    assert image[3, 4, 5] == (3, -4, 0)
    assert image.GetSpacing() == (1, 3, 2)


def test_displacements_of_an_oblique_plane() -> None:
    steps = np.array([[0.0, 1.2, 1], [1.6, 0, 0], [1.2, -1.6, 0]])
    np.testing.assert_allclose(displacements_mm(np.array([2.0, 5.0], np.float32), steps), [6, 3.2, 2.4 - 8], rtol=1e-6)


def film(path: Path) -> tuple[list[NDArray[np.uint8]], float]:
    """Read a film with OpenCV; return its grey frames and frames per second."""
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2GRAY))
    return frames, capture.get(cv2.CAP_PROP_FPS)


def test_a_film_has_the_real_grey_values_at_the_real_speed(
    original_run: Path, sequence: Sequence, tmp_path: Path
) -> None:
    levels = to_levels(sequence.frames, grey_window(sequence.frames))
    for ending, tolerance in (("mp4", 4), ("gif", 0)):
        out = export(original_run, tmp_path / f"frames.{ending}", "--what", "frames")
        frames, rate = film(out)
        assert len(frames) == len(levels)
        assert rate == pytest.approx(4)
        assert min(frames[0].shape) >= 256
        zoom = frames[0].shape[0] // levels.shape[1]
        for got, wanted in zip(frames, levels, strict=True):
            small = got[zoom // 2 :: zoom, zoom // 2 :: zoom].astype(int)
            assert np.abs(small - wanted).mean() <= tolerance


def test_real_and_predicted_films_have_the_same_window(original_run: Path, tmp_path: Path) -> None:
    words = [
        succeed("export", original_run, "--out", tmp_path / f"{i}.gif", *what).partition("grey window")[2]
        for i, what in enumerate((("--what", "frames"), PREDICTED))
    ]
    assert words[0] == words[1]
    assert "(black) to" in words[0]


def test_a_film_of_odd_size_has_an_even_one(tmp_path: Path) -> None:
    odd = unplaced()
    write_mp4(tmp_path / "odd.mp4", Content(np.repeat(np.repeat(odd.frames, 33, 1), 33, 2), odd))
    (first, *_), rate = film(tmp_path / "odd.mp4")
    assert first.shape == (298, 544)  # 297 x 363 pixels of 2 x 3 mm
    assert rate == pytest.approx(8)


@pytest.mark.parametrize("ending", ["gif", "mp4"])
@pytest.mark.parametrize("spacing", [(2.0, 3.0), (3.0, 2.0), (5.0, 5.0), (1.0, 1.26)])
def test_a_mm_of_a_film_is_equally_long_along_rows_and_columns(
    spacing: tuple[float, float], ending: str, tmp_path: Path
) -> None:
    shown = replace(unplaced(), spacing_mm=spacing)
    spot = np.zeros((6, 60, 50), np.uint8)
    spot[:, 20:30, 10:30] = 180  # 10 rows, 20 columns
    write = {"gif": write_gif, "mp4": write_mp4}[ending]
    write(tmp_path / f"spot.{ending}", Content(spot, shown))
    picture = film(tmp_path / f"spot.{ending}")[0][0] > 128
    sides_mm = 10 * spacing[0], 20 * spacing[1]
    high, wide = picture.any(axis=1).sum(), picture.any(axis=0).sum()
    assert high / wide == pytest.approx(sides_mm[0] / sides_mm[1], rel=0.02)
    rows, columns = (60 * spacing[0], 50 * spacing[1])
    assert picture.shape[0] / picture.shape[1] == pytest.approx(rows / columns, rel=0.01)
    assert min(picture.shape) >= 256


def test_equal_frames_keep_their_time_in_a_gif(tmp_path: Path) -> None:
    still = unplaced()
    frames = np.repeat(still.frames[:1], 6, axis=0)
    write_gif(tmp_path / "still.gif", Content(frames, still))
    with Image.open(tmp_path / "still.gif") as image:
        durations = []
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            durations.append(image.info["duration"])
    assert sum(durations) == 6 * 120  # ms: 0.125 s in whole hundredths


def test_the_same_export_gives_the_same_bytes(original_run: Path, tmp_path: Path) -> None:
    for ending in ("nii.gz", "mha", "mp4", "gif"):
        first = export(original_run, tmp_path / f"a.{ending}", *PREDICTED).read_bytes()
        assert export(original_run, tmp_path / f"b.{ending}", *PREDICTED).read_bytes() == first


def test_an_export_changes_nothing_in_the_run(original_run: Path, tmp_path: Path) -> None:
    before = made_at(original_run)
    export(original_run, tmp_path / "f.mha", "--what", "dvf")
    assert made_at(original_run) == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--what", "weights", "--out", "a.nii"),
            "--what must be one of frames, dvf, reliability, static-reliability, predicted, target, target-masks, "
            "target-centroids, got 'weights'",
        ),
        (
            ("--what", "frames", "--method", "rls", "--out", "a.nii"),
            "--method, --horizon and --run belong to --what pre",
        ),
        (("--what", "predicted", "--out", "a.nii"), "--what predicted needs --method and --horizon"),
        (("--what", "predicted", "--method", "rls", "--out", "a.nii"), "--what predicted needs --method and --horizon"),
        (
            ("--what", "frames", "--format", "avi", "--out", "a.avi"),
            "--format must be one of nifti, mha, nrrd, h5, mp4, gif, csv, got",
        ),
        (
            ("--what", "frames", "--out", "a.avi"),
            "the file must end with .nii.gz, .nii, .mha, .nrrd, .h5, .mp4, .gif, .csv, got a.avi",
        ),
        (
            ("--what", "frames", "--format", "mha", "--out", "a.gif"),
            "the file must end with .mha for --format mha, got",
        ),
        (("--what", "dvf", "--out", "a.mp4"), "a DVF of all frames is exported as nifti or mha, got mp4"),
        (
            ("--what", "static-reliability", "--out", "a.mp4"),
            "a map of reliability is exported as nifti or mha, got mp4",
        ),
        (("--what", "reliability", "--out", "a.gif"), "a map of reliability is exported as nifti or mha, got gif"),
        ((*PREDICTED[:4], "--horizon", "9", "--out", "a.nii"), "got linear at 9 frame(s); "),
        ((*PREDICTED, "--run", "1", "--out", "a.nii"), "--run must be 0 to 0 for forecast/linear/h002, got 1"),
        ((*PREDICTED, "--run", "-1", "--out", "a.nii"), "--run must be 0 to 0 for forecast/linear/h002, got -1"),
        (("--what", "frames", "--out", "nowhere/a.nii"), "the export needs a usable folder, got"),
    ],
)
def test_what_cannot_be_exported(original_run: Path, options: tuple[str, ...], sentence: str) -> None:
    assert sentence in call_cli("export", original_run, *options).sentence
    assert not Path(options[-1]).exists()


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    sentence = call_cli("export", tmp_path, "--what", "frames", "--out", tmp_path / "a.nii").sentence
    assert "a run must hold run.json, got none" in sentence


def test_a_damaged_result_is_not_exported(run: Path, tmp_path: Path) -> None:
    with (run / "flow" / "dvf.npy").open("r+b") as file:
        file.seek(200)
        file.write(b"damage")
    sentence = call_cli("export", run, "--what", "dvf", "--out", tmp_path / "a.nii").sentence
    assert "flow/dvf.npy must be as it was written, got a damaged or missing file" in sentence
    shutil.rmtree(run / "frames")
    sentence = call_cli("export", run, "--what", "frames", "--out", tmp_path / "a.nii").sentence
    assert "frames/frames.npy must be as it was written" in sentence
    assert not (tmp_path / "a.nii").exists()
