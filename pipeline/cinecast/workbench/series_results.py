"""What `cinecast series` left in its folder, as Python takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cinecast.errors import StoreError
from cinecast.store.marker import saved_sequence
from cinecast.store.tables import read_table
from cinecast.workbench.score_rows import typed_rows


def series_scores(path: str | Path) -> list[dict[str, Any]]:
    """Return the table of scores of a series, one dictionary a row, as `OpenedRun.scores` has that of a run.

    Errors, jitter and ``radius`` are in the unit of the series.

    Raises
    ------
    cinecast.errors.CinecastError
        If the folder is not one of `cinecast series`, or its table cannot be read.
    """
    folder = Path(path)
    if not (saved_sequence(folder) or "").startswith("series "):
        raise StoreError(f"a series must be a folder that 'cinecast series' made, got {folder}; give its --out")
    try:
        return typed_rows(read_table(folder / "scores.csv"))
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(
            f"scores.csv of a series must be as it was written, got one that cannot be read in {folder}; run "
            "'cinecast series' again"
        ) from error
