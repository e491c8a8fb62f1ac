"""What tests of the live page share: asking a server for the newest moment, and reading the answer."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray


class Answer(NamedTuple):
    """A moment as a browser gets it."""

    facts: dict[str, Any]
    pictures: dict[str, NDArray[Any]]


def get(url: str, path: str, **headers: str) -> tuple[int, bytes]:
    """Return status and content of one path below an address, which ends with its token."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=300)
    try:
        connection.request("GET", urlsplit(url).path.rstrip("/") + path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def newest(url: str, after: int = -1, follower: str = "") -> Answer:
    """Ask for a moment newer than one, as somebody who goes on asking where that has a name."""
    status, content = get(url, f"/newest?after={after}&follower={follower}")
    assert status == 200
    length = int.from_bytes(content[:4], "little")
    facts, start, pictures = json.loads(content[4 : 4 + length]), 4 + length, {}
    for name in facts["pictures"]:
        kind = np.dtype("<i2" if name == "difference" else "u1")
        count = facts["shape"][0] * facts["shape"][1]
        pictures[name] = np.frombuffer(content, kind, count, start).reshape(facts["shape"])
        start += count * kind.itemsize
    assert start == len(content)
    return Answer(facts, pictures)
