"""``cinecast figure``: one figure of a run for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cinecast.cli.console import say
from cinecast.cli.options import beginning
from cinecast.cli.report import RunArgument
from cinecast.run.figures import FIGURE_KINDS, write_figure


def figure(
    run: RunArgument,
    what: Annotated[
        str,
        typer.Option(
            "--what",
            metavar="KIND",
            help=f"One of {', '.join(FIGURE_KINDS)}.",
            show_default=False,
            autocompletion=beginning(lambda: FIGURE_KINDS),
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE.pdf|.svg|.png", help="File to write.", show_default=False)
    ],
    method: Annotated[
        str | None,
        typer.Option("--method", metavar="NAME", help="Method shown. [default: the best]", show_default=False),
    ] = None,
    horizon: Annotated[
        str | None,
        typer.Option("--horizon", metavar="0.5s|3", help="Horizon shown. [default: the shortest]", show_default=False),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option("--run", metavar="NUMBER", help="Random run shown. [default: 0, the first]", show_default=False),
    ] = None,
    frame: Annotated[
        int | None,
        typer.Option("--frame", help="Test frame shown. [default: that of the largest motion]", show_default=False),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            "--region",
            metavar="NAME",
            help="Region of the errors: image, roi, body, textured, landmarks. [default: the landmarks, else the ROI]",
        ),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option("--width", metavar="MM", help="Width. [default: one or two columns of a journal]"),
    ] = None,
) -> None:
    """Draw one figure of a run for a paper: vector PDF or SVG with text as text, or PNG at 600 dpi."""
    missing = write_figure(
        run, what, out, method=method, horizon=horizon, sample=sample, frame=frame, region=region, width_mm=width
    )
    for sentence in missing:
        say(f"The run lacks {sentence}")
    say(f"Wrote {out}")
