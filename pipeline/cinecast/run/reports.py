"""Reports of runs that are on the disk: of one, whole or not, and of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from cinecast.errors import ReportError
from cinecast.report import compare_runs, render_report
from cinecast.run.freshness import step_fingerprint
from cinecast.run.gathering import Gathering, combined_scores
from cinecast.run.saved import saved_run
from cinecast.store import artifacts as art
from cinecast.store.pages import prepare_pages_folder, write_files, write_pages


@dataclass(frozen=True)
class WrittenReport:
    """A report and what it lacks.

    Parameters
    ----------
    page
        Path of the page to open.
    missing
        Sentences on what of the run is not in it.
    """

    page: Path
    missing: tuple[str, ...]


def report_run(run: Path, out: Path | None = None) -> WrittenReport:
    """Write the report of a run as it is, finished or not.

    Parameters
    ----------
    run
        The run folder.
    out
        Folder to write to; None for the run's own ``report``.

    Returns
    -------
    WrittenReport
        Where the page lies, and what of the run is not in it.

    Raises
    ------
    StoreError
        If the run cannot be read or the report cannot be written.
    """
    if out is not None:
        prepare_pages_folder(out)
    with saved_run(run) as gathering:
        data = gathering.report_data(scores_of(gathering))
        if out is not None:
            write_pages(out, render_report(data))
            return WrittenReport(out / "index.html", data.missing)
        _commit(gathering, render_report(data))
        return WrittenReport(run / art.REPORT / "index.html", data.missing)


def report_comparison(runs: Sequence[Path], out: Path) -> WrittenReport:
    """Write one report of several runs of one sequence.

    Parameters
    ----------
    runs
        Run folders, two or more.
    out
        Folder to write to.

    Returns
    -------
    WrittenReport
        Where the page lies, and what of the runs is not in it.

    Raises
    ------
    StoreError
        If a run cannot be read or the report cannot be written.
    ReportError
        If the runs cannot be compared.
    """
    prepare_pages_folder(out)
    labels = _labels(runs)
    with ExitStack() as stack:
        gatherings = [stack.enter_context(saved_run(run)) for run in runs]
        data = compare_runs(labels, [each.report_data(scores_of(each)) for each in gatherings])
        write_pages(out, render_report(data))
    return WrittenReport(out / "index.html", data.missing)


def scores_of(gathering: Gathering) -> list[dict[str, str]]:
    """Return the rows of the table of scores of what of a run can be drawn."""
    return combined_scores(
        gathering.store, gathering.sequence.name, gathering.settings, gathering.plan, gathering.usable
    )


def _commit(gathering: Gathering, files: dict[str, bytes]) -> None:
    """Make the files the run's report; that of an incomplete run has no fingerprint, so the run makes it again."""
    step = gathering.plan.stages[art.REPORT][0]
    own = "" if gathering.missing else step_fingerprint(gathering.store, step)
    with gathering.store.commit(art.REPORT, own, asdict(gathering.settings)) as folder:
        write_files(folder, files)


def _labels(runs: Sequence[Path]) -> list[str]:
    """Return the names of the folders, with those of their parents where names alone are not enough."""
    paths = [run.resolve() for run in runs]
    for run, path in zip(runs, paths, strict=True):
        if paths.count(path) > 1:
            raise ReportError(f"each run must be named once, got {run} twice; leave one out")
    names = [path.name for path in paths]
    return [
        name if names.count(name) == 1 else f"{path.parent.name}/{name}"
        for path, name in zip(paths, names, strict=True)
    ]
