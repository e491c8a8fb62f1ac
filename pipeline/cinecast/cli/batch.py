"""``cinecast batch``: many sequences, on this machine or on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cinecast.batch import Request
from cinecast.cli.batch_display import BatchDisplay
from cinecast.cli.console import say, say_error
from cinecast.cli.exit_codes import USER_ERROR, code_of_failed
from cinecast.cli.options import (
    BatchMethodOption,
    DropOption,
    FromOption,
    HorizonOption,
    LatencyOption,
    MarginOption,
    OnlyOption,
    PresetOption,
    SchedulerOption,
    SetOption,
    SettingsOption,
    WorkersOption,
    asks_for_all_planes,
    frames_table,
    gating_table,
    processes,
)
from cinecast.run.naming import Named
from cinecast.run.scope import Scope
from cinecast.settings.toml_file import parse_assignment
from cinecast.store.cohort import LOG_FILE, PAGE_FILE, SUMMARY_FILE

if TYPE_CHECKING:
    from cinecast.batch.driver import BatchResult


def batch(
    out: Annotated[Path, typer.Option("--out", metavar="RUNS", help="The folder of the cohort.", show_default=False)],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUTS",
            help="Sequences, folders of sequences, globs, or CSV lists. [default: those that RUNS knows]",
            show_default=False,
        ),
    ] = None,
    method: BatchMethodOption = None,
    horizon: HorizonOption = None,
    drop: DropOption = None,
    settings: SettingsOption = None,
    preset: PresetOption = None,
    assignments: SetOption = None,
    start_from: FromOption = None,
    only: OnlyOption = None,
    plane: Annotated[
        str | None,
        typer.Option(
            "--plane",
            metavar="NUMBER|all",
            help="Which plane of each recording; all: each plane as its own sequence, NAME_plane_NUMBER.",
        ),
    ] = None,
    margin: MarginOption = None,
    latency: LatencyOption = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Only sequences that failed before.")] = False,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Bring the runs of many sequences up to date, and write RUNS/summary.csv and RUNS/index.html.

    If a sequence fails, the others continue. The exit code is 0 when none failed, else 10 plus the number of failed
    sequences (110 for a hundred or more). It is 2 if a horizon is not the same time in all sequences; no table then
    pools it. RUNS keeps its settings unless --settings or --preset is given; options change them. --method and
    --horizon add to what RUNS has, and --drop removes.
    """
    from cinecast.batch.driver import run_batch  # dask takes half a second that no other command should wait for

    count = processes(workers, scheduler)
    scope = Scope(start_from, only)
    named = Named(tuple(method or ()), tuple(horizon or ()), tuple(drop or ()))
    named.check(states_whole=bool(settings or preset), only=only)
    options: dict[str, Any] = {"score": gating_table(margin, latency)}
    every_plane = asks_for_all_planes(plane)
    options["frames"] = frames_table(None, None, None, None if every_plane else plane)
    changes = [options, *map(parse_assignment, assignments or [])]
    request = Request(settings, preset, changes, every_plane, named)
    with BatchDisplay() as display:
        result = run_batch(
            out,
            inputs or [],
            request,
            scope,
            retry_failed=retry_failed,
            scheduler=scheduler,
            workers=count,
            watcher=display,
        )
    if named.drop:
        said = f"Removed from every run, with its files: {', '.join(named.drop)}."
        say(said)
    _print_result(result, out)
    for sentence in result.not_pooled:
        say_error(sentence)
    if result.failed:
        raise typer.Exit(code_of_failed(len(result.failed)))
    if result.not_pooled:
        raise typer.Exit(USER_ERROR)  # a horizon that suits all sequences is to be asked for


def _print_result(result: BatchResult, out: Path) -> None:
    if not result.sequences:
        say("Nothing to do: no sequence failed before.")
    elif result.made:
        say(f"{_count(result.sequences, 'sequence')}: {_count(result.made, 'result')} made.")
    elif not result.failed:
        say(f"{_count(result.sequences, 'sequence')}: nothing to do, all is up to date.")
    if result.failed:
        failed = f"{_count(len(result.failed), 'sequence')} failed: {', '.join(result.failed)}"
        say(f"{failed}. See 'cinecast status {out}'.")
    if result.warnings:
        said = f"{_count(result.warnings, 'warning')} in {out / LOG_FILE}"
        say(said)
    for what, name in (("Scores", SUMMARY_FILE), ("Summary", PAGE_FILE)):
        say(f"{what}: {out / name}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
