"""Where the grey values of a DICOM file lie as plain numbers, noted with its header: a second look parses nothing."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from cinecast.frames.dicom.claims import claimed_bytes

_PIXEL_DATA = b"\xe0\x7f\x10\x00"
_GREY = ("MONOCHROME1", "MONOCHROME2")


class RawPixels(NamedTuple):
    """Grey values as they lie in a file.

    Parameters
    ----------
    offset
        Place of the first in the file, in bytes.
    kind
        Their type.
    bits_stored
        How many of the bits of each are the value.
    inverted
        Whether the lowest is shown white.
    claimed
        Bytes of all of them.
    """

    offset: int
    kind: np.dtype[Any]
    bits_stored: int
    inverted: bool
    claimed: int

    def frame(self, path: Path, index: int, shape: tuple[int, int]) -> NDArray[Any] | None:
        """Return the stored values of one frame.

        Parameters
        ----------
        path
            The file.
        index
            Index of the frame in it.
        shape
            Rows and columns.

        Returns
        -------
        NDArray[Any] or None
            Shape (H, W); None where the file is not as it was, or something else lies in the bits that are no values:
            then it has to be parsed.
        """
        size = shape[0] * shape[1] * self.kind.itemsize
        with path.open("rb") as file:
            file.seek(self.offset + index * size)
            content = file.read(size)
        if len(content) < size:
            return None
        values = np.frombuffer(content, self.kind).reshape(shape)
        unused = 8 * self.kind.itemsize - self.bits_stored
        if unused and ((values << unused) >> unused != values).any():
            return None
        return values


def raw_pixels(file: BinaryIO, dataset: FileDataset) -> RawPixels | None:
    """Return where the grey values of a file lie.

    Parameters
    ----------
    file
        Just before the element of its pixels.
    dataset
        All before.

    Returns
    -------
    RawPixels or None
        None where they are compressed, coloured or in any way unusual: the file has to be parsed for them.
    """
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax not in (ImplicitVRLittleEndian, ExplicitVRLittleEndian):
        return None
    bits, stored, high, signed = (
        dataset.get(name) for name in ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation")
    )
    plain = bits in (8, 16, 32) and signed in (0, 1) and isinstance(stored, int) and 1 <= stored <= bits
    photometric = dataset.get("PhotometricInterpretation")
    if not plain or high != stored - 1 or dataset.get("SamplesPerPixel") != 1 or photometric not in _GREY:
        return None
    claimed, held = claimed_bytes(dataset), _length(file, explicit=syntax == ExplicitVRLittleEndian)
    if held != claimed + claimed % 2:
        return None
    kind = np.dtype(f"<{'i' if signed else 'u'}{bits // 8}")
    return RawPixels(file.tell(), kind, stored, photometric == "MONOCHROME1", claimed)


def _length(file: BinaryIO, *, explicit: bool) -> int | None:
    """Return the length of the element of pixels in bytes, at whose first value the file is left; None for another."""
    head = file.read(12 if explicit else 8)
    if len(head) < (12 if explicit else 8) or head[:4] != _PIXEL_DATA:
        return None
    if explicit and head[4:8] not in (b"OW\0\0", b"OB\0\0"):
        return None
    return int(struct.unpack("<I", head[-4:])[0])
