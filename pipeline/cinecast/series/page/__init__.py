"""The report of a series: its traces with forecasts and bands, its scores, its gaps, and what was said of its clock.

In: a `ShownSeries`. Out: the content of each file by its name relative to the report folder, as bytes; it opens from
the disk without a network, and its tables are readable without scripts.
"""

from cinecast.series.page.page import PAGE_VERSION as PAGE_VERSION
from cinecast.series.page.page import render_series as render_series
