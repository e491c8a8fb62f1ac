"""``cinecast track``: a target followed at horizon 0, in one case or in many."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.table import Table

from cinecast.cli.console import output, say
from cinecast.cli.exit_codes import code_of_failed
from cinecast.cli.options import (
    FramePeriodOption,
    KindOption,
    MemoryLimitOption,
    PixelSpacingOption,
    PlaneOption,
    SeriesOption,
    TargetLabelOption,
    TargetNameOption,
    frames_table,
)
from cinecast.errors import SettingsError

if TYPE_CHECKING:
    from cinecast.settings import FlowSettings
    from cinecast.trackrad.case import TrackedCase
    from cinecast.trackrad.cases import CaseOutcome

_SCORES = (
    ("Dice", "dice", ".4f"),
    ("HD95, mm", "hd95_mm", ".3f"),
    ("to surface, mm", "surface_mm", ".3f"),
    ("centroid, mm", "centroid_mm", ".3f"),
    ("D98 (2025-09)", "d98_ratio_2025-09", ".4f"),
    ("missed", "missed", ".0f"),
)
FlowSetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="flow.NAME=VALUE",
        help="Change one setting of the flow, such as flow.levels=3; repeat for several.",
    ),
]


def track(
    case: Annotated[
        Path,
        typer.Argument(
            metavar="CASE", help="TrackRAD2025 case, any sequence, or a folder of cases.", show_default=False
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Gets a folder for each case.", show_default=False)
    ],
    target: Annotated[
        Path | None,
        typer.Option("--target", metavar="FILE", help="Mask of the target. [default: the case's first label]"),
    ] = None,
    target_label: TargetLabelOption = None,
    target_name: TargetNameOption = None,
    target_frame: Annotated[
        int | None, typer.Option("--target-frame", help="Frame of the mask; tracking begins there. [default: 0]")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="PATH", help="Reference masks, to score with: a file, or a folder of cases."),
    ] = None,
    trackrad: Annotated[
        bool, typer.Option("--trackrad", help="Score by the exact rules of the TrackRAD2025 challenge.")
    ] = False,
    assignments: FlowSetOption = None,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: PlaneOption = None,
    kind: KindOption = None,
    memory_limit: MemoryLimitOption = None,
) -> None:
    """Follow a target through its frames as they come: each mask is made before the next frame is looked at.

    Motion is measured from the target's own frame. Masks go to FOLDER/CASE/CASE_tracked.mha in the layout of the
    TrackRAD2025 challenge. The labels of a case are read only with --labels. If a case in a folder fails, the others
    continue; the exit code is then 10 plus the number of failed cases.
    """
    from cinecast.settings import FramesSettings
    from cinecast.trackrad.case import TrackRequest
    from cinecast.trackrad.cases import SUMMARY_FILE, find_cases, track_all, track_one, write_summary

    if trackrad and labels is None:
        raise SettingsError("--trackrad says how labels are scored, got no labels; give them with --labels")
    request = TrackRequest(
        target=target,
        target_labels=tuple(target_label or ()),
        target_names=tuple(target_name or ()),
        target_frame=target_frame,
        labels=labels,
        trackrad=trackrad,
        flow=_flow_settings(assignments or []),
        frames=FramesSettings(**frames_table(frame_period, pixel_spacing, series, plane, kind, memory_limit)),
    )
    cases = find_cases(case, out)
    if cases is None:
        outcome = _said(track_one(None, case, out, request))
        _print_scores([outcome])
        _print(f"Masks: {out / outcome.name}")
        return
    outcomes = [_said(outcome) for outcome in track_all(cases, out, request)]
    write_summary(out, outcomes)
    _print_scores(outcomes)
    failed = [outcome.name for outcome in outcomes if outcome.tracked is None]
    named = f"; failed: {', '.join(failed)}" if failed else ""
    _print(f"{len(outcomes) - len(failed)} of {len(outcomes)} cases tracked{named}.")
    _print(f"Summary: {out / SUMMARY_FILE}")
    if failed:
        raise typer.Exit(code_of_failed(len(failed)))


def _flow_settings(assignments: list[str]) -> FlowSettings:
    from cinecast.settings.toml_file import build_settings, merge, parse_assignment

    tables: dict[str, Any] = {}
    for text in assignments:
        table = parse_assignment(text)
        if list(table) != ["flow"] or "reference" in table["flow"]:
            raise SettingsError(
                "--set of track takes settings of flow, but for flow.reference, which is the target's frame, "
                f"got {text!r}; leave it out"
            )
        tables = merge(tables, table)
    flow = build_settings(tables).flow
    if flow.dvf:
        raise SettingsError(
            f"track measures the motion itself, frame by frame, got flow.dvf = {flow.dvf}; leave it out, or give your "
            "own DVFs to cinecast run --dvf"
        )
    return flow


def _said(outcome: CaseOutcome) -> CaseOutcome:
    if outcome.tracked is None:
        _print(f"{outcome.name} failed: {outcome.error}")
        return outcome
    for sentence in _sentences(outcome.tracked):
        _print(f"{outcome.name}: {sentence}")
    return outcome


def _sentences(tracked: TrackedCase) -> list[str]:
    from cinecast.frames.frame_faults import frames_text
    from cinecast.frames.mask_edges import sides_reached

    target = tracked.target
    facts = [f"{int(target.mask.sum())} pixels in frame {target.frame}", *target.said]
    found = [f"target {target.name}, {'; '.join(facts)}."]
    for fault in dict.fromkeys(tracked.faults.values()):
        frames = frames_text([t for t in tracked.faults if tracked.faults[t] == fault], most=4)
        found.append(f"{frames}: the mask of the frame before is held ({fault}).")
    lost = np.flatnonzero(~tracked.masks[target.frame :].any(axis=(1, 2))) + target.frame
    if len(lost):
        found.append(f"the target has left the image in {len(lost)} frame(s), first in frame {lost[0]}.")
    cut = [t for t in range(target.frame, len(tracked.masks)) if sides_reached(tracked.masks[t])]
    if cut:
        found.append(
            f"the target reaches the edge of the image in {len(cut)} frame(s), first in frame {cut[0]}: its centroid "
            "is that of the part that is seen."
        )
    if len(tracked.seconds):
        found.append(f"{tracked.median_ms:.2f} ms a frame in the median, {1e3 * tracked.seconds.max():.2f} at most.")
    return found + ([] if tracked.scores is None else list(tracked.scores.notes))


def _print_scores(outcomes: list[CaseOutcome]) -> None:
    means = [outcome.means() for outcome in outcomes]
    if any(means):
        output.print(_table(outcomes, means))


def _table(outcomes: list[CaseOutcome], means: list[dict[str, float]]) -> Table:
    rules = {outcome.tracked.scores.rules for outcome in outcomes if outcome.tracked and outcome.tracked.scores}
    whose = "TrackRAD2025" if rules == {"trackrad"} else "cinecast"
    table = Table(title=f"Against the labels, {whose}'s rules", title_justify="left")
    table.add_column("case")
    for heading, _, _ in _SCORES:
        table.add_column(heading, justify="right")
    scored = [mean for mean in means if mean]
    for outcome, mean in zip(outcomes, means, strict=True):
        table.add_row(outcome.name, *_cells(mean))
    if len(scored) > 1:
        table.add_section()
        table.add_row(f"mean of {len(scored)}", *_cells(_mean_of(scored)))
    return table


def _mean_of(scored: Iterable[dict[str, float]]) -> dict[str, float]:
    columns = {name: np.array([mean[name] for mean in scored if name in mean]) for _, name, _ in _SCORES}
    return {name: float(np.nanmean(values)) for name, values in columns.items() if np.isfinite(values).any()}


def _cells(mean: dict[str, float]) -> list[str]:
    return [
        f"{mean[name]:{style}}" if name in mean and np.isfinite(mean[name]) else "\N{EN DASH}"
        for _, name, style in _SCORES
    ]


def _print(sentence: str) -> None:
    say(sentence)
