"""Messages of OpenIGTLink against pyigtl and against bytes that were written by hand from the standard."""

from __future__ import annotations

import struct

import numpy as np
import pyigtl
import pytest
from numpy.typing import NDArray
from pyigtl.messages import CRC64, MessageBase

from cinecast.streams.contents import pack_polydata, pack_position, pack_string, pack_transform
from cinecast.streams.crc64 import crc64
from cinecast.streams.errors import StreamBrokenError, StreamError
from cinecast.streams.image import pack_image, unpack_image
from cinecast.streams.openigtlink import HEADER_SIZE, LARGEST_BODY, pack_message, unpack_body, unpack_header
from helpers.stream_server import AFFINE, noise

LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
TYPES = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")
TIME_NS = 1_700_000_000_123_456_789


def by_pyigtl(message: bytes, kind: type[MessageBase]) -> MessageBase:
    """Return what pyigtl understands of a message."""
    found = kind()
    found.unpack(MessageBase.parse_header(message[:HEADER_SIZE]), message[HEADER_SIZE:])
    return found


def image_bytes(pixels: NDArray[np.generic], *, order: int, world: int, kind: int, components: int = 1) -> bytes:
    """Write the content of an IMAGE message by hand: a plane of 3 columns and 2 rows, 2 mm and 4 mm apart."""
    head = struct.pack(">HBBBB", 1, components, kind, order, world) + struct.pack(">3H", 3, 2, 1)
    vectors = (2, 0, 0), (0, 0, -4), (0, 5, 0), (12, 20, 28)
    head += b"".join(struct.pack(">3f", *each) for each in vectors)
    return head + struct.pack(">6H", 0, 0, 0, 3, 2, 1) + pixels.tobytes()


def test_the_checksum_is_that_of_ecma_182() -> None:
    assert crc64(b"123456789") == 0x6C40DF5F0B497347  # the check value of the catalogue of CRCs
    assert crc64(b"") == 0


@pytest.mark.parametrize("size", [1, 7, 8, 9, 63, 64, 1001])
def test_the_checksum_is_that_of_pyigtl(size: int) -> None:
    content = np.random.default_rng(size).bytes(size)
    assert crc64(content) == CRC64(content)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("world", ["ras", "lps"])
def test_an_image_of_pyigtl_is_understood(kind: str, world: str) -> None:
    frame = noise(1, 5, 7).astype(f"<{kind}")
    sent = pyigtl.ImageMessage(
        frame[np.newaxis], ijk_to_world_matrix=AFFINE, world_coordinate_system=world, timestamp=12345.5, device_name="A"
    )
    message = sent.pack()
    header = unpack_header(message[:HEADER_SIZE])
    found = unpack_image(unpack_body(header, message[HEADER_SIZE:]).content)
    assert (header.kind, header.device, header.time_ns) == ("IMAGE", "A", 12_345_500_000_000)
    np.testing.assert_array_equal(found.frame, frame)
    assert found.frame.dtype == np.dtype(kind)
    assert found.affine is not None
    np.testing.assert_allclose(found.affine, AFFINE if world == "ras" else LPS @ AFFINE, atol=1e-4)


@pytest.mark.parametrize("kind", TYPES)
def test_pyigtl_understands_an_image(kind: str) -> None:
    frame = noise(2, 5, 7).astype(kind)
    message = pack_message("IMAGE", "Forecast", TIME_NS, pack_image(frame, AFFINE), {"AcquisitionTime": "1.5"})
    found = by_pyigtl(message, pyigtl.ImageMessage)
    np.testing.assert_array_equal(found.image, frame[np.newaxis])
    np.testing.assert_allclose(found.ijk_to_world_matrix, AFFINE, atol=1e-4)
    assert (found.world_coordinate_system, found.device_name) == ("ras", "Forecast")
    assert found.metadata == {"AcquisitionTime": "1.5"}
    assert found.timestamp == pytest.approx(TIME_NS / 1e9, abs=1e-6)


@pytest.mark.parametrize(("order", "mark"), [(1, ">"), (2, "<")])
@pytest.mark.parametrize(("kind", "name"), [(4, "i2"), (11, "f8")])
def test_pixels_come_in_the_byte_order_that_the_image_says(order: int, mark: str, kind: int, name: str) -> None:
    pixels = np.arange(-3, 3).reshape(2, 3).astype(mark + name)
    found = unpack_image(image_bytes(pixels, order=order, world=1, kind=kind))
    np.testing.assert_array_equal(found.frame, [[-3, -2, -1], [0, 1, 2]])
    assert found.frame.dtype == np.dtype(name)


@pytest.mark.parametrize(("world", "sign"), [(1, 1.0), (2, -1.0)])
def test_the_place_of_an_image_is_that_of_its_centre(world: int, sign: float) -> None:
    found = unpack_image(image_bytes(np.zeros((2, 3), np.uint8), order=2, world=world, kind=3)).affine
    assert found is not None
    # The centre lies one column of 2 mm and half a row of 4 mm after the first pixel.
    np.testing.assert_allclose(found @ [1, 0.5, 0, 1], [sign * 12, sign * 20, 28, 1])
    np.testing.assert_allclose(found @ [0, 0, 0, 1], [sign * 10, sign * 20, 30, 1])


