"""The report of a run: a folder that opens from disk, without a network."""

from __future__ import annotations

from importlib.resources import files

from plotly.offline import get_plotlyjs

from cinecast.report.data import ReportData
from cinecast.report.page import render_page
from cinecast.report.page_data import data_scripts
from cinecast.report.score_table import score_rows

__all__ = ["ReportData", "render_report"]


def render_report(data: ReportData) -> dict[str, bytes]:
    """Return the files of the report of one run.

    Parameters
    ----------
    data
        What the run measured.

    Returns
    -------
    Content by file name relative to the report folder. ``index.html`` is the one to open; all else, in ``assets``,
    is loaded from beside it, the pictures of a method and horizon only when they are chosen.
    """
    rows = score_rows(data.scores)
    assets = _static_files() | {"plotly.min.js": get_plotlyjs().encode()} | data_scripts(data, rows)
    return {"index.html": render_page(data, rows).encode()} | {
        f"assets/{name}": content for name, content in assets.items()
    }


def _static_files() -> dict[str, bytes]:
    folder = files("cinecast.report").joinpath("static")
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir(), key=lambda file: file.name)}
