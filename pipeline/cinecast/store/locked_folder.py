"""A folder on the disk that one command works on at a time, whatever it holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Self

from cinecast.store.disk_errors import as_store_error
from cinecast.store.lock import FolderLock
from cinecast.store.marker import check_folder
from cinecast.store.replacing import replacing


class LockedFolder:
    """What `RunFolder` and `CohortFolder` have in common: the lock, looking without it, files that are replaced whole.

    Parameters
    ----------
    root
        The folder; made if it is missing.
    claim
        Called while the lock is held: checks that the folder is of the right kind, and mends what a kill left.
    shared
        Whether others may share the lock.
    wait
        Called again and again while another process holds the lock, and may raise to give up; None: do not wait.

    Raises
    ------
    StoreError
        If the folder is a file, is in use or cannot be written, or ``claim`` says so.
    """

    # What is worked on, and one of its kind: for sentences.
    _what: ClassVar[str]
    _one: ClassVar[str]

    root: Path
    _lock: FolderLock | None

    def __init__(
        self,
        root: Path,
        claim: Callable[[], None],
        *,
        shared: bool = False,
        wait: Callable[[], None] | None = None,
    ) -> None:
        self.root = root
        with as_store_error(root, self._what):
            if not root.exists():
                root.mkdir(parents=True, exist_ok=True)
            check_folder(root)
            self._lock = FolderLock(root, shared=shared, wait=wait, what=self._one)
            try:
                claim()
            except BaseException:
                self.close()
                raise

    @classmethod
    def view(cls, root: Path) -> Self:
        """Return a folder for looking at only, whoever works on it at the time: no lock, nothing mended.

        Raises
        ------
        StoreError
            If there is none of this kind, a damaged one, or one of a newer version.
        """
        cls._check(root)
        folder = cls.__new__(cls)
        folder.root, folder._lock = root, None
        return folder

    @staticmethod
    def _check(root: Path) -> None:
        """Check that a folder is of this kind."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let other processes work on the folder."""
        if self._lock is not None:
            self._lock.close()

    def read_file(self, name: str) -> bytes | None:
        """Return the content of one file of the folder, None where it is missing; artifacts are not read so."""
        path = self.root / name
        with as_store_error(self.root, self._what):
            try:
                return path.read_bytes() if path.is_file() else None
            except FileNotFoundError:  # of the same batch another has just removed it
                return None

    def write_file(self, name: str, content: bytes | None) -> None:
        """Replace one file of the folder at once; an unchanged one is left alone. Artifacts are not written so.

        Parameters
        ----------
        name
            Its path relative to the folder; sub-folders are made.
        content
            The whole new content; None removes the file.

        Raises
        ------
        StoreError
            If the disk is full or cannot be written.
        """
        target = self.root / name
        with as_store_error(self.root, self._what):
            if self.read_file(name) == content:
                return
            if content is None:
                target.unlink(missing_ok=True)  # of the same batch another may have done it
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as temporary:
                temporary.write_bytes(content)
