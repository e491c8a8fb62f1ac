"""Traces of Varian's RPM system, ``.vxp`` from version 1.6 on: a marker block on the chest or belly, seen by a camera.

A header of ``name=value`` begins with ``[Header]``; ``Data_layout`` in it names the columns of the lines below
``[Data]``. ``timestamp`` is in ms. ``amplitude`` times ``Scale_factor`` is in mm: with a factor of 10 it is in cm.
``validflag`` is 0 or more for a good sample, -1 for a lost marker, -2 for breathing that is not periodic.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import INTERVAL_TOLERANCE
from cinecast.errors import ReadError
from cinecast.frames.detect import readable
from cinecast.series.csv_lines import Lines, read_numbers
from cinecast.series.given_rate import said_against
from cinecast.series.not_measured import IRREGULAR, LOST, without_codes
from cinecast.series.recording import Recording, without_repeats
from cinecast.series.source import TraceSource, counted_times
from cinecast.series.units import column_unit, common_unit, in_seconds

_LOG = logging.getLogger(__name__)
HEAD = b"[header]"
AMPLITUDE, TIME, FLAG = "amplitude", "timestamp", "validflag"


def read_vxp_recording(path: Path, source: TraceSource) -> Recording:
    """Read the amplitude in mm, or other columns by `source.columns`.

    Parameters
    ----------
    path
        A file whose first line is ``[Header]``.
    source
        What the file leaves open.

    Returns
    -------
    The recording; samples flagged as lost are not measured. Nothing about the patient is in it.

    Raises
    ------
    ReadError
        If the layout is not known, a cell is not a number, or timestamps and samples per second contradict each other.
    """
    _check_source(source, path)
    facts, lines = _parsed(path)
    columns = list(source.columns) or [AMPLITUDE]
    for name in (*columns, TIME, FLAG):
        if name not in lines.header:
            raise ReadError(
                f"an RPM file must have the column {name!r}, got {', '.join(lines.header) or 'no layout'} in "
                f"{path.name}; export it again, or choose others with --column"
            )
    places = np.array([line for line, _ in lines.rows])
    samples, notes = without_codes(read_numbers(lines, columns, path), tuple(columns), source.missing, places, "line")
    if AMPLITUDE in columns:
        notes.append(_in_mm(samples[:, columns.index(AMPLITUDE)], facts, path))
    flags = read_numbers(lines, [FLAG], path)[:, 0]
    samples[flags == LOST] = np.nan
    notes += _said_of(flags, path)
    if source.sample_rate_hz is not None:
        times = counted_times(len(samples), source.sample_rate_hz)
        clock = f"times counted at {source.sample_rate_hz:g} Hz (--sample-rate)"
        where = f"the times of column {TIME!r}"
        notes += said_against(lambda: _recorded(lines, source, path)[0], source.sample_rate_hz, where)
    else:
        times, unit = _recorded(lines, source, path)
        clock = f"times from column {TIME!r} in {unit}"
        samples, times, said = without_repeats(samples, times, places, "line")
        notes += said
        _check_rate(times, facts, path)
    scaled = _positive(facts, "scale_factor") is not None
    units = {name: "mm" if name == AMPLITUDE and scaled else column_unit(name) for name in columns}
    unit = common_unit(units, source.unit, path.name)
    history = (f"{path.name}: RPM, {clock}", *notes)
    return Recording(readable(path.stem), tuple(columns), samples, times, history=history, unit=unit)


def _recorded(lines: Lines, source: TraceSource, path: Path) -> tuple[NDArray[np.float64], str]:
    """Return the timestamps in s, and their unit."""
    return in_seconds(read_numbers(lines, [TIME], path)[:, 0], TIME, "ms", source.time_unit, path.name)


def _check_source(source: TraceSource, path: Path) -> None:
    for option, value in (
        ("--array", source.array),
        ("--time-column", source.time_column),
        ("--valid-when", source.valid_when),
    ):
        if value is not None:
            raise ReadError(
                f"{option} is for other files than those of RPM, got {value!r} for {path.name}; leave it out"
            )


def _parsed(path: Path) -> tuple[dict[str, str], Lines]:
    """Return what the header says, names in lower case, and the lines below it."""
    try:
        text = path.read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise ReadError(f"{path.name} cannot be read ({error.strerror}); check its permissions and the disk") from error
    words = [line.strip().lower() for line in text]
    if "[data]" not in words:
        raise ReadError(f"an RPM file must have a part [Data], got none in {path.name}; export it again")
    data = words.index("[data]")
    pairs = (line.split("=", maxsplit=1) for line in text[:data] if "=" in line)
    facts = {name.strip().lower(): value.strip() for name, value in pairs}
    layout = [name.strip().lower() for name in facts.get("data_layout", "").split(",") if name.strip()]
    rows = [(n, line.split(",")) for n, line in enumerate(text[data + 1 :], start=data + 2) if line.strip()]
    if not rows:
        raise ReadError(f"a series needs samples below [Data], got none in {path.name}; export it again")
    return facts, Lines(layout, {}, rows)


def _in_mm(amplitude: NDArray[np.float64], facts: dict[str, str], path: Path) -> str:
    """Scale amplitudes to mm, in place, and say so."""
    factor = _positive(facts, "scale_factor")
    if factor is None:
        _LOG.warning("%s names no Scale_factor: its amplitudes are left as they are, which is cm as a rule", path.name)
        return "amplitude left in its own unit, as no Scale_factor stands there"
    amplitude *= factor
    return f"amplitude in mm (Scale_factor {factor:g})"


def _said_of(flags: NDArray[np.float64], path: Path) -> list[str]:
    lost, irregular = int((flags == LOST).sum()), int((flags == IRREGULAR).sum())
    others = ~np.isin(flags, (0, LOST, IRREGULAR))
    if others.any():
        _LOG.warning(
            "%d sample(s) of %s have flags other than 0, -1 and -2, and are taken as measured", others.sum(), path.name
        )
    said = [f"{lost} sample(s) flagged as lost"] if lost else []
    return said + ([f"{irregular} sample(s) flagged as not periodic, taken as measured"] if irregular else [])


def _check_rate(times: NDArray[np.float64], facts: dict[str, str], path: Path) -> None:
    rate = _positive(facts, "samples_per_second")
    median = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    if rate is not None and median > 0 and abs(median * rate - 1) > INTERVAL_TOLERANCE:
        raise ReadError(
            f"timestamps and Samples_per_second must agree, got {1 / median:.4g} Hz and {rate:g} Hz in {path.name}; "
            "say which is right with --sample-rate"
        )


def _positive(facts: dict[str, str], name: str) -> float | None:
    try:
        value = float(facts.get(name, ""))
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None
