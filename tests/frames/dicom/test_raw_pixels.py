"""Grey values that lie as plain numbers in DICOM files: those of pydicom, without a second look at the header."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from cinecast.errors import ReadError
from cinecast.frames.dicom import pixels
from cinecast.frames.dicom.header import FrameHeader, read_headers
from cinecast.frames.dicom.pixels import read_pixels
from helpers.dicom_files import enhanced, image

RNG = np.random.default_rng(0)


def written(path: Path, dataset: Dataset, syntax: Any = ExplicitVRLittleEndian) -> list[FrameHeader]:
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    return read_headers(path)


def of_pydicom(path: Path) -> NDArray[Any]:
    logging.getLogger("pydicom").setLevel(logging.ERROR)
    found = pydicom.dcmread(path).pixel_array
    return found if found.ndim == 3 else found[np.newaxis]


def some_image(kind: str, shape: tuple[int, int] = (9, 11), **elements: Any) -> Dataset:
    limits = np.iinfo(kind)
    frame = RNG.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
    bits = 8 * frame.dtype.itemsize
    own = {
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(limits.min < 0),
        "PixelData": frame.tobytes() + b"\0" * (frame.nbytes % 2),
    }
    made = image(frame, **(own | elements))
    made["PixelData"].VR = "OW"
    return made


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("kind", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
def test_plain_numbers_are_those_of_pydicom(kind: str, syntax: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    headers = written(path, some_image(kind), syntax)
    found, wanted = read_pixels(headers), of_pydicom(path)
    assert headers[0].raw is not None
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("kind", ["uint16", "int16"])
def test_what_lies_in_unused_bits_is_no_value(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    headers = written(path, some_image(kind, BitsStored=12, HighBit=11))
    assert headers[0].raw is not None
    found = read_pixels(headers)
    np.testing.assert_array_equal(found, of_pydicom(path))
    assert found.max() < 4096


@pytest.mark.parametrize("kind", ["uint16", "int16"])
@pytest.mark.parametrize("raw", [True, False])
def test_the_lowest_may_be_white(kind: str, raw: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = RNG.integers(0, 2000, (9, 10)).astype(kind)
    dataset = image(frame, PhotometricInterpretation="MONOCHROME1", BitsStored=12, HighBit=11)
    dataset.PixelRepresentation = int(kind == "int16")
    headers = written(tmp_path / "a.dcm", dataset)
    if not raw:
        monkeypatch.setattr(pixels, "_raw_frame", lambda *_: None)
    wanted = -1 - frame if kind == "int16" else 4095 - frame
    np.testing.assert_array_equal(read_pixels(headers)[0], wanted)


def test_frames_of_one_file_are_read_one_by_one(tmp_path: Path) -> None:
    frames = RNG.integers(0, 4000, (5, 8, 9)).astype(np.uint16)
    headers = written(tmp_path / "a.dcm", enhanced(frames))
    assert all(header.raw is not None for header in headers)
    np.testing.assert_array_equal(read_pixels(headers[::-1]), frames[::-1])


def test_a_file_of_plain_numbers_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = written(tmp_path / "a.dcm", some_image("uint16"))
    monkeypatch.setattr(pydicom, "dcmread", None)
    assert read_pixels(headers).shape == (1, 9, 11)


@pytest.mark.parametrize(
    "elements",
    [
        {"PhotometricInterpretation": "RGB"},
        {"HighBit": 14},
        {"BitsStored": None},
        {"SamplesPerPixel": None},
        {"PixelData": bytes(9 * 11 * 2 + 40)},
        {"PixelData": bytes(9 * 11)},
    ],
)
def test_what_is_unusual_is_left_to_pydicom(elements: dict[str, Any], tmp_path: Path) -> None:
    headers = written(tmp_path / "a.dcm", some_image("uint16", **elements))
    assert headers[0].raw is None


def test_compressed_pixels_are_left_to_pydicom(tmp_path: Path) -> None:
    frame = RNG.integers(0, 2000, (9, 10)).astype(np.uint16)
    packed = image(frame)
    packed.compress(RLELossless)
    packed.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    deflated = written(tmp_path / "b.dcm", image(frame), DeflatedExplicitVRLittleEndian)
    for headers in (read_headers(tmp_path / "a.dcm"), deflated):
        assert headers[0].raw is None
        np.testing.assert_array_equal(read_pixels(headers)[0], frame)


def test_a_file_that_has_lost_its_end_since_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    headers = written(path, some_image("uint16"))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ReadError, match=r"the pixels of a\.dcm cannot be read: the file is cut short"):
        read_pixels(headers)


def test_a_file_that_is_gone_since_is_refused(tmp_path: Path) -> None:
    headers = written(tmp_path / "a.dcm", some_image("uint16"))
    (tmp_path / "a.dcm").unlink()
    with pytest.raises(ReadError, match=r"a\.dcm cannot be read"):
        read_pixels(headers)


def test_plain_numbers_are_held_against_the_limit_of_memory(tmp_path: Path) -> None:
    headers = written(tmp_path / "a.dcm", some_image("uint32"))
    with pytest.raises(ReadError, match="--memory-limit"):
        read_pixels(headers, memory_limit=9 * 11 * 4 - 1)
