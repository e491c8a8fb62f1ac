"""Frames that are too large for memory: the same sequence by way of a file without a name, whatever the format."""

from __future__ import annotations

import os
import resource
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from pydicom.uid import RLELossless

from cinecast.errors import ReadError
from cinecast.frames import read_sequence, spool
from cinecast.frames.spool import Spool
from cinecast.settings import FramesSettings
from cinecast.store.nifti import write_nifti
from helpers.dicom_files import cine, enhanced, save

FRAMES = np.random.default_rng(0).integers(0, 4000, (24, 20, 16)).astype(np.int16)
SETTINGS = FramesSettings(frame_period_s=0.25, pixel_spacing_mm=(1.5, 2.5))


def _nifti(path: Path, frames: NDArray[Any] = FRAMES) -> Path:
    write_nifti(path, frames, spacing_mm=(1.5, 2.5), frame_period_s=0.25)
    return path


def _nifti_of(path: Path, kind: str, planes: int = 1, scaled: bool = False) -> Path:
    """Two planes after one another in each volume, of any type and byte order, and perhaps rescaled."""
    volumes = np.stack([FRAMES.transpose(2, 1, 0) + plane for plane in range(planes)], axis=2).astype(kind)
    header: Any = nibabel.Nifti1Header(endianness=kind[0] if kind[0] in "<>" else "<")
    image: Any = nibabel.Nifti1Image(volumes, np.diag((2.5, 1.5, 4.0, 1.0)), header, dtype=kind[1:])
    image.header.set_xyzt_units("mm", "sec")
    if scaled:
        image.header.set_slope_inter(0.37, -12)
    nibabel.save(image, path)  # type: ignore[attr-defined]
    return path


def _npz(path: Path, pack: Callable[..., None], order: str = "C") -> Path:
    pack(path, frames=np.array(FRAMES, order=order), frame_period_s=0.25, pixel_spacing_mm=(1.5, 2.5))  # type: ignore[call-overload]
    return path


def _mha(path: Path, compressed: bool) -> Path:
    image = SimpleITK.GetImageFromArray(FRAMES.transpose(1, 2, 0))  # time first, as the challenge has it
    SimpleITK.WriteImage(image, str(path), useCompression=compressed)
    return path


def _nrrd(path: Path, compressed: bool) -> Path:
    image = SimpleITK.GetImageFromArray(FRAMES)
    SimpleITK.WriteImage(image, str(path), useCompression=compressed)
    return path


def _rescaled(folder: Path) -> Path:
    images = cine(FRAMES)
    images[3].RescaleSlope, images[3].RescaleIntercept = 2, 1
    return save(folder, images)


def _packed(folder: Path) -> Path:
    images = cine(FRAMES)
    for each in images:
        each.compress(RLELossless)
    return save(folder, images)


def _multi_frame(folder: Path) -> Path:
    offsets = [250.0 * t for t in range(len(FRAMES))]
    return save(folder, [enhanced(FRAMES, offsets_s=offsets, rescale=(0.5, 3))])


SOURCES: dict[str, Callable[[Path], Path]] = {
    "NIfTI": lambda folder: _nifti(folder / "a.nii"),
    "NIfTI, zipped": lambda folder: _nifti(folder / "a.nii.gz"),
    "NIfTI, of the other byte order": lambda folder: _nifti_of(folder / "a.nii", ">i2"),
    "NIfTI, one of two planes": lambda folder: _nifti_of(folder / "a.nii.gz", "<i2", planes=2),
    "NIfTI, rescaled": lambda folder: _nifti_of(folder / "a.nii", "<i2", scaled=True),
    "NIfTI, rescaled and zipped": lambda folder: _nifti_of(folder / "a.nii.gz", ">u2", planes=2, scaled=True),
    "NPZ": lambda folder: _npz(folder / "a.npz", np.savez),
    "NPZ, zipped": lambda folder: _npz(folder / "a.npz", np.savez_compressed),
    "NPZ, columns first": lambda folder: _npz(folder / "a.npz", np.savez_compressed, "F"),
    "MHA": lambda folder: _mha(folder / "a.mha", False),
    "MHA, zipped": lambda folder: _mha(folder / "a.mha", True),
    "NRRD": lambda folder: _nrrd(folder / "a.nrrd", False),
    "NRRD, zipped": lambda folder: _nrrd(folder / "a.nrrd", True),
    "DICOM": lambda folder: save(folder / "a", cine(FRAMES)),
    "DICOM of several types": lambda folder: _rescaled(folder / "a"),
    "DICOM, compressed": lambda folder: _packed(folder / "a"),
    "DICOM, multi-frame": lambda folder: _multi_frame(folder / "a"),
}


