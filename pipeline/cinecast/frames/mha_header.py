"""What the header of an MHA or MHD file claims, read without ITK, which makes room for all of it before it looks."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from cinecast.errors import ReadError
from cinecast.frames.claims import check_deflated, check_held, check_limit, claimed_bytes, own_data_file
from cinecast.frames.detect import read_head

_LONGEST_HEADER = 1 << 18
_FIELD = re.compile(rb"\s*([^\s=:]+)\s*[=:]\s*(.*?)\s*$")
_BYTES = {
    **dict.fromkeys(("CHAR", "UCHAR", "ASCII_CHAR", "NONE", "STRING"), 1),
    **dict.fromkeys(("SHORT", "USHORT"), 2),
    **dict.fromkeys(("INT", "UINT", "FLOAT", "LONG", "ULONG"), 4),
    **dict.fromkeys(("LONG_LONG", "ULONG_LONG", "DOUBLE"), 8),
}
# Of four bytes on any machine; some programs write them with eight.
_LONGS = ("LONG", "ULONG")
_DATA = "ElementDataFile"
# ITK takes the size of a pixel for its spacing where there is no other, and without both 1 mm.
_SPACING = ("ElementSpacing", "ElementSize")
# Names of MetaIO for directions and for the first pixel; ITK takes columns, rows and zeros where there is none.
_POSITION = ("TransformMatrix", "Orientation", "Rotation", "Offset", "Origin", "Position")
_MM = ("", "?", "mm")


def mha_data_file(file: Path) -> Path | None:
    """Return the file that the header names for the data; LOCAL, the header's own, names none that exists.

    Raises
    ------
    ReadError
        If it names several, one outside its own folder, or something that is no file.
    """
    return _data_file(file, mha_fields(file))


def _data_file(file: Path, fields: dict[str, str]) -> Path | None:
    name = fields.get(_DATA)
    if name is None:
        return None
    # ITK takes every name that begins so for a list, and every one with a % for a pattern of file names.
    if name.startswith("LIST") or "%" in name:
        raise ReadError(
            f"ElementDataFile of {file.name} must name one data file or be LOCAL, got {name!r}, which stands "
            "for several; convert it to one MHA file"
        )
    return own_data_file(file, name, _DATA)


def check_mha_header(file: Path, limit_gb: float) -> None:
    """Check what the header claims against the bytes that are there, before ITK believes it.

    Parameters
    ----------
    file
        MHA or MHD.
    limit_gb
        ``frames.memory_limit_gb``, for compressed data.

    Raises
    ------
    ReadError
        If it claims more than the file holds, or than the limit, names no file of its own for its data, has not as
        many sizes as axes, or has numbers of eight bytes under the name of those of four.
    """
    fields = mha_fields(file)
    data = _data_file(file, fields)
    _check_axes(file, fields)
    claimed = _claimed(fields)
    local = fields.get(_DATA, "").upper() in ("LOCAL", "")
    holder = file if local or data is None or not data.is_file() else data
    held = holder.stat().st_size
    compressed = fields.get("CompressedData", "False")[:1] in "Tt1"
    if compressed:
        check_limit(file.name, claimed, limit_gb)
        check_deflated(file.name, "MHA", claimed, held)
    else:
        check_held(file.name, "MHA", claimed, held)
    if _kind(fields) in _LONGS and claimed > 0:
        _check_longs(file, _kind(fields), holder, claimed, compressed=compressed)


def _check_longs(file: Path, kind: str, data: Path, claimed: int, *, compressed: bool) -> None:
    """Refuse numbers of eight bytes under the name of those of four, which ITK would take for two each."""
    with data.open("rb") as stream:
        if data == file:
            stream.seek(_header_bytes(file))
        # What cannot be unfolded is ITK's to refuse.
        held = _unfolded(stream.read(), 2 * claimed + 1) if compressed else data.stat().st_size - stream.tell()
    if held == 2 * claimed:
        raise ReadError(
            f"MET_{kind} must have four bytes for each number, got eight in {file.name}; save it again as "
            "MET_INT or MET_SHORT, or as MET_LONG_LONG with a program that knows it"
        )


def _unfolded(content: bytes, most: int) -> int:
    try:
        return len(zlib.decompressobj().decompress(content, most))
    except zlib.error:
        return 0


def _header_bytes(file: Path) -> int:
    """Return the bytes up to the end of the line that names the data, the last of a header."""
    head = read_head(file, _LONGEST_HEADER)
    found = re.search(rb"^\s*" + _DATA.encode() + rb"\s*[=:][^\n]*\n", head, re.MULTILINE)
    return found.end() if found else len(head)


def mha_fields(file: Path) -> dict[str, str]:
    """Return the fields of the header up to ``ElementDataFile``, which is its last.

    Raises
    ------
    ReadError
        If the file cannot be read, or a field stands twice: readers do not agree on which one counts.
    """
    fields: dict[str, str] = {}
    for line in read_head(file, _LONGEST_HEADER).split(b"\n"):
        match = _FIELD.match(line)
        if match is None:
            continue
        name = match[1].decode(errors="replace")
        if name in fields:
            raise ReadError(
                f"{file.name} must say each thing once in its header, got {name[:40]!r} twice; export it again"
            )
        fields[name] = match[2].decode(errors="replace")
        if name == _DATA:
            break
    return fields


def why_no_spacing(fields: dict[str, str]) -> str | None:
    """Return in words why a header gives no pixel spacing in mm; None where it gives one.

    Parameters
    ----------
    fields
        Of the header, `mha_fields`.
    """
    if not any(name in fields for name in _SPACING):
        return "the MHA header has no ElementSpacing"
    unit = fields.get("DistanceUnits", "")
    return None if unit in _MM else f"the MHA header gives its lengths in {unit[:40]!r} (DistanceUnits) and not in mm"


def has_position(fields: dict[str, str]) -> bool:
    """Return whether a header, `mha_fields`, says where the image lies, or how it is turned."""
    return any(name in fields for name in _POSITION)


def _check_axes(file: Path, fields: dict[str, str]) -> None:
    axes, sizes = fields.get("NDims", ""), fields.get("DimSize", "").split()
    # A file that is cut short before its sizes is named as such by what reads it.
    fits = axes == str(len(sizes)) if sizes else axes in {"", *"123456789"}
    if not fits:
        raise ReadError(
            f"the header of {file.name} must have a size for each of its axes, got NDims {axes[:40]!r} and "
            f"{len(sizes)} in DimSize; export it again"
        )
    if any(re.fullmatch(r"[-+]?0+", size) for size in sizes):  # ITK believes it
        raise ReadError(
            f"each axis of {file.name} must have a size above 0, got {' '.join(sizes)[:80]} as DimSize; export it again"
        )


def _claimed(fields: dict[str, str]) -> int:
    """Return the bytes of the pixels; 0 where the header does not say, which ITK refuses by itself."""
    sizes = fields.get("DimSize", "").split()
    channels = fields.get("ElementNumberOfChannels", "1")
    try:
        return claimed_bytes([*map(int, sizes), int(channels)], _BYTES.get(_kind(fields), 1)) if sizes else 0
    except ValueError:
        return 0


def _kind(fields: dict[str, str]) -> str:
    return fields.get("ElementType", "").removeprefix("MET_").removesuffix("_ARRAY")
