"""The folder of a cohort: one run folder per sequence, and what is known of all of them together."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cinecast.errors import StoreError
from cinecast.parsed_text import parse_json
from cinecast.store.lock import FolderLock
from cinecast.store.locked_folder import LockedFolder
from cinecast.store.marker import RUN_FILE
from cinecast.store.replacing import TEMPORARY, recover_here
from cinecast.version import __version__

COHORT_FILE = "batch.json"
FAILURES_FILE, WARNINGS_FILE = "failures.json", "warnings.json"
SUMMARY_FILE, PAGE_FILE = "summary.csv", "index.html"
SETTINGS_FILE = "settings.toml"
LOG_FILE, LOGS = "batch.log", "logs"
# No sequence may be called like one of these.
RESERVED = (COHORT_FILE, FAILURES_FILE, WARNINGS_FILE, SUMMARY_FILE, PAGE_FILE, SETTINGS_FILE, LOG_FILE, LOGS)
# Raised when a folder written by this version cannot be understood by older ones.
FORMAT = 1


class CohortFolder(LockedFolder):
    """The folder of a cohort, for one command at a time; use it in a ``with`` statement.

    Parameters
    ----------
    root
        The folder; made if it is missing.

    Raises
    ------
    StoreError
        If the folder holds something else, is of a newer version, is in use, or cannot be written.
    """

    _what, _one = "the batch", "a batch"

    def __init__(self, root: Path) -> None:
        def claim_cohort() -> None:
            _check_content(root)
            recover_here(root)

        super().__init__(root, claim_cohort)

    @staticmethod
    def _check(root: Path) -> None:
        read_cohort(root)

    def run_folder(self, name: str) -> Path:
        """Return the run folder of a sequence."""
        return self.root / name

    def read(self) -> dict[str, Any]:
        """Return what ``batch.json`` says; empty for a new cohort."""
        return read_cohort(self.root) if (self.root / COHORT_FILE).exists() else {}

    def write(self, content: Mapping[str, Any]) -> str:
        """Replace ``batch.json`` and return the new token in it, at which tasks of earlier batches, if any, end.

        Raises
        ------
        StoreError
            If the disk is full or cannot be written.
        """
        token = uuid.uuid4().hex
        head = {"format": FORMAT, "cinecast": __version__, "token": token}
        self.write_file(COHORT_FILE, json.dumps(head | dict(content), indent=1).encode())
        return token

    def read_failures(self) -> dict[str, dict[str, str]]:
        """Return why steps failed: reasons by key of the artifact, by name of the sequence."""
        try:
            content = parse_json((self.root / FAILURES_FILE).read_text(encoding="utf-8"))
            return {str(name): {str(k): str(v) for k, v in reasons.items()} for name, reasons in content.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def write_failures(self, failures: Mapping[str, Mapping[str, str]]) -> None:
        """Replace the table of failures; sequences without any are left out."""
        content = {name: reasons for name, reasons in sorted(failures.items()) if reasons}
        self.write_file(FAILURES_FILE, json.dumps(content, indent=1).encode())

    def read_warnings(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return what was warned of: sentences by key of the artifact, by name of the sequence."""
        try:
            content = parse_json((self.root / WARNINGS_FILE).read_text(encoding="utf-8"))
            return {
                str(name): {str(key): tuple(map(str, said)) for key, said in each.items()}
                for name, each in content.items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def write_warnings(self, said: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        """Replace what was warned of; sequences without any are left out."""
        content = {name: each for name, each in sorted(said.items()) if each}
        self.write_file(WARNINGS_FILE, json.dumps(content, indent=1).encode())

    def append(self, name: str, lines: str) -> None:
        """Append lines to a log; a log that cannot be written stops nothing.

        Parameters
        ----------
        name
            ``batch.log``, or a path below ``logs``, which is made.
        lines
            Whole lines with their ends.
        """
        with suppress(OSError):
            path = self.root / name
            path.parent.mkdir(exist_ok=True)
            with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(lines)


def read_cohort(root: Path) -> dict[str, Any]:
    """Return the content of a cohort's ``batch.json``.

    Raises
    ------
    StoreError
        If there is none, it is damaged, or it was written by a newer version.
    """
    try:
        content = parse_json((root / COHORT_FILE).read_text(encoding="utf-8"))
        version, _ = int(content["format"]), str(content["token"])
    except FileNotFoundError as error:
        raise StoreError(
            f"the folder of a batch must hold {COHORT_FILE}, got none in {root}; give the --out of a cinecast batch"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise StoreError(
            f"{COHORT_FILE} of a batch must be readable, got a damaged one in {root}; restore it or choose "
            "another --out"
        ) from error
    if version > FORMAT:
        raise StoreError(
            f"the folder of a batch must have format {FORMAT} or older, got format {version} in {root}; "
            "use a newer cinecast"
        )
    return dict(content)


@contextmanager
def cohort_left_alone(run: Path) -> Iterator[None]:
    """Keep batches away from a run that lies in the folder of one, and this command from a run of a working batch.

    Raises
    ------
    StoreError
        If a batch works on the cohort that the run belongs to.
    """
    cohort = run.absolute().parent
    if not (cohort / COHORT_FILE).is_file():
        yield
        return
    lock = FolderLock(cohort, shared=True, what="the folder of a batch")
    try:
        yield
    finally:
        lock.close()


def _check_content(root: Path) -> None:
    if (root / COHORT_FILE).exists():
        read_cohort(root)
    elif any(path.name != LOGS and not path.name.startswith(TEMPORARY) for path in root.iterdir()):
        what = "a single run" if (root / RUN_FILE).exists() else "other files"
        raise StoreError(
            f"the output must be the folder of a batch or an empty one, got {root}, which holds {what}; "
            "choose another --out"
        )
