"""Where files put pixels, vectors and centroids, by independent readers, with pixels that are higher than wide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from cinecast.export.exported import Content
from cinecast.export.targets import _in_mm
from cinecast.export.transforms import write_field, write_transform
from cinecast.export.volumes import write_mha, write_nifti_volume
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.sequence import Sequence

SIZE = PhantomSettings(rows=40, columns=32, pixel_spacing_mm=(6.0, 4.5), frame_count=30, frame_period_s=0.2)
COUNT, FIRST = 8, 12
RAS_TO_LPS = np.array([-1.0, -1.0, 1.0])
ROW, COLUMN = 7, 19


def oblique() -> NDArray[np.float64]:
    """Return a map from (column, row, plane) to RAS mm of a plane that is turned about two axes."""
    a, b = 0.4, -0.7
    turned = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    turned = turned @ np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turned @ np.diag([4.5, 6.0, 8.0]), (11.0, -23.0, 37.0)
    return affine


@pytest.fixture(params=[False, True], ids=["without a place", "oblique"])
def sequence(request: pytest.FixtureRequest) -> Sequence:
    return replace(make_phantom(SIZE).sequence, affine=oblique() if request.param else None)


def place_of(sequence: Sequence, column: float, row: float) -> NDArray[np.float64]:
    """Return where a pixel lies: RAS mm, or mm along columns and rows without a place in the patient."""
    if sequence.affine is None:
        return np.array([4.5 * column, 6.0 * row, 0.0])
    return np.asarray((oblique() @ [column, row, 0, 1])[:3])


def some_frames(sequence: Sequence) -> Content:
    return Content(sequence.frames[FIRST : FIRST + COUNT], sequence, FIRST)


def a_dvf(sequence: Sequence, rng: np.random.Generator, count: int = COUNT) -> Content:
    dvf = rng.normal(size=(count, 40, 32, 2)).astype(np.float32)
    return Content(dvf, sequence, FIRST, single=count == 1)


def moved_mm(sequence: Sequence, dvf: NDArray[Any]) -> NDArray[np.float64]:
    """Return from where to where a pixel is moved."""
    x, y = (float(each) for each in dvf[ROW, COLUMN])
    return place_of(sequence, COLUMN + x, ROW + y) - place_of(sequence, COLUMN, ROW)


def test_frames_in_nifti_lie_where_they_were_taken(sequence: Sequence, tmp_path: Path) -> None:
    write_nifti_volume(tmp_path / "frames.nii", some_frames(sequence))
    image: Any = nibabel.load(tmp_path / "frames.nii")
    np.testing.assert_array_equal(image.dataobj[COLUMN, ROW, 0], sequence.frames[FIRST : FIRST + COUNT, ROW, COLUMN])
    assert [float(zoom) for zoom in image.header.get_zooms()[:2]] == [4.5, 6.0]
    assert float(image.header.get_zooms()[3]) == pytest.approx(0.2)
    assert float(image.header["toffset"]) == pytest.approx(0.2 * FIRST)
    if sequence.affine is not None:
        np.testing.assert_allclose((image.affine @ [COLUMN, ROW, 0, 1])[:3], place_of(sequence, COLUMN, ROW), rtol=1e-5)


def test_vectors_in_nifti_are_in_mm_of_their_axes(sequence: Sequence, rng: np.random.Generator, tmp_path: Path) -> None:
    content = a_dvf(sequence, rng)
    write_nifti_volume(tmp_path / "dvf.nii", content)
    image: Any = nibabel.load(tmp_path / "dvf.nii")
    assert [float(zoom) for zoom in image.header.get_zooms()[:2]] == [4.5, 6.0]
    assert float(image.header.get_zooms()[3]) == pytest.approx(0.2)
    assert float(image.header["toffset"]) == pytest.approx(0.2 * FIRST)
    for t in range(COUNT):
        got = np.asarray(image.dataobj)[COLUMN, ROW, 0, t]
        np.testing.assert_allclose(got, moved_mm(sequence, content.array[t]), rtol=1e-5, atol=1e-5)


def test_frames_and_vectors_in_mha_lie_where_itk_looks_for_them(
    sequence: Sequence, rng: np.random.Generator, tmp_path: Path
) -> None:
    turned = RAS_TO_LPS if sequence.affine is not None else np.ones(3)
    content = a_dvf(sequence, rng)
    write_mha(tmp_path / "dvf.mha", content)
    write_mha(tmp_path / "frames.mha", some_frames(sequence))
    for name in ("dvf", "frames"):
        image = SimpleITK.ReadImage(str(tmp_path / f"{name}.mha"))
        assert image.GetSize() == (COUNT, 32, 40)
        # The axis of time has a length of its own, and begins where the plane lies.
        place = image.TransformIndexToPhysicalPoint((0, COLUMN, ROW))
        np.testing.assert_allclose(place, turned * place_of(sequence, COLUMN, ROW), atol=1e-6)
        for t in range(COUNT):
            value = image.GetPixel(t, COLUMN, ROW)
            if name == "frames":
                assert value == sequence.frames[FIRST + t, ROW, COLUMN]
            else:
                np.testing.assert_allclose(value, turned * moved_mm(sequence, content.array[t]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("ending", ["mha", "nrrd", "h5"])
def test_a_transform_takes_a_point_of_the_reference_to_where_it_is_in_the_frame(
    ending: str, sequence: Sequence, rng: np.random.Generator, tmp_path: Path
) -> None:
    content, path = a_dvf(sequence, rng, 1), tmp_path / f"field.{ending}"
    (write_transform if ending == "h5" else write_field)(path, content)
    if ending == "h5":
        transform = SimpleITK.ReadTransform(str(path))
    else:
        field = SimpleITK.Cast(SimpleITK.ReadImage(str(path)), SimpleITK.sitkVectorFloat64)
        assert field.GetSpacing()[:2] == pytest.approx((4.5, 6.0))
        directions = np.reshape(field.GetDirection(), (3, 3))
        np.testing.assert_allclose(directions.T @ directions, np.eye(3), atol=1e-6)
        transform = SimpleITK.DisplacementFieldTransform(field)
    turned = RAS_TO_LPS if sequence.affine is not None else np.ones(3)
    start = place_of(sequence, COLUMN, ROW)
    got = transform.TransformPoint([float(each) for each in turned * start])
    np.testing.assert_allclose(got, turned * (start + moved_mm(sequence, content.array[0])), rtol=1e-5, atol=1e-4)


def test_centroids_are_in_mm_along_rows_and_columns_and_in_the_patient(sequence: Sequence) -> None:
    got = _in_mm({"row": "7.25", "column": "19.5"}, sequence)
    assert got[:2] == pytest.approx([6.0 * 7.25, 4.5 * 19.5])
    if sequence.affine is None:
        assert len(got) == 2
    else:
        assert got[2:] == pytest.approx(place_of(sequence, 19.5, 7.25).tolist())
    assert np.isnan(_in_mm({"row": "", "column": ""}, sequence)).all()
