"""A pixel spacing that is not that of the file is said, with both: rows and columns are easily turned round."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from cinecast.frames import read_sequence
from cinecast.settings import FramesSettings
from helpers.cine_like import breathing

FRAMES = breathing(0, 24, shape=(64, 56)).astype(np.int16)
# Columns are 1.5 mm apart, rows 2.5 mm, in an oblique plane.
AFFINE = np.array([[0, 0, 1, 5.0], [0.9, -2.0, 0, 0], [1.2, 1.5, 0, 0], [0, 0, 0, 1]])


def npz(folder: Path, **arrays: object) -> Path:
    np.savez(folder / "cine.npz", frames=FRAMES, frame_period_s=0.25, **arrays)  # type: ignore[arg-type]
    return folder / "cine.npz"


def warned(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(r.message for r in caplog.records if r.levelno == logging.WARNING and "mm apart" in r.message)


def test_spacing_and_affine_of_an_archive_that_differ(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_sequence(npz(tmp_path, affine=AFFINE, pixel_spacing_mm=[1.5, 2.5]), FramesSettings())
    assert "the affine of the file has pixels 2.5 x 1.5 mm apart (rows x columns); 1.5 x 2.5 mm counts" in warned(
        caplog
    )
    assert "(pixel_spacing_mm of the NPZ file): are the two turned round?" in warned(caplog)


@pytest.mark.parametrize(("given", "turned"), [((1.5, 2.5), True), ((2.5, 2.5), False)])
def test_another_spacing_than_that_of_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, given: tuple[float, float], turned: bool
) -> None:
    read_sequence(npz(tmp_path, pixel_spacing_mm=[2.5, 1.5]), FramesSettings(pixel_spacing_mm=given))
    assert "the spacing of the file has pixels 2.5 x 1.5 mm apart" in warned(caplog)
    assert "mm counts (--pixel-spacing)" in warned(caplog)
    assert ("turned round?" in warned(caplog)) is turned


@pytest.mark.parametrize(
    ("arrays", "given"),
    [
        ({"affine": AFFINE, "pixel_spacing_mm": [2.5, 1.52]}, None),
        ({"affine": AFFINE}, (2.5, 1.5)),
        ({"pixel_spacing_mm": [1.0, 1.0]}, (2.5, 1.5)),  # which programs write where they know none
        ({}, (2.5, 1.5)),
    ],
)
def test_what_contradicts_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, arrays: dict[str, object], given: tuple[float, float] | None
) -> None:
    read_sequence(npz(tmp_path, **arrays), FramesSettings(pixel_spacing_mm=given))
    assert warned(caplog) == ""
