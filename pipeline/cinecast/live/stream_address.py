"""Addresses of streams, as people give them: igtl://HOST:PORT/DEVICE and mrd://HOST:PORT."""

from __future__ import annotations

import re
from typing import NamedTuple

from cinecast.errors import SettingsError

_SCHEMES = ("igtl", "mrd")
# A path as the command line hands it over has lost one of its slashes.
_ADDRESS = re.compile(r"(?P<scheme>\w+):/{1,2}(?P<host>\[[\da-fA-F:]+\]|[^/:\[\]]+):(?P<port>\d+)(?:/(?P<device>.*))?")
_STREAM = re.compile(r"(igtl|mrd):/")


class StreamAddress(NamedTuple):
    """Protocol, host and port of a server, and the device that is meant; empty for the first that sends a frame."""

    scheme: str
    host: str
    port: int
    device: str

    @property
    def text(self) -> str:
        """The address, as people give it."""
        return f"{self.scheme}://{self.host}:{self.port}" + (f"/{self.device}" if self.device else "")


def is_stream(text: str) -> bool:
    """Return whether a text means a stream, rather than a file or a folder."""
    return _STREAM.match(text) is not None


def parse_address(text: str) -> StreamAddress:
    """Return the parts of an address.

    Parameters
    ----------
    text
        Such as ``igtl://127.0.0.1:18944/Scanner``; one slash is enough.

    Raises
    ------
    SettingsError
        If it is none.
    """
    found = _ADDRESS.fullmatch(text)
    device = (found["device"] or "") if found else ""
    if found is None or found["scheme"] not in _SCHEMES or not 0 < int(found["port"]) < 1 << 16:
        raise SettingsError(
            f"a stream must be igtl://HOST:PORT/DEVICE or mrd://HOST:PORT with a port of 1 to 65535, got {text}; "
            "change the address"
        )
    if found["scheme"] == "mrd" and device:
        raise SettingsError(f"an MRD stream has no devices, got {device}; leave it out: mrd://HOST:PORT")
    return StreamAddress(found["scheme"], found["host"].strip("[]"), int(found["port"]), device)
