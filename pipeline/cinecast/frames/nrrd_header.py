"""The header of an NRRD file with attached data, as text; nothing of the data is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cinecast.errors import ReadError
from cinecast.frames.claims import claimed_bytes
from cinecast.frames.detect import read_head

# Slicer keeps some 30 facts of each of thousands of frames in it.
_LONGEST_HEADER = 1 << 24
_END = re.compile(rb"\r?\n\r?\n")
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_KINDS = {name: code for code, names in _TYPES.items() for name in names}
_ENCODINGS = {"raw": "raw", "gz": "gzip", "gzip": "gzip", "bz2": "bzip2", "bzip2": "bzip2"}


@dataclass(frozen=True)
class NrrdHeader:
    """What the header says.

    Parameters
    ----------
    name
        Name of the file.
    fields
        Fields of the standard (``name: value``), by their names in small letters.
    pairs
        Keys and values of the writer's own (``key:=value``).
    sizes
        Length of each axis, the fastest first.
    kind
        Type and byte order of the values.
    encoding
        ``raw``, ``gzip`` or ``bzip2``.
    data_start
        First byte of the data.
    """

    name: str
    fields: Mapping[str, str]
    pairs: Mapping[str, str]
    sizes: tuple[int, ...]
    kind: np.dtype[Any]
    encoding: str
    data_start: int

    @property
    def claimed(self) -> int:
        """Bytes of the values."""
        return claimed_bytes(self.sizes, self.kind.itemsize)

    def per_axis(self, field: str) -> list[str]:
        """Return the words of a field for each axis, without quotation marks; empty ones where the field is missing."""
        found = re.findall(r'"([^"]*)"|\(([^)]*)\)|([^\s"()]+)', self.fields.get(field, ""))
        words = [next((each for each in match if each), "") for match in found]
        return words if len(words) == len(self.sizes) else [""] * len(self.sizes)


def bytes_of_type(name: str) -> int:
    """Return the bytes of a value by the type that a header names; 1 where the name is not known."""
    return np.dtype(_KINDS.get(name, "u1")).itemsize


def read_nrrd_header(path: Path) -> NrrdHeader:
    """Read the header of an NRRD file.

    Raises
    ------
    ReadError
        If it is damaged, its data lie in other files, or they are of another type or encoding.
    """
    head = read_head(path, _LONGEST_HEADER)
    end = _END.search(head)
    if end is None:
        raise _unfit(path, "its header has no end", "copy or export it again")
    fields, pairs = _lines(head[: end.start()].decode("utf-8", errors="replace"))
    if "data file" in fields or "datafile" in fields:
        raise _unfit(path, "its data lie in another file", "save header and data as one .nrrd")
    sizes = fields.get("sizes", "").split()
    if (
        not sizes
        or not all(re.fullmatch(r"0*[1-9]\d{0,17}", size) for size in sizes)
        or fields.get("dimension") != str(len(sizes))
    ):
        raise _unfit(
            path, f"dimension {fields.get('dimension')!r} and sizes {fields.get('sizes')!r} do not fit", "mend it"
        )
    code, encoding = _KINDS.get(fields.get("type", "")), _ENCODINGS.get(fields.get("encoding", "").lower())
    if code is None or encoding is None:
        raise _unfit(
            path,
            f"the type is {fields.get('type')!r} and the encoding {fields.get('encoding')!r}",
            "save it as raw or gzip",
        )
    skips = {fields.get(key, "0") for key in ("line skip", "lineskip", "byte skip", "byteskip")}
    if skips != {"0"}:
        raise _unfit(path, "bytes stand between header and data", "export it again")
    order = ">" if fields.get("endian", "").lower() == "big" else "<"
    kind = np.dtype(order + code)
    return NrrdHeader(path.name, fields, pairs, tuple(map(int, sizes)), kind, encoding, end.end())


def _lines(text: str) -> tuple[dict[str, str], dict[str, str]]:
    fields: dict[str, str] = {}
    pairs: dict[str, str] = {}
    for line in text.splitlines()[1:]:
        match = re.match(r"([^:#][^:]*):(=|\s)(.*)$", line)
        if match is None:
            continue
        if match[2] == "=":
            pairs[match[1].strip()] = match[3].strip()
        else:
            fields.setdefault(match[1].strip().lower(), match[3].strip())
    return fields, pairs


def _unfit(path: Path, what: str, remedy: str) -> ReadError:
    return ReadError(
        f"{path.name} must be one NRRD file with its data behind the header, of plain numbers, raw or gzip, got a file "
        f"where {what[:200]}; {remedy}"
    )
