"""Reads frames from IMAGE messages of OpenIGTLink."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from cinecast.streams.connection import Connection
from cinecast.streams.crc64 import crc64
from cinecast.streams.image import unpack_image
from cinecast.streams.openigtlink import HEADER_SIZE, unpack_body, unpack_header
from cinecast.streams.receiving import ReadFrame

# Metadata in which senders say when a frame was acquired, in s: cinecast and PLUS.
ACQUIRED = "AcquisitionTime"
_ACQUIRED_KEYS = (ACQUIRED, "Timestamp", "UnfilteredTimestamp")


class ImageReader:
    """Reads the messages of one device.

    Parameters
    ----------
    device
        Name of the device; empty for the first that sends an image.
    """

    def __init__(self, device: str = "") -> None:
        self.device = device
        crc64(b"\0" * 16)  # compiled before the first frame comes, which would wait for it

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
        header = unpack_header(connection.exactly(HEADER_SIZE, begun=False))
        if header.kind != "IMAGE" or self.device not in ("", header.device):
            connection.skip(header.body_size)
            return f"{header.kind} of {header.device or 'a device without a name'}"
        body = unpack_body(header, connection.exactly(header.body_size))
        image = unpack_image(body.content)
        self.device = self.device or header.device
        return ReadFrame(image.frame, image.affine, header.time_ns or None, _acquired_ns(body.metadata))


def _acquired_ns(metadata: Mapping[str, str]) -> int | None:
    for key in _ACQUIRED_KEYS:
        with suppress(KeyError, ValueError, OverflowError):
            return round(float(metadata[key]) * 1e9)
    return None
