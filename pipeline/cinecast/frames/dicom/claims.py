"""How much a DICOM file says that it holds, against the bytes that are there: no header is believed before them."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import FileDataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from cinecast.errors import ReadError
from cinecast.frames.claims import DEFAULT_LIMIT_GB, GIGABYTE
from cinecast.frames.dicom.values import OddValueError, number_of

# What a sequence may take in memory unless a setting says otherwise.
MEMORY_LIMIT_BYTES = int(DEFAULT_LIMIT_GB * GIGABYTE)
# An hour at 28 frames in a second: a file that says more is damaged, and its frames alone would take minutes to count.
_MOST_FRAMES = 100_000
# Every compressed frame begins with a tag and a length.
_LEAST_COMPRESSED_BYTES = 8


def frame_count(dataset: FileDataset) -> int:
    """Return NumberOfFrames, 1 where it is absent.

    Raises
    ------
    OddValueError
        If it is no whole number from 1 up.
    """
    count = number_of(dataset, "NumberOfFrames")
    if count is None or count == 0:
        return 1
    if count < 0 or count != int(count):
        raise OddValueError("NumberOfFrames")
    return int(count)


def claimed_bytes(dataset: FileDataset) -> int:
    """Return how many bytes the grey values of a file take by its own account, once they are unfolded."""
    values = frame_count(dataset) * int(dataset.Rows) * int(dataset.Columns) * int(dataset.get("SamplesPerPixel") or 1)
    return -(-values * int(dataset.BitsAllocated) // 8)


def check_frame_count(dataset: FileDataset, path: Path) -> None:
    """Check before frames are counted that a multi-frame file can hold as many as it says.

    Parameters
    ----------
    dataset
        The file without its pixels.
    path
        Where it lies; its size bounds what it can hold.

    Raises
    ------
    ReadError
        If it says more than that.
    """
    count = frame_count(dataset)
    if count == 1:
        return
    held = path.stat().st_size
    syntax = UID(dataset.file_meta.get("TransferSyntaxUID") or "")
    folded = syntax.is_private or (bool(syntax) and syntax.is_compressed)
    needed = count * _LEAST_COMPRESSED_BYTES if folded else claimed_bytes(dataset)
    if syntax == DeflatedExplicitVRLittleEndian:
        needed = 0  # what it unfolds to is measured where it is unfolded
    if needed > held or count > _MOST_FRAMES:
        raise ReadError(
            f"the pixels of {path.name} cannot be read: the file is cut short or damaged (it says {count} frames of "
            f"{dataset.Rows} x {dataset.Columns} pixels and is {held} bytes long); copy or export it again, or remove "
            "it"
        )


def check_memory(needed: int, name: str, limit: int) -> None:
    """Check that grey values fit into memory before any of them is unfolded.

    Parameters
    ----------
    needed
        Bytes that they take.
    name
        Of the file or folder.
    limit
        Bytes that they may take.

    Raises
    ------
    ReadError
        If they take more.
    """
    if needed > limit:
        raise ReadError(
            f"the frames of {name} must fit into {limit / 1e9:g} GB of memory, got {needed / 1e9:.1f} GB by what the "
            "file says of itself; remove the file if that is wrong, or raise --memory-limit (frames.memory_limit_gb)"
        )
