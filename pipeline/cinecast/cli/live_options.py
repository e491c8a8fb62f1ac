"""Options of ``cinecast live`` alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StreamArgument = Annotated[
    Path,
    typer.Argument(
        metavar="SEQUENCE|FOLDER|STREAM",
        help="A sequence to replay, with --watch a folder, or a stream: igtl://HOST:PORT/DEVICE or mrd://HOST:PORT.",
        show_default=False,
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
    float | None,
    typer.Option("--idle", metavar="SECONDS", help="With --watch or a stream, end when nothing came for so long."),
]
CalibrationOption = Annotated[
    int | None,
    typer.Option(
        "--calibration",
        metavar="FRAMES",
        help="Frames to calibrate on. [default: the train span of the sequence; 90 of a watched folder or a stream]",
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
ClockOption = Annotated[
    str,
    typer.Option("--clock", help="The time of a stream's frames: message (its time stamp), arrival, or acquisition."),
]
TickOption = Annotated[
    str | None,
    typer.Option(
        "--tick",
        metavar="2.5ms",
        help="What the time stamps of MRD images count in, as the vendor has it: us, ms or s. [default: 2.5ms]",
        show_default=False,
    ),
]
SendOption = Annotated[
    int | None,
    typer.Option(
        "--send", metavar="PORT", help="Serve the forecasts as OpenIGTLink at this port; 0 for any free port."
    ),
]
BindOption = Annotated[
    str | None,
    typer.Option(
        "--bind",
        metavar="ADDRESS",
        help="Where to serve, for other machines to connect. [default: 127.0.0.1]",
        show_default=False,
    ),
]
