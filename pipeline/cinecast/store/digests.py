"""Digests of files and fingerprints of what a result depends on."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader
from pathlib import Path
from typing import Any

from cinecast.errors import ReadError

Identity = tuple[int, int, int, int, int]

# Of this process.
_MOST_KNOWN = 10_000
_KNOWN: dict[Identity, str] = {}
_JUST_WRITTEN_NS = 2_000_000_000
_SMALL = 1_000_000
_READERS = 2


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal digits.

    A file that was read for it before is read again only if it was written since.
    """
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        identity = settled_identity(found)
        if identity is None:
            return _digest(file, found.st_size)
        digest = _KNOWN.get(identity)
        if digest is None:
            digest = _digest(file, found.st_size)
            if len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[identity] = digest
        return digest


def settled_identity(found: os.stat_result) -> Identity | None:
    """Return by what a file is known again as long as nobody writes it; None for one that was just written.

    The clock of files is coarse: such a one may be written once more at what it takes for the same time.
    """
    if time.time_ns() - found.st_ctime_ns < _JUST_WRITTEN_NS:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _digest(file: BufferedReader, size: int) -> str:
    if size < _SMALL:  # hashlib would make room for much more, which takes longer than the rest
        return hashlib.sha256(file.read()).hexdigest()
    return hashlib.file_digest(file, "sha256").hexdigest()


def json_digest(content: object) -> str:
    """Return the SHA-256 of plain JSON values, whatever the order of names in them."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def source_digest(files: list[Path]) -> str:
    """Return one digest of the names and bytes of the files that a sequence is read from.

    Raises
    ------
    ReadError
        If one of them is no longer there.
    """
    whole, paths = hashlib.sha256(), sorted(files)
    try:
        with ThreadPoolExecutor(_READERS) as pool:  # one waits for the disk, or the network, while another computes
            for path, digest in zip(paths, pool.map(file_digest, paths), strict=True):
                whole.update(os.fsencode(path.name) + f"\0{digest}\n".encode())
    except FileNotFoundError as error:
        raise ReadError(
            f"the files of a sequence must stay while it is read, got {Path(str(error.filename)).name} listed and gone "
            "again; wait until nothing is copied or moved there"
        ) from error
    return whole.hexdigest()


def fingerprint(stage: str, version: int, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return the digest of everything that a stage's result depends on.

    Parameters
    ----------
    stage
        Name of the stage.
    version
        Version of the stage's arithmetic; raised when its results change.
    settings
        Settings that the result depends on, as plain JSON values.
    inputs
        Digests of the files and results that are read, by name.

    Returns
    -------
    str
        SHA-256 as hexadecimal digits.
    """
    return json_digest({"stage": stage, "version": version, "settings": settings, "inputs": inputs})
