"""A run folder: every artifact appears whole or not at all, and says what it was made from."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import Any

from cinecast import __version__
from cinecast.errors import StoreError
from cinecast.store.digests import file_digest
from cinecast.store.disk_errors import as_store_error

RUN_FILE = "run.json"
STAGE_FILE = "stage.json"
# Raised when a folder written by this version cannot be understood by older ones.
FORMAT = 1
_TEMPORARY, _REPLACED = ".tmp-", ".old-"
_STARTED = time.time()


class Status(Enum):
    """What is known of an artifact before it is asked for."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    DAMAGED = "damaged"


class RunFolder:
    """The folder of one run.

    Parameters
    ----------
    root
        The folder; made if it is missing.
    sequence
        Name of the sequence that the run is about.

    Raises
    ------
    StoreError
        If the folder is not a run, is a run of another sequence or of a newer version, or cannot be written.
    """

    def __init__(self, root: Path, sequence: str) -> None:
        self.root = root
        with as_store_error(root):
            _claim(root, sequence)
            _recover(root)

    def status(self, key: str, fingerprint: str) -> Status:
        """Return whether the artifact ``key`` is there, whole and made with this fingerprint."""
        record = self._record(key)
        if record is None:
            return Status.DAMAGED if (self.root / key).is_dir() else Status.MISSING
        if any(not self._intact(key, name, digest) for name, digest in record["files"].items()):
            return Status.DAMAGED
        return Status.FRESH if record["fingerprint"] == fingerprint else Status.STALE

    def path(self, key: str, name: str = "") -> Path:
        """Return the path of an artifact's folder, or of one of its files."""
        return self.root / key / name if name else self.root / key

    def digest(self, key: str, name: str) -> str:
        """Return the recorded digest of one file of a committed artifact."""
        record = self._record(key)
        if record is None or name not in record["files"]:
            raise StoreError(f"{key}/{name} must exist in {self.root}, got nothing; run the stage that makes it")
        return str(record["files"][name])

    def record(self, key: str) -> Mapping[str, Any]:
        """Return the ``stage.json`` of an artifact, or an empty mapping."""
        return self._record(key) or {}

    @contextmanager
    def commit(self, key: str, fingerprint: str, settings: Mapping[str, Any]) -> Iterator[Path]:
        """Give a temporary folder to write into; on leaving without error it becomes the artifact, at once.

        An artifact of the same key is replaced; after an error or a kill it stays as it was.
        """
        target = self.root / key
        with as_store_error(self.root):
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.parent / f"{_TEMPORARY}{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
            temporary.mkdir()
        started = time.perf_counter()
        try:
            with as_store_error(self.root):
                yield temporary
                _write_record(temporary, fingerprint, settings, time.perf_counter() - started)
                _flush(temporary)
                _put_in_place(temporary, target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise

    def write_file(self, name: str, content: bytes) -> None:
        """Replace one file of the run (not of an artifact) at once; an unchanged one is left alone."""
        target = self.root / name
        with as_store_error(self.root):
            if target.is_file() and target.read_bytes() == content:
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(target, content)

    def _record(self, key: str) -> dict[str, Any] | None:
        try:
            record = json.loads((self.root / key / STAGE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return record if isinstance(record, dict) and {"files", "fingerprint"} <= record.keys() else None

    def _intact(self, key: str, name: str, digest: str) -> bool:
        path = self.root / key / name
        return path.is_file() and file_digest(path) == digest


def saved_sequence(root: Path) -> str | None:
    """Return the name of the sequence that an existing run is about; None where there is no run."""
    try:
        return str(json.loads((root / RUN_FILE).read_text(encoding="utf-8"))["sequence"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _claim(root: Path, sequence: str) -> None:
    if root.exists() and not root.is_dir():
        raise StoreError(f"the output must be a folder, got the file {root}; choose another --out")
    marker = root / RUN_FILE
    if not marker.exists():
        if root.is_dir() and any(root.iterdir()):
            raise StoreError(
                f"the output must be a run or an empty folder, got {root}, which holds other files; "
                "choose another --out"
            )
        root.mkdir(parents=True, exist_ok=True)
        content = {"format": FORMAT, "sequence": sequence, "cinecast": __version__}
        _write_atomically(marker, json.dumps(content, indent=1).encode())
        return
    _check_marker(root, sequence)


def _check_marker(root: Path, sequence: str) -> None:
    try:
        content = json.loads((root / RUN_FILE).read_text(encoding="utf-8"))
        made_of, version = str(content["sequence"]), int(content["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{RUN_FILE} of a run must be readable, got a damaged one in {root}; choose another --out"
        ) from error
    if version > FORMAT:
        raise StoreError(
            f"a run must have format {FORMAT} or older, got format {version} in {root}; use a newer cinecast"
        )
    if made_of != sequence:
        raise StoreError(
            f"a run holds one sequence, got {sequence!r} for {root}, which holds {made_of!r}; choose another --out"
        )


def _recover(root: Path) -> None:
    """Bring back what a kill left half replaced, and sweep what it left half written."""
    for replaced in root.rglob(f"{_REPLACED}*"):
        target = replaced.parent / replaced.name.removeprefix(_REPLACED).rsplit("-", 1)[0]
        if target.exists():
            shutil.rmtree(replaced, ignore_errors=True)
        else:
            replaced.rename(target)
    for temporary in root.rglob(f"{_TEMPORARY}*"):
        if _abandoned(temporary):
            shutil.rmtree(temporary, ignore_errors=True)
            with suppress(OSError):
                temporary.unlink()


def _abandoned(temporary: Path) -> bool:
    """Whether the process that wrote a temporary file or folder ran on this machine and has ended."""
    host, _, process = temporary.name.removeprefix(_TEMPORARY).rpartition("-")[0].rpartition("-")
    if host != socket.gethostname() or not process.isdigit():
        return False
    if int(process) == os.getpid():  # a restarted container gives the same number again
        return temporary.stat().st_mtime < _STARTED
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _write_record(folder: Path, fingerprint: str, settings: Mapping[str, Any], seconds: float) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    record = {
        "fingerprint": fingerprint,
        "settings": settings,
        "files": {path.relative_to(folder).as_posix(): file_digest(path) for path in files},
        "seconds": round(seconds, 3),
        "versions": _versions(),
        "machine": {"system": platform.platform(), "processors": os.cpu_count()},
    }
    (folder / STAGE_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")


def _versions() -> dict[str, str]:
    names = ("numpy", "numba", "opencv-python-headless", "scikit-image")
    found = {"cinecast": __version__, "python": platform.python_version()}
    for name in names:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _flush(folder: Path) -> None:
    """Wait until the folder's files are on the disk, so that the rename cannot overtake them."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _put_in_place(temporary: Path, target: Path) -> None:
    replaced = None
    if target.exists():
        replaced = target.parent / f"{_REPLACED}{target.name}-{uuid.uuid4().hex[:8]}"
        target.rename(replaced)
    temporary.rename(target)
    if replaced is not None:
        shutil.rmtree(replaced, ignore_errors=True)


def _write_atomically(target: Path, content: bytes) -> None:
    temporary = target.parent / f"{_TEMPORARY}{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
