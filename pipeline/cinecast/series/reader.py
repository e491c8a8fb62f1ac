"""Reads a series from a file: CSV, RPM's VXP or NPZ by its content."""

from __future__ import annotations

from pathlib import Path

from cinecast.errors import ReadError
from cinecast.frames.detect import is_file, read_head
from cinecast.series.clock import on_clock
from cinecast.series.csv_reader import read_csv_recording
from cinecast.series.npz_reader import read_npz_recording
from cinecast.series.recording import Recording
from cinecast.series.source import TraceSource
from cinecast.series.trace import Trace
from cinecast.series.vxp_reader import HEAD, read_vxp_recording


def read_recording(path: Path, source: TraceSource | None = None) -> Recording:
    """Return what a file holds, at the times that it says.

    Parameters
    ----------
    path
        CSV (a header, one line per sample, a column of times), VXP (see `read_vxp_recording`) or NPZ (see
        `read_npz_recording`).
    source
        What the file leaves open; None for nothing.

    Returns
    -------
    The recording, NaN where nothing was measured.

    Raises
    ------
    ReadError
        If the file cannot be read, or what it holds is not a usable series.
    """
    if not is_file(path):
        raise ReadError(f"there is no file {path}; check the path")
    head = read_head(path)
    if not head:
        raise ReadError(f"{path.name} must hold a series, got an empty file; export it again")
    source = source or TraceSource()
    if head[:2] == b"PK":
        return read_npz_recording(path, source)
    if head.lstrip(b"\xef\xbb\xbf \r\n").lower().startswith(HEAD):
        return read_vxp_recording(path, source)
    return read_csv_recording(path, source)


def read_trace(path: Path, source: TraceSource | None = None) -> Trace:
    """Return the trace in a file: what `read_recording` gives, on its regular clock.

    Parameters
    ----------
    path, source
        As in `read_recording`.

    Returns
    -------
    The trace, with the instants that no sample came for.

    Raises
    ------
    ReadError
        If the file cannot be read, or what it holds is not a usable trace.
    """
    source = source or TraceSource()
    return on_clock(read_recording(path, source), source.longest_gap_s)
