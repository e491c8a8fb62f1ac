"""``cinecast tune``: settings for each method and horizon, chosen on the validation span."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from cinecast.cli.console import BarProgress, made_and_kept, print_table, say
from cinecast.cli.options import (
    FramePeriodOption,
    HorizonOption,
    KindOption,
    MemoryLimitOption,
    MethodOption,
    PixelSpacingOption,
    PlaneOption,
    PresetOption,
    SchedulerOption,
    SequenceArgument,
    SeriesOption,
    SetOption,
    SettingsOption,
    WorkersOption,
    frames_table,
    processes,
)
from cinecast.cli.tuned_table import tuned_table
from cinecast.run.settings_sources import resolve_settings
from cinecast.settings.toml_file import merge, parse_assignment


def tune(
    sequence: SequenceArgument,
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="A run folder.", show_default=False)],
    method: MethodOption = None,
    horizon: HorizonOption = None,
    modes: Annotated[
        list[int] | None, typer.Option("--modes", help="Number of modes to try; repeat. [default: 1, 2, 3, 4]")
    ] = None,
    runs: Annotated[int, typer.Option("--runs", help="Random runs of each setting.")] = 3,
    thin: Annotated[
        int | None, typer.Option("--thin", metavar="N", help="Keep N values of each setting of the papers' grids.")
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials", metavar="N", help="Search a larger space with optuna, N settings each, instead of the grids."
        ),
    ] = None,
    settings: SettingsOption = None,
    preset: PresetOption = None,
    assignments: SetOption = None,
    frame_period: FramePeriodOption = None,
    pixel_spacing: PixelSpacingOption = None,
    series: SeriesOption = None,
    plane: PlaneOption = None,
    kind: KindOption = None,
    memory_limit: MemoryLimitOption = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Choose settings and modes for each method and horizon; nothing after the validation span is looked at.

    Settings are chosen by the nRMSE of the weights. The number of modes is chosen by how well the predicted motion
    warps frames back onto the reference frame. Use the result with 'cinecast run SEQUENCE --out RUN --settings
    RUN/tuned.toml'. The same command again continues where it was stopped. A setting that is given by --set keeps its
    value; the others are searched for. A method with nothing to tune, such as mixture, is named and left as it is.
    """
    # dask and optuna take a second that no other command should wait for
    from cinecast.tuning.tune import TuneRequest, tune_sequence

    count = processes(workers, scheduler)
    options: dict[str, Any] = {
        "frames": frames_table(frame_period, pixel_spacing, series, plane, kind, memory_limit),
        "forecast": {},
    }
    options["forecast"] |= {name: given for name, given in (("methods", method), ("horizons", horizon)) if given}
    changes = list(map(parse_assignment, assignments or []))
    resolved = resolve_settings(sequence, out, settings, preset, [options, *changes])
    request = TuneRequest(tuple(dict.fromkeys(modes or (1, 2, 3, 4))), runs, thin, trials, _given(changes))
    begun = perf_counter()
    result = tune_sequence(sequence, out, resolved, request, progress=BarProgress(), workers=count, scheduler=scheduler)
    seconds = perf_counter() - begun
    print_table(tuned_table(result))
    say(made_and_kept(result.done, "search", f"done in {seconds:.0f} s", result.kept))
    say(f"Settings: {result.file}")


def _given(changes: list[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the settings of methods that are given by option, by method and name: they are not searched for."""
    asked: dict[str, Any] = reduce(merge, changes, {})
    return {method: own for method, own in asked.get("forecast", {}).items() if isinstance(own, Mapping)}
