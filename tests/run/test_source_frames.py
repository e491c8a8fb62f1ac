"""Where a run takes its frames from: its own copy as long as the source is what it was, else the source."""

from __future__ import annotations

import logging
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.frames import read_sequence
from cinecast.run.maker import Maker
from cinecast.run.scope import Scope
from cinecast.run.source_frames import SourceFrames, source_frames
from cinecast.settings import FramesSettings, Settings
from cinecast.store import RunFolder
from cinecast.store.nifti import write_nifti

SETTINGS = Settings(frames=FramesSettings(frame_period_s=0.2))
# The header says another period, which is a warning.
HEADER_PERIOD_S = 0.25


@pytest.fixture
def source(tmp_path: Path, rng: np.random.Generator) -> Path:
    write(tmp_path / "patient.nii", rng.integers(0, 900, (60, 24, 20)).astype(np.int16))
    return tmp_path / "patient.nii"


def write(path: Path, frames: NDArray[np.int16]) -> None:
    write_nifti(path, frames, spacing_mm=(2.0, 1.5), frame_period_s=HEADER_PERIOD_S, affine=None)


def kept(source: Path, out: Path, settings: Settings = SETTINGS) -> SourceFrames:
    """Make the frames of a run."""
    found = source_frames(source, out, settings, Scope())
    with RunFolder(out, found.sequence.name) as store:
        Maker(store, Scope()).make_frames(found)
    return found


def from_the_run(found: SourceFrames) -> bool:
    array: Any = found.sequence.frames
    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array, mmap)


def test_the_copy_of_the_run_is_the_sequence(source: Path, tmp_path: Path) -> None:
    read = kept(source, tmp_path / "run").sequence
    again = source_frames(source, tmp_path / "run", SETTINGS, Scope())
    assert from_the_run(again)
    assert again.sequence.frames.tobytes() == read.frames.tobytes()
    assert again.sequence.frames.dtype == read.frames.dtype
    assert again.sequence.times_s.tobytes() == read.times_s.tobytes()
    for name in ("name", "spacing_mm", "split", "roi", "origins", "faults", "instances", "longest_gap_s"):
        assert getattr(again.sequence, name) == getattr(read, name), name


def test_what_was_said_is_said_again(source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read = kept(source, tmp_path / "run")
    said = [record.getMessage() for record in caplog.records]
    assert any("0.25" in sentence for sentence in said)
    assert list(read.warnings) == said
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        again = source_frames(source, tmp_path / "run", SETTINGS, Scope())
    assert from_the_run(again)
    assert [record.getMessage() for record in caplog.records] == said


def test_a_source_that_changed_is_read(source: Path, tmp_path: Path, rng: np.random.Generator) -> None:
    kept(source, tmp_path / "run")
    write(source, rng.integers(0, 900, (60, 24, 20)).astype(np.int16))
    found = source_frames(source, tmp_path / "run", SETTINGS, Scope())
    assert not from_the_run(found)
    assert found.sequence.frames.tobytes() == read_sequence(source, SETTINGS.frames).frames.tobytes()


@pytest.mark.parametrize("own", [FramesSettings(frame_period_s=0.3), FramesSettings(pixel_spacing_mm=(1.0, 1.0))])
def test_other_settings_have_the_source_read(own: FramesSettings, source: Path, tmp_path: Path) -> None:
    kept(source, tmp_path / "run")
    found = source_frames(source, tmp_path / "run", Settings(frames=own), Scope())
    assert not from_the_run(found)
    assert found.sequence.times_s.tobytes() == read_sequence(source, own).times_s.tobytes()


def test_a_damaged_copy_is_not_believed(source: Path, tmp_path: Path) -> None:
    kept(source, tmp_path / "run")
    path = tmp_path / "run" / "frames" / "frames.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert not from_the_run(source_frames(source, tmp_path / "run", SETTINGS, Scope()))


def test_a_run_of_a_version_that_kept_no_warnings_has_the_source_read(source: Path, tmp_path: Path) -> None:
    kept(source, tmp_path / "run")
    (tmp_path / "run" / "frames" / "warnings.json").unlink()
    assert not from_the_run(source_frames(source, tmp_path / "run", SETTINGS, Scope()))


def test_from_frames_reads_the_source_again(source: Path, tmp_path: Path) -> None:
    kept(source, tmp_path / "run")
    assert not from_the_run(source_frames(source, tmp_path / "run", SETTINGS, Scope(start_from="frames")))
