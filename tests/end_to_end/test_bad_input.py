"""Sequences that cannot be used: one sentence, exit code 2, and nothing that was computed is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from helpers.command_line import call_cli, digests, run_cli, succeed
from helpers.dicom_files import cine, save

Frames = NDArray[Any]


@pytest.fixture
def frames(rng: np.random.Generator) -> Frames:
    return rng.integers(0, 4000, (12, 16, 20)).astype(np.uint16)


def _nifti(path: Path, frames: Frames) -> Path:
    image = nibabel.Nifti1Image(frames.transpose(2, 1, 0)[:, :, np.newaxis], np.eye(4))
    image.header.set_xyzt_units("mm", "sec")
    image.header.set_zooms((1, 1, 1, 0.25))
    nibabel.save(image, path)
    return path


def empty_folder(folder: Path, _: Frames) -> Path:
    folder.mkdir()
    return folder


def missing_path(folder: Path, _: Frames) -> Path:
    return folder / "nothing.nii.gz"


def mixed_sizes(folder: Path, frames: Frames) -> Path:
    images = cine(frames)
    images[5] = cine(frames[5:6, :, :-2], SeriesInstanceUID=images[0].SeriesInstanceUID)[0]
    images[5].InstanceNumber = 6
    return save(folder, images)


def duplicate_frame(folder: Path, frames: Frames) -> Path:
    images = cine(frames)
    return save(folder, [*images, images[5]])


def times_backwards(folder: Path, frames: Frames) -> Path:
    times = 0.25 * np.arange(len(frames))
    times[6] = 1.1
    path = folder.with_suffix(".npz")
    np.savez(path, frames=frames, times_s=times, pixel_spacing_mm=[1.0, 1.0])
    return path


def times_too_coarse(folder: Path, frames: Frames) -> Path:
    images = cine(frames)
    for t, image in enumerate(images):
        image.AcquisitionTime = f"1000{t // 2 + 0.7 * (t % 2):04.1f}00000"
    return save(folder, images)


def truncated_dicom(folder: Path, frames: Frames) -> Path:
    save(folder, cine(frames))
    image = folder / "image6.dcm"
    image.write_bytes(image.read_bytes()[:-200])
    return folder


def colour_dicom(folder: Path, frames: Frames) -> Path:
    return save(folder, cine(np.repeat((frames // 16).astype(np.uint8)[..., np.newaxis], 3, axis=3)))


def text_for_dicom(folder: Path, _: Frames) -> Path:
    folder.mkdir()
    (folder / "notes.dcm").write_text("no image")
    return folder


def truncated_nifti(folder: Path, frames: Frames) -> Path:
    path = _nifti(folder.with_suffix(".nii"), frames)
    path.write_bytes(path.read_bytes()[:-200])
    return path


def truncated_gzip(folder: Path, frames: Frames) -> Path:
    path = _nifti(folder.with_suffix(".nii.gz"), frames)
    path.write_bytes(path.read_bytes()[:-200])
    return path


def one_frame(folder: Path, frames: Frames) -> Path:
    return _nifti(folder.with_suffix(".nii"), frames[:1])


def not_a_number(folder: Path, frames: Frames) -> Path:
    frames = frames.astype(np.float32)
    frames[7, 3, 4] = np.nan
    return _nifti(folder.with_suffix(".nii"), frames)


def constant_frame(folder: Path, frames: Frames) -> Path:
    frames[7] = 5
    return _nifti(folder.with_suffix(".nii"), frames)


def no_motion(folder: Path, frames: Frames) -> Path:
    return _nifti(folder.with_suffix(".nii"), np.repeat(frames[:1], 60, axis=0))


def pickled_npz(folder: Path, frames: Frames) -> Path:
    path = folder.with_suffix(".npz")
    np.savez(path, frames=frames.astype(object), frame_period_s=0.25)
    return path


BAD: dict[Callable[[Path, Frames], Path], str] = {
    empty_folder: "is empty",
    missing_path: "nothing.nii.gz",
    mixed_sizes: "size",
    duplicate_frame: "duplicate",
    times_backwards: "frame times must increase, got 1.2500 s then 1.1000 s at frame 6",
    times_too_coarse: "frames must not come sooner than after one frame period, got 5 of 11 intervals well below",
    truncated_dicom: "image6.dcm",
    colour_dicom: "grey",
    text_for_dicom: "DICOM",
    truncated_nifti: "cut short",
    truncated_gzip: "cut short",
    one_frame: "at least 2 frames",
    not_a_number: "got nan in frame 7 at row 3, column 4",
    constant_frame: "frame 7 with the constant value 5",
    no_motion: "must show motion",
    pickled_npz: "frames",
}


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_a_bad_sequence_gets_one_sentence(make: Callable[[Path, Frames], Path], tmp_path: Path, frames: Frames) -> None:
    path = make(tmp_path / "broken", frames)
    sentence = call_cli("run", path, "--out", tmp_path / "run").sentence
    assert BAD[make] in sentence
    assert ";" in sentence  # rule and value; remedy
    if make is not no_motion:
        assert path.name in sentence
        assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["run", "info"])
def test_the_process_itself_prints_nothing_else(tmp_path: Path, frames: Frames, command: str) -> None:
    path = times_too_coarse(tmp_path / "broken", frames)
    options = ["--out", str(tmp_path / "run")] if command == "run" else []
    outcome = run_cli(command, path, *options)
    assert "the clock is too coarse" in outcome.sentence


@pytest.mark.parametrize("make", [truncated_nifti, not_a_number, constant_frame], ids=lambda make: make.__name__)
def test_a_source_that_breaks_later_loses_nothing(
    make: Callable[[Path, Frames], Path], phantom: Path, run: Path, tmp_path: Path, frames: Frames
) -> None:
    before = digests(run)
    (tmp_path / "later").mkdir()
    broken = make(tmp_path / "later" / "breathing", frames)
    assert broken.name in call_cli("run", broken, "--out", run).sentence
    assert digests(run) == before
    assert "Nothing to do" in succeed("run", phantom, "--out", run)
