"""Images of MRD against the package of the standard, through real sockets."""

from __future__ import annotations

import io
import struct
from typing import Any

import ismrmrd
import numpy as np
import pytest
from ismrmrd.serialization import ConfigText, ProtocolSerializer

from cinecast.streams.arrivals import Arrivals, Arrived, ArrivedFault, ArrivedFrame
from cinecast.streams.mrd import MrdReader
from cinecast.streams.receiving import Receiver
from helpers.stream_server import Talk, noise, said, server

TICK_NS = 2.5e6


def mrd_image(frame: np.ndarray[Any, Any], stamp: int, **facts: Any) -> ismrmrd.Image:
    """Return an image of 2 mm x 4 mm pixels, whose columns run to the feet and whose rows run to the back."""
    rows, columns = frame.shape[-2:]
    usual: dict[str, Any] = {
        "field_of_view": (2.0 * columns, 4.0 * rows, 5.0),
        "position": (10.0, -20.0, 30.0),
        "read_dir": (0.0, 0.0, -1.0),
        "phase_dir": (0.0, 1.0, 0.0),
        "slice_dir": (1.0, 0.0, 0.0),
        "acquisition_time_stamp": stamp,
        "image_type": ismrmrd.IMTYPE_MAGNITUDE,
    }
    return ismrmrd.Image.from_array(frame, **(usual | facts))


def written(*objects: Any, close: bool = True) -> bytes:
    stream = io.BytesIO()
    serializer = ProtocolSerializer(stream)
    for each in objects:
        serializer.serialize(each)
    return stream.getvalue() + (struct.pack("<H", 4) if close else b"")


def received(count: int, *talks: Talk) -> tuple[list[Arrived], Receiver]:
    arrivals, found = Arrivals(), []
    with server(talks) as port:
        receiver = Receiver("127.0.0.1", port, MrdReader(TICK_NS), arrivals)
        receiver.start()
        for _ in range(count):
            taken = arrivals.take(10.0)
            assert taken is not None
            found.append(taken[0])
        receiver.stop()
    return found, receiver


@pytest.mark.parametrize("kind", ["u2", "i2", "u4", "f4", "f8"])
def test_an_image_arrives_with_its_facts(kind: str) -> None:
    frame = noise(1, 6, 5).astype(kind)
    (found,), _ = received(1, said(written(mrd_image(frame, 400))))
    assert isinstance(found, ArrivedFrame)
    np.testing.assert_array_equal(found.frame, frame)
    assert found.frame.dtype == np.dtype(kind)
    assert found.stamp_ns == found.acquired_ns == 1_000_000_000
    assert found.affine is not None
    # LPS in the message, RAS here; its position is that of the centre.
    np.testing.assert_allclose(found.affine @ [2, 2.5, 0, 1], [-10, 20, 30, 1])
    np.testing.assert_allclose(found.affine[:3, :3].T, [[0, 0, -2], [0, -4, 0], [-5, 0, 0]])


def test_whole_numbers_of_four_bytes_are_read_as_the_standard_has_them() -> None:
    # The Python package writes its own type 4 with eight bytes a pixel; the standard and its C++ library have four.
    content = bytearray(written(mrd_image(noise(1, 6, 5).astype("f4"), 400), close=False))
    content[4:6] = struct.pack("<H", 4)
    content[-6 * 5 * 4 :] = np.arange(-15, 15).astype("<i4").tobytes()
    (found,), _ = received(1, said(bytes(content)))
    assert isinstance(found, ArrivedFrame)
    np.testing.assert_array_equal(found.frame, np.arange(-15, 15).reshape(6, 5))


def test_what_comes_with_images_is_left_alone() -> None:
    image = mrd_image(noise(1), 400)
    image.meta = {"Comment": "with attributes"}
    wave = ismrmrd.Waveform.from_array(np.zeros((2, 7), dtype=np.uint32))
    header = ismrmrd.xsd.CreateFromDocument(
        b'<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD"><experimentalConditions>'
        b"<H1resonanceFrequency_Hz>14900000</H1resonanceFrequency_Hz></experimentalConditions></ismrmrdHeader>"
    )
    (found,), receiver = received(1, said(written(ConfigText("<a/>"), header, "text", wave, image)))
    assert isinstance(found, ArrivedFrame)
    np.testing.assert_array_equal(found.frame, noise(1))
    assert sum(receiver.left_alone.values()) == 4


def test_an_image_without_time_and_place_says_so() -> None:
    (found,), _ = received(1, said(written(mrd_image(noise(1), 0, field_of_view=(0.0, 0.0, 0.0)))))
    assert isinstance(found, ArrivedFrame)
    assert (found.stamp_ns, found.acquired_ns, found.affine) == (None, None, None)


def test_an_image_that_was_turned_lies_as_its_attributes_say() -> None:
    # Sagittal, read out along the feet; as DICOM has it, rows run to the back and columns to the feet.
    image = mrd_image(noise(1, 6, 5), 400)
    image.meta = {"ImageRowDir": ["0.0", "1.0", "0.0"], "ImageColumnDir": ["0.0", "0.0", "-1.0"]}
    (found,), _ = received(1, said(written(image)))
    assert isinstance(found, ArrivedFrame)
    assert found.affine is not None
    np.testing.assert_allclose(found.affine @ [2, 2.5, 0, 1], [-10, 20, 30, 1])
    np.testing.assert_allclose(found.affine[:3, :2].T, [[0, -2, 0], [0, 0, -4]])


def test_directions_of_a_header_that_has_none_say_nothing() -> None:
    image = mrd_image(noise(1), 400)
    image.meta = {"ImageRowDir": ["0.0"] * 3, "ImageColumnDir": ["0.0"] * 3}
    (found,), _ = received(1, said(written(image)))
    assert isinstance(found, ArrivedFrame)
    assert found.affine is not None
    np.testing.assert_allclose(found.affine[:3, 0], [0, 0, -2])


