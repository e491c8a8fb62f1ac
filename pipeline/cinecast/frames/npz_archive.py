"""Arrays of a NumPy archive by name: no header is believed before its bytes are there, and nothing is unpickled."""

from __future__ import annotations

import lzma
import struct
import sys
import tokenize
import zipfile
import zlib
from collections.abc import Container
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.claims import check_deflated, check_held, check_limit, claimed_bytes, read_claimed
from cinecast.frames.detect import read_head
from cinecast.frames.spool import MEMORY, Spool

# All that a damaged zip or the text of an array's header can raise.
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RuntimeError,
    MemoryError,
    OverflowError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


class Archive(NamedTuple):
    """What an archive holds.

    Attributes
    ----------
    arrays
        By name, in the order of the file.
    left_out
        Names of those that were not wanted.
    """

    arrays: dict[str, NDArray[Any]]
    left_out: tuple[str, ...]


def load_archive(
    path: Path,
    limit_gb: float = sys.float_info.max,
    wanted: Container[str] | None = None,
    spool: Spool = MEMORY,
) -> Archive:
    """Read the arrays of an archive.

    Parameters
    ----------
    path
        ``.npz``.
    limit_gb
        What compressed arrays may unfold to together, in GB of 10^9 bytes.
    wanted
        Names of the arrays that are read; None for all.
    spool
        Where they go.

    Returns
    -------
    Archive
        Arrays of numbers or text.

    Raises
    ------
    ReadError
        If the archive is damaged, claims more than it holds or than the limit, or a wanted array holds Python objects.
    """
    read_head(path)  # says why a file cannot be read
    try:
        with zipfile.ZipFile(path) as archive:
            members = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            left_out = tuple(sorted(name for name in members if wanted is not None and name not in wanted))
            chosen = {name: member for name, member in members.items() if name not in left_out}
            _check_sizes(path, list(chosen.values()), limit_gb)
            arrays = {name: _array(archive, member, name, path, spool) for name, member in chosen.items()}
    except _DAMAGE as error:
        raise ReadError(
            f"{path.name} cannot be read as NPZ: it is cut short or damaged; copy or export it again"
        ) from error
    return Archive(arrays, left_out)


def _check_sizes(path: Path, members: list[zipfile.ZipInfo], limit_gb: float) -> None:
    """Check what the archive claims to hold, before anything of it is unfolded."""
    packed = [each for each in members if each.compress_type != zipfile.ZIP_STORED]
    check_limit(path.name, sum(each.file_size for each in packed), limit_gb)
    for each in members:
        if each.compress_type == zipfile.ZIP_DEFLATED:
            check_deflated(path.name, "NPZ", each.file_size, min(each.compress_size, path.stat().st_size))
        elif each.compress_type == zipfile.ZIP_STORED:
            check_held(path.name, "NPZ", each.file_size, path.stat().st_size)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, path: Path, spool: Spool) -> NDArray[Any]:
    with archive.open(member) as stream:
        shape, order, kind = _npy_header(stream)
        if kind.hasobject:
            raise ReadError(
                f"{name} of {path.name} holds Python objects, which are never unpickled; save it as a plain "
                "array of numbers"
            )
        claimed = claimed_bytes(shape, kind.itemsize)
        check_held(path.name, "NPZ", claimed, member.file_size)
        content = read_claimed(path.name, "NPZ", stream, claimed, spool)
    if (
        kind.kind == "U"
        and (np.frombuffer(content, np.dtype("u4").newbyteorder(kind.byteorder)) > sys.maxunicode).any()
    ):
        raise ValueError("no letters")  # of such text NumPy raises a SystemError, once it is asked for
    if not kind.itemsize:  # text without letters; NumPy makes none of it from bytes
        return np.zeros(shape, kind)
    return np.frombuffer(content, kind).reshape(shape, order=order)


def _npy_header(stream: IO[bytes]) -> tuple[tuple[int, ...], Literal["C", "F"], np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, kind = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, kind = np.lib.format.read_array_header_2_0(stream)
    else:  # only fields with names beyond Latin-1 need a newer one
        raise ValueError("of another version")
    return shape, "F" if fortran else "C", kind
