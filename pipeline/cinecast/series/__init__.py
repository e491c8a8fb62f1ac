"""Series without images: any multivariate trace is read, forecast, and scored with the metrics of arXiv 2403.01607.

In: a CSV, VXP or NPZ file of samples of K columns; three columns x, y, z may be one marker in 3D. A `Recording` is
what the file holds, a `Trace` what stands on a regular clock: T instants, those that no sample came for among them.
Out: forecasts, shape (R, T, K), NaN where a sample has none, their bands, and their scores over the test span, all in
the unit of the file; a folder with them and with a report.
Short gaps are filled in once the sample after them has come; after long ones the history begins anew. What is missing
is neither learned from as a target nor scored. An irregular clock, values far outside all others, or a test span in
which nothing changes is an error, said with what to do; columns that never change are accepted with a warning.
"""

from cinecast.series.causal_resample import resample_causally as resample_causally
from cinecast.series.clock import on_clock as on_clock
from cinecast.series.grouping import Grouping as Grouping
from cinecast.series.grouping import Objects as Objects
from cinecast.series.grouping import group_columns as group_columns
from cinecast.series.plan import SeriesPlan as SeriesPlan
from cinecast.series.plan import Spans as Spans
from cinecast.series.plan import plan_series as plan_series
from cinecast.series.reader import read_recording as read_recording
from cinecast.series.reader import read_trace as read_trace
from cinecast.series.recording import Recording as Recording
from cinecast.series.resample import keep_every as keep_every
from cinecast.series.resample import resample as resample
from cinecast.series.run import run_task as run_task
from cinecast.series.source import TraceSource as TraceSource
from cinecast.series.trace import Trace as Trace
from cinecast.series.writer import write_series as write_series
