"""Traces as CSV: a header, one line per sample, a column of times."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.detect import readable
from cinecast.series.csv_lines import MEND_TIMES, Lines, counted_lines, read_lines, read_numbers
from cinecast.series.given_rate import said_against
from cinecast.series.not_measured import FLAG_NAMES, flagged_by, without_codes
from cinecast.series.recording import Recording, without_repeats
from cinecast.series.source import TraceSource, counted_times
from cinecast.series.units import column_unit, common_unit, in_seconds, is_time, split_unit

_LOG = logging.getLogger(__name__)
TIME_NAMES = ("time_s", "time", "t")


def read_csv_recording(path: Path, source: TraceSource) -> Recording:
    """Read a CSV file; columns are separated by comma, semicolon or tab, whichever its header has most of.

    Parameters
    ----------
    path
        A file with a header and one line per sample.
    source
        What the file leaves open.

    Returns
    -------
    The recording, its history saying what was read. An empty cell is a sample that was not measured.

    Raises
    ------
    ReadError
        If the file cannot be read, has no header or no times, or a cell is not a number.
    """
    if source.array is not None:
        raise ReadError(f"--array names an array of an NPZ file, got {source.array!r} for {path.name}; leave it out")
    lines = read_lines(path)
    time_column = _time_column(lines.header, source, path)
    if time_column is None and source.sample_rate_hz is None:
        raise ReadError(
            f"a CSV file needs a time column called {', '.join(TIME_NAMES)}, got {', '.join(lines.header)} in "
            f"{path.name}; name it with --time-column, or give --sample-rate to count times"
        )
    if source.sample_rate_hz is not None:
        lines = counted_lines(lines, path)
    flag = _flag_column(lines.header, source, path)
    columns = _chosen(lines.header, [time_column, flag], source, path)
    places = np.array([line for line, _ in lines.rows])
    samples, notes = without_codes(read_numbers(lines, columns, path), tuple(columns), source.missing, places, "line")
    if flag is not None:
        samples, said = _unflagged(samples, read_numbers(lines, [flag], path)[:, 0], flag, source, path)
        notes += said
    if source.sample_rate_hz is not None or time_column is None:
        assert source.sample_rate_hz is not None  # refused above
        times = counted_times(len(samples), source.sample_rate_hz)
        clock = f"times counted at {source.sample_rate_hz:g} Hz (--sample-rate)"
        if time_column is not None:
            where = f"the times of column {time_column!r}"
            notes += said_against(lambda: _recorded(lines, time_column, source, path)[0], source.sample_rate_hz, where)
    else:
        times, unit = _recorded(lines, time_column, source, path)
        clock = f"times from column {time_column!r}" + ("" if unit == "s" else f" in {unit}")
        samples, times, said = without_repeats(samples, times, places, "line")
        notes += said
    units = {name: _value_unit(name, lines.units.get(name), path) for name in columns}
    unit = common_unit(units, source.unit, path.name)
    history = (f"{path.name}: {clock}", *notes)
    return Recording(readable(path.stem), tuple(columns), samples, times, history=history, unit=unit)


def _recorded(lines: Lines, name: str, source: TraceSource, path: Path) -> tuple[NDArray[np.float64], str]:
    """Return the times of a column in s, and its unit."""
    recorded = read_numbers(lines, [name], path, MEND_TIMES)[:, 0]
    own = lines.units.get(name) or split_unit(name)[1]
    return in_seconds(recorded, name, own, source.time_unit, path.name)


def _value_unit(name: str, in_line: str | None, path: Path) -> str | None:
    """Return the unit of a column, from the line below the header or from its name; None where neither says one."""
    in_name, in_line = column_unit(name), None if in_line in (None, "", "-") else in_line
    if in_name and in_line and in_name.casefold() != in_line.casefold():
        raise ReadError(
            f"a column has one unit, got {in_line} in the line below the header for column {name!r} of {path.name}; "
            "correct one of them"
        )
    return in_line or in_name


def _time_column(header: list[str], source: TraceSource, path: Path) -> str | None:
    if source.time_column is not None:
        _check_known(source.time_column, header, "--time-column", path)
        return source.time_column
    exact = next((name for known in TIME_NAMES for name in header if name.lower() == known), None)
    return exact or next((name for name in header if is_time(name)), None)


def _flag_column(header: list[str], source: TraceSource, path: Path) -> str | None:
    """Return the column that says which samples were measured: the one named, or one that is called so."""
    if source.valid_when is not None:
        name = source.valid_when[0]
        _check_known(name, header, "--valid-when", path)
        return name
    if source.columns:
        return None
    return next((name for name in header if name.lower() in FLAG_NAMES), None)


def _unflagged(
    samples: NDArray[np.float64], flags: NDArray[np.float64], flag: str, source: TraceSource, path: Path
) -> tuple[NDArray[np.float64], list[str]]:
    flags = np.where(np.isnan(flags) & np.isnan(samples).all(axis=1), 0.0, flags)  # of an empty line none is asked
    if source.valid_when is None:
        lost, said = flagged_by(flags, flag, path.name)
    else:
        lost = flags != source.valid_when[1]
        said = [f"{lost.sum()} sample(s) whose {flag!r} is not {source.valid_when[1]:g} count as missing"]
    return np.where(lost[:, np.newaxis], np.nan, samples), said


def _chosen(header: list[str], others: Sequence[str | None], source: TraceSource, path: Path) -> list[str]:
    for name in source.columns:
        _check_known(name, header, "--column", path)
    columns = list(source.columns) or [name for name in header if name not in others]
    phases = [name for name in columns if split_unit(name)[0].lower() == "phase"]
    if phases and not source.columns:
        _LOG.warning(
            "column %r of %s is an angle, as its name says: where it jumps back no forecast can follow; choose columns "
            "with --column",
            *(phases[0], path.name),
        )
    if not columns or set(others) & set(columns) or len(set(columns)) < len(columns):
        raise ReadError(
            f"a series needs at least one column beside its times, each once, got {', '.join(columns) or 'none'} in "
            f"{path.name} with times in {others[0]!r}; choose others with --column"
        )
    return columns


def _check_known(name: str, header: list[str], option: str, path: Path) -> None:
    if name not in header:
        raise ReadError(f"{option} must name a column of {path.name}, got {name!r}; choose one of {', '.join(header)}")
