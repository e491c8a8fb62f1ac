"""A folder of pages that is no run: it appears whole or not at all, and replaces nothing but what a report wrote."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from cinecast.errors import StoreError
from cinecast.parsed_text import parse_json
from cinecast.store.disk_errors import as_store_error
from cinecast.store.record import STAGE_FILE
from cinecast.store.replacing import put_in_place, recover_beside, replacing, temporary_folder

# What every folder of pages has, and hardly anything else.
_MARK = "assets/numbers.js"
# The files that a folder of pages consists of; those written before there was a list have no others than these.
_LIST = "assets/files.json"
_UNLISTED = ("index.html", STAGE_FILE, _LIST, "assets/*.js", "assets/*.css")


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their name relative to a folder; sub-folders are made.

    Parameters
    ----------
    folder
        An existing folder.
    files
        Contents by name, with ``/`` before names in sub-folders.
    """
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def load_second_opinion(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return what the report of a run found, each with its evidence; nothing where it has no second opinion."""
    try:
        lines = (folder / "second_opinion.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):  # a report of before there was one
        return ()
    return tuple(zip(lines[::2], lines[1::2], strict=True)) if len(lines) % 2 == 0 else ()


def prepare_pages_folder(folder: Path) -> None:
    """Mend what a kill left of an earlier report, and check that pages may be written to a folder.

    Raises
    ------
    StoreError
        If it holds anything that no report wrote.
    """
    with as_store_error(folder):
        recover_beside(folder.absolute())
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return
        if not (folder / _MARK).is_file():
            raise StoreError(
                f"the output must be a new or empty folder or an earlier report, got {folder}, which is neither; "
                "choose another --out"
            )
        foreign = _foreign(folder)
    if foreign is not None:
        raise StoreError(
            f"a report must replace nothing but an earlier report, got {foreign} in {folder}, which no report wrote; "
            "move it elsewhere or choose another --out"
        )


def _foreign(folder: Path) -> str | None:
    """Return the name of something in a folder of pages that does not belong to them, None where there is nothing."""
    listed = _listed(folder)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not (name == "assets" if path.is_dir() else _is_own(name, listed)):
            return name
    return None


def _listed(folder: Path) -> Collection[str] | None:
    try:
        names = parse_json((folder / _LIST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return [*map(str, names), _LIST] if isinstance(names, list) else None


def _is_own(name: str, listed: Collection[str] | None) -> bool:
    return name in listed if listed is not None else any(fnmatchcase(name, kind) for kind in _UNLISTED)


def write_pages(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a report to a folder of its own, in place of an earlier one.

    Parameters
    ----------
    folder
        New, empty, or an earlier report.
    files
        Contents by name relative to it, those of `cinecast.report.render_report`.

    Raises
    ------
    StoreError
        If the folder holds something else, or cannot be written.
    """
    prepare_pages_folder(folder)
    with as_store_error(folder):
        temporary = temporary_folder(folder.absolute())
        try:
            write_files(temporary, {**files, _LIST: json.dumps(sorted(files), indent=1).encode()})
            put_in_place(temporary, folder.absolute())
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def write_one_file(path: Path, content: bytes) -> None:
    """Write a file at once, in place of an earlier one.

    Parameters
    ----------
    path
        In an existing folder.
    content
        The whole file.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    with as_store_error(path.parent), replacing(path) as temporary:
        temporary.write_bytes(content)
