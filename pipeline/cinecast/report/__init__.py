"""Stage 9, report: all that a run measured, drawn as one folder of HTML that opens from the disk without a network.

In: the data of one run, or of several runs of one sequence: frames (T, H, W) in any unit; DVFs (test frames, H, W, 2),
pixels, last axis (x = column, y = row); forecast weights (R, T, K); scores as text by column name.
Out: the content of each file by its name relative to the report folder, as bytes; the same data give the same bytes.
What a run lacks is left out of the page and named there; numbers that are not known are dashes, never zeros.
"""

from cinecast.report.comparison import compare_runs
from cinecast.report.data import ReportData
from cinecast.report.render import chart_library, page_assets, render_report

__all__ = ["ReportData", "chart_library", "compare_runs", "page_assets", "render_report"]
