"""Files that claim more than they hold, or that unfold to more than the limit: one sentence, at once."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import re
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK

from cinecast.errors import ReadError
from cinecast.frames import list_series, read_sequence
from cinecast.settings import FramesSettings

FRAMES = np.random.default_rng(5).integers(0, 250, (6, 9, 10)).astype(np.uint8)
COUNTED = FramesSettings(frame_period_s=0.25, pixel_spacing_mm=(1.0, 1.0))
HUGE = 30_000


def nifti(claimed: tuple[int, int, int, int], pixels: bytes = FRAMES.tobytes()) -> bytes:
    """Return a NIfTI-1 file with a header that claims any size (column, row, plane, time)."""
    header = bytearray(nibabel.Nifti1Image(np.zeros((2, 2, 1, 2), np.uint8), np.eye(4)).to_bytes()[:352])
    header[40:56] = struct.pack("<8h", 4, *claimed, 1, 1, 1)
    header[76:108] = struct.pack("<8f", 1, 1, 1, 1, 0.25, 0, 0, 0)
    return bytes(header) + pixels


def npy(shape: str, pixels: bytes = b"", kind: str = "|u1") -> bytes:
    """Return an .npy file whose header is any text."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + pixels


def npz(path: Path, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("frames.npy", content)
    return path


def mha(path: Path, size: str, pixels: bytes, data: str = "LOCAL", packed: bool = False) -> Path:
    path.write_bytes(
        f"ObjectType = Image\nNDims = 3\nBinaryData = True\nCompressedData = {packed}\nElementSpacing = 1 1 1\n"
        f"DimSize = {size}\nElementType = MET_UCHAR\nElementDataFile = {data}\n".encode()
        + pixels
    )
    return path


def nrrd(path: Path, sizes: str, data: bytes, encoding: str = "raw") -> Path:
    path.write_bytes(
        f"NRRD0004\ntype: uchar\ndimension: 3\nsizes: {sizes}\nkinds: list domain domain\n".encode()
        + f"encoding: {encoding}\n\n".encode()
        + data
    )
    return path


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


LIARS: dict[str, Callable[[Path], Path]] = {
    "nifti": lambda folder: write(folder / "a.nii", nifti((HUGE, HUGE, 1, HUGE))),
    "nifti_negative": lambda folder: write(folder / "a.nii", nifti((10, -9, 1, 6))),
    "nifti_one_more": lambda folder: write(folder / "a.nii", nifti((10, 9, 1, 7))),
    "nifti_gz": lambda folder: write(folder / "a.nii.gz", gzip.compress(nifti((9000, 9000, 1, 40)))),
    "nifti_gz_one_more": lambda folder: write(folder / "a.nii.gz", gzip.compress(nifti((10, 9, 1, 7)))),
    "npz_shape": lambda folder: npz(folder / "a.npz", npy(f"({HUGE}, {HUGE}, {HUGE})")),
    "npz_shape_stored": lambda folder: npz(folder / "a.npz", npy(f"({HUGE}, {HUGE}, {HUGE})"), zipfile.ZIP_STORED),
    "npz_negative": lambda folder: npz(folder / "a.npz", npy("(6, -9, 10)", FRAMES.tobytes())),
    "npz_beyond_64_bits": lambda folder: npz(folder / "a.npz", npy(f"({10**30}, 9, 10)")),
    "npz_open_bracket": lambda folder: npz(folder / "a.npz", npy("(6, 9, 10", FRAMES.tobytes())),
    "npz_no_header": lambda folder: npz(folder / "a.npz", b"\x93NUMPY\x01\x00\x40"),
    "npz_odd_kind": lambda folder: npz(folder / "a.npz", npy("(6, 9, 10)", FRAMES.tobytes(), "|u1(")),
    "mha": lambda folder: mha(folder / "a.mha", f"{HUGE} {HUGE} {HUGE}", FRAMES.tobytes()),
    "mha_packed": lambda folder: mha(folder / "a.mha", "3000 1000 1000", b"x" * 100, packed=True),
    "nrrd": lambda folder: nrrd(folder / "a.nrrd", f"{HUGE} {HUGE} {HUGE}", FRAMES.tobytes()),
    "nrrd_one_more": lambda folder: nrrd(folder / "a.nrrd", "7 10 9", FRAMES.tobytes()),
    "nrrd_gzip": lambda folder: nrrd(folder / "a.nrrd", "3000 1000 1000", gzip.compress(FRAMES.tobytes()), "gzip"),
    "nrrd_bzip2": lambda folder: nrrd(folder / "a.nrrd", "7 10 9", bz2.compress(FRAMES.tobytes()), "bzip2"),
}


def refusal(question: Callable[[], object]) -> str | None:
    """Return the sentence that a question is refused with; None where it is answered."""
    try:
        question()
    except ReadError as error:
        return str(error)
    return None


@pytest.mark.parametrize("liar", LIARS)
def test_a_claim_beyond_what_is_there_is_refused_at_once(tmp_path: Path, liar: str) -> None:
    path = LIARS[liar](tmp_path)
    began = time.process_time()
    sentence = refusal(lambda: read_sequence(path, COUNTED))
    listed = refusal(lambda: list_series(path))
    assert time.process_time() - began < 1
    assert sentence is not None
    assert "cut short or damaged" in sentence
    # A list reads headers alone: what a stream lacks shows when it is unfolded.
    assert listed is not None or liar in ("nifti_gz_one_more", "nrrd_bzip2")


def bombs(folder: Path) -> dict[str, Path]:
    """Return files of some kilobytes that unfold to 40 MB of zeros, as they say."""
    side, zeros = 2000, bytes(40_000_000)
    found = {
        "nifti": write(folder / "a.nii.gz", gzip.compress(nifti((side, side, 1, 10), zeros))),
        "npz": npz(folder / "a.npz", npy(f"(10, {side}, {side})", zeros)),
        "nrrd": nrrd(folder / "a.nrrd", f"10 {side} {side}", gzip.compress(zeros), "gzip"),
        "nrrd_bzip2": nrrd(folder / "b.nrrd", f"10 {side} {side}", bz2.compress(zeros), "bzip2"),
        "mha": folder / "a.mha",
    }
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((side, side, 10), np.uint8)), str(found["mha"]), True)
    return found


