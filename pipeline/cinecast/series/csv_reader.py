"""Traces as CSV: a header, one line per sample, a column of times in s."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.series.source import TraceSource, counted_times
from cinecast.series.trace import Trace

TIME_NAMES = ("time_s", "time", "t")
_SEPARATORS = ",;\t"


def read_csv_trace(path: Path, source: TraceSource) -> Trace:
    """Read a CSV file; columns are separated by comma, semicolon or tab, whichever its header has most of.

    Parameters
    ----------
    path
        A file with a header and one line per sample.
    source
        What the file leaves open.

    Returns
    -------
    The trace, its history saying what was read.

    Raises
    ------
    ReadError
        If the file cannot be read, has no header or no times, or a cell is not a number.
    """
    if source.array is not None:
        raise ReadError(f"--array names an array of an NPZ file, got {source.array!r} for {path.name}; leave it out")
    header, rows = _lines(path)
    time_column = _time_column(header, source, path)
    if time_column is None and source.sample_rate_hz is None:
        raise ReadError(
            f"a CSV file needs a time column called {', '.join(TIME_NAMES)}, got {', '.join(header)} in {path.name}; "
            "name it with --time-column, or give --sample-rate to count times"
        )
    columns = _chosen(header, time_column, source, path)
    used = [*columns, *([time_column] if time_column is not None and source.sample_rate_hz is None else [])]
    numbers = _numbers(header, rows, used, path)
    samples = numbers[:, : len(columns)]
    if source.sample_rate_hz is None:
        times, clock = numbers[:, -1], f"times from column {time_column!r}"
    else:
        times = counted_times(len(samples), source.sample_rate_hz)
        clock = f"times counted at {source.sample_rate_hz:g} Hz (--sample-rate)"
    return Trace(path.stem, tuple(columns), samples, times, history=(f"{path.name}: {clock}",))


def _lines(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header, and each later line that is not blank with its number."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"{path.name} must be text in UTF-8, got other bytes; export it as CSV or NPZ") from error
    except OSError as error:
        raise ReadError(f"{path.name} cannot be read ({error.strerror}); check its permissions and the disk") from error
    lines = text.splitlines()
    if not lines or not lines[0].strip():
        raise ReadError(
            f"a CSV file must begin with a header, got an empty line or file in {path.name}; export it again"
        )
    separator = max(_SEPARATORS, key=lines[0].count)
    try:
        parsed = list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        raise ReadError(f"{path.name} must be CSV, got {error}; export it again") from error
    header = [name.strip() for name in parsed[0]]
    _check_header(header, path)
    rows = [(number, row) for number, row in enumerate(parsed[1:], start=2) if any(cell.strip() for cell in row)]
    if not rows:
        raise ReadError(f"a series needs samples below its header, got none in {path.name}; export it again")
    return header, rows


def _check_header(header: list[str], path: Path) -> None:
    if any(_number(name) is not None for name in header):
        raise ReadError(
            f"a CSV file must begin with a header of names, got the number(s) {', '.join(header)} in {path.name}; add "
            "a first line such as time_s,x1"
        )
    for name in header:
        if header.count(name) > 1 or not name:
            raise ReadError(f"columns must have different names, got {', '.join(header)} in {path.name}; rename them")


def _time_column(header: list[str], source: TraceSource, path: Path) -> str | None:
    if source.time_column is None:
        return next((name for known in TIME_NAMES for name in header if name.lower() == known), None)
    _check_known(source.time_column, header, "--time-column", path)
    return source.time_column


def _chosen(header: list[str], time_column: str | None, source: TraceSource, path: Path) -> list[str]:
    for name in source.columns:
        _check_known(name, header, "--column", path)
    columns = list(source.columns) or [name for name in header if name != time_column]
    if not columns or time_column in columns or len(set(columns)) < len(columns):
        raise ReadError(
            f"a series needs at least one column beside its times, each once, got {', '.join(columns) or 'none'} in "
            f"{path.name} with times in {time_column!r}; choose others with --column"
        )
    return columns


def _check_known(name: str, header: list[str], option: str, path: Path) -> None:
    if name not in header:
        raise ReadError(f"{option} must name a column of {path.name}, got {name!r}; choose one of {', '.join(header)}")


def _numbers(
    header: list[str], rows: list[tuple[int, list[str]]], columns: list[str], path: Path
) -> NDArray[np.float64]:
    """Return the numbers of the columns, shape (rows, columns); an empty cell is NaN."""
    numbers = np.empty((len(rows), len(columns)))
    for i, (line, row) in enumerate(rows):
        if len(row) != len(header):
            raise ReadError(
                f"every line must have one cell per column, got {len(row)} for {len(header)} columns in line {line} of "
                f"{path.name}; mend that line"
            )
        for k, name in enumerate(columns):
            cell = row[header.index(name)].strip()
            value = _number(cell) if cell else np.nan
            if value is None:
                raise ReadError(
                    f"cells must be numbers with a decimal point, got {cell!r} in column {name!r}, line {line} of "
                    f"{path.name}; mend it, or choose other columns with --column"
                )
            numbers[i, k] = value
    return numbers


def _number(cell: str) -> float | None:
    # float() takes 1_000 for a number; a file that holds it means something else.
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
