"""The numbers of the report of a series as scripts, which a page from the disk can load."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cinecast.references import PERSISTENCE
from cinecast.report.palette import DASHES, look_of
from cinecast.report.scripts import call_script, to_decimals
from cinecast.series.gaps import stretches
from cinecast.series.shown import ShownForecast, ShownSeries
from cinecast.series.units import with_unit


def data_scripts(shown: ShownSeries) -> dict[str, bytes]:
    """Return the scripts by file name: the trace and the scores, then one for each method and horizon.

    Forecasts are those of the test span; the trace is whole.
    """
    plan, trace = shown.plan, shown.plan.trace
    measured = np.where(trace.lost[:, np.newaxis], np.nan, trace.samples)
    decimals = [_decimals(column) for column in measured.T]
    split = plan.split
    numbers = {
        "unit": trace.unit,
        "columns": [with_unit(name, trace.unit) for name in plan.objects.columns],
        "objects": [[name, _members(shown, i)] for i, name in enumerate(plan.objects.names)],
        "times_s": to_decimals(trace.times_s, 6),
        "measured": _short(measured, decimals),
        "filled": _short(_filled(shown), decimals),
        "unknown": [[_time(shown, a - 1), _time(shown, b)] for a, b in stretches(trace.unknown)],
        "spans": [_time(shown, split.train_end), _time(shown, split.validation_end)],
        "first": split.validation_end,
        "level": plan.level,
        "entries": [_entry(shown, each) for each in shown.forecasts],
    }
    scripts = {"numbers.js": call_script("series.start", numbers)}
    for i, each in enumerate(shown.forecasts):
        own = {name: _short(getattr(each, name)[split.validation_end :], decimals) for name in ("mean", "low", "high")}
        scripts[f"entry_{i:03d}.js"] = call_script("series.receive", i, own)
    return scripts


def _decimals(column: NDArray[np.float64]) -> int:
    """Return how many decimals tell 100000 values of a column apart, however far from zero it is."""
    known = column[np.isfinite(column)]
    spread = np.ptp(known) if known.size else 0
    largest = float(spread or np.max(np.abs(known), initial=0) or 1)
    return 5 - math.floor(math.log10(largest))


def _short(values: NDArray[np.float64], decimals: list[int]) -> list[list[float | None]]:
    """Return the columns of values (T, K), each with its decimals, or five digits where that is more."""
    return [[_nearer(value, own) for value in column] for column, own in zip(values.T, decimals, strict=True)]


def _nearer(value: float, decimals: int) -> float | None:
    if not np.isfinite(value):
        return None
    return min(round(float(value), decimals), float(f"{value:.5g}"), key=lambda short: abs(short - value))


def _entry(shown: ShownSeries, each: ShownForecast) -> dict[str, object]:
    task, look = each.task, look_of(each.task.method)
    identity = (task.method, str(task.horizon.frames), "rmse")
    row = next(r for r in shown.rows if (r["method"], r["horizon_frames"], r["metric"]) == identity)
    return {
        "method": task.method,
        "reference": task.method == PERSISTENCE,
        "series": look.colour + 1,  # as the styles count
        "dash": DASHES[look.dash],
        "horizon_s": task.horizon.seconds,
        "horizon": task.horizon.frames,
        "runs": each.runs,
        "rmse": float(row["value"]) if row["value"] else None,
        "half_range": float(row["half_range_95"]) if row["half_range_95"] else None,
    }


def _members(shown: ShownSeries, number: int) -> list[int]:
    return [k for k, member in enumerate(shown.plan.objects.members) if member == number]


def _filled(shown: ShownSeries) -> NDArray[np.float64]:
    """Return what stands at instants of short gaps, with the samples around them; NaN elsewhere."""
    trace = shown.plan.trace
    within = trace.lost & ~trace.unknown
    around = within.copy()
    around[:-1] |= within[1:]
    around[1:] |= within[:-1]
    return np.where(around[:, np.newaxis], trace.samples, np.nan)


def _time(shown: ShownSeries, sample: int) -> float:
    times = shown.plan.trace.times_s
    return float(times[min(max(sample, 0), len(times) - 1)])
