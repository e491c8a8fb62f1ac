"""A run folder: every artifact appears whole or not at all, and says what it was made from."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Any

from cinecast.errors import StoreError
from cinecast.store.digests import file_digest
from cinecast.store.disk_errors import as_store_error
from cinecast.store.locked_folder import LockedFolder
from cinecast.store.marker import check_run, claim
from cinecast.store.record import read_record, write_record
from cinecast.store.replacing import being_replaced, put_away, put_in_place, recover, temporary_folder

# Who looks without a lock looks again where somebody replaces what is looked at; what a kill left is mended by others.
_LOOKS, _LOOK_AGAIN_S = 20, 0.005


class Status(Enum):
    """What is known of an artifact before it is asked for."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    DAMAGED = "damaged"


def artifact_status(root: Path, key: str, fingerprint: str) -> Status:
    """Return the status of an artifact of a run folder, which need not be locked for it; see `RunFolder.status`.

    Parameters
    ----------
    root
        The run folder; it may be missing.
    key, fingerprint
        Path of the artifact relative to the run, and what it would be made with now.

    Returns
    -------
    Status

    Raises
    ------
    StoreError
        If the disk cannot be read.
    """
    with as_store_error(root):
        looks = 0
        while True:
            looks, record = looks + 1, read_record(root / key)
            status = _status_by(record, root / key, fingerprint)
            if looks == _LOOKS or status in (Status.FRESH, Status.STALE) or not _is_replaced(root / key, record):
                return status


def _status_by(record: Mapping[str, Any] | None, folder: Path, fingerprint: str) -> Status:
    if record is None:
        return Status.DAMAGED if folder.is_dir() else Status.MISSING
    if any(not _matches(folder / name, digest) for name, digest in record["files"].items()):
        return Status.DAMAGED
    return Status.FRESH if record["fingerprint"] == fingerprint else Status.STALE


def _is_replaced(folder: Path, record: Mapping[str, Any] | None) -> bool:
    """Whether somebody has put another artifact in its place since its record was read, or is about to."""
    if being_replaced(folder):
        time.sleep(_LOOK_AGAIN_S)
        return True
    return read_record(folder) != record


def _matches(path: Path, digest: str) -> bool:
    try:
        return path.is_file() and file_digest(path) == digest
    except FileNotFoundError:  # it has gone since
        return False


def _digest_if_there(path: Path) -> None:
    with suppress(OSError):
        file_digest(path)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


