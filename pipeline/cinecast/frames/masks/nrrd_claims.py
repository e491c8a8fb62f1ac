"""What the header of an NRRD mask claims, read without ITK, which makes room for all of it before it looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from cinecast.errors import ReadError
from cinecast.frames.claims import check_deflated, check_held, check_limit, claimed_bytes, own_data_file
from cinecast.frames.detect import read_head
from cinecast.frames.nrrd_header import bytes_of_type

_LONGEST_HEADER = 1 << 24
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_FIELD = re.compile(r"([^:#][^:]*): (.*)$")
_PACKED = ("gz", "gzip", "bz2", "bzip2")


def check_nrrd_claims(path: Path, limit_gb: float) -> None:
    """Check what the header claims against the bytes that are there, before ITK believes it.

    Parameters
    ----------
    path
        NRRD, with its data behind the header or in a file beside it.
    limit_gb
        What compressed data may unfold to, in GB of 10^9 bytes.

    Raises
    ------
    ReadError
        If it claims more than that or than the file holds, says a thing twice, or names no file of its own folder.
    """
    head = read_head(path, _LONGEST_HEADER)
    end = _BLANK_LINE.search(head)
    fields = _fields(path, head if end is None else head[: end.start()])
    data = _data_file(path, fields)
    held = path.stat().st_size if data is None or not data.is_file() else data.stat().st_size
    sizes = fields.get("sizes", "").split()
    if not all(re.fullmatch(r"\d{1,18}", size) for size in sizes):
        return  # ITK refuses it by itself
    claimed = claimed_bytes(map(int, sizes), bytes_of_type(fields.get("type", "")))
    encoding = fields.get("encoding", "").lower()
    if encoding in _PACKED:
        check_limit(path.name, claimed, limit_gb)
    if encoding in ("gz", "gzip"):
        check_deflated(path.name, "NRRD", claimed, held)
    elif encoding not in _PACKED:
        # Written as text, a value takes a byte at least.
        check_held(path.name, "NRRD", claimed if encoding == "raw" else claimed_bytes(map(int, sizes), 1), held)


def _fields(path: Path, head: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in re.split(r"\r\n|\n|\r", head.decode("utf-8", errors="replace"))[1:]:
        match = _FIELD.match(line)
        if match is None:
            continue
        name = match[1].strip().lower().replace(" ", "")
        if name in fields:
            raise ReadError(
                f"{path.name} must say each thing once in its header, got {match[1][:40]!r} twice; export it again"
            )
        fields[name] = match[2].strip()
    return fields


def _data_file(path: Path, fields: Mapping[str, str]) -> Path | None:
    name = fields.get("datafile")
    if name is None:
        return None
    # Of a list, and of a pattern with a %, ITK opens several files.
    if name.startswith("LIST") or "%" in name:
        raise ReadError(
            f"data file of {path.name} must name one file, got {name[:80]!r}, which stands for several; save header "
            "and data as one .nrrd"
        )
    return own_data_file(path, name, "data file")