@pytest.mark.parametrize("kind", ["nifti", "npz", "nrrd", "nrrd_bzip2", "mha"])
def test_what_unfolds_to_more_than_the_limit_is_refused_before_it_is_unfolded(tmp_path: Path, kind: str) -> None:
    path = bombs(tmp_path)[kind]
    assert path.stat().st_size < 100_000
    with pytest.raises(ReadError, match=r"may unfold to at most 0.03 GB, got .* claims 0.04 GB; raise --memory-limit"):
        read_sequence(path, FramesSettings(frame_period_s=0.25, pixel_spacing_mm=(1.0, 1.0), memory_limit_gb=0.03))
    with pytest.raises(ReadError, match=r"every frame must show an image"):  # read: it holds zeros alone
        read_sequence(path, COUNTED)


@pytest.mark.parametrize("kind", ["npz", "mha"])
def test_a_list_unfolds_no_more_than_the_limit(tmp_path: Path, kind: str) -> None:
    path = bombs(tmp_path)[kind]
    with pytest.raises(ReadError, match=r"may unfold to at most 0.03 GB, got .* claims 0.04 GB; raise --memory-limit"):
        list_series(path, 0.03)
    if kind == "npz":
        assert list_series(path)[0].frame_count == 10


def test_nothing_is_printed_of_a_header_that_is_mended(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.nii", b"\0\0\0\0" + nifti((10, 9, 1, 6))[4:])
    assert read_sequence(path, COUNTED).frames.shape == (6, 9, 10)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["nifti", "nrrd"])
def test_a_stream_that_goes_on_is_not_followed(tmp_path: Path, kind: str) -> None:
    zeros = bytes(40_000_000)
    path = {
        "nifti": lambda: write(tmp_path / "a.nii.gz", gzip.compress(nifti((10, 9, 1, 6), FRAMES.tobytes() + zeros))),
        "nrrd": lambda: nrrd(tmp_path / "a.nrrd", "6 10 9", gzip.compress(FRAMES.tobytes() + zeros), "gzip"),
    }[kind]()
    with pytest.raises(ReadError, match=r"holds far more than the \d+ bytes"):
        read_sequence(path, COUNTED)


def test_an_uncompressed_file_has_no_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.nii", nifti((10, 9, 1, 6)))
    tight = FramesSettings(frame_period_s=0.25, memory_limit_gb=1e-9)
    assert read_sequence(path, tight).frames.shape == (6, 9, 10)
    with pytest.raises(ReadError, match="--memory-limit"):
        read_sequence(write(tmp_path / "b.nii.gz", gzip.compress(path.read_bytes())), tight)


@pytest.mark.parametrize("name", ["../secret.raw", "/dev/zero", "folder/secret.raw", ".", "pipe", "zero", "x" * 300])
def test_an_mhd_names_a_file_of_its_own_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.raw").write_bytes(FRAMES.tobytes())
    folder = tmp_path / "of"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "zero").symlink_to("/dev/zero")
    path = mha(folder / "a.mhd", "6 10 9", b"", name)
    for question in (read_sequence, list_series):
        with pytest.raises(ReadError, match=r"ElementDataFile of a.mhd must name a file"):
            question(path)


