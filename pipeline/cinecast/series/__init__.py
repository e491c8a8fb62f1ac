"""Series without images: read any multivariate trace, forecast it, score it with the papers' marker metrics."""

from cinecast.series.grouping import Grouping as Grouping
from cinecast.series.grouping import Objects as Objects
from cinecast.series.grouping import group_columns as group_columns
from cinecast.series.plan import SeriesPlan as SeriesPlan
from cinecast.series.plan import Spans as Spans
from cinecast.series.plan import plan_series as plan_series
from cinecast.series.reader import read_trace as read_trace
from cinecast.series.resample import keep_every as keep_every
from cinecast.series.resample import resample as resample
from cinecast.series.run import run_task as run_task
from cinecast.series.source import TraceSource as TraceSource
from cinecast.series.trace import Trace as Trace
from cinecast.series.writer import write_series as write_series
