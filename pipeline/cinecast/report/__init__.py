"""The report of a run: a folder that opens from disk, without a network."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from cinecast.report.data import ReportData

__all__ = ["ReportData", "render_report"]


def render_report(data: ReportData) -> dict[str, bytes]:
    """Return the files of the report of one run.

    Parameters
    ----------
    data
        What the run measured.

    Returns
    -------
    Content by file name relative to the report folder; ``index.html`` is the one to open.
    """
    environment = Environment(
        loader=PackageLoader("cinecast.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("index.html").render(name=data.sequence.name, rows=data.scores)
    return {"index.html": page.encode()}
