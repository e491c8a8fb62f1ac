"""Options that several commands share, and how they become settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from cinecast.errors import SettingsError
from cinecast.run.scope import STAGES


def beginning(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return what completes a word on a shell: the names that begin with it, asked for when they are needed."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return complete


def _method_names() -> Iterable[str]:
    from cinecast_models import METHODS

    return METHODS


SequenceArgument = Annotated[
    Path,
    typer.Argument(metavar="SEQUENCE", help="DICOM folder or file, NIfTI, MHA/MHD, NRRD or NPZ.", show_default=False),
]
FramePeriodOption = Annotated[
    float | None,
    typer.Option("--frame-period", metavar="SECONDS", help="Time between frames; replaces that in the file."),
]
PixelSpacingOption = Annotated[
    str | None,
    typer.Option(
        "--pixel-spacing", metavar="MM[,MM]", help="Pixel spacing, or row,column spacing; replaces that in the file."
    ),
]


def _methods_named(default: str) -> Any:
    return typer.Option(
        "--method",
        metavar="NAME",
        help=f"Method that forecasts; repeat for several. [default: {default}]",
        autocompletion=beginning(_method_names),
    )


MethodOption = Annotated[list[str] | None, _methods_named("mixture, linear")]
BatchMethodOption = Annotated[list[str] | None, _methods_named("mixture")]
TableMethodOption = Annotated[list[str] | None, _methods_named("those of the tables")]
HorizonOption = Annotated[
    list[str] | None,
    typer.Option(
        "--horizon",
        metavar="0.5s|3",
        help="Seconds or frames; repeat for several. [default: 0.33s, 0.67s, 1.0s]",
    ),
]
DropOption = Annotated[
    list[str] | None,
    typer.Option(
        "--drop", metavar="NAME|0.5s|3", help="Remove a method or a horizon, with its files; repeat for several."
    ),
]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings as TOML, such as a run's settings.toml.")
]
PresetOption = Annotated[
    str | None,
    typer.Option("--preset", help="published: settings, arithmetic and (non-causal) protocol of the papers."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="STAGE.NAME=VALUE",
        help="Change one setting, such as flow.levels=3 or rls.ridge=3; repeat for several.",
    ),
]
SeriesOption = Annotated[
    str | None,
    typer.Option("--series", help="Which series, if a folder holds several: number, UID or description."),
]
PlaneOption = Annotated[
    str | None, typer.Option("--plane", metavar="NUMBER", help="Which of several planes, counted from 0.")
]
AnyPlaneOption = Annotated[
    str | None,
    typer.Option(
        "--plane",
        metavar="NUMBER|all",
        help="Which of several planes, counted from 0; all: each as its own sequence.",
    ),
]
_ALL_PLANES = "all"
KindOption = Annotated[
    str | None,
    typer.Option("--kind", help="Which kind of DICOM image: magnitude, phase, real, imaginary. [default: magnitude]"),
]
MemoryLimitOption = Annotated[
    float | None,
    typer.Option("--memory-limit", metavar="GB", help="Refuse compressed files that expand to more. [default: 4]"),
]
DvfOption = Annotated[
    Path | None,
    typer.Option("--dvf", metavar="FILE", help="Your own DVFs, instead of the flow: NPY, NIfTI, MHA, NRRD, folder."),
]
DvfReferenceOption = Annotated[
    int | None, typer.Option("--dvf-reference", metavar="FRAME", help="The frame that your DVFs are measured from.")
]
LandmarksOption = Annotated[
    Path | None,
    typer.Option(
        "--landmarks", metavar="FILE", help="Your own landmarks: CSV with the columns name, frame, row, column."
    ),
]
TargetOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--target",
        metavar="FILE",
        help="Mask of a target in one frame: NIfTI, MHA, NRRD, .seg.nrrd, PNG, NPY or RTSTRUCT; repeat for several.",
    ),
]
TargetLabelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target-label", metavar="LABEL", help="Which of several labels: number, name, or all; repeat for several."
    ),
]
TargetNameOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target-name", metavar="NAME", help="Which structure by its name, or a name for a label; repeat for several."
    ),
]
TargetFrameOption = Annotated[
    int | None, typer.Option("--target-frame", help="Frame of the mask, in the train span. [default: the first]")
]
LabelsOption = Annotated[
    Path | None,
    typer.Option("--labels", metavar="FILE", help="Reference masks of many frames, for scoring the target alone."),
]
MarginOption = Annotated[
    float | None,
    typer.Option(
        "--margin", metavar="MM", help="The beam is on while the forecast target is within this distance. [default: 3]"
    ),
]
LatencyOption = Annotated[
    float | None,
    typer.Option("--latency", metavar="SECONDS", help="Time from a frame to the beam. [default: the horizon]"),
]
WideOption = Annotated[bool, typer.Option("--wide", help="Show all columns of scores.")]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="STAGE",
        help=f"Redo this stage and all after it: {', '.join(STAGES)}.",
        autocompletion=beginning(lambda: STAGES),
    ),
]
OnlyOption = Annotated[
    str | None,
    typer.Option("--only", metavar="STAGE", help="Redo only this stage.", autocompletion=beginning(lambda: STAGES)),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", help="Processes on this machine. [default: one per processor]")
]
SchedulerOption = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="A running dask scheduler, such as tcp://host:8786."),
]


def dvf_table(file: Path | None, reference: int | None) -> dict[str, Any]:
    """Return the settings of ``flow`` that the options of a user's own DVFs give; no table where none is given."""
    given = {"dvf": None if file is None else str(file), "reference": reference}
    table = {name: value for name, value in given.items() if value is not None}
    return {"flow": table} if table else {}


