"""A folder of pages that is no run: it appears whole or not at all, and replaces nothing but an earlier one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from cinecast.errors import StoreError
from cinecast.store.disk_errors import as_store_error
from cinecast.store.replacing import put_in_place, replacing, temporary_folder

# What every folder of pages has, and hardly anything else.
_MARK = "assets/numbers.js"


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their name relative to a folder; sub-folders are made."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def check_pages_folder(folder: Path) -> None:
    """Check that pages may be written to a folder.

    Raises
    ------
    StoreError
        If it holds something that is no earlier report.
    """
    with as_store_error(folder):
        if not folder.exists() or (folder / _MARK).is_file() or (folder.is_dir() and not any(folder.iterdir())):
            return
    raise StoreError(
        f"the output must be a new or empty folder or an earlier report, got {folder}, which is neither; "
        "choose another --out"
    )


def write_pages(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a report to a folder of its own, in place of an earlier one.

    Raises
    ------
    StoreError
        If the folder holds something else, or cannot be written.
    """
    check_pages_folder(folder)
    with as_store_error(folder):
        temporary = temporary_folder(folder.absolute())
        try:
            write_files(temporary, files)
            put_in_place(temporary, folder.absolute())
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def write_one_file(path: Path, content: bytes) -> None:
    """Write a file at once, in place of an earlier one.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    with as_store_error(path.parent), replacing(path) as temporary:
        temporary.write_bytes(content)
