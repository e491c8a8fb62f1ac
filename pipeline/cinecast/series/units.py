"""Units that stand in the names of columns, and times turned into seconds by them."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError

_LOG = logging.getLogger(__name__)

_SECONDS = {
    1.0: ("s", "sec", "secs", "second", "seconds"),
    1e-3: ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    1e-6: ("us", "\u00b5s", "\u03bcs", "usec", "microsecond", "microseconds"),
    60.0: ("min", "mins", "minute", "minutes"),
}
TIME_UNITS = {name: seconds for seconds, names in _SECONDS.items() for name in names}
# A column called x_mm holds mm; x_m may hold anything.
_LENGTH_SUFFIXES = ("mm", "cm", "um", "\u00b5m", "\u03bcm")
_TIME_BASES = ("time", "t", "timestamp", "times")
_BRACKETED = re.compile(r"(.*?)\s*[(\[]\s*([^()\[\]]*?)\s*[)\]]")
_SUFFIXED = re.compile(r"(.+?)[ _.-]([^ _.-]+)")
# A second between samples is much for a trace, a ten-thousandth little; beyond, the unit is another one.
_LONGEST_PERIOD_S, _SHORTEST_PERIOD_S = 3.0, 5e-4


def split_unit(name: str) -> tuple[str, str | None]:
    """Return the name of a column without its unit, and the unit: ``Time (s)``, ``x [mm]``, ``timestamp_ms``."""
    if match := _BRACKETED.fullmatch(name.strip()):
        return match[1], match[2]
    match = _SUFFIXED.fullmatch(name.strip())
    return (match[1], match[2]) if match and match[2].lower() in TIME_UNITS else (name.strip(), None)


def column_unit(name: str) -> str | None:
    """Return the unit of values that stands in a column's name, as in ``x_mm`` or ``Amplitude [a.u.]``; else None."""
    if match := _BRACKETED.fullmatch(name.strip()):
        return match[2] or None
    match = _SUFFIXED.fullmatch(name.strip())
    return match[2] if match and match[2].lower() in _LENGTH_SUFFIXES else None


def with_unit(name: str, unit: str) -> str:
    """Return the name of a column with its unit in brackets.

    Parameters
    ----------
    name
        Name of the column.
    unit
        Unit of its values; empty where it is not known.

    Returns
    -------
    The name alone where it holds its unit already, or none is known.
    """
    return f"{name} ({unit})" if unit and column_unit(name) is None else name


def common_unit(units: Mapping[str, str | None], given: str | None, path_name: str) -> str:
    """Return the unit of the values of all columns; columns of different units are warned of.

    Parameters
    ----------
    units
        Unit by name of the column, as the file says it; None where it says none.
    given
        Unit that the user names; None: none.
    path_name
        The file, for sentences.

    Returns
    -------
    The unit, as the user or the file spells it; empty where it is not known, or not the same for all columns.

    Raises
    ------
    ReadError
        If the user names another unit than the file.
    """
    if given is None:
        found = set(units.values())
        known: dict[str, tuple[str, str]] = {}
        for column, unit in units.items():
            if unit is not None:
                known.setdefault(unit.casefold(), (unit, column))
        if len(known) > 1:
            _LOG.warning(
                "columns of %s have different units, such as %s: errors and bands of all columns together mean "
                "nothing; convert them, or choose columns of one unit with --column",
                path_name,
                " and ".join(f"{unit} in {column!r}" for unit, column in known.values()),
            )
        return found.pop() or "" if len(found) == 1 else ""
    for column, unit in units.items():
        if unit is not None and unit.casefold() != given.casefold():
            raise ReadError(
                f"--unit must be what {path_name} says itself, got {given} where column {column!r} is in {unit}; leave "
                "--unit out, convert the column, or choose others with --column"
            )
    return given


def is_time(name: str) -> bool:
    """Return whether a column's name says that it holds times."""
    return split_unit(name)[0].lower() in _TIME_BASES


def in_seconds(
    times: NDArray[np.float64], column: str, unit: str | None, given: str | None, path_name: str
) -> tuple[NDArray[np.float64], str]:
    """Return times in s, and the unit that they were in.

    Parameters
    ----------
    times
        As recorded, shape (n,).
    column, path_name
        Where they stand, for sentences.
    unit
        Unit that the file names; None: it names none.
    given
        Unit that the user names, which wins; None: none.

    Returns
    -------
    Times in s, and the name of their unit.

    Raises
    ------
    ReadError
        If the unit is unknown, or none is named and the times cannot be seconds.
    """
    wanted = given or unit
    if wanted is not None and wanted.lower() not in TIME_UNITS:
        raise ReadError(
            f"times must be in {', '.join(names[0] for names in _SECONDS.values())}, got {wanted!r} in column "
            f"{column!r} of {path_name}; name their unit with --time-unit, or give --sample-rate to count times"
        )
    seconds = times * TIME_UNITS[wanted.lower()] if wanted else times
    period = _typical_interval(seconds)
    if _SHORTEST_PERIOD_S <= period <= _LONGEST_PERIOD_S or not period > 0:
        return seconds, wanted or "s"
    if wanted is None:
        guess = "ms" if period > _LONGEST_PERIOD_S and period * 1e-3 <= _LONGEST_PERIOD_S else "another unit"
        raise ReadError(
            f"times without a unit must be seconds, got samples {period:g} apart in column {column!r} of {path_name}, "
            f"which look like {guess}; name the unit with --time-unit, such as ms"
        )
    _LOG.warning(
        "samples of %s lie %g s apart, %s than those of any breathing trace; check the unit of column %r",
        *(path_name, period, "further" if period > _LONGEST_PERIOD_S else "closer", column),
    )
    return seconds, wanted


def _typical_interval(seconds: NDArray[np.float64]) -> float:
    """Return the median interval in s of times that increase, NaN where there is none."""
    intervals = np.diff(seconds[np.isfinite(seconds)])
    intervals = intervals[intervals > 0]
    return float(np.median(intervals)) if len(intervals) else float("nan")
