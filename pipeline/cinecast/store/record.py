"""``stage.json``: what an artifact was made from, by what, and the digests of its files."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from cinecast.parsed_text import parse_json
from cinecast.store.digests import Identity, file_digest, json_digest, settled_identity
from cinecast.version import __version__

STAGE_FILE = "stage.json"
# Records that this process has read: each is asked for by all steps that read one of its files.
_MOST_KNOWN = 1000
_KNOWN: dict[Identity, dict[str, Any]] = {}
_LIBRARIES = ("numpy", "numba", "opencv-python-headless", "scikit-image")


def write_record(
    folder: Path, fingerprint: str, settings: Mapping[str, Any], seconds: float, order: str | None = None
) -> None:
    """Write the record of a finished folder, with the digest of every file and of the record itself.

    Parameters
    ----------
    folder
        A folder whose files are all written.
    fingerprint
        Digest of all that the artifact depends on.
    settings
        Settings that it depends on, as plain JSON values.
    seconds
        How long the making took.
    order
        Name of the command that had it redone, so that the same command, started again, does not redo it again.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    record = {
        "fingerprint": fingerprint,
        "settings": settings,
        "files": {path.relative_to(folder).as_posix(): file_digest(path) for path in files},
        "seconds": round(seconds, 3),
        "versions": _versions(),
        "machine": {"system": platform.platform(), "processors": os.cpu_count()},
    }
    if order is not None:
        record["order"] = order
    record["digest"] = json_digest(record)
    (folder / STAGE_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return the record of a folder; None where it is missing or not as it was written."""
    path = folder / STAGE_FILE
    try:
        identity = settled_identity(path.stat())
        known = None if identity is None else _KNOWN.get(identity)
        record = _read(path) if known is None else known
    except OSError:
        return None
    if identity is not None and record is not None and known is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[identity] = record
    return None if record is None else dict(record)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record = parse_json(path.read_text(encoding="utf-8"))
        digest = record.pop("digest")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None
    return record if digest == json_digest(record) else None


@cache
def _versions() -> dict[str, str]:
    found = {"cinecast": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
