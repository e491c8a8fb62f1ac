"""Error against horizon, ours and published, as SVG."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cinecast.references import PERSISTENCE
from cinecast.report.palette import LIGHT, look_of


class Curve(NamedTuple):
    """A method's errors over horizons in s; NaN where nothing was published."""

    name: str
    seconds: list[float]
    ours: list[float]
    published: list[float]


def write_plot(path: Path, curves: list[Curve], title: str, what: str) -> None:
    """Draw the curves, ours solid and published dashed; the same curves give the same bytes.

    Each method has the colour and marker that it has in reports and figures, persistence is black.

    Parameters
    ----------
    path
        The SVG file.
    curves
        One a method.
    title
        What the curves are of: data set and region.
    what
        Label of the vertical axis, with its unit.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    from cinecast.figures.style import MARKERS

    with rc_context({"svg.hashsalt": "cinecast", "font.size": 9, "svg.fonttype": "none"}):
        figure = Figure(figsize=(7.0, 4.0), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        for curve in curves:
            look = look_of(curve.name)
            colour, marker = LIGHT[look.colour], MARKERS[look.marker]
            if curve.name == PERSISTENCE:
                colour, marker = "#000000", MARKERS[0]
            axes.plot(curve.seconds, curve.ours, color=colour, marker=marker, markersize=3, label=curve.name)
            axes.plot(curve.seconds, curve.published, color=colour, linestyle="--", linewidth=1)
        axes.set(title=f"{title} (solid: ours, dashed: published)", xlabel="horizon, s", ylabel=what)
        axes.grid(alpha=0.3)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "cinecast"})
