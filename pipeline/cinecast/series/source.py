"""How the user says what a file leaves open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError


@dataclass(frozen=True)
class TraceSource:
    """What to take from the file of a trace.

    Parameters
    ----------
    time_column
        Column of a CSV file that holds the times in s; None: the one called time_s, time or t.
    columns
        Columns to forecast, in this order; empty: all but the time column.
    array
        Array of an NPZ file that holds the samples; None: ``series``.
    sample_rate_hz
        Samples per second, whatever the file says; None: as the file says.
    """

    time_column: str | None = None
    columns: tuple[str, ...] = ()
    array: str | None = None
    sample_rate_hz: float | None = None

    def __post_init__(self) -> None:
        rate = self.sample_rate_hz
        if rate is not None and not 0 < rate < float("inf"):
            raise SettingsError(f"--sample-rate must be a positive number of Hz, got {rate}; such as 10")


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
