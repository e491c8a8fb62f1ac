"""``cinecast report`` and ``cinecast compare``: reports of runs that are on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cinecast.cli.console import say
from cinecast.run.reports import WrittenReport, report_comparison, report_run

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Run folder of 'cinecast run'.", show_default=False)]


def report(
    run: RunArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where to write it. [default: RUN/report]", show_default=False),
    ] = None,
) -> None:
    """Write the report of a run again, finished or not; missing or damaged parts are named and left out."""
    _print(report_run(run, out))


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Two run folders or more, of one sequence.", show_default=False),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where to write it.", show_default=False)],
) -> None:
    """Write one report of several runs of one sequence: their frames, scores and settings side by side."""
    _print(report_comparison(runs, out))


def _print(written: WrittenReport) -> None:
    for sentence in written.missing:
        say(f"Left out: {sentence}")
    say(f"Report: {written.page}")
