"""The script that draws charts: the reports of a batch share one, beside their runs; any other report has its own."""

from __future__ import annotations

from pathlib import Path

from cinecast.report.scripts import CHARTS, OWN_CHARTS
from cinecast.store import artifacts as art
from cinecast.store.cohort import COHORT_FILE, SHARED, share_file

# From the page of a run, RUN/report/index.html, in the folder of a batch.
SHARED_CHARTS = f"../../{SHARED}/{CHARTS}"


def charts_of(run: Path) -> str:
    """Return where the page of a run finds the script that draws charts; in a batch the script is there by then.

    Parameters
    ----------
    run
        The run folder.

    Returns
    -------
    str
        Path relative to the run's page.

    Raises
    ------
    StoreError
        If the script that a batch shares cannot be written.
    """
    from cinecast.report import chart_library

    in_batch = (run.absolute().parent / COHORT_FILE).is_file()
    return SHARED_CHARTS if in_batch and share_file(run, CHARTS, chart_library()) else OWN_CHARTS


def lacks_charts(run: Path) -> bool:
    """Return whether the script of a run's report is nowhere: the run was moved out of its batch, say."""
    page = run.absolute() / art.REPORT
    shared = run.absolute().parent / SHARED / CHARTS
    return page.is_dir() and not (page / OWN_CHARTS).is_file() and not shared.is_file()
