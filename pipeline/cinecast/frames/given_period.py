"""What a frame period that the user gives contradicts: the clock, the header or the sidecar of the frames it counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import mean_regular_interval, regular_intervals
from cinecast.frames.source import CONTRADICTION

# A step that stands without a unit may be in one of these.
_UNITS_S = (1.0, 1e-3, 1e-6)
# Programs write it where they know no time: it says nothing that could be contradicted.
_UNSET_STEP = 1.0


def contradicted_times(period_s: float, times_s: NDArray[np.float64], origin: str) -> list[str]:
    """Return in words where a given frame period contradicts the times that the frames have.

    Parameters
    ----------
    period_s
        The period given, in s.
    times_s
        Times in s by the file, shape (T,), in order; a coarse clock may give several frames one time.
    origin
        Where these times come from, in words.

    Returns
    -------
    list[str]
        One sentence each; none where they agree within rounding, or where the times say nothing.
    """
    intervals = np.diff(times_s)
    if len(intervals) == 0 or (intervals < 0).any() or not intervals.any():
        return []
    if not intervals.all():
        return _of_coarse_times(period_s, intervals, origin)
    others = int(np.count_nonzero(~regular_intervals(intervals, float(np.median(intervals)))))
    remarks = contradicted_period(period_s, mean_regular_interval(times_s), origin)
    if others:
        remarks.append(
            f"the file has {others} interval(s) of another length, up to "
            f"{intervals.max():.2f} s ({origin}); --frame-period counts as if all were alike"
        )
    return remarks


def contradicted_period(period_s: float, own_s: float, origin: str) -> list[str]:
    """Return in words that a given frame period contradicts another.

    Parameters
    ----------
    period_s
        The period given, in s.
    own_s
        That of the file or its sidecar, in s.
    origin
        Where that comes from, in words.

    Returns
    -------
    list[str]
        One sentence; none where both agree within rounding, or where a header has the 1 s that stands for no time.
    """
    unset = own_s == _UNSET_STEP and "header" in origin
    if unset or abs(own_s - period_s) <= CONTRADICTION * period_s:
        return []
    return [f"--frame-period {period_s:g} s counts, and not {own_s:.4g} s, {_difference(own_s, period_s)} ({origin})"]


def contradicted_step(period_s: float, step: float | None) -> list[str]:
    """Return in words that a given frame period is in no unit the step along time that a header has without one.

    Parameters
    ----------
    period_s
        The period given, in s.
    step
        The step, in an unknown unit; None where the header has none.

    Returns
    -------
    list[str]
        One sentence, or none.
    """
    if step is None or step == _UNSET_STEP or not 0 < step < np.inf:
        return []
    if any(abs(step * unit - period_s) <= CONTRADICTION * period_s for unit in _UNITS_S):
        return []
    return [
        f"--frame-period {period_s:g} s counts, and not the step of {step:g} along time in the header: it has no unit, "
        "and is that period in neither s, ms nor us"
    ]


def _of_coarse_times(period_s: float, intervals: NDArray[np.float64], origin: str) -> list[str]:
    """Return what times say of which several are the same: how long all frames took, to one tick of the clock."""
    span, given = float(intervals.sum()), period_s * len(intervals)
    tick = float(intervals[intervals > 0].min())
    if abs(span - given) <= tick + CONTRADICTION * given:
        return []
    mean = span / len(intervals)
    return [
        f"--frame-period {period_s:g} s counts, and not {mean:.2g} s or so on the average, "
        f"{_difference(mean, period_s)} ({origin})"
    ]


def _difference(own_s: float, period_s: float) -> str:
    if own_s > 2 * period_s:
        return f"{own_s / period_s:.4g} times as long"
    share = 100 * abs(own_s - period_s) / period_s
    return f"{share:.2g} % {'longer' if own_s > period_s else 'shorter'}"