def test_a_size_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = mha(tmp_path / "a.mha", f"6 10 9\nDimSize = {HUGE} {HUGE} {HUGE}", FRAMES.tobytes())
    with pytest.raises(ReadError, match=r"a.mha must say each thing once in its header, got 'DimSize' twice"):
        read_sequence(path)


def test_a_size_of_hundreds_of_digits_is_refused(tmp_path: Path) -> None:
    path = mha(tmp_path / "a.mha", f"{'9' * 400} 10 9", FRAMES.tobytes())
    with pytest.raises(ReadError, match=r"its header claims 1e\+30 bytes, and \d+ can be there"):
        read_sequence(path, COUNTED)


@pytest.mark.parametrize("sizes", [(0, 9, 1, 6), (10, 0, 1, 6), (10, 9, 0, 6), (10, 9, 1, 0)])
def test_an_axis_of_no_size_is_refused(tmp_path: Path, sizes: tuple[int, int, int, int]) -> None:
    said = " ".join(map(str, sizes))
    files = {
        mha(tmp_path / "a.mha", said, FRAMES.tobytes()): f"must have a size above 0, got {said} as DimSize",
        nrrd(tmp_path / "a.nrrd", said, FRAMES.tobytes()): f"dimension '4' and sizes '{said}' do not fit",
        write(tmp_path / "a.nii", nifti(sizes)): f"must have a size above 0, got {sizes}",
    }
    questions: list[Callable[[Path], object]] = [lambda path: read_sequence(path, COUNTED), list_series]
    for path, sentence in files.items():
        content = path.read_bytes()
        path.write_bytes(content.replace(b"NDims = 3", b"NDims = 4").replace(b"dimension: 3", b"dimension: 4"))
        for question in questions:
            with pytest.raises(ReadError, match=re.escape(sentence)):
                question(path)


@pytest.mark.parametrize("axes", ["4", "2", "three"])
def test_a_header_has_a_size_for_each_axis(tmp_path: Path, axes: str) -> None:
    path = mha(tmp_path / "a.mha", "6 10 9", FRAMES.tobytes())
    path.write_bytes(path.read_bytes().replace(b"NDims = 3", f"NDims = {axes}".encode()))
    with pytest.raises(ReadError, match=rf"a size for each of its axes, got NDims '{axes}' and 3 in DimSize"):
        read_sequence(path)


def test_the_data_file_is_found_behind_a_long_header(tmp_path: Path) -> None:
    path = mha(tmp_path / "a.mhd", "6 10 9", b"", "/dev/zero")
    comment = b"Comment = ElementDataFile = a.raw" + b" " * 5000 + b"\n"
    path.write_bytes(path.read_bytes().replace(b"ElementDataFile", comment + b"ElementDataFile"))
    with pytest.raises(ReadError, match=r"ElementDataFile of a.mhd must name a file in the same folder"):
        read_sequence(path)


@pytest.mark.parametrize("text", ["[" * 100_000, f'{{"frame_period_s": {"9" * 5000}}}', '{"frame_period_s": 1e999}'])
def test_json_without_end_is_refused(tmp_path: Path, text: str) -> None:
    np.savez(tmp_path / "a.npz", frames=FRAMES)
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ReadError, match=r"a.json must be plain JSON|frame_period_s must be a positive number"):
        read_sequence(tmp_path / "a.npz")


def test_json_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", frames=FRAMES)
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(1 << 33)
    with pytest.raises(ReadError, match=r"a.json must have at most \d+ bytes"):
        read_sequence(tmp_path / "a.npz")


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("kind", ["nii", "nii.gz", "npz", "mha", "nrrd"])
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, kind: str, seed: int) -> None:
    """Bytes of the header, mostly, are changed: whatever that makes of the file, there is no other error."""
    path = tmp_path / f"a.{kind}"
    buffer = io.BytesIO()
    np.savez(buffer, frames=FRAMES, frame_period_s=0.25, pixel_spacing_mm=[1.0, 1.0])
    wholes = {
        "nii": nifti((10, 9, 1, 6)),
        "nii.gz": gzip.compress(nifti((10, 9, 1, 6)), mtime=0),
        "npz": buffer.getvalue(),
        "mha": mha(path, "6 10 9", FRAMES.tobytes()).read_bytes(),
        "nrrd": nrrd(path, "6 10 9", FRAMES.tobytes()).read_bytes(),
    }
    content = bytearray(wholes[kind])
    rng = np.random.default_rng(seed)
    for place in rng.integers(4, min(len(content), 400), 1 + seed % 5):
        content[place] = rng.integers(0, 256)
    path.write_bytes(content)
    for question in (lambda: read_sequence(path, COUNTED), lambda: list_series(path)):
        sentence = refusal(question) or ""
        assert "\n" not in sentence
        assert len(sentence) < 1000
