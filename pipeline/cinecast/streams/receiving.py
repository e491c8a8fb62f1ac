"""Receives frames in a thread of its own, and makes the connection anew whenever it ends."""

from __future__ import annotations

import logging
import socket
from collections import Counter
from contextlib import suppress
from threading import Event, Thread
from time import perf_counter_ns, time_ns
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cinecast.streams.arrivals import Arrivals, ArrivedFault, ArrivedFrame
from cinecast.streams.connection import Connection
from cinecast.streams.errors import StreamBrokenError, StreamEndedError, StreamError

_LOG = logging.getLogger(__name__)

_CONNECT_S, _FIRST_WAIT_S, _LONGEST_WAIT_S = 2.0, 0.05, 1.0


class ReadFrame(NamedTuple):
    """A frame as a message holds it: grey values (H, W), place, and its two times in ns, None where there is none."""

    frame: NDArray[Any]
    affine: NDArray[np.float64] | None
    stamp_ns: int | None
    acquired_ns: int | None


class Reader(Protocol):
    """Reads the messages of one connection."""

    def read(self, connection: Connection) -> ReadFrame | str:
        """Return the next message: its frame, or in words what other message it is, which is left alone."""
        ...


class Receiver:
    """Receives frames from a server until it is stopped.

    A server that is not there yet, or not there any more, is tried again, for ever. What is wrong with a message is put
    among the arrivals; a connection that cannot be made sense of any more is made anew.

    Parameters
    ----------
    host, port
        Of the server.
    reader
        Reads its messages.
    arrivals
        Where they are put.

    Attributes
    ----------
    connections
        How many connections there were.
    faults
        How many messages of each kind of fault came.
    left_alone
        How many messages of each kind came that are no frames of the stream.
    """

    def __init__(self, host: str, port: int, reader: Reader, arrivals: Arrivals) -> None:
        self._address, self._reader, self._arrivals = (host, port), reader, arrivals
        self._stop = Event()
        self._began_ns = time_ns() - perf_counter_ns()
        self.connections = 0
        self.connected = self._gone = False
        self.faults: Counter[str] = Counter()
        self.left_alone: Counter[str] = Counter()
        self._thread = Thread(target=self._run, name="cinecast receiver", daemon=True)

    def start(self) -> None:
        """Begin to receive."""
        self._thread.start()

    def stop(self) -> None:
        """End, within a fraction of a second."""
        self._stop.set()
        self._arrivals.close()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        wait_s, missing = _FIRST_WAIT_S, False
        while not self._stop.is_set():
            connected = self._connect()
            if connected is None:
                if not missing:
                    _LOG.warning("%s:%d does not answer: it is waited for", *self._address)
                missing = True
            else:
                missing = False
                with connected:
                    wait_s = _FIRST_WAIT_S if self._receive(Connection(connected, self._stop)) else 2 * wait_s
            wait_s = min(wait_s, _LONGEST_WAIT_S)
            self._stop.wait(wait_s)

    def _connect(self) -> socket.socket | None:
        try:
            connected = socket.create_connection(self._address, _CONNECT_S)
        except OSError:
            return None
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return connected

    def _receive(self, connection: Connection) -> int:
        """Receive until the connection ends; return how many messages came."""
        self.connected, count = True, 0
        self.connections += 1  # who finds one that is not connected takes it for one that has ended
        with suppress(StreamEndedError, StreamBrokenError):
            while True:
                self._take_next(connection)
                count += 1
                self._say_again()
        self.connected = False
        # A server that takes connections and ends each at once, as one that is starting, is said once.
        if not self._stop.is_set() and not self._gone:
            self._gone = True
            _LOG.warning("%s:%d has ended the connection: it is waited for", *self._address)
        return count

    def _say_again(self) -> None:
        if self._gone:
            _LOG.warning("%s:%d is there again (connection %d): the session goes on", *self._address, self.connections)
        self._gone = False

    def _take_next(self, connection: Connection) -> None:
        try:
            found = self._reader.read(connection)
        except StreamError as fault:
            self.faults[fault.kind] += 1
            self._arrivals.put(ArrivedFault(fault.kind, str(fault)))
            if isinstance(fault, StreamBrokenError):
                raise
            return
        if isinstance(found, str):
            self._leave_alone(found)
            return
        now_ns = perf_counter_ns()
        self._arrivals.put(ArrivedFrame(*found, self._began_ns + now_ns, now_ns / 1e9))

    def _leave_alone(self, kind: str) -> None:
        # Names come from the other end: only so many of them are told apart.
        kind = kind if kind in self.left_alone or len(self.left_alone) < 100 else "others"
        if kind not in self.left_alone:
            _LOG.warning("%s is no frame of the stream and is left alone", kind)
        self.left_alone[kind] += 1
