"""Messages of OpenIGTLink, header versions 1 and 2: a header of 58 bytes, most significant byte first, and a body."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import NamedTuple

from cinecast.streams.crc64 import crc64
from cinecast.streams.errors import StreamBrokenError, StreamError

_HEADER = struct.Struct(">H12s20sIIQQ")
_EXTENDED = struct.Struct(">HHII")
_KEY = struct.Struct(">HHI")
HEADER_SIZE = _HEADER.size
# The largest body that is believed: a frame of 4096 x 4096 pixels in single precision is half of it.
LARGEST_BODY = 128 << 20
_VERSIONS = (1, 2)
_ASCII, _UTF8 = 3, 106
_SECOND_NS = 1_000_000_000


class Header(NamedTuple):
    """The header of a message.

    Parameters
    ----------
    version
        1, or 2 for a body with an extended header and metadata.
    kind
        Type of the message, such as ``IMAGE``.
    device
        Who sends it.
    time_ns
        Time stamp in ns since 1970; 0 where there is none.
    body_size
        Bytes that follow.
    checksum
        CRC-64 of these.
    """

    version: int
    kind: str
    device: str
    time_ns: int
    body_size: int
    checksum: int


class Body(NamedTuple):
    """What a body holds: the content of its type, and metadata by their keys (none in version 1)."""

    content: bytes | bytearray
    metadata: Mapping[str, str]


def pack_message(
    kind: str, device: str, time_ns: int, content: bytes, metadata: Mapping[str, str] | None = None
) -> bytes:
    """Return a message.

    Parameters
    ----------
    kind, device
        Type of the message and name of its sender; letters that are not ASCII become ``?``, and what is longer than 12
        and 20 bytes is cut.
    time_ns
        Time stamp in ns since 1970.
    content
        The content of the type.
    metadata
        Texts by their keys: the header is of version 2 then. None: of version 1.

    Returns
    -------
    bytes
        Header and body.
    """
    version = 1 if metadata is None else 2
    body = content if metadata is None else _with_metadata(content, metadata)
    seconds, nanoseconds = divmod(time_ns, _SECOND_NS)
    fraction = ((nanoseconds << 32) + _SECOND_NS // 2) // _SECOND_NS
    names = _ascii(kind, 12), _ascii(device, 20)
    return _HEADER.pack(version, *names, seconds, fraction, len(body), crc64(body)) + body


def _ascii(text: str, most: int) -> bytes:
    return text.encode("ascii", "replace")[:most]


def _with_metadata(content: bytes, metadata: Mapping[str, str]) -> bytes:
    keys = [key.encode() for key in metadata]
    values = [value.encode() for value in metadata.values()]
    head = struct.pack(">H", len(keys))
    head += b"".join(_KEY.pack(len(key), _UTF8, len(value)) for key, value in zip(keys, values, strict=True))
    tail = b"".join(key + value for key, value in zip(keys, values, strict=True))
    return _EXTENDED.pack(_EXTENDED.size, len(head), len(tail), 0) + content + head + tail


def unpack_header(header: bytes | bytearray) -> Header:
    """Return what a header says.

    Parameters
    ----------
    header
        Its 58 bytes.

    Returns
    -------
    Header
        What it says.

    Raises
    ------
    StreamBrokenError
        If that is no header of version 1 or 2, or announces more than can be believed.
    """
    version, kind, device, seconds, fraction, size, checksum = _HEADER.unpack(header)
    if version not in _VERSIONS or not kind.rstrip(b"\0").isascii() or not kind.rstrip(b"\0"):
        raise StreamBrokenError("header", f"it has no header of OpenIGTLink version 1 or 2 (version {version})")
    if size > LARGEST_BODY:
        raise StreamBrokenError(
            "header", f"its header announces {size} bytes, more than {LARGEST_BODY} is not believed"
        )
    time_ns = seconds * _SECOND_NS + ((fraction * _SECOND_NS + (1 << 31)) >> 32)
    return Header(version, _text(kind), _text(device), time_ns, size, checksum)


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def unpack_body(header: Header, body: bytes | bytearray) -> Body:
    """Return what a body holds.

    Parameters
    ----------
    header
        The header before it.
    body
        As many bytes as that announces.

    Returns
    -------
    Body
        The content of its type, and metadata.

    Raises
    ------
    StreamError
        If its checksum is another one, or it is inconsistent.
    """
    if crc64(body) != header.checksum:
        raise StreamError("checksum", "its checksum is wrong: bytes have changed on the way")
    if header.version == 1:
        return Body(body, {})
    try:
        start, head, tail, _ = _EXTENDED.unpack_from(body)
        end = len(body) - head - tail
        if not _EXTENDED.size <= start <= end:
            raise ValueError
        return Body(body[start:end], _metadata(body[end : end + head], body[end + head :]))
    except (struct.error, ValueError) as error:
        raise StreamError("body", "the sizes in its extended header do not fit its body") from error


def _metadata(head: bytes | bytearray, tail: bytes | bytearray) -> dict[str, str]:
    found, at = {}, 0
    for i in range(struct.unpack_from(">H", head)[0] if head else 0):
        key, encoding, value = _KEY.unpack_from(head, 2 + i * _KEY.size)
        name, text = tail[at : at + key], tail[at + key : at + key + value]
        at += key + value
        if encoding in (_ASCII, _UTF8):  # what is in another one is left alone
            found[name.decode("utf-8", "replace")] = text.decode("utf-8", "replace")
    if at > len(tail):
        raise ValueError
    return found
