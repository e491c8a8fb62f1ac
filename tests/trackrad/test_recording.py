"""The frames of a case as they are read for tracking: which axis of an MHA is time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from cinecast.trackrad.recording import read_recording

SPACING_MM = (3.0, 2.0)


def cine(blank: int | None = None) -> np.ndarray:
    """Frames (30, 48, 60) of a pattern that moves up and down."""
    pattern = np.kron(np.random.default_rng(3).random((8, 10)), np.ones((6, 6)))
    frames = np.stack([np.roll(pattern, round(2 * np.sin(t / 3)), axis=0) for t in range(30)]).astype(np.float32)
    if blank is not None:
        frames[blank] = np.nan
    return frames


def write(path: Path, frames: np.ndarray, *, time_last: bool) -> Path:
    row, column = SPACING_MM
    image = SimpleITK.GetImageFromArray(frames if time_last else np.ascontiguousarray(np.moveaxis(frames, 0, -1)))
    image.SetSpacing((column, row, 1.0) if time_last else (1.0, column, row))
    SimpleITK.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("time_last", [False, True])
@pytest.mark.parametrize("blank", [None, 7])
def test_the_pixels_tell_which_axis_is_time(tmp_path: Path, time_last: bool, blank: int | None) -> None:
    recording = read_recording(write(tmp_path / "cine.mha", cine(blank), time_last=time_last))
    np.testing.assert_array_equal(recording.frames, cine(blank))
    assert recording.geometry.spacing_mm == SPACING_MM
    assert recording.geometry.affine is not None
    np.testing.assert_allclose(np.linalg.norm(recording.geometry.affine[:3, :2], axis=0), SPACING_MM[::-1])


def test_a_case_of_the_challenge_has_time_first_whatever_its_pixels_show(tmp_path: Path) -> None:
    named = write(tmp_path / "A_001_frames.mha", cine(), time_last=True)
    assert len(read_recording(named).frames) == 60
    other = write(tmp_path / "scan.mha", cine(), time_last=True)
    assert len(read_recording(other, time_first=True).frames) == 60
