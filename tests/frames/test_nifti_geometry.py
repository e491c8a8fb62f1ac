"""sform, qform and pixdim against each other, and the maps of one-slice files."""

from __future__ import annotations

import logging
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames import read_sequence
from cinecast.frames.nifti_geometry import NiftiGeometry, decimal
from cinecast.settings import FramesSettings
from helpers.cine_like import breathing

FRAMES = breathing(6, count=12).astype(np.uint16)
# Sagittal: columns run to the back, rows to the feet.
PLACED = np.array([[0, 0, 4.0, -10], [-1.5, 0, 0, 80], [0, -2.5, 0, 60], [0, 0, 0, 1.0]])
GIVEN = FramesSettings(pixel_spacing_mm=(2.5, 1.5))


def save(
    folder: Path, sform: np.ndarray | None, qform: np.ndarray | None = None, pixdim: tuple[float, ...] = (1.5, 2.5, 4.0)
) -> Path:
    """Write the header byte by byte, so that nothing mends it."""
    header = nibabel.Nifti1Header()
    header.set_data_shape((80, 96, 1, 12))
    header.set_data_dtype(np.uint16)
    header.set_xyzt_units("mm", "sec")
    if qform is not None:
        header.set_qform(qform, 1)
    header["pixdim"][1:5] = (*pixdim, 0.3)
    if sform is not None:
        header["sform_code"] = 1
        header["srow_x"], header["srow_y"], header["srow_z"] = sform[:3]
    raw = bytearray(header.binaryblock + bytes(4))
    raw[108:112], raw[344:348] = struct.pack("<f", 352.0), b"n+1\0"
    path = folder / "cine.nii"
    path.write_bytes(bytes(raw) + FRAMES.astype("<u2").transpose(2, 1, 0).tobytes(order="F"))
    return path


def test_a_third_axis_of_0_is_the_normal_of_the_others(tmp_path: Path) -> None:
    flat = PLACED.copy()
    flat[:, 2] = (0, 0, 0, 0)
    for step, thickness in ((0.0, 1.0), (4.0, 4.0)):
        sequence = read_sequence(save(tmp_path, flat, pixdim=(1.5, 2.5, step)))
        assert sequence.affine is not None
        np.testing.assert_allclose(sequence.affine[:3, [0, 1, 3]], PLACED[:3, [0, 1, 3]])
        # Right-handed: from front to back, from head to feet, to the right.
        np.testing.assert_allclose(sequence.affine[:3, 2], (thickness, 0.0, 0.0))
        assert sequence.spacing_mm == (2.5, 1.5)


def test_an_sform_of_zeros_leaves_the_qform(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sequence = read_sequence(save(tmp_path, np.zeros((4, 4)), PLACED))
    np.testing.assert_allclose(sequence.affine, PLACED, atol=1e-5)
    assert sequence.origins["affine"] == "qform of the NIfTI header; its sform spans no plane"
    assert not caplog.text


NOWHERE = np.where(np.arange(4) == 3, np.nan, PLACED)  # axes without a place


@pytest.mark.parametrize("sform", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.ones((4, 4)), NOWHERE])
def test_without_any_usable_map_pixdim_counts(tmp_path: Path, sform: np.ndarray) -> None:
    sequence = read_sequence(save(tmp_path, sform))
    assert sequence.affine is None
    assert sequence.spacing_mm == (2.5, 1.5)
    assert sequence.origins["affine"] == "no sform or qform in the NIfTI header; its sform spans no plane"


def test_where_planes_lie_nowhere_there_is_no_position() -> None:
    header = nibabel.Nifti1Header()
    header["pixdim"][1:4], header["sform_code"] = (1.5, 2.5, 0.0), 1
    header["srow_x"], header["srow_y"], header["srow_z"] = PLACED[:3] * [1, 1, 0, 1]
    one, many = (NiftiGeometry(header, (0, 1, 2), (80, 96, planes)) for planes in (1, 2))
    assert one.affine(0) is not None
    assert many.affine(1) is None
    assert many.affine_origin == "the sform of the NIfTI header does not say where which plane lies"
    assert many.spacing_mm == (2.5, 1.5)


@pytest.mark.parametrize(("code", "mm"), [(0, 1.0), (1, 1000.0), (2, 1.0), (3, 0.001), (7, 1.0)])
def test_lengths_are_in_the_unit_of_the_header_and_in_mm_without_one(code: int, mm: float) -> None:
    by_sform, by_qform = nibabel.Nifti1Header(), nibabel.Nifti1Header()
    by_qform.set_qform(PLACED, 1)
    by_sform["sform_code"] = 1
    by_sform["srow_x"], by_sform["srow_y"], by_sform["srow_z"] = PLACED[:3]
    for header in (by_sform, by_qform):
        header["pixdim"][1:4] = (1.5, -2.5, 4.0)  # a sign there means nothing
        header["xyzt_units"] = code + 8
        geometry = NiftiGeometry(header, (0, 1, 2), (80, 96, 3))
        np.testing.assert_allclose(geometry.steps_mm, np.array([1.5, 2.5, 4.0]) * mm)
        np.testing.assert_allclose(geometry.spacing_mm or (), np.array([2.5, 1.5]) * mm)
        placed = geometry.affine(2)
        assert placed is not None
        np.testing.assert_allclose(placed @ [5, 7, 0, 1], [*(PLACED @ [5, 7, 2, 1])[:3] * mm, 1], rtol=1e-5)
        assert not geometry.doubts


