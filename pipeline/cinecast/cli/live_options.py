"""Options of ``cinecast live`` alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StreamArgument = Annotated[
    Path,
    typer.Argument(
        metavar="SEQUENCE|FOLDER", help="A sequence to replay, or with --watch a folder.", show_default=False
    ),
]
LiveFolderOption = Annotated[
    Path, typer.Option("--out", metavar="LIVE", help="A new folder for forecasts.", show_default=False)
]
OneMethodOption = Annotated[str, typer.Option("--method", metavar="NAME", help="The forecaster.")]
OneHorizonOption = Annotated[
    str, typer.Option("--horizon", metavar="0.5s|3", help="Seconds, kept as given, or frames.")
]
RateOption = Annotated[str, typer.Option("--rate", help="real: frames come at their times; max: one after another.")]
WatchOption = Annotated[
    bool, typer.Option("--watch", help="Wait for DICOM files that a scanner writes into FOLDER; Ctrl-C ends.")
]
IdleOption = Annotated[
    float | None, typer.Option("--idle", metavar="SECONDS", help="With --watch, end when nothing came for so long.")
]
CalibrationOption = Annotated[
    int | None,
    typer.Option(
        "--calibration",
        metavar="FRAMES",
        help="Frames to calibrate on. [default: the train span of the sequence; 90 of a watched folder]",
    ),
]
RecalibrateOption = Annotated[
    bool, typer.Option("--recalibrate", help="Fit anew from recent frames when the motion is no longer explained.")
]
PageOption = Annotated[
    int | None,
    typer.Option(
        "--page",
        metavar="PORT",
        help="Show traces, frames and figures in a browser on this machine; its address is printed. 0: any free port.",
    ),
]
MarginOption = Annotated[
    float | None,
    typer.Option(
        "--margin",
        metavar="MM",
        help="Beam on while the forecast centroid of the target is within so many mm of its place in the mask. "
        "[default: 3]",
    ),
]
