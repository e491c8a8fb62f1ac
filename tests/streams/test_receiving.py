"""What a connection brings, with real sockets: frames, faults, and what is left alone; nothing that arrived is lost."""

from __future__ import annotations

import logging
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event

import numpy as np
import pyigtl
import pytest

from cinecast.streams.arrivals import Arrivals, Arrived, ArrivedFault, ArrivedFrame
from cinecast.streams.connection import Connection
from cinecast.streams.contents import pack_string
from cinecast.streams.errors import StreamEndedError
from cinecast.streams.image_reader import ImageReader
from cinecast.streams.openigtlink import LARGEST_BODY, pack_message
from cinecast.streams.receiving import Receiver
from helpers.live_sessions import wait_until
from helpers.ports import free_port
from helpers.stream_server import AFFINE, EPOCH_NS, Talk, image, noise, said, server


@contextmanager
def receiving(talks: Sequence[Talk], device: str = "") -> Iterator[tuple[Receiver, Arrivals]]:
    arrivals = Arrivals()
    with server(talks) as port:
        receiver = Receiver("127.0.0.1", port, ImageReader(device), arrivals)
        receiver.start()
        try:
            yield receiver, arrivals
        finally:
            receiver.stop()


def taken(arrivals: Arrivals, count: int) -> list[Arrived]:
    found = []
    for _ in range(count):
        next_one = arrivals.take(300)
        assert next_one is not None
        found.append(next_one[0])
    assert arrivals.take(0.2) is None
    return found


def frames_of(found: Sequence[Arrived]) -> list[ArrivedFrame]:
    return [each for each in found if isinstance(each, ArrivedFrame)]


def test_frames_arrive_with_their_facts() -> None:
    with receiving([said(image(0, noise(0)), image(1, noise(1)))]) as (_, arrivals):
        first, second = frames_of(taken(arrivals, 2))
    np.testing.assert_array_equal(first.frame, noise(0))
    np.testing.assert_array_equal(second.frame, noise(1))
    assert (first.stamp_ns, second.stamp_ns) == (EPOCH_NS, EPOCH_NS + 250_000_000)
    np.testing.assert_allclose(first.affine, AFFINE, atol=1e-4)
    assert abs(first.arrived_ns - time.time_ns()) < 60e9
    assert first.arrived_ns <= second.arrived_ns


def test_frames_come_from_a_server_of_pyigtl() -> None:
    arrivals = Arrivals()
    port = free_port()
    theirs = pyigtl.OpenIGTLinkServer(port=port)
    receiver = Receiver("127.0.0.1", port, ImageReader("Scan"), arrivals)
    receiver.start()
    try:
        for number in range(5):
            message = pyigtl.ImageMessage(noise(number)[np.newaxis], device_name="Scan", timestamp=100.0 + number)
            theirs.send_message(message, wait=True)
        found = frames_of(taken(arrivals, 5))
    finally:
        receiver.stop()
        theirs.stop()
    assert [each.stamp_ns for each in found] == [(100 + number) * 1_000_000_000 for number in range(5)]
    for number, each in enumerate(found):
        np.testing.assert_array_equal(each.frame, noise(number))


def test_acquisition_times_come_in_metadata() -> None:
    message = pyigtl.ImageMessage(noise(0)[np.newaxis], device_name="Scan", timestamp=100.0)
    message.header_version, message.metadata = 2, {"Timestamp": "99.25"}
    with receiving([said(message.pack())]) as (_, arrivals):
        (found,) = frames_of(taken(arrivals, 1))
    assert (found.stamp_ns, found.acquired_ns) == (100_000_000_000, 99_250_000_000)


def test_other_devices_and_messages_are_left_alone_and_named_once(caplog: pytest.LogCaptureFixture) -> None:
    other = pack_message("STRING", "Gate1", 1, pack_string("on")) * 3 + image(0, noise(0), device="Other") * 2
    with receiving([said(other, image(1, noise(1)))], "Scan") as (receiver, arrivals):
        (found,) = frames_of(taken(arrivals, 1))
        assert dict(receiver.left_alone) == {"STRING of Gate1": 3, "IMAGE of Other": 2}
    np.testing.assert_array_equal(found.frame, noise(1))
    assert sum("STRING of Gate1 is no frame of the stream" in each for each in caplog.messages) == 1


def test_the_first_device_that_sends_an_image_is_followed() -> None:
    with receiving([said(image(0, noise(0), device="A"), image(1, noise(1), device="B"))]) as (receiver, arrivals):
        assert len(frames_of(taken(arrivals, 1))) == 1
        assert dict(receiver.left_alone) == {"IMAGE of B": 1}


