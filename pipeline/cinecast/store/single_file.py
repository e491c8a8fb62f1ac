"""One file outside of any run that appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

from cinecast.store.disk_errors import as_store_error
from cinecast.store.replacing import replacing


def make_folder(folder: Path, what: str) -> None:
    """Make a folder for files, if it is missing.

    Parameters
    ----------
    folder
        Its parents are made too.
    what
        What the files are, for sentences: ``the export``.

    Raises
    ------
    StoreError
        If it cannot be made.
    """
    with as_store_error(folder, what):
        folder.mkdir(parents=True, exist_ok=True)


def write_whole(path: Path, content: bytes, what: str) -> None:
    """Write a file of an existing folder, replacing an older one at once.

    Parameters
    ----------
    path
        In an existing folder.
    content
        The whole file.
    what
        What it is, for sentences.

    Raises
    ------
    StoreError
        If the disk is full or cannot be written.
    """
    with as_store_error(path, what), replacing(path) as temporary:
        temporary.write_bytes(content)
