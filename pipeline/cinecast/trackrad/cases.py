"""Cases tracked one after the other: one that fails is named and costs the others nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cinecast.batch.inputs import find_entries
from cinecast.errors import CinecastError, ReadError, SettingsError, StoreError
from cinecast.frames.masks.first_label import is_label_of_case
from cinecast.store.disk_errors import as_store_error
from cinecast.store.single_file import make_folder, write_whole
from cinecast.store.tables import Cell, table_text
from cinecast.trackrad.case import TrackedCase, TrackRequest, track_case
from cinecast.trackrad.case_folder import check_replaceable, save_case
from cinecast.trackrad.recording import case_name, without_frames
from cinecast.trackrad.score_masks import d98_name

_LOG = logging.getLogger(__name__)

SUMMARY_FILE = "summary.csv"
METRICS = ("dice", "hd95_mm", "masd_mm", "surface_mm", "centroid_mm", "missed")
_D98 = tuple(d98_name(version) for version in ("2025-03", "2025-09"))
SUMMARY_COLUMNS = ("case", "frames", "held_frames", "ms_per_frame", "rules", *METRICS, *_D98, "error")


@dataclass(frozen=True, eq=False)
class CaseOutcome:
    """What became of a case: it was tracked, or this is why not.

    Parameters
    ----------
    name
        Of the case.
    tracked
        None where it failed.
    error
        One sentence; empty where it did not.
    """

    name: str
    tracked: TrackedCase | None
    error: str = ""

    def means(self) -> dict[str, float]:
        """Return the mean scores of the case by name; empty where there are none."""
        scores = None if self.tracked is None else self.tracked.scores
        if scores is None:
            return {}
        own = {metric: scores.series.mean(metric) for metric in scores.metrics if metric in METRICS}
        return own | {d98_name(version): ratio for version, ratio in scores.d98_ratios.items()}


def find_cases(path: Path, out: Path) -> dict[str, Path] | None:
    """Return the cases in a folder by name, without what lies in the output; None where the path is one case itself.

    Parameters
    ----------
    path
        A case, or a folder with cases at any depth.
    out
        Where tracked cases go.

    Returns
    -------
    dict or None
        By name, in order. Files named as labels of cases are none.

    Raises
    ------
    ReadError
        If there is no such path, or no case in it.
    SettingsError
        If two cases have the same name.
    """
    path, out = Path(os.path.abspath(path)), Path(os.path.abspath(out))
    faults: list[str] = []
    entries = find_entries(str(path), faults)
    if not entries and faults:
        raise ReadError(f"a case or a folder of cases must be given, got {faults[0]}; check the path")
    if [entry.source for entry in entries] == [path]:
        return None
    cases: dict[str, Path] = {}
    for entry in entries:
        if entry.source.is_relative_to(out) or is_label_of_case(entry.source):
            continue
        name = without_frames(entry.name)
        if name in cases:
            raise SettingsError(f"each case must have a name of its own, got {name!r} twice in {path}; rename one")
        cases[name] = entry.source
    if not cases:
        raise ReadError(f"a folder of cases must hold one, got {path} with none of a known format; check the path")
    return cases


def track_one(name: str | None, path: Path, out: Path, request: TrackRequest) -> CaseOutcome:
    """Track a case and write its folder.

    Parameters
    ----------
    name
        Of its folder; None: the name of the case.
    path
        The case.
    out
        The folder that its folder lies in.
    request
        What is asked for.

    Returns
    -------
    CaseOutcome
        With the tracked case.

    Raises
    ------
    CinecastError
        If it cannot be read, tracked, scored or written.
    """
    folder = out / (name or case_name(path))
    check_replaceable(folder)
    tracked = track_case(path, request)
    _say(tracked)
    save_case(folder, tracked, request.flow)
    return CaseOutcome(folder.name, tracked)


def track_all(cases: dict[str, Path], out: Path, request: TrackRequest) -> Iterator[CaseOutcome]:
    """Track cases one after the other, and yield what became of each.

    Parameters
    ----------
    cases
        By name.
    out
        The folder that their folders lie in.
    request
        What is asked for of each.

    Yields
    ------
    CaseOutcome
        In order, as soon as it is known.

    Raises
    ------
    SettingsError
        If one target or one file of labels is given for several cases.
    StoreError
        If the output holds a table that was not written here.
    """
    one_labels = request.labels is not None and not request.labels.is_dir()
    for option, given in (("--target", request.target is not None), ("a file of --labels", one_labels)):
        if given:
            raise SettingsError(f"{option} goes with one case, got a folder of {len(cases)}; track them one by one")
    make_folder(out, "the folder of tracked cases")
    check_summary(out)
    for name, path in cases.items():
        try:
            yield track_one(name, path, out, request)
        except CinecastError as error:
            yield CaseOutcome(name, None, str(error))
        except Exception as error:  # a fault of the program: the other cases are still worth their while
            _LOG.debug("%s failed", name, exc_info=True)
            yield CaseOutcome(name, None, f"{type(error).__name__}: {error}")


def check_summary(out: Path) -> None:
    """Check that the table of an output is missing or was written here.

    Raises
    ------
    StoreError
        If it is another table.
    """
    file = out / SUMMARY_FILE
    with as_store_error(out, "the table of cases"):
        if not file.exists() or file.read_text(encoding="utf-8", errors="replace").startswith(_header()):
            return
    raise StoreError(f"{SUMMARY_FILE} of the output must be one of tracked cases, got another one in {out}; move it")


def write_summary(out: Path, outcomes: Iterable[CaseOutcome]) -> None:
    """Write the table of cases, with a row for each.

    Parameters
    ----------
    out
        An existing folder.
    outcomes
        What became of the cases.

    Raises
    ------
    StoreError
        If the disk is full or cannot be written.
    """
    check_summary(out)
    rows = [_row(outcome) for outcome in outcomes]
    write_whole(out / SUMMARY_FILE, table_text(SUMMARY_COLUMNS, rows).encode(), "the table of cases")


def _header() -> str:
    return table_text(SUMMARY_COLUMNS, [])


def _row(outcome: CaseOutcome) -> list[Cell]:
    means, tracked = outcome.means(), outcome.tracked
    scores: list[Cell] = [means.get(name) for name in (*METRICS, *_D98)]
    if tracked is None:
        return [outcome.name, None, None, None, None, *scores, outcome.error]
    rules = None if tracked.scores is None else tracked.scores.rules
    return [
        outcome.name,
        len(tracked.masks) - tracked.target.frame,
        len(tracked.faults),
        round(tracked.median_ms, 3),
        rules,
        *scores,
        None,
    ]


def _say(tracked: TrackedCase) -> None:
    frames = np.flatnonzero(tracked.folded)
    if len(frames):
        _LOG.warning(
            "%s: the measured motion folds inside the target in %d of %d frames (frame %d first, %d pixels at most): "
            "its outline is not to be trusted there",
            *(tracked.recording.name, len(frames), len(tracked.folded), frames[0], tracked.folded.max()),
        )
