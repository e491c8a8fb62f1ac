"""The files of a report: page, scripts, data and style."""

from __future__ import annotations

from importlib.resources import files

from cinecast.report.coverage import with_worst_phase
from cinecast.report.data import ReportData
from cinecast.report.methods_text import methods_text
from cinecast.report.page import render_page
from cinecast.report.page_data import data_scripts
from cinecast.report.score_table import score_rows, with_diverged_runs
from cinecast.report.scripts import CHARTS, OWN_CHARTS


def render_report(data: ReportData, charts: str = OWN_CHARTS) -> dict[str, bytes]:
    """Return the files of the report of one run, or of several compared.

    Parameters
    ----------
    data
        What the run, or the runs, measured.
    charts
        Path of the script that draws charts, relative to the page. By default it is one of the files; any other must
        hold `chart_library` before the page is written.

    Returns
    -------
    Content by file name relative to the report folder. ``index.html`` is the one to open; all else, in ``assets``,
    is loaded from beside it, the forecasts of a method and horizon only when they are chosen.
    """
    rows = with_worst_phase(with_diverged_runs(score_rows(data.scores), data), data)
    assets = page_assets() | data_scripts(data, rows)
    if charts != OWN_CHARTS:
        del assets[CHARTS]
    text = methods_text(data, rows)
    plain = {} if text is None else {"methods.txt": text.plain.encode()}
    return (
        {"index.html": render_page(data, rows, charts).encode()}
        | plain
        | {f"assets/{name}": content for name, content in assets.items()}
    )


def page_assets() -> dict[str, bytes]:
    """Return style, scripts and the chart library, by file name: the same for every report."""
    found = sorted(files("cinecast.report").joinpath("static").iterdir(), key=lambda file: file.name)
    return {file.name: file.read_bytes() for file in found} | {CHARTS: chart_library()}


def chart_library() -> bytes:
    """Return the script that draws charts, nearly 5 MB: the same for every report."""
    from plotly.offline import get_plotlyjs

    return bytes(get_plotlyjs().encode())
