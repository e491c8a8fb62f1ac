"""Options of ``cinecast series``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from cinecast.series import Grouping

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV with a time column, RPM (.vxp), or NPZ.", show_default=False)
]
OutOption = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The output folder.", show_default=False)]
TimeColumnOption = Annotated[
    str | None,
    typer.Option("--time-column", metavar="NAME", help="Column of times. [default: time_s, time, t, or with a unit]"),
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="NAME", help="Column to forecast; repeat for several. [default: all]"),
]
ArrayOption = Annotated[
    str | None, typer.Option("--array", metavar="NAME", help="Array of an NPZ file. [default: series]")
]
SampleRateOption = Annotated[
    float | None,
    typer.Option("--sample-rate", metavar="HZ", help="Samples per second; replaces the times in the file."),
]
TimeUnitOption = Annotated[
    str | None,
    typer.Option("--time-unit", metavar="s|ms|us|min", help="Unit of the times. [default: as their name says, or s]"),
]
MissingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--missing",
        metavar="VALUE|none",
        help="Value that stands for a missing sample, such as -9999; repeat for several. none: there is no such value.",
    ),
]
ValidWhenOption = Annotated[
    str | None,
    typer.Option(
        "--valid-when",
        metavar="COLUMN=VALUE",
        help="Samples are missing where COLUMN has another value. [default: column valid or validflag, as in RPM]",
    ),
]
LongestGapOption = Annotated[
    float,
    typer.Option("--longest-gap", metavar="SECONDS", help="Longer gaps are not filled in: the history begins anew."),
]
CausalRateOption = Annotated[
    float | None,
    typer.Option(
        "--causal-rate",
        metavar="HZ",
        help="Resample an irregular clock: linear, each new sample known at most two periods after its instant.",
    ),
]
EveryOption = Annotated[
    int | None, typer.Option("--every", metavar="N", help="Keep only every N-th sample, unfiltered.")
]
RateOption = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="HZ",
        help="Resample: low-pass and spline down, spline up. New samples see recorded ones after them, which a live "
        "system cannot. [default: as recorded]",
    ),
]
GroupOption = Annotated[
    str,
    typer.Option(
        "--group", metavar="|".join(get_args(Grouping)), help="3d: distances of markers with x, y, z; auto: by names."
    ),
]
TrainEndOption = Annotated[
    int | None, typer.Option("--train-end", help="Samples in the train span. [default: a third]")
]
ValidationEndOption = Annotated[
    int | None, typer.Option("--validation-end", help="Where the test span begins. [default: two thirds]")
]
OfflineTrainEndOption = Annotated[
    int | None, typer.Option("--offline-train-end", help="Train end of offline methods. [default: --train-end]")
]
UnitOption = Annotated[
    str | None,
    typer.Option(
        "--unit", metavar="mm", help="Unit of the values, for tables, page and figure. [default: as the file]"
    ),
]
LevelOption = Annotated[
    float, typer.Option("--level", metavar="SHARE", help="Probability with which a sample lies in its band.")
]
FigureOption = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        metavar="FILE.pdf|.svg|.png",
        help="Draw the best method at the shortest horizon. [default: no figure]",
    ),
]
ProtocolOption = Annotated[
    str, typer.Option("--protocol", help="causal, or published (non-causal, only for comparison with the papers).")
]
RunsOption = Annotated[int, typer.Option("--runs", help="Random runs of methods that draw numbers.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the random runs.")]
AssignmentsOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="METHOD.NAME=VALUE", help="Change one setting, such as rls.ridge=3; repeat."),
]