def target_tables(
    files: list[Path] | None,
    labels: list[str] | None,
    names: list[str] | None,
    frame: int | None,
    reference_masks: Path | None,
) -> dict[str, Any]:
    """Return what the options of targets say as settings of ``target`` and ``score``; nothing for what is not given."""
    given = {"files": [str(file) for file in files or []], "labels": labels, "names": names, "frame": frame}
    tables: dict[str, Any] = {"target": {name: value for name, value in given.items() if value not in (None, [])}}
    if reference_masks is not None:
        tables["score"] = {"labels": str(reference_masks)}
    return tables


def gating_table(margin: float | None, latency: float | None) -> dict[str, Any]:
    """Return what the options of gating say as settings of ``score``; nothing for what is not given."""
    return {name: value for name, value in (("margin_mm", margin), ("latency_s", latency)) if value is not None}


def processes(workers: int | None, scheduler: str | None) -> int:
    """Return how many processes of this machine work where no scheduler is given.

    Raises
    ------
    SettingsError
        If both are given.
    """
    if workers is not None and scheduler is not None:
        raise SettingsError(f"--workers and --scheduler exclude each other, got {workers} and {scheduler}; give one")
    return workers if workers is not None else os.cpu_count() or 1


def frames_table(
    frame_period: float | None,
    pixel_spacing: str | None,
    series: str | None,
    plane: str | None,
    kind: str | None = None,
    memory_limit: float | None = None,
) -> dict[str, Any]:
    """Return the settings of the frames stage that were given as options.

    Raises
    ------
    SettingsError
        If a spacing is no spacing, or a plane no number.
    """
    values = {
        "frame_period_s": frame_period,
        "pixel_spacing_mm": None if pixel_spacing is None else _spacing(pixel_spacing),
        "series": series,
        "plane": None if plane is None else _plane(plane),
        "kind": kind,
        "memory_limit_gb": memory_limit,
    }
    return {name: value for name, value in values.items() if value is not None}


def asks_for_all_planes(plane: str | None) -> bool:
    """Return whether each plane is asked for."""
    return plane is not None and plane.strip().casefold() == _ALL_PLANES


def _plane(text: str) -> int:
    if asks_for_all_planes(text):
        raise SettingsError(
            "--plane must name one plane here, got all; give the number of one that `cinecast info` lists, and start "
            "the command once for each (run, batch and info take all)"
        )
    try:
        return int(text)
    except ValueError:
        raise SettingsError(
            f"--plane takes the number of a plane, or all with run, batch and info, got {text!r}; `cinecast info` "
            "lists the planes"
        ) from None


def _spacing(text: str) -> tuple[float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise SettingsError(f"--pixel-spacing takes one number of mm, or two as row,column, got {text!r}; such as 1.8")
    return numbers[0], numbers[-1]