@pytest.mark.parametrize(
    "attributes",
    [
        {"ImageRowDir": ["0", "1", "0"]},
        {"ImageRowDir": ["0", "1", "0"], "ImageColumnDir": ["0", "1", "0"]},
        {"ImageRowDir": ["0", "2", "0"], "ImageColumnDir": ["0", "0", "-1"]},
        {"ImageRowDir": ["0", "x", "0"], "ImageColumnDir": ["0", "0", "-1"]},
        {"ImageRowDir": ["0", "nan", "0"], "ImageColumnDir": ["0", "0", "-1"]},
        {"ImageRowDir": ["0", "1"], "ImageColumnDir": ["0", "-1"]},
    ],
)
def test_attributes_that_are_no_directions_cost_their_image(attributes: dict[str, list[str]]) -> None:
    image = mrd_image(noise(1), 400)
    image.meta = attributes
    (fault, found), receiver = received(2, said(written(image, mrd_image(noise(3), 2))))
    assert isinstance(fault, ArrivedFault)
    assert fault.sentence == "its ImageRowDir and ImageColumnDir are no two directions at a right angle"
    assert isinstance(found, ArrivedFrame)
    assert dict(receiver.faults) == {"body": 1}


def test_time_stamps_since_midnight_go_on_after_the_next_one() -> None:
    day = 24 * 3600 * 400
    ticks = (day - 100, day - 1, 100, 200)
    found, _ = received(4, said(written(*(mrd_image(noise(t), each) for t, each in enumerate(ticks)))))
    stamps = [each.stamp_ns for each in found if isinstance(each, ArrivedFrame)]
    assert stamps == [round(tick * TICK_NS) for tick in (day - 100, day - 1, day + 100, day + 200)]


def test_a_frame_that_is_overtaken_at_midnight_is_of_the_day_before() -> None:
    day = 24 * 3600 * 400
    ticks = (day - 100, 100, day - 50, 200)
    found, _ = received(4, said(written(*(mrd_image(noise(t), each) for t, each in enumerate(ticks)))))
    stamps = [each.stamp_ns for each in found if isinstance(each, ArrivedFrame)]
    assert stamps == [round(tick * TICK_NS) for tick in (day - 100, day + 100, day - 50, day + 200)]


def test_time_stamps_of_a_clock_that_begins_anew_by_day_are_taken_as_they_are() -> None:
    found, _ = received(2, said(written(mrd_image(noise(0), 12 * 3600 * 400), mrd_image(noise(1), 100))))
    stamps = [each.stamp_ns for each in found if isinstance(each, ArrivedFrame)]
    assert stamps == [12 * 3600 * 10**9, 250_000_000]


def test_a_plane_without_thickness_keeps_its_place() -> None:
    facts = {"field_of_view": (20.0, 48.0, 0.0), "slice_dir": (0.0, 0.0, 0.0)}
    (found,), _ = received(1, said(written(mrd_image(noise(1), 1, **facts))))
    assert isinstance(found, ArrivedFrame)
    assert found.affine is not None
    np.testing.assert_allclose(np.linalg.norm(found.affine[:3, :3], axis=0), [2, 4, 1])
    assert abs(np.linalg.det(found.affine)) == pytest.approx(8)


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (mrd_image(noise(1).astype("c8"), 1), "no magnitude image"),
        (mrd_image(noise(1), 1, image_type=ismrmrd.IMTYPE_PHASE), "no magnitude image"),
        (mrd_image(np.stack([noise(1), noise(2)]), 1), "1 channels of 2 slices"),
        (mrd_image(np.stack([noise(1), noise(2)])[:, np.newaxis], 1), "2 channels of 1 slices"),
    ],
)
def test_what_is_no_frame_costs_itself_alone(image: ismrmrd.Image, sentence: str) -> None:
    (fault, found), receiver = received(2, said(written(image, mrd_image(noise(3), 2))))
    assert isinstance(fault, ArrivedFault)
    assert sentence in fault.sentence
    assert isinstance(found, ArrivedFrame)
    assert dict(receiver.faults) == {"shape": 1}


@pytest.mark.parametrize(("columns", "rows"), [(0, 6), (5, 0), (0, 0)])
def test_an_image_without_a_pixel_costs_itself_alone(columns: int, rows: int) -> None:
    content = bytearray(written(mrd_image(noise(1, 6, 5).astype("u2"), 400), close=False)[: -6 * 5 * 2])
    assert struct.unpack("<3H", content[18:24]) == (5, 6, 1)
    content[18:24] = struct.pack("<3H", columns, rows, 1)
    (fault, found), receiver = received(2, said(bytes(content) + written(mrd_image(noise(3), 2))))
    assert isinstance(fault, ArrivedFault)
    assert fault.sentence == f"it has {columns} x {rows} pixels, which show nothing"
    assert isinstance(found, ArrivedFrame)
    assert dict(receiver.faults) == {"shape": 1}


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("header", struct.pack("<H", 7)),
        ("header", written(mrd_image(noise(1), 1))[:2] + b"\xff" * 206),
        ("half", written(mrd_image(noise(1), 1))[:300]),
        ("half", b"\xfe"),
    ],
)
def test_after_what_makes_no_sense_the_connection_is_made_anew(kind: str, wrong: bytes) -> None:
    (fault, found), receiver = received(2, said(wrong), said(written(mrd_image(noise(3), 2))))
    assert isinstance(fault, ArrivedFault)
    assert isinstance(found, ArrivedFrame)
    assert dict(receiver.faults) == {kind: 1}
