"""Units that stand in the names of columns, and times turned into seconds by them."""

from __future__ import annotations

import logging
import re

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
