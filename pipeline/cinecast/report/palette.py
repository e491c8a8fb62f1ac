"""How each method looks in every chart and figure: colour, dashes and marker, which no other method changes."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

# Okabe and Ito's colours with a dark red, which people of all kinds of colour vision tell apart; on white, and on a
# dark page.
# `report.css` has them as --series-1, ... ; black and grey are kept for references.
LIGHT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#661100")
DARK = ("#56b4e9", "#e69f00", "#1fc296", "#dd9cc0", "#f0e442", "#e8743b", "#4f8fd6")
# As the page's charts take them; `figures` has the same for papers.
DASHES = ("solid", "dashdot", "longdash", "longdashdot", "10px,3px,2px,3px,2px,3px", "3px,2px")
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")

# A new method goes to the end, so that the others keep their looks. The first seven, which are most often shown
# together, differ in colour.
_PLACES = (
    "mixture",
    "linear",
    "rls",
    "snap1",
    "kernel_ridge",
    "uoro",
    "transformer",
    "rtrl",
    "population_transformer",
    "dni",
    "svr",
    "lms",
    "nlms",
    "fixed",
    "kernel_tracker",
    "analogue",
)
# Rounds of the colours that the methods above may fill; those of other packages come behind them.
_OWN_ROUNDS, _OTHER_ROUNDS = 3, 3


class Look(NamedTuple):
    """Places of a method in the colours, in `DASHES` and in `MARKERS`."""

    colour: int
    dash: int
    marker: int


def look_of(method: str, run: int = 0) -> Look:
    """Return the look of a forecaster, which depends on its name alone.

    Parameters
    ----------
    method
        Its name, without that of a run.
    run
        Its run where several are compared, 0 for the first: the colour stays, dashes and marker differ.

    Returns
    -------
    Look
        Methods of other packages get theirs by their names: two of them may look alike.
    """
    colours = len(LIGHT)
    if method in _PLACES:
        place = _PLACES.index(method)
        marker = place % colours
    else:
        number = crc32(method.encode())
        place = colours * _OWN_ROUNDS + number % (colours * _OTHER_ROUNDS)
        marker = number // 1000
    dash = place // colours + _OWN_ROUNDS * run
    return Look(place % colours, dash % len(DASHES), (marker + 3 * run) % len(MARKERS))
