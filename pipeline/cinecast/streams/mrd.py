"""Images of ISMRMRD 1.x on a socket: a number for the kind of each message, least significant byte first."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from cinecast.streams.connection import Connection
from cinecast.streams.errors import StreamBrokenError, StreamEndedError, StreamError
from cinecast.streams.mrd_attributes import image_directions
from cinecast.streams.receiving import ReadFrame

_CONFIG_FILE, _CONFIG_TEXT, _HEADER, _CLOSE, _TEXT, _IMAGE, _WAVEFORM = 1, 2, 3, 4, 5, 1022, 1026
_CONFIG_FILE_SIZE = 1024
# version, type, flags, uid, size, extent, channels, position, read, phase and slice direction, table, six counters,
# time stamp, three of physiology, kind, index, series, 8 whole numbers and 8 others of the user, length of attributes
_FACTS = struct.Struct("<HHQI3H3fH3f3f3f3f3f6HI3IHHH8i8fI")
_WAVEFORM_FACTS = struct.Struct("<HxxxxxxQIIIHHfH2x")
_TYPES = {1: "u2", 2: "i2", 3: "u4", 4: "i4", 5: "f4", 6: "f8", 7: "c8", 8: "c16"}
_MAGNITUDE_LIKE = (0, 1, 3)  # not said, magnitude, real part
_DAY_NS, _HOUR_NS = 86_400_000_000_000, 3_600_000_000_000
LARGEST_TEXT, LARGEST_IMAGE = 16 << 20, 128 << 20


class MrdReader:
    """Reads frames from the images of one connection.

    Parameters
    ----------
    tick_ns
        What its time stamps count in, in ns.
    """

    def __init__(self, tick_ns: float) -> None:
        self._tick_ns = tick_ns
        self._newest_ns = self._days = 0

    def read(self, connection: Connection) -> ReadFrame | str:
        """Return the next frame, or what other message came.

        Parameters
        ----------
        connection
            Where from.

        Raises
        ------
        StreamError, StreamEndedError
            If the message breaks a rule, or the connection has ended.
        """
        (kind,) = struct.unpack("<H", connection.exactly(2, begun=False))
        if kind == _IMAGE:
            return self._image(connection)
        if kind == _CLOSE:
            raise StreamEndedError
        if kind == _CONFIG_FILE:
            connection.skip(_CONFIG_FILE_SIZE)
        elif kind in (_CONFIG_TEXT, _HEADER, _TEXT):
            connection.skip(_believed(struct.unpack("<I", connection.exactly(4))[0], LARGEST_TEXT, "text"))
        elif kind == _WAVEFORM:
            facts = _WAVEFORM_FACTS.unpack(connection.exactly(_WAVEFORM_FACTS.size))
            connection.skip(_believed(4 * facts[5] * facts[6], LARGEST_IMAGE, "a waveform"))
        else:
            raise StreamBrokenError(
                "header", f"it is of kind {kind}, which is no image, waveform, text or header of MRD"
            )
        return f"message {kind} of MRD"

    def _image(self, connection: Connection) -> ReadFrame:
        facts = _FACTS.unpack(connection.exactly(_FACTS.size))
        size, channels, kind = facts[4:7], facts[10], facts[1]
        (length,) = struct.unpack("<Q", connection.exactly(8))
        attributes = connection.exactly(_believed(length, LARGEST_TEXT, "attributes"))
        if kind not in _TYPES:
            raise StreamBrokenError("header", f"its pixel type {kind} is none of MRD: its end cannot be found")
        pixels = np.dtype("<" + _TYPES[kind])
        count = channels * size[0] * size[1] * size[2] * pixels.itemsize
        content = connection.exactly(_believed(count, LARGEST_IMAGE, "image"))
        _check(size, channels, pixels, facts[36])
        frame = np.frombuffer(content, dtype=pixels).reshape(size[1], size[0]).astype(pixels.newbyteorder("="))
        stamp_ns = self._stamp_ns(facts[32])
        return ReadFrame(frame, _affine(size, facts, image_directions(attributes)), stamp_ns, stamp_ns)

    def _stamp_ns(self, ticks: int) -> int | None:
        """Return a time stamp in ns; those since midnight go on after the next one, those of another clock as well."""
        if not ticks:
            return None
        stamp_ns = round(ticks * self._tick_ns)
        if self._days and stamp_ns > _DAY_NS - _HOUR_NS and self._newest_ns < _HOUR_NS:  # overtaken by one after it
            return stamp_ns + (self._days - 1) * _DAY_NS
        if stamp_ns < _HOUR_NS and self._newest_ns > _DAY_NS - _HOUR_NS and self._newest_ns < _DAY_NS:
            self._days += 1
        self._newest_ns = stamp_ns
        return stamp_ns + self._days * _DAY_NS


def _believed(size: int, largest: int, what: str) -> int:
    if size > largest:
        raise StreamBrokenError("header", f"it announces {what} of {size} bytes, more than {largest} is not believed")
    return size


def _check(size: tuple[int, ...], channels: int, pixels: np.dtype[np.generic], kind: int) -> None:
    if channels != 1 or size[2] != 1:
        raise StreamError("shape", f"it has {channels} channels of {size[2]} slices, a frame has one of each")
    if not size[0] * size[1]:
        raise StreamError("shape", f"it has {size[0]} x {size[1]} pixels, which show nothing")
    if pixels.kind == "c" or kind not in _MAGNITUDE_LIKE:
        raise StreamError("shape", f"it is no magnitude image (kind {kind}, {pixels.name})")


def _affine(
    size: tuple[int, ...], facts: tuple[float, ...], own: NDArray[np.float64] | None
) -> NDArray[np.float64] | None:
    """Return the place of an image, from its centre, its directions and its extent, in LPS; None without these.

    Its header has the directions of the readout and the phase encoding. Where the image was turned or flipped after
    that, its own directions count.
    """
    extent, centre = np.array(facts[7:10]), np.array(facts[11:14])
    directions = np.array(facts[14:23]).reshape(3, 3).T
    if own is not None:
        directions = np.column_stack([own.T, np.cross(*own)])
    if not directions[:, 2].any() or not extent[2]:  # of a plane, some say nothing across it
        directions[:, 2], extent[2] = np.cross(directions[:, 0], directions[:, 1]), 1.0
    affine = np.eye(4)
    affine[:3, :3] = directions * extent / np.array(size)
    if not np.isfinite(affine).all() or not np.linalg.norm(affine[:3, :2], axis=0).all():
        return None
    affine[:3, 3] = centre - affine[:3, :3] @ ((np.array(size) - 1) / 2)
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
