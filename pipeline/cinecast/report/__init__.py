"""Stage 9, report: all that a run measured, drawn as one folder of HTML that opens from the disk without a network.

In: the data of one run, or of several runs of one sequence: frames (T, H, W) in any unit; DVFs (test frames, H, W, 2),
pixels, last axis (x = column, y = row); forecast weights (R, T, K); scores as text by column name.
Out: the content of each file by its name relative to the report folder, as bytes; the same data give the same bytes.
What a run lacks is left out of the page and named there; numbers that are not known are dashes, never zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cinecast.report.comparison import compare_runs as compare_runs
    from cinecast.report.data import ReportData as ReportData
    from cinecast.report.render import page_assets as page_assets
    from cinecast.report.render import render_report as render_report

# Imported when they are first asked for: a run in which nothing is to be done draws nothing.
_MODULES = {
    "ReportData": "cinecast.report.data",
    "compare_runs": "cinecast.report.comparison",
    "page_assets": "cinecast.report.render",
    "render_report": "cinecast.report.render",
}
__all__ = ["ReportData", "compare_runs", "page_assets", "render_report"]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'cinecast.report' has no attribute {name!r}")