@pytest.fixture
def all_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is too large for memory, and blocks are of two frames."""
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(spool, "_AT_ONCE", 2 * FRAMES[0].nbytes)


def is_mapped(array: Any) -> bool:
    while isinstance(array, np.ndarray | memoryview):
        array = array.base if isinstance(array, np.ndarray) else array.obj
    return type(array).__name__ == "mmap"


@pytest.mark.parametrize("name", SOURCES)
def test_a_sequence_by_way_of_the_disk_is_the_same(name: str, tmp_path: Path, all_on_disk: None) -> None:
    source = SOURCES[name](tmp_path)
    settings = FramesSettings(frame_period_s=0.25, pixel_spacing_mm=(1.5, 2.5), plane=0)
    (tmp_path / "place").mkdir()
    wanted = read_sequence(source, settings)
    found = read_sequence(source, settings, Spool(tmp_path / "place" / "not" / "made yet"))
    assert is_mapped(found.frames)
    assert not is_mapped(wanted.frames)
    assert found.frames.flags.c_contiguous
    assert found.frames.dtype == wanted.frames.dtype
    assert found.frames.dtype.isnative
    np.testing.assert_array_equal(found.frames, wanted.frames)
    for each in ("name", "spacing_mm", "split", "origins", "faults", "instances"):
        assert getattr(found, each) == getattr(wanted, each), each
    assert list((tmp_path / "place").iterdir()) == []


def test_frames_of_a_usual_size_stay_in_memory(tmp_path: Path) -> None:
    frames = read_sequence(_nifti(tmp_path / "a.nii"), SETTINGS, Spool(tmp_path)).frames
    assert not is_mapped(frames)
    assert frames.flags.writeable


def test_what_nobody_uses_any_more_is_gone_from_the_disk(tmp_path: Path, all_on_disk: None) -> None:
    def open_files() -> list[str]:
        numbers = os.listdir("/proc/self/map_files")
        return [os.readlink(f"/proc/self/map_files/{each}") for each in numbers]

    sequence = read_sequence(_nifti(tmp_path / "a.nii.gz"), SETTINGS, Spool(tmp_path))
    assert any("(deleted)" in each and str(tmp_path) in each for each in open_files())
    del sequence
    assert not any(str(tmp_path) in each for each in open_files())


@pytest.fixture
def full_disk() -> Iterator[int]:
    """No file may have more than so many bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
    yield 5000
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("name", ["NIfTI", "NIfTI, zipped", "NIfTI, rescaled", "NPZ", "NRRD, zipped", "DICOM"])
def test_a_full_disk_is_said(name: str, tmp_path: Path, all_on_disk: None, request: pytest.FixtureRequest) -> None:
    source = SOURCES[name](tmp_path)
    (tmp_path / "place").mkdir()
    request.getfixturevalue("full_disk")
    with pytest.raises(ReadError, match=r"must find room on the disk of .*place while they are read, got: File too"):
        read_sequence(source, SETTINGS, Spool(tmp_path / "place"))
    assert list((tmp_path / "place").iterdir()) == []


@pytest.mark.parametrize("zipped", [False, True])
def test_memory_does_not_grow_with_the_frames(zipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(spool, "_AT_ONCE", 1 << 16)
    peaks = []
    for repeats in (10, 40, 160):  # the first imports what is needed
        frames = np.tile(FRAMES, (repeats, 2, 2))
        source = _nifti(tmp_path / ("a.nii.gz" if zipped else "a.nii"), frames)
        tracemalloc.start()
        read_sequence(source, SETTINGS, Spool(tmp_path))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    more = 120 * FRAMES.nbytes * 4
    assert peaks[2] - peaks[1] < 0.1 * more