def test_a_qform_that_is_no_rotation_places_nothing() -> None:
    header = nibabel.Nifti1Header()
    header["pixdim"][1:4], header["qform_code"] = (1.5, 2.5, 4.0), 1
    header["quatern_b"], header["quatern_c"] = 1.0, 1.0
    geometry = NiftiGeometry(header, (0, 1, 2), (80, 96, 1))
    assert geometry.affine(0) is None
    assert geometry.spacing_mm == (2.5, 1.5)
    assert geometry.affine_origin == "no sform or qform in the NIfTI header; its qform spans no plane"


def test_numbers_in_double_precision_keep_it() -> None:
    assert decimal(np.float64(0.123456789012)) == 0.123456789012
    assert decimal(np.float32(0.3145)) == 0.3145


@pytest.mark.parametrize(
    ("pixdim", "said"),
    [((1.5, 0.0, 4.0), "0 x 1.5 mm"), ((0.0, 2.5, 4.0), "2.5 x 0 mm"), ((np.inf, 2.5, 4.0), "2.5 x inf mm")],
)
def test_a_spacing_of_0_is_no_spacing(tmp_path: Path, pixdim: tuple[float, ...], said: str) -> None:
    with pytest.raises(ReadError, match=f"needs a pixel spacing, and the NIfTI header gives a pixdim of {said}"):
        read_sequence(save(tmp_path, None, pixdim=pixdim))


@pytest.mark.parametrize("scale", [2.0, 0.5, 1.03, 1.8])
def test_sform_against_qform_is_refused_and_names_both(tmp_path: Path, scale: float) -> None:
    sform = PLACED.copy()
    sform[:3, :2] *= scale
    path = save(tmp_path, sform, PLACED)
    said = rf"its sform says {2.5 * scale:g} x {1.5 * scale:g} mm, its pixdim and qform 2.5 x 1.5 mm .*--pixel-spacing"
    with pytest.raises(ReadError, match=said):
        read_sequence(path)
    assert read_sequence(path, GIVEN).spacing_mm == (2.5, 1.5)


def test_sform_against_pixdim_alone_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = save(tmp_path, PLACED, pixdim=(1.0, 1.0, 1.0))
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        assert read_sequence(path).spacing_mm == (2.5, 1.5)
    assert "its sform says 2.5 x 1.5 mm, its pixdim 1 x 1 mm (rows x columns); the sform is taken" in caplog.text


def test_another_place_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    moved = PLACED.copy()
    moved[0, 3] += 7
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        np.testing.assert_allclose(read_sequence(save(tmp_path, moved, PLACED)).affine, moved)
    assert "put the image up to 7.0 mm apart; the sform is used" in caplog.text


def test_how_far_apart_two_positions_are_is_that_of_the_farthest_corner(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    turned = PLACED.copy()
    turned[:3, 1] = (2.5 * np.sin(0.1), 0, -2.5 * np.cos(0.1))  # rows out of the plane, about the first one
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_sequence(save(tmp_path, turned, PLACED))
    chord = 2 * np.sin(0.1 / 2) * 95 * 2.5
    assert f"put the image up to {chord:.1f} mm apart" in caplog.text


def test_a_pixdim_that_says_nothing_contradicts_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        for pixdim in ((0.0, 0.0, 0.0), (0.0, 2.5, 4.0), (1.5, np.inf, 4.0)):
            assert read_sequence(save(tmp_path, PLACED, pixdim=pixdim)).spacing_mm == (2.5, 1.5)
    assert not caplog.text


def test_rounding_is_no_contradiction(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rounded = PLACED * (1 + 0.004)
    with caplog.at_level(logging.WARNING, logger="cinecast"):
        read_sequence(save(tmp_path, rounded, PLACED))
    assert not caplog.text


def test_planes_of_one_frame_each_may_be_frames(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(FRAMES.transpose(2, 1, 0)[..., np.newaxis], np.eye(4))
    nibabel.save(image, tmp_path / "cine.nii")
    with pytest.raises(ReadError, match=r"time along its 4th axis, got shape \(80, 96, 12, 1\): 12 planes of one"):
        read_sequence(tmp_path / "cine.nii")
