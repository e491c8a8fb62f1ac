"""Traces as NumPy archives. Nothing in them is unpickled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.claims import DEFAULT_LIMIT_GB
from cinecast.frames.detect import readable
from cinecast.frames.npz_archive import load_archive
from cinecast.series.given_rate import said_against
from cinecast.series.not_measured import without_codes
from cinecast.series.recording import Recording, without_repeats
from cinecast.series.source import TraceSource, counted_times
from cinecast.series.units import column_unit, common_unit, in_seconds

SERIES, TIMES, RATE, COLUMNS = "series", "times_s", "rate_hz", "columns"


def read_npz_recording(path: Path, source: TraceSource) -> Recording:
    """Read one array of an archive: ``series`` (T, K), with ``times_s`` or ``rate_hz`` and perhaps ``columns``.

    Any other array is named by ``source.array``. Time is the axis of as many entries as ``times_s``, or the other one
    than that of ``columns``; else the longer axis. A ``series`` of more columns than rows must be told by one of them.

    Parameters
    ----------
    path
        An NPZ archive of plain numbers; nothing in it is unpickled.
    source
        What the file leaves open.

    Returns
    -------
    The recording, its history saying what was read. NaN is a sample that was not measured.

    Raises
    ------
    ReadError
        If the archive is damaged, claims more than it holds or than 4 GB, holds no such array, or the rate is unknown.
    """
    for option, value in (("--time-column", source.time_column), ("--valid-when", source.valid_when)):
        if value is not None:
            raise ReadError(f"{option} names a column of a CSV file, got {value!r} for {path.name}; leave it out")
    arrays = load_archive(path, DEFAULT_LIMIT_GB).arrays
    name = _array_name(arrays, source, path)
    stored = _time_array(arrays, path) if source.sample_rate_hz is None else None
    samples, layout = _samples(arrays, name, path, None if stored is None else len(stored))
    times, clock = _times(arrays, stored, len(samples), source, path)
    columns, named = _columns(arrays, samples.shape[1], path)
    chosen = _chosen(columns, source, path)
    title = readable(path.stem if name == SERIES else f"{path.stem}_{name}")
    names, places = tuple(columns[k] for k in chosen), np.arange(len(samples))
    samples, notes = without_codes(samples[:, chosen], names, source.missing, places, "sample")
    samples, times, said = without_repeats(samples, times, places, "sample")
    if source.sample_rate_hz is not None:
        said += said_against(lambda: _own_times(arrays, len(samples), source, path), source.sample_rate_hz, "its times")
    history = (f"{path.name}: array {name!r}, {layout}; {clock}", *notes, *said)
    unit = common_unit({column: column_unit(column) for column in names}, source.unit, path.name)
    return Recording(title, names, samples, times, named, history, unit=unit)


def _array_name(arrays: dict[str, NDArray[Any]], source: TraceSource, path: Path) -> str:
    name = source.array or SERIES
    if name in arrays:
        return name
    listed = ", ".join(f"{key} {array.shape}" for key, array in arrays.items()) or "nothing"
    wanted = f"the array {name!r}" if source.array else f"an array {SERIES!r} or one that --array names"
    remedy = f"choose one with --array{_rate_too(arrays, source)}"
    raise ReadError(f"an NPZ file must hold {wanted}, got {listed} in {path.name}; {remedy}")


def _rate_too(arrays: dict[str, NDArray[Any]], source: TraceSource) -> str:
    """Return the end of a refusal where the rate is missing as well, so that both are asked for at once."""
    known = source.sample_rate_hz is not None or TIMES in arrays or RATE in arrays
    return "" if known else ", and give the rate with --sample-rate"


def _time_array(arrays: dict[str, NDArray[Any]], path: Path) -> NDArray[np.float64] | None:
    if TIMES not in arrays:
        return None
    times = arrays[TIMES]
    if times.ndim != 1 or times.dtype.kind not in "iuf":
        raise ReadError(
            f"{TIMES} of {path.name} must be numbers of shape (T,), got {times.dtype} {times.shape}; convert it"
        )
    return times.astype(np.float64)


def _samples(
    arrays: dict[str, NDArray[Any]], name: str, path: Path, length: int | None
) -> tuple[NDArray[np.float64], str]:
    """Return the samples (T, K) and how the array was understood."""
    array = arrays[name]
    if array.ndim not in (1, 2) or array.dtype.kind not in "iuf" or array.size == 0:
        raise ReadError(
            f"{name} of {path.name} must be numbers of shape (T, K), got {array.dtype} {array.shape}; convert it"
        )
    table = array.reshape(len(array), -1).astype(np.float64)
    axis = _time_axis(table.shape, arrays, name, path)
    if length is not None and table.shape[axis] != length:
        raise ReadError(
            f"{TIMES} of {path.name} must have one time per sample, got {length} for {name} {array.shape}; mend it"
        )
    return np.ascontiguousarray(table.T if axis else table), f"{'columns' if axis else 'rows'} are samples"


def _time_axis(shape: tuple[int, ...], arrays: dict[str, NDArray[Any]], name: str, path: Path) -> int:
    """Return which axis of two is time, by what stands beside the array; else the longer one."""
    rows, columns = shape
    times = arrays[TIMES].size if TIMES in arrays else None
    names = arrays[COLUMNS].size if COLUMNS in arrays else None
    if times is not None and times in shape:
        return int(times != rows)
    if names is not None and names in shape:
        return int(names != columns)
    if name == SERIES and columns > rows:
        raise ReadError(
            f"{SERIES} of {path.name} must have shape (T, K), got {shape}, more components than samples; turn it "
            f"round, or write {TIMES} or {COLUMNS} beside it, which tell the axis"
        )
    return int(columns > rows)


def _times(
    arrays: dict[str, NDArray[Any]], stored: NDArray[np.float64] | None, count: int, source: TraceSource, path: Path
) -> tuple[NDArray[np.float64], str]:
    if source.sample_rate_hz is not None:
        clock = f"times counted at {source.sample_rate_hz:g} Hz (--sample-rate)"
        return counted_times(count, source.sample_rate_hz), clock
    if stored is not None:
        return in_seconds(stored, TIMES, "s", source.time_unit, path.name)[0], f"times from {TIMES}"
    if RATE not in arrays:
        raise ReadError(f"{path.name} must hold {TIMES} or {RATE}, got neither; give the rate with --sample-rate")
    rate = arrays[RATE]
    if rate.size != 1 or rate.dtype.kind not in "iuf" or not 0 < float(rate.ravel()[0]) < np.inf:
        raise ReadError(f"{RATE} of {path.name} must be one positive number, got {rate.tolist()}; mend it")
    return counted_times(count, float(rate.ravel()[0])), f"times counted at {float(rate.ravel()[0]):g} Hz ({RATE})"


def _own_times(arrays: dict[str, NDArray[Any]], count: int, source: TraceSource, path: Path) -> NDArray[np.float64]:
    """Return the times of the archive in s, or those of its rate; a `ReadError` where it has neither."""
    stored = _time_array(arrays, path)
    if stored is not None and len(stored) == count:
        return in_seconds(stored, TIMES, "s", source.time_unit, path.name)[0]
    return _times(arrays, None, count, replace(source, sample_rate_hz=None), path)[0]


def _columns(arrays: dict[str, NDArray[Any]], count: int, path: Path) -> tuple[list[str], bool]:
    if COLUMNS not in arrays:
        return [f"c{k + 1}" for k in range(count)], False
    names = [str(name) for name in arrays[COLUMNS].ravel()]
    if len(names) != count or len(set(names)) < count:
        raise ReadError(
            f"{COLUMNS} of {path.name} must name {count} columns differently, got {', '.join(names)}; mend it"
        )
    return names, True


def _chosen(columns: list[str], source: TraceSource, path: Path) -> list[int]:
    for name in source.columns:
        if name not in columns:
            raise ReadError(
                f"--column must name a column of {path.name}, got {name!r}; choose one of {', '.join(columns)}"
            )
    return [columns.index(name) for name in dict.fromkeys(source.columns)] or list(range(len(columns)))
