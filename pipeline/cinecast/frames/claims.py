"""No header is believed before its bytes are there: what a file claims to hold, against what it can hold."""

from __future__ import annotations

import gzip
import math
import mmap
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from cinecast.errors import ReadError
from cinecast.frames.spool import MEMORY, Spool

GIGABYTE = 10**9
DEFAULT_LIMIT_GB = 4.0
# Deflate writes 258 equal bytes in 2 bits at best: no stream unfolds to more than so many times its own size.
_LARGEST_DEFLATE_RATIO = 1032
# What may follow the last pixel; more of it is not read, as it could go on for ever.
_LONGEST_REST = 1 << 20
# A stream is unfolded by so many bytes.
_STEP = 1 << 20
_MOST = 10**30


def claimed_bytes(shape: Iterable[int], bytes_each: int) -> int:
    """Return how many bytes an array has, of whatever size; negative or absurd numbers overflow nothing.

    Parameters
    ----------
    shape
        Length of each axis as a header says it.
    bytes_each
        Bytes of one value.

    Returns
    -------
    int
        -1 where a length is below 0; no more than 10^30, which nothing holds and every sentence can say.
    """
    lengths = [int(length) for length in shape]
    return -1 if min(lengths, default=0) < 0 else min(math.prod(lengths) * bytes_each, _MOST)


def check_held(name: str, kind: str, claimed: int, held: int) -> None:
    """Check that a file holds what its header claims.

    Parameters
    ----------
    name, kind
        Name of the file, and of its format.
    claimed, held
        Bytes by the header, and bytes that are there at most.

    Raises
    ------
    ReadError
        If there are fewer.
    """
    if not 0 <= claimed <= held:
        said = "a negative size" if claimed < 0 else f"{claimed:.6g} bytes"
        raise ReadError(
            f"{name} cannot be read as {kind}: it is cut short or damaged (its header claims {said}, and {held} can be "
            "there); copy or export it again"
        )


def check_limit(name: str, claimed: int, limit_gb: float) -> None:
    """Check what a compressed file claims to unfold to, before anything is unfolded.

    Parameters
    ----------
    name
        Name of the file.
    claimed
        Bytes by its header.
    limit_gb
        ``frames.memory_limit_gb``.

    Raises
    ------
    ReadError
        If that is more than the limit.
    """
    if claimed > limit_gb * GIGABYTE:
        raise ReadError(
            f"a compressed file may unfold to at most {limit_gb:g} GB, got {name}, which claims "
            f"{claimed / GIGABYTE:.4g} GB; raise --memory-limit (frames.memory_limit_gb) if that is true"
        )


def check_deflated(name: str, kind: str, claimed: int, packed: int) -> None:
    """Check that a stream of deflate (gzip, zlib, zip) can hold what its header claims.

    Parameters
    ----------
    name, kind
        Name of the file, and of its format.
    claimed
        Bytes by its header.
    packed
        Bytes of the compressed stream.

    Raises
    ------
    ReadError
        If it cannot.
    """
    check_held(name, kind, claimed, _LARGEST_DEFLATE_RATIO * packed)


def read_claimed(name: str, kind: str, stream: IO[bytes], claimed: int, spool: Spool = MEMORY) -> bytearray | mmap.mmap:
    """Return the claimed bytes of a stream and read on to its end, so that its checksum is tested.

    Parameters
    ----------
    name, kind
        Name of the file, and of its format.
    stream
        Unfolds as it is read.
    claimed
        Bytes that the header claims, checked against the limit before.
    spool
        Where they go.

    Returns
    -------
    bytearray or mmap.mmap
        As many bytes.

    Raises
    ------
    ReadError
        If there are fewer, or far more than the header says.
    """
    sink, part, filled = spool.sink(claimed), memoryview(bytearray(min(claimed, _STEP))), 0
    while filled < claimed and (got := stream.readinto(part[: claimed - filled])):  # type: ignore[attr-defined]
        sink.write(part[:got])
        filled += got
    check_held(name, kind, claimed, filled)
    if len(stream.read(_LONGEST_REST)) == _LONGEST_REST:
        raise ReadError(
            f"{name} holds far more than the {claimed} bytes of pixels that its header claims; export it again"
        )
    return sink.content()


def open_gzip(file: IO[bytes]) -> IO[bytes]:
    """Return the stream of bytes that a gzip file unfolds to; nothing is unfolded yet."""
    return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]


def own_data_file(header: Path, name: str, field: str) -> Path:
    """Return the file beside a header that this names for its data.

    Parameters
    ----------
    header
        The file with the header.
    name
        As the header says it.
    field
        What the header calls it, for the sentence.

    Returns
    -------
    Path
        It need not exist.

    Raises
    ------
    ReadError
        If it lies outside the header's own folder, or is a pipe, a device or a folder.
    """
    file = header.parent / name
    if "/" in name or "\\" in name or "\0" in name or name in ("", ".", ".."):
        raise ReadError(
            f"{field} of {header.name} must name a file in the same folder, got {name!r}; put the data beside it"
        )
    if len(name.encode(errors="replace")) > 255:
        raise ReadError(f"{field} of {header.name} must name a file, got {len(name)} characters; export it again")
    if file.exists() and not stat.S_ISREG(file.stat().st_mode):
        raise ReadError(
            f"{field} of {header.name} must name a file, got {name!r}, which is a pipe, a device or a folder; "
            "put the data beside it"
        )
    return file
