"""A figure that notebooks show, whether or not they have loaded a backend of matplotlib."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

_DPI = 150


class ShownFigure(Figure):
    """A figure of matplotlib that Jupyter and IPython show as a picture."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=_DPI)
        return out.getvalue()
