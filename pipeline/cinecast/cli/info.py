"""``cinecast info``: what was understood of a sequence."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from cinecast.cli.console import output, say
from cinecast.cli.options import (
    AnyPlaneOption,
    FramePeriodOption,
    KindOption,
    MemoryLimitOption,
    PixelSpacingOption,
    SequenceArgument,
    SeriesOption,
    asks_for_all_planes,
    frames_table,
)
from cinecast.cli.planes import each_plane
from cinecast.frames import SeriesSummary, headers_once, list_planes, list_series, read_sequence
from cinecast.frames.brightness import brightness_spread
from cinecast.frames.frame_faults import faults_text
from cinecast.frames.missing_frames import missing_frames_text
from cinecast.sequence import Sequence
from cinecast.settings import FramesSettings
from cinecast.settings.toml_file import build_settings


def info(
    path: SequenceArgument,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: AnyPlaneOption = None,
    kind: KindOption = None,
    memory_limit: MemoryLimitOption = None,
    identifying: Annotated[
        bool,
        typer.Option("--identifying", help="Show descriptions and UIDs of series too, which may hold names."),
    ] = False,
) -> None:
    """Print what is understood of a sequence and where each fact comes from; nothing of the patient is shown."""
    every_plane = asks_for_all_planes(plane)
    one = None if every_plane else plane
    settings = build_settings({"frames": frames_table(frame_period, pixel_spacing, series, one, kind, memory_limit)})

    def show(own: FramesSettings) -> None:
        output.print(_table(read_sequence(path, own)))

    with headers_once():
        found = list_series(path, settings.frames.memory_limit_gb)
        if identifying or len(found) > 1 or any(len(entry.planes) > 1 or entry.kinds for entry in found):
            _print_found(found, identifying=identifying)
        if every_plane:
            each_plane(list_planes(path, settings.frames), lambda index: show(replace(settings.frames, plane=index)))
        else:
            show(settings.frames)


def _print_found(found: tuple[SeriesSummary, ...], *, identifying: bool) -> None:
    lines = ["Series and planes found:"]
    for entry in found:
        lines.append(f"  {entry if identifying else entry.without_text()}")
        lines += [f"    plane {each}" for each in entry.planes]
        lines += [f"    kind {kind}" for kind in entry.kinds]
    if any(len(entry.planes) > 1 for entry in found):
        lines.append("Each plane is a sequence of its own: --plane NUMBER takes one, --plane all each in its turn.")
    for line in lines:
        say(line)


def _table(sequence: Sequence) -> Table:
    table = Table(title=sequence.name, title_justify="left", show_header=True)
    for heading in ("fact", "value", "from"):
        table.add_column(heading)
    for name, value in _facts(sequence).items():
        table.add_row(name, value, sequence.origins.get(name, ""))
    for name, origin in sequence.origins.items():
        if name not in _facts(sequence):
            table.add_row(name, "", origin)
    return table


def _facts(sequence: Sequence) -> dict[str, str]:
    count, rows, columns = sequence.frames.shape
    frames, split = sequence.frames, sequence.split
    intervals, spread = np.diff(sequence.times_s), brightness_spread(frames, sequence.faults)
    facts = {
        "frames": f"{count} of {rows} x {columns} pixels, {frames.dtype}, {frames.min():g} to {frames.max():g}",
        "reference": f"frame {_reference(sequence)}, unless flow.reference or a target says another",
        "brightness": f"means of frames spread over {100 * spread:.0f} % (5th to 95th percentile)",
        "frame_period_s": f"{sequence.frame_period_s:.4f} s ({1 / sequence.frame_period_s:.2f} Hz), "
        f"intervals {intervals.min():.4f} to {intervals.max():.4f} s, {sequence.times_s[-1]:.1f} s in all",
        "spacing_mm": f"{sequence.spacing_mm[0]:.4f} x {sequence.spacing_mm[1]:.4f} mm (rows x columns)",
        "affine": "none: the source has no patient position" if sequence.affine is None else _position(sequence),
        "roi": "none"
        if sequence.roi is None
        else f"rows {_span(*sequence.roi.rows)}, columns {_span(*sequence.roi.columns)}",
        "split": f"train {_span(0, split.train_end)}, validation {_span(split.train_end, split.validation_end)}, "
        f"test {_span(split.validation_end, split.test_end)} frames",
    }
    missing = missing_frames_text(sequence)
    facts |= {"missing": missing} if missing else {}
    return facts | ({"faulty": faults_text(sequence.faults)} if sequence.faults else {})


def _reference(sequence: Sequence) -> int:
    from cinecast.flow.reference import reference_index, settings_for
    from cinecast.settings import Settings

    return reference_index(settings_for(sequence, Settings()).flow)


def _span(start: int, stop: int) -> str:
    return f"{start} to {stop - 1}"


def _position(sequence: Sequence) -> str:
    assert sequence.affine is not None
    normal = int(np.argmax(np.abs(sequence.affine[:3, 2])))
    corner = ", ".join(f"{value:.1f}" for value in sequence.affine[:3, 3])
    return f"{('sagittal', 'coronal', 'axial')[normal]}, first pixel at ({corner}) mm in patient RAS+"
