"""DVFs of a user's own, in each format, written by the format's own library: all are read as the same pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.dvf_file import GivenDvf, read_dvf
from cinecast.frames.dvf_image import Grid

SHAPE = (4, 6, 5)
SPACING = (2.0, 3.0)
# Columns lead to posterior, rows to inferior: a sagittal slice, as its steps in left, posterior, superior.
SAGITTAL = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
TO_RAS = np.diag([-1.0, -1.0, 1.0])


@pytest.fixture
def pixels(rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.normal(0, 1, (*SHAPE, 2)).astype(np.float32)


def in_mm(pixels: NDArray[Any], direction: NDArray[np.float64] = SAGITTAL) -> NDArray[np.float32]:
    """Return vectors along left, posterior, superior, shape (..., 3), written out plainly."""
    x, y = pixels[..., :1] * SPACING[1], pixels[..., 1:] * SPACING[0]
    return np.asarray(x * direction[:, 0] + y * direction[:, 1], np.float32)


def itk_image(array: NDArray[Any], spacing: tuple[float, ...], direction: NDArray[np.float64]) -> Any:
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(array), isVector=True)
    image.SetSpacing(spacing)
    image.SetDirection([float(each) for each in direction.ravel()])
    return image


def read(path: Path, shape: tuple[int, int, int] = SHAPE) -> GivenDvf:
    return read_dvf(path, Grid(shape, SPACING))


def assert_read(path: Path, pixels: NDArray[Any]) -> None:
    np.testing.assert_allclose(read(path).dvf, pixels, atol=1e-5)


FIRST = np.array([-40.0, 25.0, 310.0])


def placed() -> Grid:
    """Return the pixels of frames of that sagittal slice, the first of them at ``FIRST``."""
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = TO_RAS @ SAGITTAL * (3.0, 2.0, 8.0), TO_RAS @ FIRST
    return Grid(SHAPE, SPACING, affine)


def test_numpy_is_in_pixels_and_taken_as_it_is(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    np.save(tmp_path / "own.npy", pixels)
    given = read(tmp_path / "own.npy")
    assert given.dvf.tobytes() == pixels.tobytes()
    (matrix,) = given.readings.values()
    assert np.allclose(matrix @ [3, 2], [1, 1])  # what was meant in mm


@pytest.mark.parametrize("ending", ["mha", "nrrd", "mhd"])
def test_an_image_of_all_frames_has_time_last(tmp_path: Path, pixels: NDArray[np.float32], ending: str) -> None:
    image = itk_image(in_mm(pixels), (3.0, 2.0, 1.0), SAGITTAL)
    SimpleITK.WriteImage(image, str(tmp_path / f"own.{ending}"))
    assert_read(tmp_path / f"own.{ending}", pixels)


def test_an_image_of_all_frames_has_time_first(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    image = itk_image(np.moveaxis(in_mm(pixels), 0, 2), (1.0, 3.0, 2.0), SAGITTAL[:, [2, 0, 1]])
    SimpleITK.WriteImage(image, str(tmp_path / "own.mha"))
    assert_read(tmp_path / "own.mha", pixels)


@pytest.mark.parametrize("ending", ["mha", "nrrd"])
def test_a_folder_has_an_image_of_each_frame(tmp_path: Path, pixels: NDArray[np.float32], ending: str) -> None:
    for t, field in enumerate(in_mm(pixels)):
        # Numbers count: frame_9 comes before frame_10.
        image = itk_image(field[np.newaxis], (3.0, 2.0, 8.0), SAGITTAL)
        SimpleITK.WriteImage(image, str(tmp_path / f"frame_{t + 8}.{ending}"))
    (tmp_path / "notes.txt").write_text("mine")
    assert_read(tmp_path, pixels)


def test_images_of_two_axes_have_two_components(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    turned = np.array([[0.0, -1.0], [1.0, 0.0]])  # columns lead to posterior, rows to the right
    for t, field in enumerate(pixels):
        vectors = field[..., :1] * 3 * turned[:, 0] + field[..., 1:] * 2 * turned[:, 1]
        SimpleITK.WriteImage(itk_image(vectors, (3.0, 2.0), turned), str(tmp_path / f"{t}.mha"))
    assert_read(tmp_path, pixels)


@pytest.mark.parametrize(("intent", "axes"), [("displacement vector", "RAS"), ("vector", "LPS")])
def test_nifti_is_read_by_its_intent(tmp_path: Path, pixels: NDArray[np.float32], intent: str, axes: str) -> None:
    vectors = in_mm(pixels) if axes == "LPS" else in_mm(pixels) @ TO_RAS.astype(np.float32)
    affine = np.eye(4)
    affine[:3, :3] = TO_RAS @ SAGITTAL * (3.0, 2.0, 8.0)
    image = nibabel.Nifti1Image(vectors.transpose(2, 1, 0, 3)[:, :, np.newaxis].astype(np.float32), affine)
    image.header.set_intent(intent)
    nibabel.save(image, tmp_path / "own.nii.gz")
    assert_read(tmp_path / "own.nii.gz", pixels)


def test_nifti_that_itk_writes_is_read_as_itk_reads_it(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    flat = np.array([[1.0, 0.0], [0.0, 1.0]])
    for t, field in enumerate(pixels):
        image = itk_image(field * np.float32([3, 2]), (3.0, 2.0), flat)
        SimpleITK.WriteImage(image, str(tmp_path / f"{t}.nii.gz"))
    assert_read(tmp_path, pixels)


# How converters turn images: the pixels of the file along (row, column), the steps of its axes (column, row) in columns
# and rows of the frames, and the pixel of the frames (column, row) that is its first.
TURNS: dict[str, tuple[Callable[[NDArray[Any]], NDArray[Any]], list[list[int]], tuple[int, int]]] = {
    "as they are": (lambda a: a, [[1, 0], [0, 1]], (0, 0)),
    "last row first": (lambda a: a[:, ::-1], [[1, 0], [0, -1]], (0, 5)),
    "last column first": (lambda a: a[:, :, ::-1], [[-1, 0], [0, 1]], (4, 0)),
    "half a turn": (lambda a: a[:, ::-1, ::-1], [[-1, 0], [0, -1]], (4, 5)),
    "rows and columns exchanged": (lambda a: a.swapaxes(1, 2), [[0, 1], [1, 0]], (0, 0)),
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("name", ["own.nii.gz", "own.mha", "own.nrrd", "first.mha", "folder"])
def test_vectors_are_laid_where_the_position_says(
    tmp_path: Path, pixels: NDArray[np.float32], turn: str, name: str
) -> None:
    turned, steps, first = TURNS[turn]
    vectors = turned(in_mm(pixels))
    in_plane = SAGITTAL[:, :2] * (3.0, 2.0)
    axes = np.column_stack([in_plane @ np.transpose(steps), SAGITTAL[:, 2] * 8.0])
    origin, lengths = FIRST + in_plane @ first, np.linalg.norm(axes, axis=0)
    path = tmp_path / name
    if name == "own.nii.gz":
        affine = np.eye(4)
        affine[:3, :3], affine[:3, 3] = TO_RAS @ axes, TO_RAS @ origin
        image = nibabel.Nifti1Image(vectors.transpose(2, 1, 0, 3)[:, :, np.newaxis], affine)
        image.header.set_intent("vector")
        nibabel.save(image, path)
    elif name == "folder":
        path.mkdir()
        for t, field in enumerate(vectors):
            one = itk_image(field[np.newaxis], tuple(lengths), axes / lengths)
            one.SetOrigin(origin)
            SimpleITK.WriteImage(one, str(path / f"{t}.mha"))
    else:
        order = [2, 0, 1] if name == "first.mha" else [0, 1, 2]
        array = np.moveaxis(vectors, 0, 2) if name == "first.mha" else vectors
        image = itk_image(array, tuple(lengths[order]), (axes / lengths)[:, order])
        image.SetOrigin(origin)
        SimpleITK.WriteImage(image, str(path))
    np.testing.assert_allclose(read_dvf(path, placed()).dvf, pixels, atol=1e-5)


@pytest.mark.parametrize("off_mm", [(0.0, 6.0, 0.0), (0.0, 0.0, -2.0), (0.0, 1.5, 0.0), (8.0, 0.0, 0.0)])
def test_images_at_another_place_are_refused(
    tmp_path: Path, pixels: NDArray[np.float32], off_mm: tuple[float, ...]
) -> None:
    image = itk_image(in_mm(pixels), (3.0, 2.0, 1.0), SAGITTAL)
    image.SetOrigin(FIRST + off_mm)
    SimpleITK.WriteImage(image, str(tmp_path / "own.mha"))
    words = r"must lie on the pixels of the frames, got own.mha with .* for frames with .* first pixel at \(40, -25"
    with pytest.raises(ReadError, match=words):
        read_dvf(tmp_path / "own.mha", placed())


def test_an_origin_of_zeros_is_no_position(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    SimpleITK.WriteImage(itk_image(in_mm(pixels), (3.0, 2.0, 1.0), SAGITTAL), str(tmp_path / "own.mha"))
    np.testing.assert_allclose(read_dvf(tmp_path / "own.mha", placed()).dvf, pixels, atol=1e-5)


def test_what_other_axes_would_mean_is_told(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    SimpleITK.WriteImage(itk_image(in_mm(pixels), (3.0, 2.0, 1.0), SAGITTAL), str(tmp_path / "own.mha"))
    unit, axes = read(tmp_path / "own.mha").readings.values()
    assert np.allclose(unit, np.diag([3, 2]))
    assert np.allclose(axes, np.diag([-1, 1]))  # columns lead to posterior, rows to inferior


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a[:3], r"must have shape \(4, 6, 5, 2\) like the frames.*got \(3, 6, 5, 2\)"),
        (lambda a: a.transpose(0, 3, 1, 2), r"got \(4, 2, 6, 5\)"),
        (lambda a: np.where(np.arange(4)[:, None, None, None] == 2, np.nan, a), "got NaN or infinity in frame 2"),
        (lambda a: 100 * a, r"must end in the frame, got one of \d+\.?\d* pixels in frame 0.*check their unit"),
        (lambda a: a.astype(int), "must be real numbers, got int64"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, pixels: NDArray[Any], change: Any, words: str) -> None:
    np.save(tmp_path / "own.npy", change(pixels))
    with pytest.raises(ReadError, match=words):
        read(tmp_path / "own.npy")


def test_images_of_another_size_are_refused(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    SimpleITK.WriteImage(itk_image(in_mm(pixels)[:, 1:], (3.0, 2.0, 1.0), SAGITTAL), str(tmp_path / "own.mha"))
    with pytest.raises(ReadError, match=r"must have the size of the frames, 5 x 6 x 4 or .*, got 5 x 5 x 4 in own.mha"):
        read(tmp_path / "own.mha")


def test_images_of_another_spacing_are_refused(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    SimpleITK.WriteImage(itk_image(in_mm(pixels), (1.0, 1.0, 1.0), SAGITTAL), str(tmp_path / "own.mha"))
    with pytest.raises(ReadError, match=r"2 x 3 mm \(rows x columns\), got a pixel spacing of 1 x 1 mm in own.mha"):
        read(tmp_path / "own.mha")


def test_axes_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    SimpleITK.WriteImage(itk_image(np.zeros((4, 4, 4, 3)), (3.0, 2.0, 1.0), SAGITTAL), str(tmp_path / "own.mha"))
    with pytest.raises(ReadError, match=r"must be told apart by their sizes, got 4 of each"):
        read(tmp_path / "own.mha", (4, 4, 4))


def test_grey_values_are_no_vectors(tmp_path: Path) -> None:
    SimpleITK.WriteImage(SimpleITK.Image(5, 6, 4, SimpleITK.sitkFloat32), str(tmp_path / "own.mha"))
    with pytest.raises(ReadError, match=r"must have 3 components, got 1 in own.mha"):
        read(tmp_path / "own.mha")


def test_vectors_of_two_components_must_lie_in_the_plane(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.zeros((5, 6, 1, 4, 2), np.float32), np.diag([1.0, 1, 1, 1]))
    image.set_sform(np.array([[0, 0, 8.0, 0], [3, 0, 0, 0], [0, -2, 0, 0], [0, 0, 0, 1]]), code=1)
    image.header.set_intent("vector")
    nibabel.save(image, tmp_path / "own.nii")
    with pytest.raises(ReadError, match=r"got vectors of 2 components outside of it in own.nii"):
        read(tmp_path / "own.nii")


def test_nifti_without_the_intent_of_vectors_is_refused(tmp_path: Path) -> None:
    nibabel.save(nibabel.Nifti1Image(np.zeros((5, 6, 1, 4, 3), np.float32), np.eye(4)), tmp_path / "own.nii")
    with pytest.raises(ReadError, match=r"got 5 axes and intent 0 in own.nii"):
        read(tmp_path / "own.nii")


def test_a_folder_needs_an_image_for_each_frame(tmp_path: Path, pixels: NDArray[np.float32]) -> None:
    SimpleITK.WriteImage(itk_image(in_mm(pixels)[:1], (3.0, 2.0, 8.0), SAGITTAL), str(tmp_path / "0.mha"))
    with pytest.raises(ReadError, match=r"one image for each of the 4 frames, got 1 in"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["own.npy", "own.mha", "own.nrrd", "own.nii.gz", "own.nii"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadError, match=r"^DVFs \(--dvf\) must be readable, got .* for own"):
        read(tmp_path / name)
    (tmp_path / name).write_bytes(b"no file of this kind")
    with pytest.raises(ReadError, match=r"^DVFs \(--dvf\) must be readable, got .* for own"):
        read(tmp_path / name)


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"must be \.npy, .*, got own\.png; convert them"):
        read(tmp_path / "own.png")