def test_a_changed_byte_costs_its_frame_alone() -> None:
    changed = bytearray(image(1, noise(1)))
    changed[200] ^= 1
    with receiving([said(image(0, noise(0)), changed, image(2, noise(2)))]) as (receiver, arrivals):
        first, fault, last = taken(arrivals, 3)
        assert dict(receiver.faults) == {"checksum": 1}
    assert isinstance(fault, ArrivedFault)
    assert fault.kind == "checksum"
    np.testing.assert_array_equal(frames_of([first, last])[1].frame, noise(2))


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("half", image(1, noise(1))[:150]),
        ("half", image(1, noise(1))[:20]),
        ("header", b"GET / HTTP/1.1\r\n" * 10),
        ("header", pack_message("IMAGE", "Scan", 1, b"")[:42] + struct.pack(">QQ", LARGEST_BODY + 1, 0)),
        ("header", pack_message("IMAGE", "Scan", 1, b"")[:42] + b"\xff" * 16),
    ],
)
def test_after_what_makes_no_sense_the_connection_is_made_anew(
    kind: str, wrong: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving([said(image(0, noise(0)), wrong), said(image(2, noise(2)))]) as (receiver, arrivals):
        first, fault, last = taken(arrivals, 3)
        assert dict(receiver.faults) == {kind: 1}
        assert receiver.connections == 2
    assert isinstance(fault, ArrivedFault)
    np.testing.assert_array_equal(frames_of([first, last])[1].frame, noise(2))
    assert any("is there again (connection 2): the session goes on" in each for each in caplog.messages)


def test_a_server_that_comes_later_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    arrivals = Arrivals()
    receiver = Receiver("127.0.0.1", port, ImageReader(), arrivals)
    receiver.start()
    try:
        wait_until(lambda: bool(caplog.messages))
        with socket.create_server(("127.0.0.1", port)) as late:
            connected, _ = late.accept()
            with connected:
                connected.sendall(image(0, noise(0)))
                assert len(taken(arrivals, 1)) == 1
    finally:
        receiver.stop()
    assert sum("does not answer: it is waited for" in each for each in caplog.messages) == 1


def test_a_server_that_ends_each_connection_at_once_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with receiving([said(image(0, noise(0))), said(), said(), said(image(1, noise(1)))]) as (receiver, arrivals):
        frames_of(taken(arrivals, 2))
        assert receiver.connections == 4
    assert sum("has ended the connection: it is waited for" in each for each in caplog.messages[:2]) == 1
    assert sum("is there again (connection 4): the session goes on" in each for each in caplog.messages) == 1


def test_a_message_that_does_not_go_on_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cinecast.streams.connection._PATIENCE_S", 0.3)
    hung = Event()

    def hang(connected: socket.socket) -> None:
        connected.sendall(image(0, noise(0))[:100])
        hung.wait(300)

    with receiving([hang, said(image(1, noise(1)))]) as (receiver, arrivals):
        next_one = arrivals.take(300)
        hung.set()
        assert next_one is not None
        assert isinstance(next_one[0], ArrivedFault)
        assert "does not go on" in next_one[0].sentence
        assert len(frames_of(taken(arrivals, 1))) == 1
        assert dict(receiver.faults) == {"half": 1}


def test_a_flood_waits_at_its_sender_and_none_of_it_is_lost() -> None:
    frame = noise(0)
    arrivals = Arrivals(most_bytes=10 * frame.nbytes)
    with server([said(*(image(number, frame) for number in range(500)))]) as port:
        receiver = Receiver("127.0.0.1", port, ImageReader(), arrivals)
        receiver.start()
        wait_until(lambda: arrivals.full > 0)
        assert arrivals._bytes <= 10 * frame.nbytes
        found = frames_of(taken(arrivals, 500))
        receiver.stop()
    assert [each.stamp_ns for each in found] == [EPOCH_NS + number * 250_000_000 for number in range(500)]


def test_a_frame_behind_which_a_newer_one_waits_is_known() -> None:
    arrivals = Arrivals()
    for _ in range(2):
        arrivals.put(ArrivedFrame(noise(0), None, 1, None, 1, 1.0))
    arrivals.put(ArrivedFault("checksum", "its checksum is wrong"))
    assert [arrivals.take(1.0)[1] for _ in range(3)] == [True, False, False]  # type: ignore[index]


def test_a_frame_without_a_pixel_counts_as_one_that_waits() -> None:
    arrivals = Arrivals()
    for frame in (noise(0)[:0], noise(1), noise(2)):
        arrivals.put(ArrivedFrame(frame, None, 1, None, 1, 1.0))
    assert [arrivals.take(1.0)[1] for _ in range(3)] == [True, True, False]  # type: ignore[index]


@pytest.mark.parametrize("shape", [(0, 6), (5, 0)])
def test_an_image_without_a_pixel_costs_itself_alone(shape: tuple[int, int]) -> None:
    with receiving([said(image(0, np.zeros(shape, np.int16)), image(1, noise(1)))]) as (receiver, arrivals):
        fault, found = taken(arrivals, 2)
    assert isinstance(fault, ArrivedFault)
    assert fault.sentence == f"it has {shape[1]} x {shape[0]} pixels, which show nothing"
    assert isinstance(found, ArrivedFrame)
    assert dict(receiver.faults) == {"shape": 1}


def test_stopping_ends_a_receiver_that_waits_for_a_place() -> None:
    arrivals = Arrivals(most_bytes=1)
    with server([said(image(0, noise(0)), image(1, noise(1)))]) as port:
        receiver = Receiver("127.0.0.1", port, ImageReader(), arrivals)
        receiver.start()
        wait_until(lambda: arrivals.full > 0)
        receiver.stop()
    assert not receiver._thread.is_alive()


def test_reading_ends_when_it_is_to_stop() -> None:
    ours, theirs = socket.socketpair()
    stop = Event()
    stop.set()
    with ours, theirs, pytest.raises(StreamEndedError):
        Connection(ours, stop).exactly(3)


def test_kinds_that_the_other_end_makes_up_take_no_memory(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    made_up = b"".join(pack_message("STRING", f"Device{number}", 1, b"") for number in range(300))
    with receiving([said(made_up, image(0, noise(0)))]) as (receiver, arrivals):
        assert len(frames_of(taken(arrivals, 1))) == 1
        assert len(receiver.left_alone) == 101
        assert receiver.left_alone["others"] == 200
