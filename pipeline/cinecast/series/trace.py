"""One validated trace: a multivariate series sampled at a steady rate, without images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.sequence import INTERVAL_TOLERANCE
from cinecast_models.population.population import component_digests


@dataclass(frozen=True, eq=False)
class Trace:
    """A series that forecasting can rely on; an invalid one cannot be made.

    Parameters
    ----------
    name
        Name of the trace (file name without extension, and the array's name where a file holds several).
    columns
        Name of each component, K of them.
    samples
        Shape (T, K), finite, in the unit of the source.
    times_s
        Time of each sample in s, shape (T,), strictly increasing, regular.
    named
        Whether the names of the components come from the source; otherwise they are only counted.
    history
        One sentence for each thing that was decided or done on the way from the file, in order.
    recorded
        Digests of the components as they were recorded, by which the trace is known again at any rate; left out, they
        are those of `samples`.

    Raises
    ------
    ReadError
        If one of these rules is broken.
    """

    name: str
    columns: tuple[str, ...]
    samples: NDArray[np.float64]
    times_s: NDArray[np.float64]
    named: bool = True
    history: tuple[str, ...] = ()
    recorded: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if len(self.samples) < 2:
            raise ReadError(
                f"a series needs at least 2 samples, got {len(self.samples)} in {self.name}; give a longer recording"
            )
        _check_finite(self)
        _check_times(self.times_s)
        if not self.recorded:
            object.__setattr__(self, "recorded", component_digests(self.samples))

    @property
    def period_s(self) -> float:
        """Median interval between samples in s."""
        return float(np.median(np.diff(self.times_s)))

    @property
    def constant_columns(self) -> tuple[str, ...]:
        """Names of the components that never change."""
        still = (self.samples == self.samples[0]).all(axis=0)
        return tuple(name for name, constant in zip(self.columns, still, strict=True) if constant)


def _check_finite(trace: Trace) -> None:
    wrong = ~np.isfinite(trace.samples)
    if not wrong.any():
        return
    sample, component = (int(i) for i in np.argwhere(wrong)[0])
    raise ReadError(
        f"samples must be finite numbers, got {trace.samples[sample, component]} in column "
        f"{trace.columns[component]!r} at sample {sample} ({wrong.sum()} such values in all); fill them, or cut the "
        "series there"
    )


def _check_times(times_s: NDArray[np.float64]) -> None:
    if not np.isfinite(times_s).all():
        sample = int(np.argmin(np.isfinite(times_s)))
        raise ReadError(
            f"times must be finite numbers of seconds, got {times_s[sample]} at sample {sample}; mend it, or give "
            "--sample-rate to count times"
        )
    intervals = np.diff(times_s)
    if (intervals <= 0).any():
        sample = int(np.argmax(intervals <= 0))
        raise ReadError(
            f"times must increase, got {times_s[sample]:.6g} s then {times_s[sample + 1]:.6g} s at sample "
            f"{sample + 1}; order the samples by time, or give --sample-rate to count times"
        )
    period = float(np.median(intervals))
    wrong = np.abs(intervals - period) > INTERVAL_TOLERANCE * period
    if wrong.any():
        _explain_gap(intervals, int(np.argmax(wrong)), period)


def _explain_gap(intervals: NDArray[np.float64], sample: int, period: float) -> None:
    missing = round(float(intervals[sample]) / period) - 1
    what = f"{missing} missing sample(s)" if missing > 0 else "an irregular time"
    raise ReadError(
        f"samples must be equally spaced in time, got {intervals[sample]:.6g} s between sample {sample} and sample "
        f"{sample + 1} at a period of {period:.6g} s ({what}); fill the gap, cut the series there, or give "
        "--sample-rate to count times"
    )
