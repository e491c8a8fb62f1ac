"""The files of a report: page, scripts, data and style."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files

from cinecast.report.coverage import with_worst_phase
from cinecast.report.data import ReportData
from cinecast.report.methods_text import methods_text
from cinecast.report.page import FIRST_SCRIPTS, SCRIPTS, render_page
from cinecast.report.page_data import data_scripts
from cinecast.report.score_table import score_rows, with_diverged_runs
from cinecast.report.scripts import CHARTS, OWN_CHARTS, call_script
from cinecast.report.second_opinion import second_opinion
from cinecast.report.text_of_bytes import deflated_text

# Harder takes longer for one byte in a hundred.
_LEVEL = 5


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
    Content by file name relative to the report folder. ``index.html`` is the one to open. What is in ``assets`` is
    loaded from beside it, the forecasts of a method and horizon only when they are chosen. Of one run,
    ``second_opinion.txt`` has a line for each finding and one for its evidence.
    """
    rows = with_worst_phase(with_diverged_runs(score_rows(data.scores), data), data)
    with ThreadPoolExecutor(2) as pool:  # beside the page
        library = pool.submit(chart_library) if charts == OWN_CHARTS else None
        scripts = pool.submit(data_scripts, data, rows)
        findings = second_opinion(data, rows)
        page = render_page(data, rows, charts, findings).encode()
        text = methods_text(data, rows)
        assets = page_assets() | ({} if library is None else {CHARTS: library.result()}) | scripts.result()
    plain = {} if text is None else {"methods.txt": text.plain.encode()}
    if not data.runs:
        plain["second_opinion.txt"] = "".join(map(str, findings)).encode()
    return {"index.html": page} | plain | {f"assets/{name}": content for name, content in assets.items()}


def page_assets() -> dict[str, bytes]:
    """Return style and scripts by file name, the chart library apart: the same for every report."""
    static = files("cinecast.report").joinpath("static")
    joined = {"first.js": FIRST_SCRIPTS, "report.js": SCRIPTS, "report.css": ("report.css",)}
    return {to: b"".join(static.joinpath(name).read_bytes() for name in names) for to, names in joined.items()}


@cache
def chart_library() -> bytes:
    """Return the script with the library that draws charts, packed to less than half of its 1.2 MB.

    It is the same for every report: the build of plotly.js that draws lines and bars, as its makers publish it
    (plotly.js-basic-dist-min). What they say of their licence stands before it, readable.
    """
    library = files("cinecast.report").joinpath("plotly", "plotly-basic.min.js").read_text(encoding="utf-8")
    licence, end, _ = library.partition("*/")
    return f"{licence}{end}\n".encode() + call_script("plots.receive", deflated_text(library.encode(), level=_LEVEL))
