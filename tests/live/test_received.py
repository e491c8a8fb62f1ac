"""Frames of a stream through real sockets: their size, spacing and place, and planes that come in turn."""

from __future__ import annotations

import socket
import struct
import time
from threading import Event

import ismrmrd
import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.live.received import ReceivedSource
from cinecast.live.session import LiveSession
from cinecast.live.stream_address import parse_address
from cinecast.live.stream_clock import StreamClock
from cinecast.settings import FramesSettings, Settings
from cinecast.streams.image_reader import ImageReader
from cinecast.streams.mrd import MrdReader
from helpers.live_sessions import wait_until
from helpers.stream_server import AFFINE, Talk, image, noise, said, server

COARSE = AFFINE @ np.diag([2.0, 2.0, 1.0, 1.0])


def received(
    content: bytes | Talk,
    scheme: str = "igtl",
    tick_ns: float = 1e6,
    clock: StreamClock | None = None,
    **settings: object,
) -> tuple[ReceivedSource, list[Streamed]]:
    """Return the source of a stream that says so much, and all that it yields until the other end has hung up."""
    with server([said(content) if isinstance(content, bytes) else content]) as port:
        address = parse_address(f"{scheme}://127.0.0.1:{port}")
        reader = ImageReader() if scheme == "igtl" else MrdReader(tick_ns)
        given, stop = FramesSettings(**settings), Event()  # type: ignore[arg-type]
        source = ReceivedSource(address, reader, clock or StreamClock("message"), given, None, stop)
        receiver, found, over = source._receiver, [], False
        for each in source.arrivals():
            if each is not None:
                found.append(each)
            elif over:
                stop.set()
            over = receiver.connections > 0 and not receiver.connected
        return source, found


def images(count: int, start: int = 0, size: tuple[int, int] = (12, 10), affine: NDArray[np.float64] = AFFINE) -> bytes:
    return b"".join(image(start + t, noise(start + t, *size), affine=affine) for t in range(count))


def sent_in_time(messages: list[bytes], period_s: float, clock: StreamClock) -> tuple[Talk, list[int]]:
    """Return a talk that says messages a period apart until their rate is known, and the list of those it has said.

    A machine with much else to do needs more of them: one that is late says nothing of a rate.
    """
    sent: list[int] = []

    def talk(connected: socket.socket) -> None:
        begun = time.perf_counter()
        for number, message in enumerate(messages):
            time.sleep(max(0.0, begun + number * period_s - time.perf_counter()))
            if clock.rate is not None:
                return
            connected.sendall(message)
            sent.append(number)

    return talk, sent


def slice_of_mrd(t: int, z: float) -> bytes:
    facts = {"field_of_view": (20.0, 48.0, 5.0), "position": (z, 0.0, 0.0), "acquisition_time_stamp": 9 + t}
    facts |= {"read_dir": (0.0, 1.0, 0.0), "phase_dir": (0.0, 0.0, -1.0), "slice_dir": (1.0, 0.0, 0.0)}
    made = ismrmrd.Image.from_array(noise(t).astype(np.float32), image_type=1, **facts)
    return struct.pack("<H", 1022) + bytes(made.to_bytes())


def test_spacing_and_place_are_those_of_the_size_that_the_frames_have_become() -> None:
    source, found = received(images(3, size=(24, 20)) + images(9, start=3, affine=COARSE), train_end=8)
    assert source.spacing_mm() == pytest.approx(np.linalg.norm(COARSE[:3, [1, 0]], axis=0), rel=1e-6)
    affine = source.affine()
    assert affine is not None
    np.testing.assert_allclose(affine, COARSE, atol=1e-4)
    faults = [each for each in found if isinstance(each, StreamedFault)]
    assert [each.fault for each in faults] == [
        "it has 12 x 10 pixels instead of 24 x 20; start a new session for a new plane"
    ] * 4
    assert source.facts()["faults"] == {"size": 4}
    anew = [each.begins_anew for each in found if isinstance(each, StreamedFrame)]
    assert anew == ["", "", "", "frames have become 12 x 10 pixels large", "", "", "", ""]


def test_a_clock_that_arrival_contradicts_is_said_with_what_follows(caplog: pytest.LogCaptureFixture) -> None:
    clock = StreamClock("message")
    # A quarter of a second after the one before, by its stamp.
    talk, _ = sent_in_time([image(t, noise(t)) for t in range(300)], 0.1, clock)
    received(talk, clock=clock)
    (said,) = [each for each in caplog.messages if "in 1 s of arrival" in each]
    assert said.endswith("that clock is wrong and each horizon with it; --clock arrival takes another")


