"""``cinecast run``: from files to report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from cinecast.cli.console import BarProgress, output
from cinecast.cli.options import (
    FramePeriodOption,
    FromOption,
    HorizonOption,
    KindOption,
    LabelsOption,
    LandmarksOption,
    LatencyOption,
    MarginOption,
    MemoryLimitOption,
    MethodOption,
    OnlyOption,
    PixelSpacingOption,
    PlaneOption,
    PresetOption,
    SequenceArgument,
    SeriesOption,
    SetOption,
    SettingsOption,
    TargetFrameOption,
    TargetLabelOption,
    TargetNameOption,
    TargetOption,
    frames_table,
    gating_table,
    target_tables,
)
from cinecast.cli.tables import scores_table
from cinecast.cli.target_tables import target_tables_of
from cinecast.run.runner import RunResult, run_sequence
from cinecast.run.scope import Scope
from cinecast.run.settings_sources import resolve_settings
from cinecast.settings import Settings
from cinecast.settings.toml_file import parse_assignment
from cinecast.store import artifacts as art


def run(
    sequence: SequenceArgument,
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="The run folder.", show_default=False)],
    method: MethodOption = None,
    horizon: HorizonOption = None,
    settings: SettingsOption = None,
    preset: PresetOption = None,
    assignments: SetOption = None,
    start_from: FromOption = None,
    only: OnlyOption = None,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: PlaneOption = None,
    kind: KindOption = None,
    memory_limit: MemoryLimitOption = None,
    landmarks: LandmarksOption = None,
    target: TargetOption = None,
    target_label: TargetLabelOption = None,
    target_name: TargetNameOption = None,
    target_frame: TargetFrameOption = None,
    labels: LabelsOption = None,
    margin: MarginOption = None,
    latency: LatencyOption = None,
    workers: Annotated[int, typer.Option("--workers", help="Threads.")] = os.cpu_count() or 1,
) -> None:
    """Forecast the frames of a sequence, score them in mm and write a report.

    What is up to date in RUN is kept; what a changed setting, a changed input or a damaged file makes stale is redone.
    An existing RUN keeps its own settings unless --settings or --preset is given; options change them one by one.
    """
    options: dict[str, Any] = {
        "frames": frames_table(frame_period, pixel_spacing, series, plane, kind, memory_limit),
        "forecast": {},
    }
    options |= target_tables(target, target_label, target_name, target_frame, labels)
    options.setdefault("score", {}).update(gating_table(margin, latency))
    if method:
        options["forecast"]["methods"] = method
    if horizon:
        options["forecast"]["horizons"] = horizon
    if landmarks is not None:
        options["landmarks"] = {"file": str(landmarks)}
    scope = Scope(start_from, only)
    resolved = resolve_settings(sequence, out, settings, preset, [options, *map(parse_assignment, assignments or [])])
    result = run_sequence(sequence, out, resolved, scope=scope, progress=BarProgress(), workers=workers)
    _print_result(result, out, resolved)


def _print_result(result: RunResult, out: Path, settings: Settings) -> None:
    if result.scores:
        output.print(scores_table(result.scores))
        for table in target_tables_of(result.scores, settings.score):
            output.print(table)
    if result.done:
        output.print(f"{len(result.done)} results made, {len(result.kept)} were up to date.", highlight=False)
    else:
        output.print(f"Nothing to do: all {len(result.kept)} results are up to date.", highlight=False)
    if result.scores is not None:
        output.print(f"Scores: {out / art.SCORES_FILE}", highlight=False, soft_wrap=True)
    if result.report is not None:
        output.print(f"Report: {result.report}", highlight=False, soft_wrap=True)
