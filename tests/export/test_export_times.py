"""What is said of files that have one period between all frames, where the frames have not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from cinecast.export.exported import Content
from cinecast.export.volumes import write_mha, write_nifti_volume
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.sequence import Sequence

SIZE = PhantomSettings(rows=40, columns=32, pixel_spacing_mm=(6.0, 7.0), frame_count=60, frame_period_s=0.2)
OFF = "; their times, which are not equally spaced, are up to {} s off in this file"


def sequence_of(times_s: np.ndarray) -> Sequence:
    return replace(make_phantom(SIZE).sequence, times_s=times_s)


def content_of(times_s: np.ndarray, first: int = 0) -> Content:
    sequence = sequence_of(times_s)
    return Content(sequence.frames[first:], sequence, first)


def slower_later() -> np.ndarray:
    """Return times 0.2 s apart up to frame 29 and 0.16 s apart from there on: 1.2 s are gained by the last frame."""
    return np.append(0.2 * np.arange(30), 0.2 * 29 + 0.16 * np.arange(1, 31))


@pytest.mark.parametrize(("first", "off"), [(0, "1.2"), (40, "0.76")])
def test_frames_at_another_rate_later_on_are_named(first: int, off: str, tmp_path: Path) -> None:
    content = content_of(slower_later(), first)
    assert write_nifti_volume(tmp_path / "cine.nii", content) == "grey values" + OFF.format(off)
    assert "cannot be read with right times again" in write_mha(tmp_path / "cine.mha", content)
    header = nibabel.load(tmp_path / "cine.nii").header
    in_file = header["toffset"] + header.get_zooms()[3] * np.arange(60 - first)
    assert np.abs(in_file - slower_later()[first:]).max() == pytest.approx(float(off), abs=1e-4)


def test_nothing_is_said_of_equal_times_jitter_and_a_single_map(rng: np.random.Generator, tmp_path: Path) -> None:
    equal = 0.2 * np.arange(60)
    for times_s in (equal, equal + rng.uniform(-0.02, 0.02, 60), np.round(equal + 0.00123 * np.arange(60), 3)):
        assert write_nifti_volume(tmp_path / "cine.nii", content_of(times_s)) == "grey values"
    content = replace(content_of(slower_later()), array=np.zeros((1, 40, 32), dtype=np.float32), learned_from=20)
    assert content.missing_words == ""
