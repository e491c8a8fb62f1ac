"""NIfTI as we write it is NIfTI as we read it, and overlays its source."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nibabel
import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cinecast.errors import StoreError
from cinecast.frames import read_sequence
from cinecast.store import nifti
from cinecast.store.nifti import TYPES, write_nifti, zipped

FRAMES = np.random.default_rng(6).integers(0, 200, (6, 9, 10)).astype(np.uint8)


def rotation(angles: tuple[float, float, float]) -> np.ndarray:
    matrix = np.eye(3)
    for axis, angle in enumerate(angles):
        turn = np.eye(3)
        others = [i for i in range(3) if i != axis]
        turn[np.ix_(others, others)] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        matrix = matrix @ turn
    return matrix


@given(
    frames=st.sampled_from([np.uint8, np.int16, np.uint16, np.float32]).flatmap(
        lambda dtype: (
            arrays(dtype, st.tuples(st.integers(3, 5), st.integers(8, 12), st.integers(8, 12)), elements={})
            if dtype is not np.float32
            else arrays(np.float32, (3, 8, 9), elements=st.floats(-1e6, 1e6, width=32))
        )
    ),
    spacing=st.tuples(st.floats(0.2, 5.0), st.floats(0.2, 5.0)),
    period=st.floats(0.01, 2.0),
    angles=st.none() | st.tuples(*[st.floats(-3.0, 3.0)] * 3),
    ending=st.sampled_from([".nii", ".nii.gz"]),
)
def test_round_trip(frames: np.ndarray, spacing: tuple[float, float], period: float, angles: Any, ending: str) -> None:
    frames = frames.copy()
    frames[:, 0, 0], frames[:, 0, 1] = 0, 1  # a constant frame is no image
    affine = None
    if angles is not None:
        affine = np.eye(4)
        affine[:3, :3] = rotation(angles) * [spacing[1], spacing[0], 4.0]
        affine[:3, 3] = [-92.0, 50.5, 30.25]
    with TemporaryDirectory() as folder:
        path = Path(folder, f"cine{ending}")
        write_nifti(path, frames, spacing_mm=spacing, frame_period_s=period, affine=affine)
        sequence = read_sequence(path)
    np.testing.assert_array_equal(sequence.frames, frames)
    assert sequence.frames.dtype == frames.dtype
    np.testing.assert_allclose(sequence.times_s, np.arange(len(frames)) * period, rtol=1e-6)
    np.testing.assert_allclose(sequence.spacing_mm, spacing, rtol=1e-6)
    if affine is None:
        assert sequence.affine is None
    else:
        np.testing.assert_allclose(sequence.affine, affine, atol=1e-5)


def test_the_header_is_what_viewers_need(tmp_path: Path) -> None:
    affine = np.array([[0, 0, 4.0, 92], [-1.5, 0, 0, 11], [0, -2.5, 0, 13], [0, 0, 0, 1]])
    write_nifti(tmp_path / "cine.nii", FRAMES, spacing_mm=(2.5, 1.5), frame_period_s=0.25, affine=affine)
    image: Any = nibabel.load(tmp_path / "cine.nii")
    assert image.shape == (10, 9, 1, 6)
    np.testing.assert_allclose(image.affine, affine)
    np.testing.assert_allclose(image.header.get_zooms(), (1.5, 2.5, 4.0, 0.25))
    assert image.header.get_xyzt_units() == ("mm", "sec")
    assert (image.header["sform_code"], image.header["qform_code"]) == (1, 0)


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.nii.gz", "two.nii.gz"):
        write_nifti(tmp_path / name, FRAMES, spacing_mm=(1, 1), frame_period_s=0.25)
    content = (tmp_path / "one.nii.gz").read_bytes()
    assert content == (tmp_path / "two.nii.gz").read_bytes()
    assert content[4:8] == bytes(4)  # no time of compression
    write_nifti(tmp_path / "three.nii", FRAMES, spacing_mm=(1, 1), frame_period_s=0.25)
    assert gzip.decompress(content) == (tmp_path / "three.nii").read_bytes()


@pytest.mark.parametrize(
    ("name", "frames", "sentence"),
    [
        ("cine.img", FRAMES, "must end with .nii or .nii.gz, got cine.img"),
        ("cine.nii", FRAMES[0], r"must have shape \(T, H, W\), got \(9, 10\)"),
        ("cine.nii", FRAMES > 3, "frames must be of a type among uint8, .*got bool"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str, frames: np.ndarray, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence):
        write_nifti(tmp_path / name, frames, spacing_mm=(1, 1), frame_period_s=0.25)


@pytest.mark.shared
def test_an_export_maps_pixels_to_the_patient_as_dicom_does(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "cine" / "ovgu-1"
    sequence = read_sequence(folder)
    write_nifti(
        tmp_path / "ovgu-1.nii.gz",
        sequence.frames[:3],
        spacing_mm=sequence.spacing_mm,
        frame_period_s=sequence.frame_period_s,
        affine=sequence.affine,
    )
    exported: Any = nibabel.load(tmp_path / "ovgu-1.nii.gz")
    np.testing.assert_array_equal(exported.dataobj[:, :, 0, 2], sequence.frames[2].T)
    source = pydicom.dcmread(folder / "image1.IMA", stop_before_pixels=True)
    column, row = 17, 101
    # DICOM PS3.3, equation C.7.6.2.1-1, in LPS.
    lps = (
        np.array(source.ImagePositionPatient)
        + np.array(source.ImageOrientationPatient[:3]) * source.PixelSpacing[1] * column
        + np.array(source.ImageOrientationPatient[3:]) * source.PixelSpacing[0] * row
    )
    np.testing.assert_allclose(exported.affine @ [column, row, 0, 1], [-lps[0], -lps[1], lps[2], 1], atol=1e-4)


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("kind", [*TYPES, ">i2", ">f4"])
def test_written_block_by_block_it_is_what_nibabel_writes(
    kind: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nifti, "_AT_ONCE", 2 * 90 * np.dtype(kind).itemsize)
    frames, affine = np.concatenate([FRAMES, FRAMES[:1]])[::-1].astype(kind), np.diag((1.5, 2.5, 4.0, 1.0))
    data = frames.transpose(2, 1, 0)[:, :, np.newaxis, :]
    image: Any = nibabel.Nifti1Image(data, affine, dtype=frames.dtype.newbyteorder("="))
    image.header.set_sform(affine, code=1)
    image.header.set_qform(None, code=0)
    image.header.set_zooms((1.5, 2.5, 4.0, 0.25))
    image.header.set_xyzt_units("mm", "sec")
    image.header["toffset"] = 7.5
    path = tmp_path / f"cine{ending}"
    write_nifti(path, frames, spacing_mm=(2.5, 1.5), frame_period_s=0.25, affine=affine, start_s=7.5)
    wanted = image.to_bytes()
    assert path.read_bytes() == (zipped(wanted) if ending == ".nii.gz" else wanted)
