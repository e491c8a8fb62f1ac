"""The summary of a cohort, gathered from its runs: one table of scores and one page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cinecast.batch.job import Job
from cinecast.score import SCORE_COLUMNS
from cinecast.store import CohortFolder
from cinecast.store import artifacts as art
from cinecast.store.cohort import SUMMARY_FILE
from cinecast.store.tables import read_table, table_text


def write_summary(folder: CohortFolder, jobs: list[Job], failures: Mapping[str, Mapping[str, str]]) -> None:
    """Write ``summary.csv`` of all sequences that have scores and did not fail, and ``index.html``."""
    scores = {job.name: _scores(folder.run_folder(job.name)) for job in jobs if job.name not in failures}
    rows = [[name, *(row[column] for column in SCORE_COLUMNS[1:])] for name, table in scores.items() for row in table]
    folder.write_file(SUMMARY_FILE, table_text(SCORE_COLUMNS, rows))


def _scores(run: Path) -> list[dict[str, str]]:
    """Return the scores of a run; none where it has none yet, or not as they were written."""
    try:
        table = read_table(run / art.SCORES_FILE)
    except (OSError, ValueError):
        return []
    return [row for row in table if None not in row.values() and set(row) == set(SCORE_COLUMNS)]
