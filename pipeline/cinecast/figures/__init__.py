"""Figures of a run for papers, drawn with matplotlib: vector PDF and SVG, or PNG."""

from cinecast.figures.choice import Choice
from cinecast.figures.draw import FORMATS, KINDS, draw_figure

__all__ = ["FORMATS", "KINDS", "Choice", "draw_figure"]
