"""A figure that notebooks show without a backend of matplotlib, and that is saved with the fonts that it has here."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

_DPI = 150


class ShownFigure(Figure):
    """A figure of matplotlib that Jupyter and IPython show as a picture.

    Parameters
    ----------
    style
        Settings of matplotlib that it is saved with: fonts and letters are chosen only then, and others are wider.
    kwargs
        As for `matplotlib.figure.Figure`.
    """

    def __init__(self, *, style: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._style = style or {}

    def savefig(self, fname: Any, **kwargs: Any) -> None:
        """Write the figure, as that of matplotlib does.

        Parameters
        ----------
        fname, kwargs
            As for `matplotlib.figure.Figure.savefig`.
        """
        with mpl.rc_context(self._style):
            super().savefig(fname, **kwargs)

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=_DPI)
        return out.getvalue()