def test_time_stamps_keep_their_nanoseconds() -> None:
    for time_ns in (TIME_NS, 1, 999_999_999, 1_000_000_000, 4_294_967_295_999_999_999):
        assert unpack_header(pack_message("STRING", "A", time_ns, b"")[:HEADER_SIZE]).time_ns == time_ns


def test_half_a_second_is_half_of_the_fraction() -> None:
    header = pack_message("STRING", "A", 7_500_000_000, b"")[:HEADER_SIZE]
    assert struct.unpack(">II", header[34:42]) == (7, 1 << 31)


def test_pyigtl_understands_a_transform() -> None:
    found = by_pyigtl(pack_message("TRANSFORM", "T", 1, pack_transform(AFFINE)), pyigtl.TransformMessage)
    np.testing.assert_allclose(found.matrix, AFFINE, rtol=1e-6)


def test_pyigtl_understands_a_string() -> None:
    assert by_pyigtl(pack_message("STRING", "T", 1, pack_string("läuft")), pyigtl.StringMessage).string == "läuft"


def test_polydata_is_that_of_pyigtl() -> None:
    points, cells = np.arange(12.0).reshape(4, 3), np.array([3, 0, 1, 2, 4, 3, 2, 1, 0])
    own = pyigtl.PolyDataMessage(points=points, polygons=cells).pack()[HEADER_SIZE:]
    assert pack_polydata(points, [[0, 1, 2], [3, 2, 1, 0]]) == own


def test_a_position_has_three_coordinates_and_a_quaternion() -> None:
    assert pack_position(np.array([1.0, -2.0, 3.5])) == struct.pack(">7f", 1, -2, 3.5, 0, 0, 0, 1)


def test_a_version_that_does_not_exist_breaks_the_stream() -> None:
    header = b"\0\7" + pack_message("STRING", "A", 1, b"")[2:HEADER_SIZE]
    with pytest.raises(StreamBrokenError, match="no header of OpenIGTLink version 1 or 2"):
        unpack_header(header)


def test_a_size_that_cannot_be_believed_breaks_the_stream() -> None:
    header = pack_message("IMAGE", "A", 1, b"")[:42] + struct.pack(">QQ", LARGEST_BODY + 1, 0)
    with pytest.raises(StreamBrokenError, match=f"announces {LARGEST_BODY + 1} bytes"):
        unpack_header(header)


def test_a_changed_byte_is_noticed() -> None:
    message = bytearray(pack_message("STRING", "A", 1, pack_string("on")))
    message[-1] ^= 1
    with pytest.raises(StreamError, match="checksum is wrong"):
        unpack_body(unpack_header(bytes(message[:HEADER_SIZE])), bytes(message[HEADER_SIZE:]))


def test_an_extended_header_that_does_not_fit_is_refused() -> None:
    body = struct.pack(">HHII", 12, 40, 40, 0) + b"abc"
    header = struct.pack(">H12s20sIIQQ", 2, b"STRING", b"A", 1, 0, len(body), crc64(body))
    with pytest.raises(StreamError, match="do not fit its body"):
        unpack_body(unpack_header(header), body)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"short", "its body has 5 bytes"),
        (image_bytes(np.zeros((2, 3), np.uint8), order=3, world=1, kind=3), "byte order 3"),
        (image_bytes(np.zeros((2, 3), np.uint8), order=1, world=1, kind=9), "pixel type 9"),
        (image_bytes(np.zeros((2, 3, 3), np.uint8), order=1, world=1, kind=3, components=3), "3 values a pixel"),
        (image_bytes(np.zeros((2, 2), np.uint8), order=1, world=1, kind=3), "4 bytes of pixels, its size asks for 6"),
    ],
)
def test_what_is_no_grey_frame_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(StreamError, match=sentence):
        unpack_image(content)


def test_an_array_without_a_plane_is_refused_with_the_way_out() -> None:
    message = pyigtl.ImageMessage(noise(3, 5, 7), device_name="A").pack()
    with pytest.raises(StreamError, match=r"1 x 7 x 5 pixels along i, j and k.*must get \(1, rows, columns\)"):
        unpack_image(message[HEADER_SIZE:])


def test_a_part_of_an_image_is_refused() -> None:
    content = bytearray(image_bytes(np.zeros((2, 3), np.uint8), order=1, world=1, kind=3))
    content[60:62] = struct.pack(">H", 1)
    with pytest.raises(StreamError, match="a part of an image"):
        unpack_image(bytes(content))


def test_an_image_without_extent_has_no_place() -> None:
    assert unpack_image(pack_image(noise(4), np.diag([0.0, 0.0, 0.0, 1.0]))).affine is None
