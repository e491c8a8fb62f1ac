"""Headers of a folder: read once for several questions, and anew for those that come later."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames import headers_once, list_series
from helpers.cine_like import breathing
from helpers.command_line import succeed
from helpers.dicom_files import cine, save

NORMALS = ([0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1])


def two_planes(folder: Path) -> Path:
    """Save a cine of two orthogonal planes in turn, beside a file that is no image."""
    images = cine(breathing(4, 60, shape=(64, 56)).astype(np.uint16), period_s=0.15)
    for t, dataset in enumerate(images):
        dataset.ImageOrientationPatient = NORMALS[t % 2]
    save(folder, images)
    (folder / "README.txt").write_text("free breathing")
    return folder


def test_what_was_read_answers_later_questions(tmp_path: Path) -> None:
    folder = two_planes(tmp_path / "cine")
    before = list_series(folder)
    with headers_once():
        assert list_series(folder) == before
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "other.txt").write_text("no image")
        assert list_series(folder) == before
    with pytest.raises(ReadError, match="must hold DICOM images, got 1 other file"):
        list_series(folder)


@pytest.mark.parametrize("plane", ["0", "all"])
def test_info_reads_headers_once(tmp_path: Path, caplog: pytest.LogCaptureFixture, plane: str) -> None:
    folder = two_planes(tmp_path / "cine")
    with caplog.at_level(logging.INFO):
        succeed("info", folder, "--plane", plane)
    said = [record for record in caplog.records if record.getMessage() == "README.txt is no DICOM file and is left out"]
    assert len(said) == 1  # at each reading of the folder it would be said again
