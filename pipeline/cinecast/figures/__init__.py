"""Figures of a run for papers, drawn with matplotlib: vector PDF and SVG, or PNG."""

from __future__ import annotations

import io
from collections.abc import Callable

from matplotlib.figure import Figure

from cinecast.errors import ReportError
from cinecast.figures import images, lines
from cinecast.figures.choice import Choice
from cinecast.figures.radius import radius
from cinecast.figures.style import COLUMN_MM, PAGE_MM, RESOLUTION_DPI, style
from cinecast.report.data import ReportData

__all__ = ["FORMATS", "KINDS", "Choice", "draw_figure"]

# What each kind draws, and the width that it has by default, in mm.
KINDS: dict[str, tuple[Callable[[ReportData, Choice, float], Figure], float]] = {
    "horizons": (lines.horizons, COLUMN_MM),
    "weights": (lines.weights, PAGE_MM),
    "mmode": (images.mmode, COLUMN_MM),
    "frames": (images.frames, PAGE_MM),
    "modes": (images.modes, PAGE_MM),
    "radius": (radius, PAGE_MM),
}
# Dates would make two figures of the same run differ.
FORMATS: dict[str, dict[str, str | None]] = {
    "pdf": {"CreationDate": None, "ModDate": None},
    "svg": {"Date": None},
    "png": {},
}
_NARROWEST_MM, _WIDEST_MM = 30.0, 400.0


def draw_figure(
    data: ReportData, kind: str, file_format: str, *, choice: Choice | None = None, width_mm: float | None = None
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

    Raises
    ------
    ReportError
        If the kind, the format, the width or something chosen does not exist.
    """
    if kind not in KINDS:
        raise ReportError(f"--what must be one of {', '.join(KINDS)}, got {kind!r}")
    if file_format not in FORMATS:
        raise ReportError(f"a figure must end in {', '.join(f'.{f}' for f in FORMATS)}, got {file_format!r}")
    draw, own_width = KINDS[kind]
    width = own_width if width_mm is None else width_mm
    if not _NARROWEST_MM <= width <= _WIDEST_MM:
        raise ReportError(f"--width must be {_NARROWEST_MM:g} to {_WIDEST_MM:g} mm, got {width:g}")
    out = io.BytesIO()
    with style():
        figure = draw(data, choice or Choice(), width)
        figure.savefig(out, format=file_format, dpi=RESOLUTION_DPI, metadata=FORMATS[file_format])
    return out.getvalue()
