"""Formats are told by content, and what is none of them is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence, source_files
from cinecast.frames.detect import Format
from cinecast.settings import FramesSettings
from cinecast.store.nifti import write_nifti
from helpers.command_line import ROOT

FRAMES = np.random.default_rng(3).integers(0, 200, (6, 9, 10)).astype(np.uint8)


def test_content_decides_where_the_extension_misleads(tmp_path: Path) -> None:
    write_nifti(tmp_path / "cine.nii.gz", FRAMES, spacing_mm=(1, 1), frame_period_s=0.25)
    (tmp_path / "cine.nii.gz").rename(tmp_path / "cine.dcm")
    np.testing.assert_array_equal(read_sequence(tmp_path / "cine.dcm").frames, FRAMES)


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"there is no file or folder .*nowhere"):
        read_sequence(tmp_path / "nowhere")


def test_a_name_that_the_system_refuses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"cannot be read \(File name too long\); check its name"):
        read_sequence(tmp_path / ("x" * 300))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match=r"the folder empty is empty"):
        read_sequence(tmp_path / "empty")


def test_a_folder_without_images_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("nothing here")
    (tmp_path / "day 1").mkdir()
    with pytest.raises(ReadError, match=r"must hold DICOM images, got 1 other file\(s\) and the folders day 1"):
        list_series(tmp_path)


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "movie.avi").write_bytes(b"RIFF")
    with pytest.raises(ReadError, match=r"movie.avi is of no known format; give one of DICOM .* NIfTI .* MHA.* NPZ"):
        read_sequence(tmp_path / "movie.avi")


def test_a_zip_that_is_no_gzipped_nifti_is_of_no_known_format(tmp_path: Path) -> None:
    (tmp_path / "notes.gz").write_bytes(b"\x1f\x8bnot deflate")
    with pytest.raises(ReadError, match=r"of no known format"):
        read_sequence(tmp_path / "notes.gz")


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReadError, match=r"pipe is neither a file nor a folder"):
        read_sequence(tmp_path / "pipe")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux")
def test_an_unreadable_file_is_refused() -> None:
    # Reading the memory at address 0 fails for everyone, the superuser included.
    with pytest.raises(ReadError, match=r"mem cannot be read .*check its permissions"):
        read_sequence(Path("/proc/self/mem"))


def test_a_series_is_of_dicom_only(tmp_path: Path) -> None:
    np.savez(tmp_path / "cine.npz", frames=FRAMES)
    with pytest.raises(ReadError, match=r"--series must be left out .*got '7'"):
        read_sequence(tmp_path / "cine.npz", FramesSettings(series="7"))


def test_source_files_are_the_file_and_its_sidecar(tmp_path: Path) -> None:
    np.savez(tmp_path / "cine.npz", frames=FRAMES)
    assert source_files(tmp_path / "cine.npz") == [tmp_path / "cine.npz"]
    (tmp_path / "cine.json").write_text("{}")
    assert source_files(tmp_path / "cine.npz") == [tmp_path / "cine.json", tmp_path / "cine.npz"]


@pytest.mark.parametrize(
    "page", ["README.md", "data/README.md", "docs/own_sequence.md", "docs/formats.md", "docs/architecture.md"]
)
def test_pages_that_list_formats_name_each(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8").lower()
    assert [name for name in get_args(Format) if name not in text] == []
