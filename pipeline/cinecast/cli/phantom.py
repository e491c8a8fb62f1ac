"""``cinecast phantom``: write a digital phantom whose motion is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cinecast.cli.console import say
from cinecast.phantom import PhantomSettings
from cinecast.phantom.files import write_new_phantom

_DEFAULT = PhantomSettings()


def phantom(
    out: Annotated[Path, typer.Argument(metavar="OUT.nii.gz", help="NIfTI file to write.", show_default=False)],
    frames: Annotated[int, typer.Option("--frames", help="Number of frames.")] = _DEFAULT.frame_count,
    rows: Annotated[int, typer.Option("--rows", help="Rows.")] = _DEFAULT.rows,
    columns: Annotated[int, typer.Option("--columns", help="Columns.")] = _DEFAULT.columns,
    pixel_spacing: Annotated[
        float, typer.Option("--pixel-spacing", metavar="MM", help="Pixel spacing; the anatomy fills the field.")
    ] = _DEFAULT.pixel_spacing_mm[0],
    frame_period: Annotated[
        float, typer.Option("--frame-period", metavar="SECONDS", help="Time between frames.")
    ] = _DEFAULT.frame_period_s,
    amplitude: Annotated[
        float, typer.Option("--amplitude", metavar="MM", help="Mean excursion of the diaphragm.")
    ] = _DEFAULT.amplitude_mm,
    drift: Annotated[
        float, typer.Option("--drift", metavar="MM/MIN", help="Steady drift of the diaphragm, towards the feet.")
    ] = _DEFAULT.drift_mm_per_min,
    out_of_plane: Annotated[
        float, typer.Option("--out-of-plane", help="Share of texture that leaves the plane with breathing, 0 to 1.")
    ] = _DEFAULT.out_of_plane,
    noise: Annotated[
        float, typer.Option("--noise", help="Rician noise, as a fraction of the liver's brightness.")
    ] = _DEFAULT.noise_level,
    seed: Annotated[int, typer.Option("--seed", help="Seed of texture, breathing and noise.")] = _DEFAULT.seed,
    dvf: Annotated[bool, typer.Option("--dvf", help="Write the true DVF beside it as NAME_dvf.npy.")] = False,
) -> None:
    """Write a simulated sagittal sequence of known motion, with its ROI and split in a sidecar beside it."""
    settings = PhantomSettings(
        rows=rows,
        columns=columns,
        amplitude_mm=amplitude,
        drift_mm_per_min=drift,
        pixel_spacing_mm=(pixel_spacing, pixel_spacing),
        frame_count=frames,
        frame_period_s=frame_period,
        out_of_plane=out_of_plane,
        noise_level=noise,
        seed=seed,
    )
    for path in write_new_phantom(out, settings, with_dvf=dvf):
        say(f"Wrote {path}")
