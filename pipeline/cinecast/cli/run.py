"""``cinecast run``: from files to report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from cinecast.cli.console import BarProgress, output
from cinecast.cli.options import (
    FramePeriodOption,
    MethodOption,
    PixelSpacingOption,
    PlaneOption,
    SequenceArgument,
    SeriesOption,
    frames_table,
    with_absolute_paths,
)
from cinecast.cli.tables import scores_table
from cinecast.plan import STAGES
from cinecast.preset import preset_tables
from cinecast.readers import read_sidecar
from cinecast.runner import RunResult, Scope, run_sequence
from cinecast.settings import Settings
from cinecast.settings_file import build_settings, merge, parse_assignment, read_settings_file
from cinecast.store import artifacts as art
from cinecast.store.marker import saved_sequence

_STAGE_LIST = ", ".join(STAGES)


def run(
    sequence: SequenceArgument,
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="The run folder.", show_default=False)],
    method: MethodOption = None,
    horizon: Annotated[
        list[str] | None,
        typer.Option(
            "--horizon",
            metavar="0.5s|3",
            help="Seconds or frames; repeat for several. [default: 0.33s, 0.67s, 1.0s]",
        ),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="Settings as TOML, such as a run's settings.toml.")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", help="published: settings, arithmetic and (non-causal) protocol of the papers."),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="STAGE.NAME=VALUE", help="Change one setting, such as flow.levels=3; repeat."),
    ] = None,
    start_from: Annotated[
        str | None, typer.Option("--from", metavar="STAGE", help=f"Redo this stage and all after it: {_STAGE_LIST}.")
    ] = None,
    only: Annotated[str | None, typer.Option("--only", metavar="STAGE", help="Redo this stage alone.")] = None,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: PlaneOption = None,
    workers: Annotated[int, typer.Option("--workers", help="Threads.")] = os.cpu_count() or 1,
) -> None:
    """Forecast the frames of a sequence, score them in mm and write a report.

    What is up to date in RUN is kept; what a changed setting, a changed input or a damaged file makes stale is redone.
    An existing RUN keeps its own settings unless --settings or --preset is given; options change them one by one.
    """
    options: dict[str, Any] = {"frames": frames_table(frame_period, pixel_spacing, series, plane), "forecast": {}}
    if method:
        options["forecast"]["methods"] = method
    if horizon:
        options["forecast"]["horizons"] = horizon
    scope = Scope(start_from, only)
    resolved = _resolve(sequence, out, settings, preset, [options, *map(parse_assignment, assignments or [])])
    result = run_sequence(sequence, out, resolved, scope=scope, progress=BarProgress(), workers=workers)
    _print_result(result, out)


def _resolve(
    sequence: Path, out: Path, settings: Path | None, preset: str | None, changes: list[dict[str, Any]]
) -> Settings:
    """Lay the sources of settings over one another: saved run or preset, then file, then options."""
    tables: dict[str, Any] = {}
    saved = out / art.SETTINGS_FILE
    if settings is None and preset is None and saved_sequence(out) is not None and saved.is_file():
        tables = read_settings_file(saved)
    if preset is not None:
        sidecar = read_sidecar(sequence)
        tables = preset_tables(preset, sidecar.published, sidecar.file_name)
    if settings is not None:
        tables = merge(tables, with_absolute_paths(read_settings_file(settings)))
    for change in changes:
        tables = merge(tables, with_absolute_paths(change))
    return build_settings(tables)


def _print_result(result: RunResult, out: Path) -> None:
    if result.scores:
        output.print(scores_table(result.scores))
    if result.done:
        output.print(f"{len(result.done)} results made, {len(result.kept)} were up to date.", highlight=False)
    else:
        output.print(f"Nothing to do: all {len(result.kept)} results are up to date.", highlight=False)
    if result.scores is not None:
        output.print(f"Scores: {out / art.SCORES_FILE}", highlight=False, soft_wrap=True)
    if result.report is not None:
        output.print(f"Report: {result.report}", highlight=False, soft_wrap=True)
