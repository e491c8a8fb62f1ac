"""The DVF of one frame, measured or forecast, as a transform: SimpleITK itself moves points and resamples frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from cinecast.flow import translate
from cinecast.sequence import Sequence
from cinecast.settings import WarpSettings
from cinecast.store import artifacts as art
from cinecast.warp import warp
from helpers.command_line import call_cli, succeed
from helpers.predicted import predicted_of

FRAME = 47
FORECAST = ("--method", "snap1", "--horizon", "2", "--run", "1")


@pytest.fixture(scope="module")
def sequence(original_run: Path) -> Sequence:
    return art.load_sequence(original_run / "frames")


@pytest.fixture(scope="module")
def dvf(original_run: Path) -> NDArray[np.float32]:
    return np.array(art.load_array(original_run / "flow" / "dvf.npy"))


def export(run: Path, out: Path, *options: str) -> Path:
    assert f"frame {FRAME} (counted from 0) of 60" in succeed(
        "export", run, "--what", "dvf", "--frame", str(FRAME), "--out", out, *options
    )
    return out


def transform_of(file: Path) -> Any:
    if file.suffix == ".h5":
        return SimpleITK.ReadTransform(str(file))
    return SimpleITK.DisplacementFieldTransform(SimpleITK.ReadImage(str(file)))


def place(sequence: Sequence, column: float, row: float) -> NDArray[np.float64]:
    """Return where a pixel is, in mm along left, posterior, superior."""
    assert sequence.affine is not None
    return np.asarray((sequence.affine @ [column, row, 0, 1])[:3] * [-1, -1, 1])


@pytest.mark.parametrize("ending", ["mha", "nrrd", "h5"])
def test_a_point_of_the_reference_is_moved_to_the_frame(
    original_run: Path, sequence: Sequence, dvf: NDArray[np.float32], tmp_path: Path, ending: str
) -> None:
    moved = transform_of(export(original_run, tmp_path / f"field.{ending}"))
    for column, row in [(0, 0), (20, 30), (39, 47), (5, 40)]:
        x, y = dvf[FRAME, row, column]
        got = moved.TransformPoint(place(sequence, column, row).tolist())
        np.testing.assert_allclose(got, place(sequence, column + x, row + y), atol=1e-4)


def test_itk_pulls_the_frame_back_as_we_do(
    original_run: Path, sequence: Sequence, dvf: NDArray[np.float32], tmp_path: Path
) -> None:
    field = SimpleITK.ReadImage(str(export(original_run, tmp_path / "field.mha")))
    grey = SimpleITK.GetImageFromArray(sequence.frames[FRAME][np.newaxis].astype(np.float64))
    grey.CopyInformation(field)
    back = SimpleITK.Resample(grey, SimpleITK.DisplacementFieldTransform(field), SimpleITK.sitkLinear)
    inner = (slice(6, -6), slice(6, -6))
    ours = translate(sequence.frames[FRAME], dvf[FRAME])
    np.testing.assert_allclose(SimpleITK.GetArrayFromImage(back)[0][inner], ours[inner], atol=0.01 * np.ptp(ours))


def test_a_forecast_is_what_the_predicted_frame_was_made_of(
    original_run: Path, sequence: Sequence, tmp_path: Path
) -> None:
    file = export(original_run, tmp_path / "field.nrrd", *FORECAST)
    vectors = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(file)))[0]
    assert sequence.affine is not None
    steps = sequence.affine[:3, :2] * [[-1], [-1], [1]]
    pixels = vectors @ np.linalg.pinv(steps).T
    number = json.loads((original_run / "flow/stage.json").read_text())["settings"]["reference"]
    made = warp(sequence.frames[number], pixels, WarpSettings())
    kept = predicted_of(original_run, "snap1", 2, 1)[FRAME - sequence.split.test_frames.start]
    assert np.abs(made.astype(float) - kept).max() <= 1  # a grey value, by the rounding of the file


def test_all_test_frames_of_a_forecast(original_run: Path, sequence: Sequence, tmp_path: Path) -> None:
    printed = succeed("export", original_run, "--what", "dvf", "--out", tmp_path / "f.nii.gz", *FORECAST)
    assert f"frames {sequence.split.test_frames.start} to 59 (counted from 0) of 60" in printed
    written = nibabel.load(tmp_path / "f.nii.gz")
    start_s = sequence.times_s[sequence.split.test_frames.start] - sequence.times_s[0]
    assert float(written.header["toffset"]) == pytest.approx(start_s)
    series = np.asarray(written.dataobj)
    one = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(export(original_run, tmp_path / "f.mha", *FORECAST))))
    place_in_test = FRAME - sequence.split.test_frames.start
    np.testing.assert_allclose(series[:, :, 0, place_in_test].swapaxes(0, 1) * [-1, -1, 1], one[0], atol=1e-5)


def test_the_oracle_has_dvfs_too(original_run: Path, tmp_path: Path) -> None:
    export(original_run, tmp_path / "field.h5", "--method", "oracle")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--frame", "60"), "--frame must be 0 to 59, got 60"),
        (("--frame", "3", *FORECAST), "--frame must be 40 to 59, got 3"),
        (("--frame", "50", *FORECAST[:-1], "7"), "--run must be 0 to 2 for forecast/snap1/h002, got 7"),
        (("--method", "snap1"), "--what dvf needs --method and --horizon of a forecast"),
        (("--run", "1"), "--what dvf needs --method and --horizon of a forecast"),
    ],
)
def test_what_is_not_there_is_refused(original_run: Path, tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    sentence = call_cli("export", original_run, "--what", "dvf", "--out", tmp_path / "f.mha", *options).sentence
    assert words in sentence


def test_formats_that_do_not_hold_it_are_refused(original_run: Path, tmp_path: Path) -> None:
    one = call_cli("export", original_run, "--what", "dvf", "--frame", "3", "--out", tmp_path / "f.nii.gz").sentence
    assert "a DVF of one frame is exported as mha or nrrd or h5, got nifti" in one
    whole = call_cli("export", original_run, "--what", "dvf", "--out", tmp_path / "f.h5").sentence
    assert "a DVF of all frames is exported as nifti or mha, got h5" in whole
    frames = call_cli("export", original_run, "--what", "frames", "--frame", "3", "--out", tmp_path / "f.mha").sentence
    assert "--frame belongs to --what dvf, got --what frames" in frames


def test_a_flow_that_was_not_made_yet_is_said_so(phantom: Path, tmp_path: Path) -> None:
    succeed("run", phantom, "--out", tmp_path / "run", "--method", "linear", "--only", "frames")
    sentence = call_cli("export", tmp_path / "run", "--what", "dvf", "--out", tmp_path / "f.nii.gz").sentence
    assert "got no flow yet in" in sentence
    assert "its stage has not run" in sentence
