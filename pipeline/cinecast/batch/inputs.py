"""Which sequences a batch is given: files, folders of sequences, globs and lists."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cinecast.errors import ReadError
from cinecast.frames.detect import FOUND_IN_FOLDERS, detect_format, mha_files, readable, readable_name, sequence_name
from cinecast.store.cohort import COHORT_FILE, RESERVED
from cinecast.store.marker import RUN_FILE

# File systems take 255; names of logs and of temporary folders are longer than that of the run.
_LONGEST_NAME = 180


@dataclass(frozen=True)
class Entry:
    """One sequence of a cohort as it was given.

    Parameters
    ----------
    name
        Its name in the cohort.
    source
        File or folder, an absolute path.
    tables
        Settings of its own, as nested tables; they win over those of the cohort.
    """

    name: str
    source: Path
    tables: Mapping[str, Any] = field(default_factory=dict)


def find_entries(text: str, faults: list[str]) -> list[Entry]:
    """Return the sequences that one input names: a file, a folder that is one or holds some, or a glob.

    A folder of sequences is searched to any depth; the names are then the paths below it, joined by ``_``.

    Parameters
    ----------
    text
        The input.
    faults
        Gets a sentence for what is wrong.

    Returns
    -------
    list[Entry]
        By path; empty where the input names nothing, which ``faults`` then says.
    """
    if os.path.exists(text):
        paths = [text]
    elif glob.has_magic(text):
        paths = sorted(glob.glob(text, recursive=True))
        if not paths:
            faults.append(f"{text}: no file or folder matches")
    else:
        paths = []
        faults.append(f"{text}: there is no such file or folder")
    found: list[Entry] = []
    for path in paths:
        try:
            found += _entries_at(Path(os.path.abspath(path)), faults)
        except OSError as error:  # a folder that may not be read, say
            faults.append(f"{error.filename or path} cannot be read ({error.strerror}); check its permissions")
    return found


def check_entries(entries: Iterable[Entry]) -> list[str]:
    """Return a sentence for each name that cannot be one, is there twice, or stands for the same work as another."""
    faults, by_name, by_work = [], dict[str, Entry](), dict[str, Entry]()
    for entry in entries:
        name = entry.name
        if name != name.strip() or not name or name.startswith(".") or any(c in "/\\" or c < " " for c in name):
            faults.append(f"{entry.source}: {name!r} cannot be the name of a folder; give another name in a CSV list")
        elif len(os.fsencode(name)) > _LONGEST_NAME:
            faults.append(
                f"{entry.source}: a name must have at most {_LONGEST_NAME} bytes, got {len(os.fsencode(name))}; give "
                "another name in a CSV list"
            )
        elif name in RESERVED:
            faults.append(f"{entry.source}: the name {name!r} is taken by the batch itself; give another in a CSV list")
        # Some file systems take upper for lower case.
        other = by_name.setdefault(name.casefold(), entry)
        if other is not entry:
            again = "is given twice" if other.source == entry.source else f"and {other.source} have the same name"
            faults.append(f"{entry.source} {again}: {name!r}; remove one, or give other names in a CSV list")
            continue
        twin = by_work.setdefault(f"{entry.source}\0{entry.tables}", entry)
        if twin is not entry:
            faults.append(f"{entry.source} is given twice with the same settings, as {twin.name!r} and {name!r}")
    return faults


def _entries_at(path: Path, faults: list[str]) -> list[Entry]:
    if path.is_dir() and not _is_sequence(path):
        found = [
            Entry(readable("_".join((*p.relative_to(path).parts[:-1], sequence_name(p)))), p) for p in _below(path)
        ]
        if not found:
            faults.append(f"{path}: this folder holds no sequence of a known format")
        return found
    if path.suffix.lower() == ".json":  # the sidecar of another: a shell's glob gives it too
        return []
    try:
        detect_format(path)
    except ReadError as error:
        faults.append(f"{path}: {error}")
    return [Entry(readable_name(path), path)]


def _below(folder: Path) -> Iterator[Path]:
    """Yield the sequences in a folder, to any depth, without what earlier runs wrote there."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if (path / RUN_FILE).exists() or (path / COHORT_FILE).exists():
                continue
            if _is_sequence(path):
                yield path
            else:
                yield from _below(path)
        elif path.name.lower().endswith(FOUND_IN_FOLDERS):
            yield path


def _is_sequence(folder: Path) -> bool:
    """Whether a folder is one sequence: a TrackRAD2025 patient, or a folder with DICOM files right in it."""
    return bool(mha_files(folder / "images")) or any(
        _is_dicom(path) for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
    )


def _is_dicom(path: Path) -> bool:
    try:
        return detect_format(path) == "dicom"
    except ReadError:
        return False