def test_frames_of_a_plane_that_was_left_are_not_calibrated_on() -> None:
    elsewhere = AFFINE.copy()
    elsewhere[:3, 3] += 7.0
    _, found = received(images(4) + images(9, start=4, affine=elsewhere), train_end=30)
    forecaster = LiveForecaster(Settings(), method="rls", horizon="0.5s", calibration_frames=30)
    session = LiveSession(forecaster, lambda: (1.0, 1.0))
    for each in found:
        session.take(each)
    assert forecaster.collected == 5


def test_a_spacing_that_is_given_counts_for_the_place_too_and_the_centre_stays() -> None:
    source, _ = received(images(2), pixel_spacing_mm=(3.0, 2.0))
    assert source.spacing_mm() == (3.0, 2.0)
    affine = source.affine()
    assert affine is not None
    np.testing.assert_allclose(np.linalg.norm(affine[:3, :2], axis=0), [2.0, 3.0])
    middle = [4.5, 5.5, 0, 1]
    np.testing.assert_allclose(affine @ middle, AFFINE @ middle, atol=1e-4)
    np.testing.assert_allclose(affine[:3, 0] / 2.0, AFFINE[:3, 0] / 1.5, atol=1e-6)


@pytest.mark.parametrize("first_mm", [(0.0, 0.0), (-4.5 * 1.7, -5.5 * 5.4)])
def test_of_a_bridge_that_knows_no_place_the_axes_are_rows_and_columns(first_mm: tuple[float, float]) -> None:
    unplaced = np.diag([1.7, 5.4, 1.0, 1.0])
    unplaced[:2, 3] = first_mm
    source, _ = received(images(2, affine=unplaced))
    assert list(source.axes()) == ["rows", "columns"]
    source, _ = received(images(2))
    assert list(source.axes()) == ["si", "ap"]


def test_two_planes_in_turn_are_one_stream_whose_frames_all_are_forecast_from() -> None:
    coronal = np.array([[1.5, 0, 0, -20], [0, 0, 5, 8], [0, -1.2, 0, 30], [0, 0, 0, 1.0]])
    content = b""
    for t in range(12):
        content += image(2 * t, noise(t)) + image(2 * t + 1, noise(100 + t), affine=coronal)
    source, found = received(content)
    assert [each.name for each in found] == ["frame 0", "what came for frame 1", *(f"frame {t}" for t in range(1, 12))]
    for t, each in enumerate(each for each in found if isinstance(each, StreamedFrame)):
        np.testing.assert_array_equal(each.frame, noise(t))
    facts = source.facts()
    assert facts["faults"] == {"geometry": 1}
    assert facts["left_alone"] == {"a frame of another plane": 11}


def test_a_second_plane_is_no_clock_that_does_not_keep_step() -> None:
    tick_s, clock = 0.1, StreamClock("message")
    talk, sent = sent_in_time([slice_of_mrd(t, 0.0) + slice_of_mrd(t, 12.0) for t in range(300)], tick_s, clock)
    _, found = received(talk, "mrd", 1e9 * tick_s, clock)
    assert sum(isinstance(each, StreamedFrame) for each in found) == len(sent)
    assert clock.rate == pytest.approx(1.0, rel=0.25)


def test_two_slices_of_mrd_in_turn_are_one_stream_too() -> None:
    content = b"".join(slice_of_mrd(t, z) for t in range(6) for z in (0.0, 12.0))
    _, found = received(content + struct.pack("<H", 4), "mrd")
    assert [isinstance(each, StreamedFault) for each in found] == [False, True, *[False] * 5]


def test_the_first_message_that_is_none_is_named() -> None:
    _, found = received(image(0, noise(0))[:-1] + b"\xff")
    assert [each.name for each in found] == ["the message before the first frame"]


@pytest.mark.parametrize("busy_s", [0.0, 0.5])
def test_frames_that_wait_while_one_is_worked_on_for_longer_than_idle_are_all_taken(busy_s: float) -> None:
    with server([said(images(4))]) as port:
        address = parse_address(f"igtl://127.0.0.1:{port}")
        source = ReceivedSource(address, ImageReader(), StreamClock("message"), FramesSettings(), None, Event())
        names = []
        for each in source.arrivals():
            if each is not None:
                wait_until(lambda: not source._receiver.connected)  # all have come, however long a machine takes
                source._idle_s = 0.3
                names.append(each.name)
                time.sleep(busy_s)
    assert names == [f"frame {t}" for t in range(4)]
