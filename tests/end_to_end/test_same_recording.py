"""Two patients whose folders are called alike: the run of the first is not replaced by the second."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from cinecast.frames import read_sequence
from cinecast.store.nifti import write_nifti
from helpers.command_line import OPTIONS, call_aloud, digests, succeed

SIZE = ("--rows", "48", "--columns", "40")


def other_recording(path: Path, seed: int) -> Path:
    frames = np.random.default_rng(seed).integers(0, 900, (60, 48, 40)).astype(np.int16)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_nifti(path, frames, spacing_mm=(2.0, 2.0), frame_period_s=0.25, affine=None)
    return path


def test_another_recording_of_the_same_name_is_refused_and_nothing_is_lost(
    original_phantom: Path, original_run: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(original_run, tmp_path / "run"))
    before = digests(run)
    other = other_recording(tmp_path / "other" / original_phantom.name, 1)
    refused = call_aloud("run", other, "--out", run, *OPTIONS)
    assert refused.code == 2
    assert "a run holds one recording" in refused.sentence
    assert "choose another --out, or replace the whole run with --from frames" in refused.sentence
    assert digests(run) == before


def test_from_frames_replaces_it(original_phantom: Path, original_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(original_run, tmp_path / "run"))
    other = other_recording(tmp_path / "other" / original_phantom.name, 1)
    done = call_aloud("run", other, "--out", run, *OPTIONS, "--from", "frames")
    assert "a run holds one recording" not in done.errors
    assert digests(run)["frames/frames.npy"] != digests(original_run)["frames/frames.npy"]


def test_a_recording_that_was_cut_is_the_same_one(original_phantom: Path, original_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(original_run, tmp_path / "run"))
    sequence = read_sequence(original_phantom)
    cut = tmp_path / "cut" / original_phantom.name
    cut.parent.mkdir()
    write_nifti(
        cut,
        sequence.frames[:50],
        spacing_mm=sequence.spacing_mm,
        frame_period_s=sequence.frame_period_s,
        affine=sequence.affine,
    )
    assert "a run holds one recording" not in call_aloud("run", cut, "--out", run, *OPTIONS).errors


def test_a_batch_refuses_it_for_that_sequence_alone(tmp_path: Path, address: str) -> None:
    folder = tmp_path / "sequences"
    command = [
        "batch",
        folder,
        "--out",
        tmp_path / "runs",
        "--scheduler",
        address,
        "--method",
        "linear",
        "--horizon",
        "1",
    ]
    folder.mkdir()
    for name in ("a", "b"):
        succeed("phantom", folder / f"{name}.nii.gz", "--frames", "60", "--pixel-spacing", "6", *SIZE)
    succeed(*command)
    other_recording(folder / "b.nii.gz", 2)
    (folder / "b.json").unlink()
    done = call_aloud(*command)
    assert "b failed in frames" in done.output + done.errors
    said = " ".join((done.output + done.errors).split())
    assert "a run holds one recording" in said
    assert "name the new one otherwise in a list, or replace" in said  # another --out would divide the cohort


@pytest.mark.parametrize("facts", [("--pixel-spacing", "1.5"), ("--frame-period", "0.26")])
def test_other_facts_of_the_same_frames_are_no_other_recording(
    facts: tuple[str, str], original_phantom: Path, original_run: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(original_run, tmp_path / "run"))
    assert "a run holds one recording" not in call_aloud("run", original_phantom, "--out", run, *OPTIONS, *facts).errors
