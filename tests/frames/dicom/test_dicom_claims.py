"""DICOM files that say more than they hold, or unfold to more than memory: refused at once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    RLELossless,
)

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence
from cinecast.frames.dicom.folder import read_dicom
from cinecast.frames.dicom.stream import DicomStream
from cinecast.frames.streamed import StreamedFault
from cinecast.settings import FramesSettings
from helpers.dicom_files import cine, enhanced, image, save

FRAMES = np.random.default_rng(5).integers(0, 2000, (8, 9, 10)).astype(np.uint16)
COUNTED = FramesSettings(frame_period_s=0.25)


def multi_frame(frames: np.ndarray[Any, Any], **elements: Any) -> Dataset:
    """Return a plain multi-frame image, without groups of its frames."""
    dataset = image(frames[0], NumberOfFrames=len(frames), InstanceNumber=1, **elements)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = (
        MultiFrameGrayscaleWordSecondaryCaptureImageStorage
    )
    if "PixelData" not in elements:
        dataset.PixelData = frames.tobytes()
    return dataset


def written(folder: Path, dataset: Dataset) -> Path:
    return save(folder, [dataset], ["cine.dcm"]) / "cine.dcm"


def content_of(dataset: Dataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def deflated(dataset: Dataset, trailing_bytes: int = 0) -> bytes:
    """Return a file that is deflated as a whole, with so many zeros behind its pixels."""
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    content = content_of(dataset)
    (length,) = struct.unpack("<I", content[140:144])
    start = 144 + length
    head = content[:start]
    old, new = ExplicitVRLittleEndian.encode() + b"\0", DeflatedExplicitVRLittleEndian.encode()
    at = head.index(old)
    head = head[: at - 2] + struct.pack("<H", len(new)) + new + head[at + len(old) :]
    head = head[:140] + struct.pack("<I", length + len(new) - len(old)) + head[144:]
    folding = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = folding.compress(content[start:])
    if trailing_bytes:
        zeros = bytes(1 << 20)
        for _ in range(trailing_bytes >> 20):
            body += folding.compress(zeros)
    return head + body + folding.flush()


def hostile_files(folder: Path) -> dict[str, Path]:
    """Write harmless files that claim too much, each a few kB or MB."""
    made = {
        "frames": multi_frame(FRAMES, PixelData=FRAMES.tobytes()),
        "negative": multi_frame(FRAMES),
        "groups": enhanced(FRAMES),
        "folded frames": multi_frame(FRAMES),
        "folded size": multi_frame(FRAMES[:1]),
        "size": image(FRAMES[0], Rows=65535, Columns=65535),
        "tiny frames": multi_frame(np.zeros((300_000, 1, 1), np.uint16)),
    }
    made["frames"].NumberOfFrames = 2_147_483_647
    made["negative"].NumberOfFrames = -8
    made["groups"].NumberOfFrames = 2_000_000_000
    for name, count in (("folded frames", 2_000_000_000), ("folded size", 12)):
        dataset = made[name]
        dataset.file_meta.TransferSyntaxUID = RLELossless
        dataset.PixelData = encapsulate([b"\0" * 128] * 12)
        dataset["PixelData"].VR = "OB"
        dataset.NumberOfFrames, dataset.Rows, dataset.Columns = count, 65535, 65535
    paths = {name: written(folder / name, dataset) for name, dataset in made.items()}
    paths["bomb"] = folder / "bomb.dcm"
    paths["bomb"].write_bytes(deflated(multi_frame(FRAMES), trailing_bytes=600 << 20))
    return paths


NAMES = ("frames", "negative", "groups", "folded frames", "folded size", "size", "tiny frames", "bomb")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return hostile_files(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_claims_too_much_is_refused_within_a_second(hostile: dict[str, Path], name: str) -> None:
    path = hostile[name]
    start = process_time()
    with pytest.raises(ReadError, match=r"cut short or damaged|must fit into 4 GB of memory|must have numbers as its"):
        read_sequence(path, COUNTED)
    assert process_time() - start < 1.0


@pytest.mark.parametrize("name", NAMES)
def test_a_listing_believes_no_header(hostile: dict[str, Path], name: str) -> None:
    start = process_time()
    try:
        (series,) = list_series(hostile[name])
    except ReadError:
        pass
    else:
        assert series.frame_count <= 12
    assert process_time() - start < 1.0


@pytest.mark.parametrize("name", NAMES)
def test_a_watched_folder_says_it_and_goes_on(hostile: dict[str, Path], name: str, tmp_path: Path) -> None:
    images = cine(FRAMES)
    save(tmp_path, images[:4])
    (tmp_path / "hostile.dcm").write_bytes(hostile[name].read_bytes())
    watched = DicomStream(tmp_path, FramesSettings(), patience_s=0.5)
    start = process_time()
    arrived = watched.look(0.0) + watched.look(0.01) + watched.look(1.0)
    assert process_time() - start < 2.0
    faults = [each for each in arrived if isinstance(each, StreamedFault)]
    assert [fault.name for fault in faults] == ["hostile.dcm"]
    assert len(arrived) == 5
    save(tmp_path, images[4:], [f"later{t}" for t in range(4)])
    assert len(watched.look(2.0) + watched.look(2.01)) == 4


def test_a_claim_is_compared_with_the_bytes(tmp_path: Path) -> None:
    dataset = multi_frame(FRAMES)
    dataset.NumberOfFrames = 9
    dataset.PixelData = FRAMES[:2].tobytes()
    with pytest.raises(ReadError, match=r"says 9 frames of 9 x 10 pixels and is \d+ bytes long\); copy or export it"):
        read_sequence(written(tmp_path, dataset), COUNTED)


@pytest.mark.parametrize("compressed", [False, True])
def test_the_limit_of_memory_holds(tmp_path: Path, compressed: bool) -> None:
    dataset = enhanced(FRAMES)
    if compressed:
        dataset.compress(RLELossless, generate_instance_uid=False)
    path = written(tmp_path, dataset)
    np.testing.assert_array_equal(read_dicom(path, limited(1.01 * FRAMES.nbytes)).frames, FRAMES)
    with pytest.raises(ReadError, match=r"the frames of cine.dcm must fit into 1e-06 GB of memory, got 0.0 GB"):
        read_dicom(path, limited(1000))


def limited(size: float) -> FramesSettings:
    """Return settings that leave so many bytes for the frames."""
    return replace(COUNTED, memory_limit_gb=size / 1e9)


def test_frames_of_many_files_count_together(tmp_path: Path) -> None:
    folder = save(tmp_path / "cine", cine(FRAMES))
    with pytest.raises(ReadError, match=r"the frames of cine must fit"):
        read_dicom(folder, limited(5 * 90))


def test_a_deflated_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cine.dcm"
    path.write_bytes(deflated(multi_frame(FRAMES)))
    np.testing.assert_array_equal(read_sequence(path, COUNTED).frames, FRAMES)


def test_a_deflated_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cine.dcm"
    path.write_bytes(deflated(multi_frame(FRAMES))[:-200])
    with pytest.raises(ReadError, match=r"cut short or damaged"):
        read_sequence(path, COUNTED)


def test_deep_nesting_is_damage(tmp_path: Path) -> None:
    path = written(tmp_path, multi_frame(FRAMES))
    item = b"\x00\x52\x30\x92SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    content = path.read_bytes()
    at = content.index(b"\xe0\x7f\x10\x00")
    path.write_bytes(content[:at] + item * 20_000 + content[at:])
    start = process_time()
    with pytest.raises(ReadError, match=r"cut short or damaged"):
        read_sequence(path, COUNTED)
    assert process_time() - start < 1.0


def cut(content: bytes, random: np.random.Generator) -> bytes:
    return content[: random.integers(len(content))]


def flipped(content: bytes, random: np.random.Generator) -> bytes:
    damaged = bytearray(content)
    for at in random.integers(132, len(content), 8):
        damaged[at] = random.integers(256)
    return bytes(damaged)


def lengthened(content: bytes, random: np.random.Generator) -> bytes:
    at = int(random.integers(132, len(content) - 4))
    value = (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\xf0\xff\xff\xff")[random.integers(4)]
    return content[:at] + value + content[at + 4 :]


def removed(content: bytes, random: np.random.Generator) -> bytes:
    at = int(random.integers(132, len(content)))
    return content[:at] + content[at + int(random.integers(1, 40)) :]


@pytest.mark.parametrize("damage", [cut, flipped, lengthened, removed])
def test_damaged_files_are_read_or_refused_in_a_sentence(
    tmp_path: Path, damage: Callable[[bytes, np.random.Generator], bytes]
) -> None:
    folded = enhanced(FRAMES)
    folded.compress(RLELossless, generate_instance_uid=False)
    times: list[dict[str, Any]] = [{"FrameAcquisitionDateTime": f"2024022810000{t}"} for t in range(8)]
    sound = [
        content_of(multi_frame(FRAMES, FrameTimeVector=[0.0] + [200.0] * 7)),
        content_of(enhanced(FRAMES, contents=times, rescale=(2.0, 1.0))),
        content_of(folded),
        deflated(multi_frame(FRAMES, FrameTime=200.0)),
    ]
    random = np.random.default_rng(41)
    refused = 0
    for number in range(80):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(damage(sound[number % len(sound)], random))
        start = process_time()
        try:
            read_sequence(path, COUNTED)
        except ReadError:
            refused += 1
        assert process_time() - start < 2.0
    assert refused > 10
