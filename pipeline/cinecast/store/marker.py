"""``run.json``: what makes a folder a run, and of which sequence."""

from __future__ import annotations

import json
from pathlib import Path

from cinecast.errors import StoreError
from cinecast.parsed_text import parse_json
from cinecast.store.replacing import TEMPORARY, replacing
from cinecast.version import __version__

RUN_FILE = "run.json"
# Raised when a folder written by this version cannot be understood by older ones.
FORMAT = 1


def saved_sequence(root: Path) -> str | None:
    """Return the name of the sequence that an existing run is about; None where there is no run."""
    try:
        return str(parse_json((root / RUN_FILE).read_text(encoding="utf-8"))["sequence"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_folder(root: Path) -> None:
    """Check that an existing path is a folder.

    Raises
    ------
    StoreError
        If it is a file.
    """
    if not root.is_dir():
        raise StoreError(f"the output must be a folder, got the file {root}; choose another --out")


def claim(root: Path, sequence: str) -> None:
    """Make an empty folder the run of a sequence, or check that it is that already.

    Parameters
    ----------
    root
        An existing folder.
    sequence
        Name of the sequence that the run is, or is to be, about.

    Raises
    ------
    StoreError
        If it holds something else.
    """
    if (root / RUN_FILE).exists():
        _check(root, sequence)
        return
    # A kill while run.json was written leaves a temporary file and nothing else.
    if any(not path.name.startswith(TEMPORARY) for path in root.iterdir()):
        raise StoreError(
            f"the output must be a run or an empty folder, got {root}, which holds other files; choose another --out"
        )
    content = {"format": FORMAT, "sequence": sequence, "cinecast": __version__}
    with replacing(root / RUN_FILE) as temporary:
        temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")


def check_run(root: Path) -> str:
    """Return the name of the sequence that a run is about.

    Raises
    ------
    StoreError
        If it is no run, a damaged one, or one of a newer version.
    """
    if not (root / RUN_FILE).is_file():
        raise StoreError(f"a run must hold {RUN_FILE}, got none in {root}; give the folder of a run")
    try:
        content = parse_json((root / RUN_FILE).read_text(encoding="utf-8"))
        made_of, version = str(content["sequence"]), int(content["format"])
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise StoreError(
            f"{RUN_FILE} of a run must be readable, got a damaged one in {root}; restore it or choose another --out"
        ) from error
    if version > FORMAT:
        raise StoreError(
            f"a run must have format {FORMAT} or older, got format {version} in {root}; use a newer cinecast"
        )
    return made_of


def _check(root: Path, sequence: str) -> None:
    made_of = check_run(root)
    if made_of != sequence:
        raise StoreError(
            f"a run holds one sequence, got {sequence!r} for {root}, which holds {made_of!r}; choose another --out"
        )
