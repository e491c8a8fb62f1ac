"""Messages reach all who connect, with real sockets and pyigtl at the other end; nobody holds up the others."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event

import numpy as np
import pyigtl
import pytest

from cinecast.errors import SettingsError
from cinecast.streams.contents import pack_string
from cinecast.streams.openigtlink import pack_message
from cinecast.streams.serving import MessageServer
from helpers.live_sessions import wait_until
from helpers.stream_server import image, noise


def connect(port: int) -> socket.socket:
    connected = socket.create_connection(("127.0.0.1", port))
    connected.settimeout(300.0)
    return connected


def read(connected: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := connected.recv(size - len(found))):
        found += more
    return found


def wait_until_received(server: MessageServer, count: int) -> None:
    wait_until(lambda: server.receivers == count)


def test_pyigtl_receives() -> None:
    with MessageServer(0) as server:
        theirs = pyigtl.OpenIGTLinkClient(port=server.port)
        wait_until_received(server, 1)
        server.send([image(3, noise(3), device="Forecast"), pack_message("STRING", "Gate1", 1, pack_string("off"))])
        frame, gate = theirs.wait_for_message("Forecast", timeout=300), theirs.wait_for_message("Gate1", timeout=300)
        theirs.stop()
    np.testing.assert_array_equal(frame.image[0], noise(3))
    assert gate.string == "off"


def test_all_receive_and_who_comes_late_gets_the_newest() -> None:
    first, second = image(0, noise(0)), image(1, noise(1))
    with MessageServer(0) as server, connect(server.port) as early:
        wait_until_received(server, 1)
        server.send([first], repeat=True)
        server.send([second], repeat=True)
        assert read(early, len(first + second)) == first + second
        with connect(server.port) as late:
            assert read(late, len(second)) == second


def test_who_comes_late_gets_what_has_changed_since_too() -> None:
    first, off, second = image(0, noise(0)), pack_message("STRING", "Gate1", 1, pack_string("off")), image(1, noise(1))
    with MessageServer(0) as server:
        server.send([first], repeat=True)
        server.send([b"an older one"], amend=True)
        server.send([off], amend=True)
        with connect(server.port) as late:
            assert read(late, len(first + off)) == first + off
        server.send([second], repeat=True)
        with connect(server.port) as later:
            assert read(later, len(second)) == second
            server.send([off], amend=True)
            assert read(later, len(off)) == off


def test_to_one_that_is_slow_the_newest_goes_next_and_none_goes_in_part() -> None:
    groups = [[bytes([n, part]) * 1_000_000 for part in range(3)] for n in range(20)]
    with MessageServer(0) as server, connect(server.port) as slow:
        wait_until_received(server, 1)
        for group in groups:
            server.send(group, repeat=True)
        size, got = 3 * 2_000_000, b""
        while not got.endswith(groups[-1][-1]):
            got += slow.recv(1 << 20)
    assert len(got) % size == 0
    numbers = [got[start] for start in range(0, len(got), size)]
    for start, n in zip(range(0, len(got), size), numbers, strict=True):
        assert got[start : start + size] == b"".join(groups[n])
    assert numbers == [*range(len(numbers) - 1), 19]
    assert len(numbers) < 8  # as much as the system keeps for it, and the newest


def test_a_message_is_out_before_the_next_is_made_and_who_comes_meanwhile_gets_them_all() -> None:
    first, second = image(0, noise(0)), image(1, noise(1))
    with MessageServer(0) as server, connect(server.port) as early, ExitStack() as opened:
        wait_until_received(server, 1)
        late = []

        def messages() -> Iterator[bytes]:
            yield first
            assert read(early, len(first)) == first
            late.append(opened.enter_context(connect(server.port)))
            wait_until_received(server, 2)
            yield second

        server.send(messages(), repeat=True)
        assert read(early, len(second)) == second
        assert read(late[0], len(first + second)) == first + second


def test_one_that_reads_nothing_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("cinecast.streams.serving._MOST_BYTES", 1 << 20)
    message = image(0, noise(0, 400, 400))
    with MessageServer(0) as server, connect(server.port), connect(server.port) as keen:
        wait_until_received(server, 2)
        for _ in range(60):
            server.send([message])
            assert len(read(keen, len(message))) == len(message)
        slow = server._clients[0]
        assert slow.dropped > 0
        assert slow._bytes <= 1 << 20
    assert sum("is slow: the oldest that waits for it is left out" in each for each in caplog.messages) == 1


def test_one_that_is_slow_is_waited_for_where_nothing_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cinecast.streams.serving._MOST_BYTES", 1 << 20)
    messages = [image(number, noise(number, 400, 400)) for number in range(40)]
    got: list[bytes] = []
    with MessageServer(0, keep_all=True) as server, connect(server.port) as slow:
        wait_until_received(server, 1)
        from threading import Thread

        def take() -> None:
            for message in messages:
                time.sleep(0.005)
                got.append(read(slow, len(message)))

        reader = Thread(target=take)
        reader.start()
        for message in messages:
            server.send([message])
        reader.join(300)
    assert got == messages


def test_one_that_goes_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    with MessageServer(0) as server:
        with connect(server.port):
            wait_until_received(server, 1)
        wait_until_received(server, 0)
        server.send([image(0, noise(0))])
        assert server._clients == []
    assert any("receives no more" in each for each in caplog.messages)


def test_more_than_sixteen_are_refused(caplog: pytest.LogCaptureFixture) -> None:
    with MessageServer(0) as server:
        many = [connect(server.port) for _ in range(17)]
        assert any(not read(each, 1) for each in many[-1:])
        assert server.receivers == 16
        for each in many:
            each.close()
    assert any("is refused: 16 receive already" in each for each in caplog.messages)


def test_waiting_for_a_receiver_ends_when_it_is_to_stop() -> None:
    stop = Event()
    stop.set()
    with MessageServer(0) as server:
        assert not server.wait_for_receiver(stop)


def test_a_port_that_is_taken_is_refused() -> None:
    with MessageServer(0) as server, pytest.raises(SettingsError, match=f"got 127.0.0.1:{server.port}"):
        MessageServer(server.port)


def test_it_is_served_on_this_machine_alone() -> None:
    with MessageServer(0) as server:
        assert server._listener.getsockname()[0] == "127.0.0.1"
