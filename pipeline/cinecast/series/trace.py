"""One validated trace: a multivariate series on a regular clock, without images."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import INTERVAL_TOLERANCE, mean_regular_interval
from cinecast.errors import ReadError
from cinecast_models.population.population import component_digests

# Half a period is left over at most, and a long gap of two periods or more shares it.
_DRIFT = 0.01


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
        Shape (T, K), in the unit of the source: a row for every instant of the clock, finite, or all NaN where it is
        unknown.
    times_s
        Time of each sample in s, shape (T,), strictly increasing, regular.
    named
        Whether the names of the components come from the source; otherwise they are only counted.
    history
        One sentence for each thing that was decided or done on the way from the file, in order.
    recorded
        Digests of the components as they were recorded, by which the trace is known again at any rate; left out, they
        are those of `samples`.
    lost
        Instants that no sample came for, shape (T,): interpolated, or unknown in long gaps. Left out, there are none.
    unit
        Unit of the values of all columns; empty where it is not known or not the same.

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
    lost: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    unit: str = ""

    def __post_init__(self) -> None:
        if len(self.samples) < 2:
            raise ReadError(
                f"a series needs at least 2 samples, got {len(self.samples)} in {self.name}; give a longer recording"
            )
        if not len(self.lost):
            object.__setattr__(self, "lost", np.zeros(len(self.samples), dtype=bool))
        _check_finite(self)
        _check_times(self.times_s)
        if not self.recorded:
            object.__setattr__(self, "recorded", component_digests(self.samples))

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Instants of long gaps, that nothing stands for, shape (T,)."""
        return self.lost & np.isnan(self.samples).all(axis=1)

    @property
    def period_s(self) -> float:
        """Mean of the regular intervals between samples of the first third, in s."""
        return regular_period(self.times_s)

    @property
    def constant_columns(self) -> tuple[str, ...]:
        """Names of the components that never change."""
        return self.constant_until(len(self.samples))

    def constant_until(self, end: int) -> tuple[str, ...]:
        """Return the names of the components that do not change in the samples before an index, 1 or more."""
        measured = self.samples[:end][~self.lost[:end]]
        still = (measured == measured[:1]).all(axis=0)
        return tuple(name for name, constant in zip(self.columns, still, strict=True) if constant)

    def with_gaps_noted(self) -> Trace:
        """Return the trace with a sentence on what is missing added to its history, if anything is."""
        if not self.lost.any():
            return self
        total, unknown = len(self.lost), int(self.unknown.sum())
        filled, gaps = int(self.lost.sum()) - unknown, _number_of_runs(self.unknown)
        said = f"{filled + unknown} of {total} samples are missing: {filled} filled in from their neighbours"
        if unknown:
            said += f", {unknown} in {gaps} long gap(s), after which the history begins anew"
        return replace(self, history=(*self.history, said))


def regular_period(times_s: NDArray[np.float64]) -> float:
    """Return the mean of the regular intervals of the first third of a series, in s.

    A clock that ticks in ms, or in the 2.5 ms of a scanner, has the true period in its mean alone. What comes later is
    not looked at: the train span is that third unless the user asks for another.

    Parameters
    ----------
    times_s
        Increasing times in s, shape (T,).

    Returns
    -------
    The mean; the median where both agree within rounding.
    """
    return mean_regular_interval(times_s[: max(4, len(times_s) // 3)])


def _number_of_runs(marked: NDArray[np.bool_]) -> int:
    return int(np.sum(marked & ~np.concatenate([[False], marked[:-1]])))


def _check_finite(trace: Trace) -> None:
    wrong = ~np.isfinite(trace.samples) & ~trace.unknown[:, np.newaxis]
    if not wrong.any():
        return
    sample, component = (int(i) for i in np.argwhere(wrong)[0])
    raise ReadError(
        f"samples must be finite numbers, got {trace.samples[sample, component]} in column "
        f"{trace.columns[component]!r} at sample {sample} ({wrong.sum()} such values in all); fill them, or cut the "
        "series there"
    )


def _check_times(times_s: NDArray[np.float64]) -> None:
    intervals, period = np.diff(times_s), regular_period(times_s)
    # Written so that NaN, too, is irregular.
    regular = np.abs(intervals - period) <= (INTERVAL_TOLERANCE + _DRIFT) * period
    if not regular.all():
        sample = int(np.argmin(regular))
        raise ReadError(
            f"samples of a trace must be equally spaced in time, got {intervals[sample]:.6g} s after sample {sample} "
            f"at a period of {period:.6g} s; put it on a regular clock first"
        )
