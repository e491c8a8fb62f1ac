"""The content of an IMAGE message: a frame with its place in the patient.

OpenIGTLink says where the centre of the image is, not where its first pixel is; the length of each axis is the spacing.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.streams.errors import StreamError

_FACTS = struct.Struct(">HBBBB3H12f3H3H")
_TYPES = {2: "i1", 3: "u1", 4: "i2", 5: "u2", 6: "i4", 7: "u4", 10: "f4", 11: "f8"}
_NUMBERS = {name: number for number, name in _TYPES.items()}
_BIG, _LITTLE = 1, 2
_RAS, _LPS = 1, 2


class Image(NamedTuple):
    """A frame.

    Parameters
    ----------
    frame
        Grey values, shape (H, W).
    affine
        Map from (column, row, plane, 1) to patient RAS+ mm, shape (4, 4); None where the message has none.
    """

    frame: NDArray[Any]
    affine: NDArray[np.float64] | None


def pack_image(frame: NDArray[Any], affine: NDArray[np.float64]) -> bytes:
    """Return the content of an IMAGE message, in RAS.

    Parameters
    ----------
    frame
        Grey values, shape (H, W); a type that OpenIGTLink lacks is sent in single precision.
    affine
        Map from (column, row, plane, 1) to patient RAS+ mm, shape (4, 4).

    Returns
    -------
    bytes
        Facts and pixels.
    """
    name = frame.dtype.str[1:]
    if name not in _NUMBERS:
        frame, name = frame.astype(np.float32), "f4"
    rows, columns = frame.shape
    size = columns, rows, 1
    centre = affine @ np.array([(columns - 1) / 2, (rows - 1) / 2, 0, 1])
    matrix = *affine[:3, 0], *affine[:3, 1], *affine[:3, 2], *centre[:3]
    facts = _FACTS.pack(1, 1, _NUMBERS[name], _LITTLE, _RAS, *size, *matrix, 0, 0, 0, *size)
    return facts + np.ascontiguousarray(frame, dtype=f"<{name}").tobytes()


def unpack_image(content: bytes | bytearray) -> Image:
    """Return the frame of an IMAGE message.

    Parameters
    ----------
    content
        Its content.

    Returns
    -------
    Image
        The frame, in the byte order of this machine.

    Raises
    ------
    StreamError
        If it is inconsistent, or holds something else than one grey frame.
    """
    if len(content) < _FACTS.size:
        raise StreamError("body", f"its body has {len(content)} bytes, an image has {_FACTS.size} and pixels")
    _, components, kind, order, world, *rest = _FACTS.unpack_from(content)
    size, numbers, start, part = rest[:3], rest[3:15], rest[15:18], rest[18:]
    if kind not in _TYPES or order not in (_BIG, _LITTLE) or world not in (_RAS, _LPS):
        raise StreamError("body", f"its pixel type {kind}, byte order {order} or axes {world} are none of OpenIGTLink")
    _check_shape(components, size, any(start) or part != size)
    pixels = np.dtype(_TYPES[kind]).newbyteorder(">" if order == _BIG else "<")
    wanted = size[0] * size[1] * pixels.itemsize
    if len(content) - _FACTS.size != wanted:
        raise StreamError("body", f"it has {len(content) - _FACTS.size} bytes of pixels, its size asks for {wanted}")
    frame = np.frombuffer(content, dtype=pixels, offset=_FACTS.size).reshape(size[1], size[0])
    return Image(frame.astype(pixels.newbyteorder("=")), _affine(size, numbers, world))


def _check_shape(components: int, size: list[int], partial: bool) -> None:
    if components != 1:
        raise StreamError("shape", f"it has {components} values a pixel, a grey frame has one")
    if size[2] != 1:
        raise StreamError(
            "shape",
            f"it has {size[0]} x {size[1]} x {size[2]} pixels along i, j and k, a frame has one along k: a sender that "
            "takes arrays must get (1, rows, columns)",
        )
    if partial:
        raise StreamError("shape", "it is a part of an image, whole ones are taken")
    if not size[0] * size[1]:
        raise StreamError("shape", f"it has {size[0]} x {size[1]} pixels, which show nothing")


def _affine(size: list[int], numbers: list[float], world: int) -> NDArray[np.float64] | None:
    """Return the place of the image; None for one without an extent."""
    affine = np.eye(4)
    affine[:3] = np.array(numbers, dtype=np.float64).reshape(4, 3).T
    if not np.isfinite(affine).all() or not np.linalg.norm(affine[:3, :2], axis=0).all():
        return None
    affine[:3, 3] -= affine[:3, :3] @ ((np.array(size) - 1) / 2)
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine if world == _LPS else affine
