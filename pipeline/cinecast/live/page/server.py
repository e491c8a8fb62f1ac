"""Serves the page on this machine alone, in threads beside the stream."""

from __future__ import annotations

import logging
import sys
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cinecast.errors import SettingsError
from cinecast.live.page.drawing import Drawing
from cinecast.live.page.newest import Newest

_LOG = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
# A browser that does not take what it asked for within so many seconds is let go.
_PATIENCE_S = 10.0
# A request that nothing new comes for is answered after so many seconds, so that a browser knows that we are here.
_LONGEST_WAIT_S = 5.0
# What a request asks for is short; no session has a frame whose number has more digits.
_MOST_FIELDS, _LONGEST_NUMBER = 4, 18
# By path: the package and the file that it lies in, and its type. Colours and style are the report's.
_FILES = {
    "/": ("cinecast.live.page", "page.html", "text/html"),
    "/page.css": ("cinecast.live.page", "page.css", "text/css"),
    "/page.js": ("cinecast.live.page", "page.js", "text/javascript"),
    "/report.css": ("cinecast.report", "report.css", "text/css"),
    "/colours.js": ("cinecast.report", "colours.js", "text/javascript"),
}

_POLICY = "default-src 'self'; img-src 'self' data:"


class PageServer(ThreadingHTTPServer):
    """Answers browsers on this machine.

    Parameters
    ----------
    port
        The port, 1 to 65535; 0 for any that is free.
    newest, drawing
        What is shown, and what makes pictures of it.

    Raises
    ------
    SettingsError
        If the port is none, or cannot be had.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, newest: Newest, drawing: Drawing) -> None:
        if not 0 <= port <= 65535:
            raise SettingsError(f"--page must be a port from 1 to 65535, or 0 for any that is free, got {port}")
        self.newest, self.drawing = newest, drawing
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            reason = error.strerror.lower() if error.strerror else str(error)
            raise SettingsError(
                f"--page must be a free port, got {port} ({reason}); choose another one, or 0 for any that is free"
            ) from error

    @property
    def url(self) -> str:
        """Where a browser finds the page."""
        return f"http://{ADDRESS}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away, and of what else went wrong one sentence.

        Parameters
        ----------
        request, client_address
            The socket and the address of the browser, as `socketserver` gives them.
        """
        fault = sys.exception()
        if not isinstance(fault, OSError):
            _LOG.warning("a request to the page could not be answered (%s); the stream goes on", type(fault).__name__)


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE_S

    @property
    def _page(self) -> PageServer:
        assert isinstance(self.server, PageServer)  # which alone makes handlers
        return self.server

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer one request."""
        # A page of another site, whose name was made to lead here, must not read images of patients.
        if self.headers.get("Host") not in [f"{name}:{self._page.server_port}" for name in (ADDRESS, "localhost")]:
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"this page is for browsers on this machine\n")
            return
        try:
            address = urlsplit(self.path)
            number = parse_qs(address.query, max_num_fields=_MOST_FIELDS).get("after", ["-1"])[0]
        except ValueError:  # no address at all
            self._send(HTTPStatus.BAD_REQUEST, "text/plain", b"this is no address of a page\n")
            return
        if address.path == "/newest" and len(number) <= _LONGEST_NUMBER and number.removeprefix("-").isdecimal():
            with self._page.newest.reader():
                found = self._page.newest.after(int(number), _LONGEST_WAIT_S)
                self._send(HTTPStatus.OK, "application/octet-stream", self._page.drawing.draw(*found))
        elif address.path in _FILES:
            package, name, kind = _FILES[address.path]
            self._send(HTTPStatus.OK, f"{kind}; charset=utf-8", _content(package, name))
        else:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"there is no such page\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of http.server
        """Keep requests off the terminal."""

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), "Cache-Control": "no-store"}
        headers |= {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@cache
def _content(package: str, name: str) -> bytes:
    return files(package).joinpath("static", name).read_bytes()
