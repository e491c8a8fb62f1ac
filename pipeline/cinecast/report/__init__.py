"""The report of a run: a folder that opens from disk, without a network."""

from cinecast.report.comparison import compare_runs
from cinecast.report.data import ReportData
from cinecast.report.render import page_assets, render_report

__all__ = ["ReportData", "compare_runs", "page_assets", "render_report"]
