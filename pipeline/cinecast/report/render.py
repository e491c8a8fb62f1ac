"""The files of a report: page, scripts, data and style."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

from cinecast.report.coverage import with_worst_phase
from cinecast.report.data import ReportData
from cinecast.report.methods_text import methods_text
from cinecast.report.page import FIRST_SCRIPTS, SCRIPTS, STYLES, render_page
from cinecast.report.page_data import data_scripts
from cinecast.report.score_table import score_rows, with_diverged_runs
from cinecast.report.second_opinion import second_opinion


def render_report(data: ReportData) -> dict[str, bytes]:
    """Return the files of the report of one run, or of several compared.

    Parameters
    ----------
    data
        What the run, or the runs, measured.

    Returns
    -------
    Content by file name relative to the report folder. ``index.html`` is the one to open. What is in ``assets`` is
    loaded from beside it, the forecasts of a method and horizon only when they are chosen. Of one run,
    ``second_opinion.txt`` has a line for each finding and one for its evidence.
    """
    rows = with_worst_phase(with_diverged_runs(score_rows(data.scores), data), data)
    with ThreadPoolExecutor(2) as pool:  # beside the page
        scripts = pool.submit(data_scripts, data, rows)
        findings = second_opinion(data, rows)
        page = _bytes(render_page(data, rows, findings))
        text = methods_text(data, rows)
        assets = page_assets() | scripts.result()
    plain = {} if text is None else {"methods.txt": _bytes(text.plain)}
    if not data.runs:
        plain["second_opinion.txt"] = _bytes("".join(map(str, findings)))
    return {"index.html": page} | plain | {f"assets/{name}": content for name, content in assets.items()}


def _bytes(text: str) -> bytes:
    """Return text as UTF-8; a name of a file that is none, as of an old disk, has marks in it."""
    return text.encode(errors="replace")


def page_assets() -> dict[str, bytes]:
    """Return style and scripts by file name: the same for every report."""
    parts = {"first.js": FIRST_SCRIPTS, "report.js": SCRIPTS, "report.css": STYLES}
    return {name: joined(names) for name, names in parts.items()}


def joined(names: tuple[str, ...]) -> bytes:
    """Return files of the folder of scripts and styles, one after another."""
    static = files("cinecast.report").joinpath("static")
    return b"".join(static.joinpath(name).read_bytes() for name in names)
