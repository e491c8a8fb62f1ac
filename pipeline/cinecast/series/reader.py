"""Reads a trace from a file, CSV or NPZ by its content."""

from __future__ import annotations

from pathlib import Path

from cinecast.errors import ReadError
from cinecast.frames.detect import read_head
from cinecast.series.csv_reader import read_csv_trace
from cinecast.series.npz_reader import read_npz_trace
from cinecast.series.source import TraceSource
from cinecast.series.trace import Trace


def read_trace(path: Path, source: TraceSource | None = None) -> Trace:
    """Return the trace in a file.

    Parameters
    ----------
    path
        CSV (a header, one line per sample, a column of times in s) or NPZ (see `read_npz_trace`).
    source
        What the file leaves open; None for nothing.

    Returns
    -------
    The trace, checked: finite samples at a steady rate.

    Raises
    ------
    ReadError
        If the file cannot be read, or what it holds is not a usable trace.
    """
    if not path.is_file():
        raise ReadError(f"there is no file {path}; check the path")
    head = read_head(path)
    if not head:
        raise ReadError(f"{path.name} must hold a series, got an empty file; export it again")
    read = read_npz_trace if head[:2] == b"PK" else read_csv_trace
    return read(path, source or TraceSource())
