"""The planes of a recording, each as a sequence of its own: ``--plane all``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer

from cinecast.cli.console import say, say_error
from cinecast.cli.exit_codes import code_of_failed
from cinecast.errors import CinecastError, SettingsError
from cinecast.frames import PlaneSummary
from cinecast.store.cohort import COHORT_FILE
from cinecast.store.marker import saved_sequence
from cinecast_models import ForecastingError


def plane_folder(index: int) -> str:
    """Return what the run of a plane is called, and in a batch what its name ends with."""
    return f"plane_{index}"


def known_run(out: Path) -> Path:
    """Return the first run of a plane in a folder, whose saved settings choose its series; else the folder itself.

    Raises
    ------
    SettingsError
        If the folder is itself a run or that of a batch.
    """
    if saved_sequence(out) is not None or (out / COHORT_FILE).exists():
        what = "a batch" if (out / COHORT_FILE).exists() else "one run"
        raise SettingsError(
            f"--out must be a folder for the runs of all planes with --plane all, got that of {what}, {out}; choose "
            "another"
        )
    found = sorted(folder for folder in out.glob(plane_folder(0)[:-1] + "*") if saved_sequence(folder) is not None)
    return found[0] if found else out


def each_plane(planes: tuple[PlaneSummary, ...], work: Callable[[int], None]) -> None:
    """Do the work of each plane; one that fails costs the others nothing.

    Parameters
    ----------
    planes
        The planes.
    work
        Is called with the number of each.

    Raises
    ------
    typer.Exit
        With 10 plus the number of planes that failed (110 for a hundred or more), once all had their turn.
    """
    failed = []
    for plane in planes:
        say(f"Plane {plane}")
        try:
            work(plane.index)
        except (CinecastError, ForecastingError) as error:
            say_error(f"plane {plane.index}: {error}")
            failed.append(plane.index)
    if failed:
        noun = "plane" if len(failed) == 1 else "planes"
        say(f"{len(failed)} {noun} failed: {', '.join(map(str, failed))}.")
        raise typer.Exit(code_of_failed(len(failed)))
