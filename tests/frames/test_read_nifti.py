"""NIfTI of other hands: axes, units, scaling, positions, damage."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence
from cinecast.settings import FramesSettings

DATA = np.random.default_rng(7).integers(0, 2000, (10, 9, 3, 6)).astype(np.int16)  # column, row, plane, time
AFFINE = np.array([[0, 0, 5.0, -20], [1.5, 0, 0, 7], [0, 2.5, 0, -3], [0, 0, 0, 1]])
COUNTED = FramesSettings(frame_period_s=0.25)


def save(
    folder: Path,
    data: np.ndarray,
    *,
    name: str = "cine.nii",
    affine: np.ndarray | None = AFFINE,
    step: float = 0.25,
    units: tuple[str, str] = ("mm", "sec"),
    **header: Any,
) -> Path:
    image = nibabel.Nifti1Image(data, affine, dtype=data.dtype)
    if data.ndim > 3:
        image.header["pixdim"][4] = step
    image.header.set_xyzt_units(*units)
    for key, value in header.items():
        image.header[key] = value
    (folder / name).write_bytes(image.to_bytes())
    return folder / name


def test_one_plane_keeps_type_and_position(tmp_path: Path) -> None:
    sequence = read_sequence(save(tmp_path, DATA), FramesSettings(plane=2))
    np.testing.assert_array_equal(sequence.frames, DATA[:, :, 2].transpose(2, 1, 0))
    assert sequence.frames.dtype == np.int16
    assert sequence.spacing_mm == (2.5, 1.5)
    np.testing.assert_allclose(sequence.times_s, np.arange(6) * 0.25)
    np.testing.assert_allclose(sequence.affine @ [4, 3, 0, 1], AFFINE @ [4, 3, 2, 1])


def test_three_axes_are_column_row_and_time_when_the_period_is_given(tmp_path: Path) -> None:
    sequence = read_sequence(save(tmp_path, DATA[:, :, 0]), COUNTED)
    np.testing.assert_array_equal(sequence.frames, DATA[:, :, 0].transpose(2, 1, 0))


def test_three_axes_alone_could_be_a_volume(tmp_path: Path) -> None:
    path = save(tmp_path, DATA[:, :, 0])
    with pytest.raises(ReadError, match=r"3 axes has no time step .*volume, no cine.*--frame-period"):
        read_sequence(path)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_single_plane_may_be_any_axis(tmp_path: Path, axis: int) -> None:
    data = np.expand_dims(DATA[:, :, 0], axis)
    sequence = read_sequence(save(tmp_path, data))
    np.testing.assert_array_equal(sequence.frames, DATA[:, :, 0].transpose(2, 1, 0))
    voxel = np.insert([4.0, 3.0], axis, 0.0)
    np.testing.assert_allclose(sequence.affine @ [4, 3, 0, 1], AFFINE @ [*voxel, 1])
    steps = np.delete(np.linalg.norm(AFFINE[:3, :3], axis=0), axis)
    np.testing.assert_allclose(sequence.spacing_mm, steps[::-1])


@pytest.mark.parametrize(("unit", "step"), [("sec", 0.25), ("msec", 250.0), ("usec", 250000.0)])
def test_units_of_time(tmp_path: Path, unit: str, step: float) -> None:
    sequence = read_sequence(save(tmp_path, DATA[:, :, :1], units=("mm", unit), step=step))
    assert sequence.frame_period_s == pytest.approx(0.25, rel=1e-9)


def test_units_of_length(tmp_path: Path) -> None:
    sequence = read_sequence(save(tmp_path, DATA[:, :, :1], units=("micron", "sec")))
    np.testing.assert_allclose(sequence.spacing_mm, (0.0025, 0.0015))
    np.testing.assert_allclose(sequence.affine[:3, 3], AFFINE[:3, 3] / 1000)


def test_single_precision_headers_mean_their_shortest_decimal(tmp_path: Path) -> None:
    sequence = read_sequence(save(tmp_path, DATA[:, :, :1], step=0.3145))
    assert sequence.times_s[1] == 0.3145


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"units": ("mm", "unknown")}, "does not say in which unit its time step is"),
        ({"units": ("mm", "hz")}, "does not say in which unit its time step is"),
        ({"step": 0.0}, "gives a time step of 0"),
    ],
)
def test_a_time_step_without_meaning_lacks(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    path = save(tmp_path, DATA[:, :, :1], **changes)
    with pytest.raises(ReadError, match=f'{why}; put "frame_period_s" .*cine.json'):
        read_sequence(path)


def test_scaled_values_are_float32(tmp_path: Path) -> None:
    sequence = read_sequence(save(tmp_path, DATA[:, :, :1], scl_slope=0.5, scl_inter=10.0))
    assert sequence.frames.dtype == np.float32
    np.testing.assert_allclose(sequence.frames, DATA[:, :, 0].transpose(2, 1, 0) * 0.5 + 10)


def test_without_codes_the_position_is_unknown_and_pixdim_counts(tmp_path: Path) -> None:
    pixdim = [1, 1.5, 2.5, 5, 0.25, 1, 1, 1]
    sequence = read_sequence(save(tmp_path, DATA[:, :, :1], affine=None, pixdim=pixdim))
    assert sequence.affine is None
    np.testing.assert_allclose(sequence.spacing_mm, (2.5, 1.5))


def test_qform_counts_where_there_is_no_sform(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(DATA[:, :, :1], None)
    image.header.set_qform(AFFINE, code=1)
    image.header.set_zooms((1.5, 2.5, 5.0, 0.25))
    image.header.set_xyzt_units("mm", "sec")
    (tmp_path / "cine.nii").write_bytes(image.to_bytes())
    np.testing.assert_allclose(read_sequence(tmp_path / "cine.nii").affine, AFFINE, atol=1e-5)


def test_big_endian_and_nifti_2(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(DATA[:, :, :1], AFFINE, nibabel.Nifti1Header(endianness=">"))
    (tmp_path / "big.nii").write_bytes(image.to_bytes())
    (tmp_path / "two.nii").write_bytes(nibabel.Nifti2Image(DATA[:, :, :1], AFFINE).to_bytes())
    for name in ("big.nii", "two.nii"):
        sequence = read_sequence(tmp_path / name, COUNTED)
        np.testing.assert_array_equal(sequence.frames, DATA[:, :, 0].transpose(2, 1, 0))


def test_listing_has_every_plane_with_its_position(tmp_path: Path) -> None:
    (series,) = list_series(save(tmp_path, DATA))
    assert (series.frame_count, series.rows, series.columns) == (18, 9, 10)
    assert [plane.orientation for plane in series.planes] == ["sagittal"] * 3
    assert [plane.position_mm for plane in series.planes] == pytest.approx([-20.0, -15.0, -10.0])


# Columns run to the left and rows to the feet or the back, as in most exports: normals to the back, to the feet, ...
@pytest.mark.parametrize(
    ("column", "row", "orientation", "normal"),
    [
        ((-1.5, 0, 0), (0, 0, -2.5), "coronal", (0, -1, 0)),
        ((-1.5, 0, 0), (0, -2.5, 0), "axial", (0, 0, 1)),
        ((0, -1.5, 0), (0, 0.4, -2.5), "sagittal", (1, 0, 0)),
        ((1.5, 0, 0), (0, -2.5, -2.4), "axial", (0, np.sin(np.arctan2(2.4, 2.5)), -np.cos(np.arctan2(2.4, 2.5)))),
    ],
)
def test_planes_are_named_by_their_normal_and_lie_along_it_to_the_right_front_or_head(
    tmp_path: Path, column: tuple[float, ...], row: tuple[float, ...], orientation: str, normal: tuple[float, ...]
) -> None:
    affine = np.eye(4)
    affine[:3] = np.array([column, row, np.multiply(normal, 4.0), (11.0, -7.0, 30.0)]).T
    (series,) = list_series(save(tmp_path, DATA, affine=affine))
    assert [plane.orientation for plane in series.planes] == [orientation] * 3
    along = np.dot(normal, (11.0, -7.0, 30.0)) + np.array([0.0, 4.0, 8.0])
    towards = {"coronal": normal[1], "sagittal": normal[0], "axial": normal[2]}[orientation]
    assert [plane.position_mm for plane in series.planes] == pytest.approx(along if towards > 0 else -along, abs=1e-3)


def test_planes_of_a_file_without_position_are_counted(tmp_path: Path) -> None:
    (series,) = list_series(save(tmp_path, DATA, affine=None))
    assert [str(plane) for plane in series.planes] == [f"{i}: unknown orientation, 6 frame(s)" for i in range(3)]


def test_a_fifth_axis_of_one_is_none(tmp_path: Path) -> None:
    sequence = read_sequence(save(tmp_path, DATA[:, :, 1:2, :, np.newaxis]))
    np.testing.assert_array_equal(sequence.frames, DATA[:, :, 1].transpose(2, 1, 0))


def test_several_planes_are_listed(tmp_path: Path) -> None:
    path = save(tmp_path, DATA)
    with pytest.raises(ReadError, match=r"got 3 \(0: sagittal at -20.0 mm, 6 frame.*choose one with --plane"):
        read_sequence(path)


def test_an_unknown_plane_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, DATA)
    with pytest.raises(ReadError, match=r"--plane must be one of the planes .*got 3"):
        read_sequence(path, FramesSettings(plane=3))


def test_one_image_is_no_cine(tmp_path: Path) -> None:
    path = save(tmp_path, DATA[:, :, :1, :1])
    with pytest.raises(ReadError, match=r"at least 2 frames, got 1"):
        read_sequence(path)


@pytest.mark.parametrize("shape", [(10, 9), (10, 9, 1, 6, 2)])
def test_other_numbers_of_axes_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = save(tmp_path, np.ones(shape, np.int16), affine=None)
    with pytest.raises(ReadError, match=r"must have 4 axes \(column, row, plane, time\)"):
        read_sequence(path)


def test_colour_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, np.zeros((10, 9, 1, 6), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")]))
    with pytest.raises(ReadError, match=r"one grey value per pixel, got .*\(colour or complex\)"):
        read_sequence(path)


def test_nan_pixels_are_refused(tmp_path: Path) -> None:
    data = DATA[:, :, :1].astype(np.float32)
    data[4, 3, 0, 2] = np.nan
    path = save(tmp_path, data)
    with pytest.raises(ReadError, match=r"^cine.nii: pixels must be finite .*frame 2 at row 3, column 4"):
        read_sequence(path)


def test_constant_images_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, np.ones((10, 9, 1, 6), np.int16))
    with pytest.raises(ReadError, match=r"^cine.nii: every frame must show an image, got frame 0"):
        read_sequence(path)


@pytest.mark.parametrize("kept", [0, 100, 400, 1000])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    path = save(tmp_path, DATA[:, :, :1])
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ReadError, match=r"cine.nii cannot be read as NIfTI: it is cut short or damaged"):
        read_sequence(path)


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.999])
def test_a_compressed_file_cut_short_is_refused(tmp_path: Path, kept: float) -> None:
    whole = gzip.compress(save(tmp_path, DATA[:, :, :1]).read_bytes())
    path = tmp_path / "short.nii.gz"
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(ReadError, match=r"short.nii.gz cannot be read as NIfTI: it is cut short or damaged"):
        read_sequence(path)


@pytest.mark.shared
def test_the_real_one(shared: Path) -> None:
    sequence = read_sequence(shared / "data" / "cine" / "eth-4.nii.gz")
    assert sequence.frames.shape == (200, 290, 290)
    assert sequence.frames.dtype == np.uint8
    assert sequence.frame_period_s == pytest.approx(0.3145, rel=1e-12)
    assert sequence.spacing_mm == (1.0, 1.0)
    assert sequence.published["offline_train_end"] == 160
    assert sequence.origins["frame_period_s"] == "NIfTI header"
