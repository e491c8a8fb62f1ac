"""How the user says what a file leaves open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.errors import SettingsError

_LONGEST_UNIT = 12


@dataclass(frozen=True)
class TraceSource:
    """What to take from the file of a trace.

    Parameters
    ----------
    time_column
        Column of a CSV file that holds the times; None: the one called time_s, time or t, or like timestamp_ms.
    columns
        Columns to forecast, in this order; empty: all but the time column.
    array
        Array of an NPZ file that holds the samples; None: ``series``.
    sample_rate_hz
        Samples per second, whatever the file says; None: as the file says.
    time_unit
        Unit of the times, such as ``ms``, whatever the file says; None: as the file says, s where it says nothing.
    missing
        Values that mean no sample; empty: none does. None: values far outside all others are refused.
    valid_when
        Column of a CSV file and the value that it has where a sample is good; None: a column called valid or
        validflag, by the convention of RPM.
    longest_gap_s
        Time in s without samples up to which a gap is filled in; after a longer one the history begins anew.
    unit
        Unit of the values, such as ``mm``; None: as the file says. It changes no number.
    """

    time_column: str | None = None
    columns: tuple[str, ...] = ()
    array: str | None = None
    sample_rate_hz: float | None = None
    time_unit: str | None = None
    missing: tuple[float, ...] | None = None
    valid_when: tuple[str, float] | None = None
    longest_gap_s: float = LONGEST_GAP_S
    unit: str | None = None

    def __post_init__(self) -> None:
        rate = self.sample_rate_hz
        if rate is not None and not 0 < rate < float("inf"):
            raise SettingsError(f"--sample-rate must be a positive number of Hz, got {rate}; such as 10")
        if not 0 <= self.longest_gap_s < float("inf"):
            raise SettingsError(
                f"--longest-gap must be a number of seconds, 0 or more, got {self.longest_gap_s}; such as 1"
            )
        unit = self.unit
        if unit is not None and not (0 < len(unit) <= _LONGEST_UNIT and unit.isprintable() and unit == unit.strip()):
            raise SettingsError(f"--unit must be 1 to {_LONGEST_UNIT} letters or signs, got {unit!r}; such as mm")


def counted_times(samples: int, rate_hz: float) -> NDArray[np.float64]:
    """Return the times of samples at a steady rate.

    Parameters
    ----------
    samples
        Number T of samples.
    rate_hz
        Samples per second.

    Returns
    -------
    Times in s from the first sample, shape (T,).
    """
    return np.arange(samples, dtype=np.float64) / rate_hz
