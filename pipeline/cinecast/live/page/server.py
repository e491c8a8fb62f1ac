"""Serves the page on this machine alone, to those who know its address, in threads beside the stream."""

from __future__ import annotations

import errno
import logging
import secrets
import socket
import sys
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import BoundedSemaphore
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cinecast.errors import SettingsError
from cinecast.live.page.drawing import Drawing
from cinecast.live.page.newest import Newest

_LOG = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
# A browser that does not say what it wants, or does not take it, within so many seconds is let go.
_PATIENCE_S = 10.0
# A browser has six connections at most; more than these are turned away, so that nobody can have threads without end.
MOST_CONNECTIONS = 32
_TURNED_AWAY = b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
# So many random bytes in the address are guessed by nobody.
_TOKEN_BYTES = 16
# A request that nothing new comes for is answered after so many seconds, so that a browser knows that we are here:
# page.js takes a silence of 2.5 s for the end of what it shows.
_LONGEST_WAIT_S = 1.0
# What a request asks for is short; no session has a frame whose number has more digits.
_MOST_FIELDS, _LONGEST_NUMBER = 4, 18
# A browser names itself, so that the end of the session waits until it has got the last frame.
_LONGEST_NAME = 40
# By path: the package and the file that it lies in, and its type. Colours and style are the report's.
_FILES = {
    "/": ("cinecast.live.page", "page.html", "text/html"),
    "/page.css": ("cinecast.live.page", "page.css", "text/css"),
    "/trace.js": ("cinecast.live.page", "trace.js", "text/javascript"),
    "/page.js": ("cinecast.live.page", "page.js", "text/javascript"),
    "/report.css": ("cinecast.report", "report.css", "text/css"),
    "/colours.js": ("cinecast.report", "colours.js", "text/javascript"),
}

_POLICY = "default-src 'self'; img-src 'self' data:"
_SECRET = b"this page needs its whole address, with the token, as the session printed it\n"


