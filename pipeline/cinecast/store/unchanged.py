"""Looking at a run that another command may be working on: what is read together must belong together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cinecast.errors import CinecastError, StoreError
from cinecast.store.artifacts import LABELS, REPORT
from cinecast.store.record import STAGE_FILE, read_record


@contextmanager
def unchanged_meanwhile(root: Path) -> Iterator[None]:
    """Read several artifacts of a run that is not locked, in the knowledge that none of them was replaced meanwhile.

    Those that another command adds do not matter, nor scores and reports that it makes anew: nothing is made from them.

    Parameters
    ----------
    root
        The run folder.

    Yields
    ------
    None
        To read in.

    Raises
    ------
    StoreError
        If an artifact was replaced or removed: forecasts of one model would stand beside another model.
    """
    before = _made(root)
    try:
        yield
    except (CinecastError, OSError, ValueError):  # it may be for that reason that something is missing or does not fit
        _check(root, before)
        raise
    _check(root, before)


def _check(root: Path, before: dict[str, object]) -> None:
    now = _made(root)
    changed = next((name for name, mark in before.items() if name not in now or now[name] != mark), None)
    if changed is not None:
        raise StoreError(
            f"a run must stay as it is while it is read, got {changed} made anew in {root} by another command; wait "
            "for that, then start this one again"
        )


def _is_end(key: str) -> bool:
    return key == REPORT or (key.startswith("score/") and key != LABELS)


def _made(root: Path) -> dict[str, object]:
    """Return what each artifact is known again by, by its key; half-written ones are left out.

    That is what it was made from and what it holds: numbers of files change by themselves on some network disks.
    """
    found: dict[str, object] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        key = os.path.relpath(folder, root)
        if STAGE_FILE in files and not _is_end(key):
            record = read_record(Path(folder)) or {}
            found[key] = record.get("fingerprint"), record.get("files")
    return found