class RunFolder(LockedFolder):
    """The folder of one run; use it in a ``with`` statement.

    Parameters
    ----------
    root
        The folder; made if it is missing.
    sequence
        Name of the sequence that the run is about.
    shared
        Whether tasks of the same batch may work on it at the same time; by default one process alone may.
    wait
        Called again and again while another process works on it, and may raise to give up; None: do not wait.
    guard
        Called before a result is put in its place, and may raise to drop it.

    Raises
    ------
    StoreError
        If the folder is not a run, is a run of another sequence or of a newer version, is in use, or cannot be
        written.
    """

    _what, _one = "the run", "a run"
    _guard: Callable[[], None] | None = None

    def __init__(
        self,
        root: Path,
        sequence: str,
        *,
        shared: bool = False,
        wait: Callable[[], None] | None = None,
        guard: Callable[[], None] | None = None,
    ) -> None:
        def claim_run() -> None:
            claim(root, sequence)
            if not shared:  # two at once would mend the same leftovers
                recover(root)

        self._guard = guard
        super().__init__(root, claim_run, shared=shared, wait=wait)

    @staticmethod
    def _check(root: Path) -> None:
        check_run(root)

    def status(self, key: str, fingerprint: str) -> Status:
        """Return whether the artifact ``key`` is there, whole and made with this fingerprint.

        Parameters
        ----------
        key
            Path of the artifact relative to the run, such as ``forecast/rls/h002``.
        fingerprint
            What the artifact would have if it were made now.

        Returns
        -------
        Status
            ``DAMAGED`` also where a file is not as it was written, which takes its digest: seconds for large ones.
        """
        return artifact_status(self.root, key, fingerprint)

    def read_ahead(self, keys: Iterable[str], workers: int) -> None:
        """Take the digests of all files of artifacts, several at a time, so that `status` knows them.

        Parameters
        ----------
        keys
            The artifacts; those that are missing or damaged are left to `status`.
        workers
            Threads.
        """
        files = [self.root / key / name for key in keys for name in self.record(key).get("files", {})]
        with ThreadPoolExecutor(workers) as pool:
            for _ in pool.map(_digest_if_there, sorted(files, key=_size, reverse=True)):
                pass

    def path(self, key: str, name: str = "") -> Path:
        """Return the path of an artifact's folder, or of one of its files.

        Parameters
        ----------
        key
            Path of the artifact relative to the run.
        name
            A file of it; empty for its folder.

        Returns
        -------
        Path
            Whether anything is there or not.
        """
        return self.root / key / name if name else self.root / key

    def digest(self, key: str, name: str) -> str:
        """Return the recorded digest of one file of a committed artifact.

        Parameters
        ----------
        key
            Path of the artifact relative to the run.
        name
            A file of it.

        Returns
        -------
        str
            SHA-256 as hexadecimal digits, as it was when the file was written.

        Raises
        ------
        StoreError
            If there is no such artifact or file.
        """
        files = self.record(key).get("files", {})
        if name not in files:
            raise StoreError(f"{key}/{name} must exist in {self.root}, got nothing; run the stage that makes it")
        return str(files[name])

    def intact(self, key: str, name: str) -> bool:
        """Return whether one file of an artifact is there as it was written.

        Parameters
        ----------
        key
            Path of the artifact relative to the run.
        name
            A file of it.

        Returns
        -------
        bool
            False also where there is no such artifact.
        """
        digest = self.record(key).get("files", {}).get(name)
        return digest is not None and self._matches(key, name, digest)

    def record(self, key: str) -> Mapping[str, Any]:
        """Return the ``stage.json`` of an artifact, or an empty mapping."""
        return read_record(self.root / key) or {}

    @contextmanager
    def commit(
        self, key: str, fingerprint: str, settings: Mapping[str, Any], order: str | None = None
    ) -> Iterator[Path]:
        """Give a temporary folder to write into; on leaving without error it becomes the artifact, at once.

        An artifact of the same key is replaced; after an error or a kill it stays as it was.

        Parameters
        ----------
        key
            Path of the artifact relative to the run.
        fingerprint
            Digest of all that it depends on, `cinecast.store.digests.fingerprint`.
        settings
            Settings that it depends on, as plain JSON values, kept for people to read.
        order
            Name of the command that has it redone whatever its state, so that the same command does it once.

        Yields
        ------
        Path
            An empty folder; its ``stage.json`` is written on leaving.

        Raises
        ------
        StoreError
            If the disk is full or cannot be written.
        """
        target = self.root / key
        with as_store_error(self.root):
            temporary = temporary_folder(target)
        started = time.perf_counter()
        try:
            with as_store_error(self.root):
                yield temporary
                write_record(temporary, fingerprint, settings, time.perf_counter() - started, order)
                if self._guard is not None:
                    self._guard()
                put_in_place(temporary, target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise

    def remove(self, key: str) -> None:
        """Remove an artifact at once, and folders that it lay in where nothing else does; a missing one is no fault.

        Raises
        ------
        StoreError
            If the disk cannot be written.
        """
        target = self.root / key
        with as_store_error(self.root):
            if self._guard is not None:
                self._guard()
            if target.is_dir():
                put_away(target)
            with suppress(OSError):  # others lie there
                for folder in list(target.parents)[: len(Path(key).parts) - 1]:
                    folder.rmdir()

    def _matches(self, key: str, name: str, digest: str) -> bool:
        return _matches(self.root / key / name, digest)