class PageServer(ThreadingHTTPServer):
    """Answers browsers on this machine that know the token of the session.

    Every account of a machine can reach its ports. So the address has a random part, which is printed once.

    Parameters
    ----------
    port
        The port, 1 to 65535; 0 for any that is free.
    newest, drawing
        What is shown, and what makes pictures of it.

    Attributes
    ----------
    token
        The random part of the address.

    Raises
    ------
    SettingsError
        If the port is none, or cannot be had.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, newest: Newest, drawing: Drawing) -> None:
        if not 0 <= port <= 65535:
            raise SettingsError(
                f"--page must be a port from 1 to 65535, or 0 for any that is free, got {port}; choose another one"
            )
        self.newest, self.drawing, self.token = newest, drawing, secrets.token_urlsafe(_TOKEN_BYTES)
        self._places = BoundedSemaphore(MOST_CONNECTIONS)
        # Since when a connection has been open that has not said yet what it wants.
        self._silent: dict[Any, float] = {}
        self._said: set[str] = set()
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            raise SettingsError(refusal(port, error)) from error

    @property
    def url(self) -> str:
        """Where a browser finds the page."""
        return f"http://{ADDRESS}:{self.server_port}/{self.token}/"

    @property
    def hosts(self) -> list[str]:
        """By what names a browser may have asked for the page; it leaves out the port of the web."""
        names = (ADDRESS, "localhost")
        return [f"{name}:{self.server_port}" for name in names] + (list(names) if self.server_port == 80 else [])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, or turn a browser away where there are too many.

        Parameters
        ----------
        request, client_address
            The socket and the address of the browser, as `socketserver` gives them.

        Raises
        ------
        RuntimeError
            If there is no thread to be had, which `handle_error` says.
        """
        if not self._places.acquire(blocking=False):
            with suppress(OSError):
                request.settimeout(0)
                request.sendall(_TURNED_AWAY)
            self.shutdown_request(request)
            return
        self._silent[request] = monotonic()
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # there was no thread to be had
            self._leave(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one browser, and give its place back.

        Parameters
        ----------
        request, client_address
            As above.
        """
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._leave(request)

    def has_spoken(self, request: Any) -> None:
        """Note that a browser has said what it wants."""
        self._silent.pop(request, None)

    def service_actions(self) -> None:
        """Let those go who say nothing, or a byte now and then."""
        for request, since in list(self._silent.items()):
            if monotonic() - since > _PATIENCE_S:
                self.has_spoken(request)
                with suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)

    def _leave(self, request: Any) -> None:
        self.has_spoken(request)
        self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away, and of what else went wrong one sentence, once.

        Parameters
        ----------
        request, client_address
            The socket and the address of the browser, as `socketserver` gives them.
        """
        fault = sys.exception()
        name = type(fault).__name__
        if not isinstance(fault, OSError) and name not in self._said:
            self._said.add(name)
            _LOG.warning("a request to the page could not be answered (%s); the stream goes on", name)


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE_S

    @property
    def _page(self) -> PageServer:
        assert isinstance(self.server, PageServer)  # which alone makes handlers
        return self.server

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer one request."""
        self._page.has_spoken(self.request)
        # A page of another site, whose name was made to lead here, must not read images of patients.
        if self.headers.get("Host") not in self._page.hosts:
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"this page is for browsers on this machine\n")
            return
        token, slash, path = self.path.removeprefix("/").partition("/")
        # Compared in a time that tells nothing of how much of it is right.
        if not secrets.compare_digest(token.encode("utf-8", "replace"), self._page.token.encode()):
            self._send(HTTPStatus.FORBIDDEN, "text/plain", _SECRET)
            return
        if not slash:  # as typed from a screen; what the page asks for lies below
            self._send(HTTPStatus.PERMANENT_REDIRECT, "text/plain", b"", Location=f"/{token}/")
            return
        self._answer("/" + path)

    def _answer(self, path: str) -> None:
        """Answer a request for what lies below the token."""
        try:
            address = urlsplit(path)
            asked = parse_qs(address.query, max_num_fields=_MOST_FIELDS)
            number, follower = asked.get("after", ["-1"])[0], asked.get("follower", [""])[0][:_LONGEST_NAME]
        except ValueError:  # no address at all
            self._send(HTTPStatus.BAD_REQUEST, "text/plain", b"this is no address of a page\n")
            return
        if address.path == "/newest" and len(number) <= _LONGEST_NUMBER and number.removeprefix("-").isdecimal():
            with self._page.newest.reader(follower):
                found, ended = self._page.newest.after(int(number), _LONGEST_WAIT_S)
                self._send(HTTPStatus.OK, "application/octet-stream", self._page.drawing.draw(found, ended))
                if ended:
                    self._page.newest.leave(follower)
        elif address.path in _FILES:
            package, name, kind = _FILES[address.path]
            self._send(HTTPStatus.OK, f"{kind}; charset=utf-8", _content(package, name))
        else:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"there is no such page\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of http.server
        """Keep requests off the terminal."""

    def _send(self, status: HTTPStatus, kind: str, content: bytes, **more: str) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), "Cache-Control": "no-store"}
        headers |= {"Referrer-Policy": "no-referrer"} | more  # the address is a secret
        headers |= {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def refusal(port: int, error: OSError) -> str:
    """Say why a port cannot be had, and what to do.

    Parameters
    ----------
    port
        The port.
    error
        What the operating system said.

    Returns
    -------
    str
        One sentence.
    """
    reason = error.strerror.lower() if error.strerror else str(error)
    if error.errno == errno.EACCES:
        return (
            f"--page must be a port that this account may open, got {port} ({reason}): ports below 1024 are for root "
            "and for programs with the capability CAP_NET_BIND_SERVICE; choose 1024 or more, or give one of these"
        )
    return f"--page must be a free port, got {port} ({reason}); choose another one, or 0 for any that is free"


@cache
def _content(package: str, name: str) -> bytes:
    return files(package).joinpath("static", name).read_bytes()
