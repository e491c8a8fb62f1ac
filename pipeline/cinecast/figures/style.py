"""What all figures for papers have in common: sizes of a journal, fonts as text, colours for all kinds of vision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cinecast.figures.shown import ShownFigure
from cinecast.references import MEASURED, ORACLE
from cinecast.report.data import ReportData, ReportEntry, is_reference
from cinecast.report.method_look import method_look
from cinecast.report.palette import LIGHT
from cinecast.settings.causality import flagged

# Widths of one and of two columns of most journals.
COLUMN_MM, PAGE_MM = 85.0, 175.0
MM_PER_INCH = 25.4
RESOLUTION_DPI = 600
# So much room a name takes in a legend, with its line.
LEGEND_COLUMN_MM = 42.0

# What `palette.DASHES` and `palette.MARKERS` are in matplotlib.
_DASHES = ("-", "-.", (0, (6, 2)), (0, (6, 2, 1, 2)), (0, (5, 1.5, 1, 1.5, 1, 1.5)), (0, (1.5, 1)))
MARKERS = ("o", "s", "D", "^", "P", "X", "*")

# Letters stay letters: fonts are embedded in PDF (TrueType) and named in SVG, so that both can be edited and searched.
STYLE: Any = {  # matplotlib types the names of all its settings
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "cinecast",
    "font.family": "sans-serif",
    "font.sans-serif": ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e7ec",
    "grid.linewidth": 0.5,
    "axes.axisbelow": True,
    "image.cmap": "gray",
    "figure.constrained_layout.use": True,
}


@dataclass(frozen=True)
class LineStyle:
    """How the lines of one method look."""

    color: str
    linestyle: str
    marker: str

    def line(self) -> dict[str, Any]:
        """Return the arguments of a plot without markers."""
        return {"color": self.color, "linestyle": self.linestyle}


def line_style(data: ReportData, method: str) -> LineStyle:
    """Return the look of a method: references in black and grey, forecasters in the colours of the palette.

    Parameters
    ----------
    data
        The run, or the runs compared.
    method
        One of its methods or references.

    Returns
    -------
    LineStyle
        The same in every figure and report.
    """
    if is_reference(method):
        if method.endswith(MEASURED):
            return LineStyle("#808080", ":", "None")
        return LineStyle("#000000", ":", "None") if method.endswith(ORACLE) else LineStyle("#808080", "--", "o")
    look = method_look(data, method)
    return LineStyle(LIGHT[look.colour], _DASHES[look.dash], MARKERS[look.marker])  # type: ignore[arg-type]


def name_of(entry: ReportEntry) -> str:
    """Return what a legend calls a method; one that is not known to be causal is flagged."""
    return flagged(entry.title, entry.protocol)


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """Return an empty figure of a size; drawing needs no screen.

    Parameters
    ----------
    width_mm
        Width on the page.
    height_mm
        Height on the page.

    Returns
    -------
    Figure
        Without axes, on no screen.
    """
    return ShownFigure(style=STYLE, figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH))


def legend_columns(width_mm: float, most: int) -> int:
    """Return how many columns of names a legend has beside each other, so that none is cut.

    Parameters
    ----------
    width_mm
        Width of the figure.
    most
        The largest number.

    Returns
    -------
    int
        1 or more.
    """
    return max(1, min(most, int(width_mm // LEGEND_COLUMN_MM)))


def style() -> Any:
    """Return the context in which figures are drawn and saved."""
    return mpl.rc_context(STYLE)


def bare(axes: Axes) -> None:
    """Take ticks, grid and frame from axes that show a picture, and keep it below its title."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    # The layout leaves room above the place of the axes. A picture in the middle of it can still rise to its top.
    axes.set_anchor("N")
    for spine in axes.spines.values():
        spine.set_visible(False)
