"""Serves messages to all who connect; who is slow or gone holds up nobody."""

from __future__ import annotations

import logging
import socket
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition, Event, Thread
from typing import Self

from cinecast.errors import SettingsError

_LOG = logging.getLogger(__name__)

LOCAL = "127.0.0.1"
_LOOK_EVERY_S = 0.1
# So much waits for one receiver, and so many receivers there may be.
_MOST_BYTES, _MOST_CLIENTS = 64 << 20, 16
# What the system takes without waiting: a forecast of usual size.
_AT_ONCE_BYTES = 2 << 20


@dataclass(frozen=True, eq=False)
class _Waiting:
    """Bytes that wait, and the group that they belong to."""

    content: bytes
    group: int


class _Client:
    """One receiver: sends what waits in a thread of its own, and drains what it says in another."""

    def __init__(self, connected: socket.socket, name: str, keep_all: bool) -> None:
        self._socket, self.name, self._keep_all = connected, name, keep_all
        self._waiting: deque[_Waiting] = deque()
        self._bytes, self.dropped, self.gone = 0, 0, False
        self._changed = Condition()
        for run in (self._send, self._drain):
            Thread(target=run, name=f"cinecast server: {run.__name__}", daemon=True).start()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, content: bytes, stop: Event, group: int = 0) -> None:
        """Send at once what the socket takes; the rest waits, and where there is no place older ones make place.

        A group makes those go away that wait for the one that is on its way: nobody wants them once there is a newer
        one, which would come late behind them.
        """
        with self._changed:
            if group and self._waiting:
                self._leave_out([each for each in self._waiting if each.group not in (self._waiting[0].group, group)])
            rest = content if self._waiting else self._send_now(content)
            if not rest:
                return
            # The oldest may be on its way already: half a message would break the stream.
            while len(self._waiting) > 1 and self._bytes + len(rest) > _MOST_BYTES and not (self.gone or stop.is_set()):
                if self._keep_all:
                    self._changed.wait(_LOOK_EVERY_S)
                    continue
                self._leave_out([self._waiting[1]])
            self._waiting.append(_Waiting(rest, group))
            self._bytes += len(rest)
            self._changed.notify_all()

    def _leave_out(self, waiting: list[_Waiting]) -> None:
        if waiting and not self.dropped:
            _LOG.warning("%s is slow: the oldest that waits for it is left out", self.name)
        for each in waiting:
            self._waiting.remove(each)
            self._bytes -= len(each.content)
        self.dropped += len(waiting)

    def _send_now(self, content: bytes) -> bytes:
        """Send without waiting, nor for the interpreter's lock as another thread would; return what is left."""
        try:
            return content[self._socket.send(content, socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            return content
        except OSError:
            self.gone = True
            return b""

    def close(self) -> None:
        with self._changed:
            self.gone = True
            self._changed.notify_all()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _send(self) -> None:
        while not self.gone:
            with self._changed:
                if not self._changed.wait_for(lambda: bool(self._waiting) or self.gone, 1.0):
                    continue
                if self.gone:
                    return
                sending = self._waiting[0]
            try:
                self._socket.sendall(sending.content)
            except OSError:
                self.gone = True
                return
            with self._changed:
                if self._waiting and self._waiting[0] is sending:
                    self._waiting.popleft()
                    self._bytes -= len(sending.content)
                self._changed.notify_all()

    def _drain(self) -> None:
        with suppress(OSError):
            while self._socket.recv(1 << 12):
                pass
        with self._changed:
            self.gone = True
            self._changed.notify_all()


class MessageServer:
    """Serves messages, until its ``with`` statement ends.

    Parameters
    ----------
    port
        The port; 0 for any that is free.
    bind
        The address at which it listens.
    keep_all
        Whether a receiver that is slow is waited for; else the oldest that waits for it is left out.

    Attributes
    ----------
    port
        The port that it listens at.

    Raises
    ------
    SettingsError
        If port and address cannot be had.
    """

    def __init__(self, port: int, bind: str = LOCAL, *, keep_all: bool = False) -> None:
        self._keep_all = keep_all
        self._stop = Event()
        self._clients: list[_Client] = []
        self._changed = Condition()
        self._repeated = self._amended = b""
        self._groups = 0
        try:
            self._listener = socket.create_server((bind, port), backlog=_MOST_CLIENTS)
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise SettingsError(
                f"a port to serve at must be free and allowed, got {bind}:{port} ({reason}); choose another one"
            ) from error
        self._listener.settimeout(_LOOK_EVERY_S)
        self.port = int(self._listener.getsockname()[1])
        self._thread = Thread(target=self._accept, name="cinecast server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()
        for client in self._clients:
            client.close()

    @property
    def receivers(self) -> int:
        """How many receive at the moment."""
        return sum(not client.gone for client in self._clients)

    def send(self, messages: Iterable[bytes], *, repeat: bool = False, amend: bool = False) -> None:
        """Send messages to all who receive, each as soon as there is one.

        Parameters
        ----------
        messages
            Whole messages, the most urgent first; taken one after another, so that making a later one holds up none.
        repeat
            Whether who comes later gets them too, until there are newer ones. To one that is slow, newer ones are sent
            in the place of those that wait.
        amend
            Whether who comes later gets them after those, whose meaning they change; likewise.
        """
        with self._changed:
            clients = list(self._clients)
        self._groups += 1
        group = self._groups if repeat or amend else 0
        sent = []
        for message in messages:
            sent.append(message)
            for client in clients:
                client.put(message, self._stop, group)
        if repeat or amend:
            with self._changed:
                self._repeated, self._amended = (b"".join(sent), b"") if repeat else (self._repeated, b"".join(sent))
                newcomers = [each for each in self._clients if each not in clients]
                latest = self._latest
            for client in newcomers:
                client.put(latest, self._stop)
        for client in clients:
            if client.gone:
                self._forget(client)

    @property
    def _latest(self) -> bytes:
        return self._repeated + self._amended

    def flush(self, timeout_s: float) -> None:
        """Wait until all is sent, at most so long."""
        rounds = int(timeout_s / 0.01)
        while rounds and any(client.waiting and not client.gone for client in self._clients):
            self._stop.wait(0.01)
            rounds -= 1

    def wait_for_receiver(self, stop: Event) -> bool:
        """Wait until somebody receives, and return whether somebody does: False once `stop` is set."""
        while not stop.is_set() and not self.receivers:
            with self._changed:
                self._changed.wait(_LOOK_EVERY_S)
        return bool(self.receivers)

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connected, (host, port, *_) = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:  # gone again before it was accepted, or too many files are open
                self._stop.wait(_LOOK_EVERY_S)
                continue
            self._add(connected, f"{host}:{port}")

    def _add(self, connected: socket.socket, name: str) -> None:
        for client in [each for each in self._clients if each.gone]:
            self._forget(client)
        if len(self._clients) >= _MOST_CLIENTS:
            _LOG.warning("%s is refused: %d receive already", name, _MOST_CLIENTS)
            connected.close()
            return
        connected.settimeout(None)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _AT_ONCE_BYTES)
        client = _Client(connected, name, self._keep_all)
        with self._changed:
            if latest := self._latest:
                client.put(latest, self._stop)
            self._clients.append(client)
            self._changed.notify_all()
        _LOG.info("%s receives", name)

    def _forget(self, client: _Client) -> None:
        client.close()
        with self._changed:
            if client in self._clients:
                self._clients.remove(client)
                _LOG.warning("%s receives no more", client.name)
