"""Figures of a run for papers, drawn with matplotlib: vector PDF and SVG, or PNG."""

from cinecast.figures.choice import FigureChoice
from cinecast.figures.draw import FORMATS, KINDS, draw_figure

__all__ = ["FORMATS", "KINDS", "FigureChoice", "draw_figure"]
