"""Figures of a run for papers, drawn with matplotlib: vector PDF and SVG, or PNG.

In: what a run, finished or not, measured (`ReportData`), and what of it is to be shown (`FigureChoice`).
Out: the content of a file, the same for the same run.
"""

from cinecast.figures.choice import FigureChoice as FigureChoice
from cinecast.figures.draw import FORMATS as FORMATS
from cinecast.figures.draw import KINDS as KINDS
from cinecast.figures.draw import draw_figure as draw_figure
