"""One figure of a run as the content of a file: its kinds, their widths and their formats."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple

from matplotlib.figure import Figure

from cinecast.errors import ReportError
from cinecast.figures import images, lines
from cinecast.figures.choice import FigureChoice
from cinecast.figures.radius import radius
from cinecast.figures.style import COLUMN_MM, PAGE_MM, RESOLUTION_DPI, style
from cinecast.report.data import ReportData
from cinecast_models.errors import spelling_hint


class Kind(NamedTuple):
    """What draws a kind of figure, its width by default, and the options that choose what it shows."""

    draw: Callable[[ReportData, FigureChoice, float], Figure]
    width_mm: float
    options: tuple[str, ...]


_FORECAST = ("--method", "--horizon")
KINDS: dict[str, Kind] = {
    "horizons": Kind(lines.horizons, COLUMN_MM, ("--region",)),
    "weights": Kind(lines.weights, PAGE_MM, _FORECAST),
    "mmode": Kind(images.mmode, COLUMN_MM, (*_FORECAST, "--run")),
    "frames": Kind(images.frames, PAGE_MM, (*_FORECAST, "--run", "--frame")),
    "modes": Kind(images.modes, PAGE_MM, _FORECAST),
    "radius": Kind(radius, PAGE_MM, (*_FORECAST, "--run", "--frame")),
}
# Dates would make two figures of the same run differ.
FORMATS: dict[str, dict[str, str | None]] = {
    "pdf": {"CreationDate": None, "ModDate": None},
    "svg": {"Date": None},
    "png": {},
}
_NARROWEST_MM, _WIDEST_MM = 30.0, 400.0


def draw_figure(
    data: ReportData, kind: str, file_format: str, *, choice: FigureChoice | None = None, width_mm: float | None = None
) -> bytes:
    """Return one figure of a run as the content of a file.

    Parameters
    ----------
    data
        What the run measured.
    kind
        A name in `KINDS`.
    file_format
        A name in `FORMATS`.
    choice
        What to show; by default the best forecaster at the shortest horizon.
    width_mm
        Width in mm; by default one or two columns of a journal.

    Returns
    -------
    bytes
        The same for the same run: no date is in it.

    Raises
    ------
    ReportError
        If the kind, the format, the width or something chosen does not exist, or the kind has no such choice.
    """
    if file_format not in FORMATS:
        raise ReportError(
            f"a figure must end in {', '.join(f'.{f}' for f in FORMATS)}, got {file_format!r}; choose one of these"
        )
    out = io.BytesIO()
    figure = make_figure(data, kind, choice, width_mm=width_mm)
    with style():
        figure.savefig(out, format=file_format, dpi=RESOLUTION_DPI, metadata=FORMATS[file_format])
    return out.getvalue()


def make_figure(
    data: ReportData, kind: str, choice: FigureChoice | None = None, *, width_mm: float | None = None
) -> Figure:
    """Return one figure of a run, to be shown or written.

    Parameters
    ----------
    data
        What the run measured.
    kind
        A name in `KINDS`.
    choice
        What to show; by default the best forecaster at the shortest horizon.
    width_mm
        Width in mm; by default one or two columns of a journal.

    Returns
    -------
    Figure
        Of matplotlib.

    Raises
    ------
    ReportError
        If the kind, the width or something chosen does not exist, or the kind has no such choice.
    """
    if kind not in KINDS:
        raise ReportError(f"--what must be one of {', '.join(KINDS)}, got {kind!r}; {spelling_hint(kind, KINDS)}")
    chosen = choice or FigureChoice()
    _check_used(kind, chosen)
    width = KINDS[kind].width_mm if width_mm is None else width_mm
    if not _NARROWEST_MM <= width <= _WIDEST_MM:
        raise ReportError(
            f"--width must be {_NARROWEST_MM:g} to {_WIDEST_MM:g} mm, got {width:g}; choose a width in between"
        )
    with style():
        return KINDS[kind].draw(data, chosen, width)


def _check_used(kind: str, choice: FigureChoice) -> None:
    given = {
        "--method": choice.method,
        "--horizon": choice.horizon_frames,
        "--run": choice.run,
        "--frame": choice.frame,
        "--region": choice.region,
    }
    options = KINDS[kind].options
    for option, value in given.items():
        if value is not None and option not in options:
            raise ReportError(
                f"--what {kind} can be narrowed by {', '.join(options)} alone, got {option} {value}; leave it out"
            )
