"""Label series as the challenge has them: axes, type, geometry, against an independent reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from cinecast.trackrad.label_series import check_same_geometry, read_label_series
from cinecast.trackrad.label_writing import write_label_series
from helpers.masks import AFFINE, SPACING_MM


@pytest.fixture
def masks() -> np.ndarray:
    made = np.zeros((3, 5, 7), dtype=bool)
    made[0, 1, 2] = made[1, 2, 4:6] = made[2, 4, 0] = True
    return made


def test_axes_type_and_position(masks: np.ndarray, tmp_path: Path) -> None:
    write_label_series(tmp_path / "a.mha", masks, spacing_mm=SPACING_MM, affine=AFFINE)
    image = SimpleITK.ReadImage(str(tmp_path / "a.mha"))
    assert image.GetSize() == (3, 7, 5)
    assert image.GetPixelIDTypeAsString() == "8-bit unsigned integer"
    for t, row, column in np.argwhere(masks):
        assert image[int(t), int(column), int(row)] == 1
    assert SimpleITK.GetArrayFromImage(image).sum() == masks.sum()
    # LPS is RAS with the first two turned round; the axis of time steps through the plane.
    for column, row in ((0, 0), (6, 0), (0, 4)):
        ras = AFFINE @ [column, row, 0, 1]
        assert image.TransformIndexToPhysicalPoint((0, column, row)) == pytest.approx((-ras[0], -ras[1], ras[2]))
    assert image.GetSpacing() == pytest.approx((4, 1.5, 2.5))
    header = (tmp_path / "a.mha").read_bytes()[:600]
    assert b"CompressedData = True" in header
    assert b"-0 " not in header


def test_it_is_read_back(masks: np.ndarray, tmp_path: Path) -> None:
    write_label_series(tmp_path / "a.mha", masks, spacing_mm=SPACING_MM, affine=AFFINE)
    found = read_label_series(tmp_path / "a.mha")
    np.testing.assert_array_equal(found.masks, masks)
    assert found.spacing_mm == pytest.approx(SPACING_MM)
    np.testing.assert_allclose(found.affine, AFFINE, atol=1e-12)


def test_without_a_position(masks: np.ndarray, tmp_path: Path) -> None:
    write_label_series(tmp_path / "a.mha", masks, spacing_mm=SPACING_MM, affine=None)
    image = SimpleITK.ReadImage(str(tmp_path / "a.mha"))
    assert image.GetOrigin() == (0, 0, 0)
    assert image.GetSpacing() == (1, 1.5, 2.5)
    assert image.GetDirection() == (0, 1, 0, 0, 0, 1, 1, 0, 0)


def test_a_tilted_plane(masks: np.ndarray, tmp_path: Path) -> None:
    angle = np.deg2rad(20)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    affine = AFFINE.copy()
    affine[:3, :3] = turn @ AFFINE[:3, :3]
    write_label_series(tmp_path / "a.mha", masks, spacing_mm=SPACING_MM, affine=affine)
    np.testing.assert_allclose(read_label_series(tmp_path / "a.mha").affine, affine, atol=1e-9)


def test_the_labels_of_the_challenge_are_written_as_they_were(shared: Path, tmp_path: Path) -> None:
    file = shared / "data" / "trackrad" / "Z_001" / "targets" / "Z_001_labels.mha"
    given = read_label_series(file)
    write_label_series(tmp_path / "a.mha", given.masks, spacing_mm=given.spacing_mm, affine=given.affine)
    check_same_geometry(read_label_series(tmp_path / "a.mha"), given)

    def header(path: Path) -> list[bytes]:
        lines = path.read_bytes().split(b"ElementDataFile = LOCAL")[0].splitlines()
        return [line for line in lines if not line.startswith(b"CompressedDataSize")]

    assert header(tmp_path / "a.mha") == header(file)
    before, after = (SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(each))) for each in (file, tmp_path / "a.mha"))
    np.testing.assert_array_equal(after, before)
