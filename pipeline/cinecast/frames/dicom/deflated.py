"""DICOM files that are deflated as a whole: unfolded only as far as they may be, since a few kB can hold gigabytes."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import BinaryIO

from pydicom.filereader import read_file_meta_info
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

# The header of a file lies before its pixels and fits into this.
HEADER_BYTES = 16_000_000
_STEP = 1 << 20


def is_deflated(head: bytes) -> bool:
    """Return whether a file says in its first bytes that all that follows is deflated."""
    return DeflatedExplicitVRLittleEndian.encode() in head


def inflated(path: Path, limit: int) -> tuple[BinaryIO, bool]:
    """Return a deflated file as a plain one, to read from, and whether it ended before the limit.

    Parameters
    ----------
    path
        A file of which `is_deflated` holds.
    limit
        Bytes after which unfolding stops.

    Returns
    -------
    tuple
        The file as one in explicit little endian; False where there is more than the limit.
    """
    meta = read_file_meta_info(path)
    content = path.read_bytes()
    # The length of the group counts what follows its own 12 bytes, which follow preamble and magic.
    start = 128 + 4 + 12 + int(meta.FileMetaInformationGroupLength)
    unfolder = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    plain = bytearray()
    waiting = content[start:]
    while waiting and not unfolder.eof and len(plain) <= limit:
        plain += unfolder.decompress(waiting, _STEP)
        waiting = unfolder.unconsumed_tail
    whole = not waiting or unfolder.eof
    return io.BytesIO(_as_plain(content[:start]) + bytes(plain)), whole and len(plain) <= limit


def _as_plain(head: bytes) -> bytes:
    # The UID of the same length, padded as DICOM pads it, so that no length changes.
    old, new = DeflatedExplicitVRLittleEndian.encode(), ExplicitVRLittleEndian.encode()
    return head.replace(old, new + b"\0" * (len(old) - len(new)), 1)
