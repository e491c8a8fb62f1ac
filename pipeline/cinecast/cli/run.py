"""``cinecast run``: from files to report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from cinecast.cli.console import BarProgress, made_and_kept, output, print_table, say
from cinecast.cli.options import (
    AnyPlaneOption,
    DropOption,
    DvfOption,
    DvfReferenceOption,
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
    PresetOption,
    SequenceArgument,
    SeriesOption,
    SetOption,
    SettingsOption,
    TargetFrameOption,
    TargetLabelOption,
    TargetNameOption,
    TargetOption,
    WideOption,
    asks_for_all_planes,
    dvf_table,
    frames_table,
    gating_table,
    target_tables,
)
from cinecast.cli.outcome_sentences import outcome_sentences
from cinecast.cli.planes import each_plane, known_run, plane_folder
from cinecast.cli.second_opinion_lines import second_opinion_lines
from cinecast.cli.tables import scores_table
from cinecast.cli.target_tables import target_tables_of
from cinecast.frames import list_planes
from cinecast.run.every_plane import check_every_plane
from cinecast.run.naming import Named
from cinecast.run.own_targets import check_gating_options, with_found_target
from cinecast.run.runner import RunResult, run_sequence
from cinecast.run.scope import Scope
from cinecast.run.settings_sources import resolve_settings
from cinecast.settings import Settings
from cinecast.settings.toml_file import parse_assignment
from cinecast.store import artifacts as art


def run(
    sequence: SequenceArgument,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="RUN", help="The run folder; with --plane all, a folder of runs.", show_default=False
        ),
    ],
    method: MethodOption = None,
    horizon: HorizonOption = None,
    drop: DropOption = None,
    settings: SettingsOption = None,
    preset: PresetOption = None,
    assignments: SetOption = None,
    start_from: FromOption = None,
    only: OnlyOption = None,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: AnyPlaneOption = None,
    kind: KindOption = None,
    memory_limit: MemoryLimitOption = None,
    dvf: DvfOption = None,
    dvf_reference: DvfReferenceOption = None,
    landmarks: LandmarksOption = None,
    target: TargetOption = None,
    target_label: TargetLabelOption = None,
    target_name: TargetNameOption = None,
    target_frame: TargetFrameOption = None,
    labels: LabelsOption = None,
    margin: MarginOption = None,
    latency: LatencyOption = None,
    workers: Annotated[
        int, typer.Option("--workers", help="Steps at a time; in a large run all but one in processes of their own.")
    ] = os.cpu_count() or 1,
    wide: WideOption = False,
) -> None:
    """Forecast the frames of a sequence, score them in mm and write a report.

    Results in RUN that are up to date are kept. Results that a changed setting, a changed input or a damaged file makes
    stale are redone. An existing RUN keeps its settings unless --settings or --preset is given; options change them one
    by one. --method and --horizon add to what RUN has, and --drop removes. With --plane all each plane gets its own
    run, RUN/plane_0 and so on. If a plane fails, the others continue; the exit code is then 10 plus the number of
    failed planes.
    """
    every_plane = asks_for_all_planes(plane)
    options: dict[str, Any] = {
        "frames": frames_table(frame_period, pixel_spacing, series, None if every_plane else plane, kind, memory_limit),
        **dvf_table(dvf, dvf_reference),
    }
    options |= target_tables(target, target_label, target_name, target_frame, labels)
    options.setdefault("score", {}).update(gating_table(margin, latency))
    if landmarks is not None:
        options["landmarks"] = {"file": str(landmarks)}
    scope = Scope(start_from, only)
    named = Named(tuple(method or ()), tuple(horizon or ()), tuple(drop or ()))
    named.check(states_whole=bool(settings or preset), only=only)
    changes = [options, *map(parse_assignment, assignments or [])]

    def resolved(folder: Path, *more: dict[str, Any]) -> Settings:
        return resolve_settings(sequence, folder, settings, preset, [*changes, *more], named=named)

    def run_into(folder: Path, own: Settings) -> None:
        check_gating_options([with_found_target(sequence, own).target], changes)
        result = run_sequence(
            sequence, folder, own, scope=scope, progress=BarProgress(), workers=workers, processes=True, drop=named.drop
        )
        _print_result(result, folder, own, wide)

    if not every_plane:
        run_into(out, resolved(out))
        return

    def run_plane(index: int) -> None:
        folder = out / plane_folder(index)
        run_into(folder, resolved(folder, {"frames": {"plane": index}}))

    planes = list_planes(sequence, resolved(known_run(out)).frames)
    if len(planes) > 1:
        check_every_plane(resolve_settings(sequence, out, settings, preset, changes))
    each_plane(planes, run_plane)


def _print_result(result: RunResult, out: Path, settings: Settings, wide: bool) -> None:
    if result.scores:
        print_table(scores_table(result.scores, wide=wide))
        for table in target_tables_of(result.scores, settings.score):
            output.print(table)
        for sentence in outcome_sentences(result.scores):
            say(sentence)
    for line in second_opinion_lines(result.second_opinion):
        say(line)
    if result.done:
        say(made_and_kept(len(result.done), "result", "made", len(result.kept)))
    else:
        say(f"Nothing to do: all {len(result.kept)} results are up to date.")
    if result.scores is not None:
        say(f"Scores: {out / art.SCORES_FILE}")
    if result.report is not None:
        say(f"Report: {result.report}")
