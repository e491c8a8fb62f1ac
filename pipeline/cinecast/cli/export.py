"""``cinecast export``: results of a run as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cinecast.cli.console import say
from cinecast.export import FORMATS, WHATS, ExportChoice, export_format


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    what: Annotated[
        str, typer.Option("--what", metavar="KIND", help=f"One of {', '.join(WHATS)}.", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Its ending tells the format: .nii.gz, .nii, .mha, .nrrd, .h5, .mp4, .gif or .csv.",
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option("--format", metavar="KIND", help=f"One of {', '.join(FORMATS)}. [default: by the ending]"),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            "--method", metavar="NAME", help="Method of what was forecast: predicted frames, DVFs or a target."
        ),
    ] = None,
    horizon: Annotated[
        str | None, typer.Option("--horizon", metavar="0.5s|3", help="Horizon of what was forecast: seconds or frames.")
    ] = None,
    random_run: Annotated[int, typer.Option("--run", help="Which random run of the method, counted from 0.")] = 0,
    frame: Annotated[
        int | None, typer.Option("--frame", help="The DVF of this frame alone, counted from 0, as a transform of ITK.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="NAME", help="Which target. [default: the only one, or all]")
    ] = None,
) -> None:
    """Write frames, DVFs, their reliability, predicted frames or targets as files for other programs.

    DVFs are displacements in mm in patient space. They are measured, or forecast with --method and --horizon.
    One frame (--frame) is written as MHA, NRRD or ITK's .h5, which SimpleITK and 3D Slicer accept as a transform.
    The reliability says how far the vector of each pixel and frame can be trusted, 0 to 1. One map for the train span
    is static-reliability. Films have one grey window for all frames, which is printed.

    Three kinds need a run with a target. With target, a film shows real and predicted frames side by side with both
    contours. With target-masks, its masks are written, 1 inside. With target-centroids, a table has its places in
    pixels and mm. Masks and places are measured, or forecast with --method and --horizon.
    """
    from cinecast.export.content import load_content
    from cinecast.export.writing import write_export

    choice = ExportChoice(what, method, horizon, random_run, target, frame)
    chosen = export_format(out, kind, choice.kind)
    words = write_export(out, load_content(run, choice), chosen)
    say(f"Wrote {out}: {words}.")
