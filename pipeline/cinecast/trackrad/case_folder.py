"""The folder of a tracked case: it appears whole or not at all, and replaces only what was written here, unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from cinecast.errors import StoreError
from cinecast.parsed_text import parse_json
from cinecast.settings import FlowSettings
from cinecast.store.digests import file_digest
from cinecast.store.disk_errors import as_store_error
from cinecast.store.replacing import put_in_place, recover_beside, temporary_folder
from cinecast.store.tables import Cell, write_table
from cinecast.trackrad.case import TrackedCase
from cinecast.trackrad.label_writing import write_label_series
from cinecast.trackrad.score_masks import COLUMNS
from cinecast.version import __version__

RECORD_FILE, FRAMES_FILE, SCORES_FILE = "track.json", "frames.csv", "scores.csv"
_WHAT = "the tracked case"


def masks_name(case: str) -> str:
    """Return the name of a case's label series: never that of its reference labels."""
    return f"{case}_tracked.mha"


def check_replaceable(folder: Path) -> None:
    """Check that a folder is missing, empty, or as it was written here.

    Raises
    ------
    StoreError
        If it holds anything else.
    """
    with as_store_error(folder, _WHAT):
        if folder.is_dir() and (not any(folder.iterdir()) or _is_as_written(folder)):
            return
        if not folder.exists():
            return
    raise StoreError(
        f"a tracked case replaces only one that cinecast wrote and nobody changed, got {folder} with other files; "
        "choose another --out or move them away"
    )


def save_case(folder: Path, tracked: TrackedCase, flow: FlowSettings) -> None:
    """Write a tracked case: its label series, a table of its frames, scores where there are any, and a record.

    Parameters
    ----------
    folder
        Its own folder.
    tracked
        The case.
    flow
        Settings of the flow.

    Raises
    ------
    StoreError
        If the folder holds something else, or the disk is full or cannot be written.
    """
    check_replaceable(folder)
    with as_store_error(folder, _WHAT):
        folder.parent.mkdir(parents=True, exist_ok=True)
        recover_beside(folder)
        temporary = temporary_folder(folder)
        geometry = tracked.recording.geometry
        write_label_series(
            temporary / masks_name(tracked.recording.name),
            tracked.masks,
            spacing_mm=geometry.spacing_mm,
            affine=geometry.affine,
        )
        write_table(
            temporary / FRAMES_FILE, ["frame", "row", "column", "pixels", "folded_pixels", "fault"], _rows(tracked)
        )
        if tracked.scores is not None:
            write_table(temporary / SCORES_FILE, COLUMNS, tracked.scores.rows())
        (temporary / RECORD_FILE).write_text(json.dumps(_record(temporary, tracked, flow), indent=1), encoding="utf-8")
        put_in_place(temporary, folder)


def _rows(tracked: TrackedCase) -> Iterator[list[Cell]]:
    for t in range(tracked.target.frame, len(tracked.masks)):
        rows, columns = np.nonzero(tracked.masks[t])
        centroid: list[Cell] = [float(rows.mean()), float(columns.mean())] if len(rows) else [None, None]
        yield [t, *centroid, len(rows), int(tracked.folded[t]), tracked.faults.get(t)]


def _record(folder: Path, tracked: TrackedCase, flow: FlowSettings) -> dict[str, Any]:
    target = tracked.target
    return {
        "cinecast": __version__,
        "case": tracked.recording.name,
        "target": {"name": target.name, "frame": target.frame, "pixels": int(target.mask.sum())},
        "flow": asdict(flow) | {"reference": target.frame},
        "ms_per_frame": None if np.isnan(tracked.median_ms) else round(tracked.median_ms, 3),
        "rules": None if tracked.scores is None else tracked.scores.rules,
        "notes": [] if tracked.scores is None else list(tracked.scores.notes),
        "files": {path.name: file_digest(path) for path in sorted(folder.iterdir())},
    }


def _is_as_written(folder: Path) -> bool:
    try:
        files = parse_json((folder / RECORD_FILE).read_text(encoding="utf-8"))["files"]
        names = {path.name for path in folder.iterdir()} - {RECORD_FILE}
        return names == set(files) and all(file_digest(folder / name) == files[name] for name in names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
