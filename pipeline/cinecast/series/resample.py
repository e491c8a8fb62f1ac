"""Another rate for a trace: every n-th sample, or filtered and interpolated.

A resampled trace is not what a live system would have seen: the filter and the spline use samples on both sides of
each new one, so forecasts of a resampled trace know a little of the future. The history of the trace says so.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import SettingsError
from cinecast.series.source import counted_times
from cinecast.series.trace import Trace

# Forward and backward, this filter takes less than 0.5 % of half the new limit, and lets less than 0.4 % of the limit
# itself through.
_ORDER, _CUTOFF = 8, 0.7
# Filter and spline leave so small a part of what stands still as rounding, which is no motion.
_ROUNDING = 1e-9
_LOOK_AHEAD = "new samples see recorded ones after them, so forecasts are slightly better informed than live ones"


def keep_every(trace: Trace, step: int) -> Trace:
    """Return every n-th sample, as arXiv 2403.01607 makes 3.33 Hz of 10 Hz: no filter, no look-ahead.

    Parameters
    ----------
    trace
        A trace of T samples.
    step
        n: one sample in so many is kept.

    Returns
    -------
    Samples 0, n, 2n, ..., floor(T / n) of them; the trace itself for a step of 1.

    Raises
    ------
    SettingsError
        If the step is below 1 or leaves fewer than 2 samples.
    """
    count = len(trace.samples) // max(step, 1)
    if step < 1 or count < 2:
        raise SettingsError(
            f"--every must be from 1 to {len(trace.samples) // 2} for {len(trace.samples)} samples, got {step}; "
            "choose a smaller step"
        )
    if step == 1:
        return trace
    note = f"every sample number divisible by {step} kept, without a filter: what is faster than the new rate aliases"
    return replace(
        trace,
        samples=trace.samples[::step][:count],
        times_s=trace.times_s[::step][:count],
        lost=trace.lost[::step][:count],
        history=(*trace.history, note),
    )


def resample(trace: Trace, rate_hz: float) -> Trace:
    """Return the trace at another rate: a cubic spline, after a zero-phase low-pass where the new rate is lower.

    Parameters
    ----------
    trace
        The trace.
    rate_hz
        New rate in Hz; the first sample keeps its time.

    Returns
    -------
    Samples at the new rate from the first recorded time to the last one.

    Raises
    ------
    SettingsError
        If the rate is not positive, or leaves too few samples or too many, or samples are missing.
    """
    from scipy.interpolate import CubicSpline  # type: ignore[import-untyped]  # scipy ships no types

    if not 0 < rate_hz < float("inf"):
        raise SettingsError(f"--rate must be a positive number of Hz, got {rate_hz}; such as 10")
    if trace.lost.any():
        raise SettingsError(
            f"--rate needs a series without gaps, got {trace.lost.sum()} missing samples in {trace.name}; use "
            "--causal-rate or --every"
        )
    old_hz = 1 / trace.period_s
    duration = float(trace.times_s[-1] - trace.times_s[0])
    # A rounding error of the times must not cost the last sample.
    count = int(np.floor(duration * rate_hz * (1 + 1e-9) + 1e-9)) + 1
    if not 2 <= count <= 10_000_000:
        raise SettingsError(
            f"--rate must leave 2 to 10 000 000 samples, got {rate_hz:g} Hz for {duration:.6g} s ({count} samples); "
            "choose another"
        )
    samples, filtered = _below(trace, rate_hz, old_hz) if rate_hz < old_hz * (1 - 1e-9) else (trace.samples, "")
    times = trace.times_s[0] + counted_times(count, rate_hz)
    spline = CubicSpline(trace.times_s, samples, axis=0)
    note = f"resampled from {old_hz:.6g} to {rate_hz:g} Hz by {filtered}cubic spline; {_LOOK_AHEAD}"
    instants = np.minimum(times, trace.times_s[-1])
    new = _without_rounding(np.asarray(spline(instants), dtype=np.float64), instants, trace)
    return replace(trace, samples=new, times_s=times, lost=np.zeros(count, dtype=bool), history=(*trace.history, note))


def _without_rounding(new: NDArray[np.float64], instants: NDArray[np.float64], trace: Trace) -> NDArray[np.float64]:
    """Return new samples (n, K) that stand still where the recorded ones around them do, but for rounding.

    A column that never changes would be one of noise, which methods scale to that of the others.
    """
    later = np.clip(np.searchsorted(trace.times_s, instants), 1, len(trace.times_s) - 1)
    before, after = trace.samples[later - 1], trace.samples[later]
    rounding = _ROUNDING * np.abs(trace.samples).max(axis=0)
    return np.where((before == after) & (np.abs(new - after) <= rounding), after, new)


def _below(trace: Trace, rate_hz: float, old_hz: float) -> tuple[NDArray[np.float64], str]:
    """Return the samples without what the new rate cannot hold, and the name of what was done."""
    from scipy.signal import butter, sosfiltfilt  # type: ignore[import-untyped]  # scipy ships no types

    sections = np.asarray(butter(_ORDER, _CUTOFF * rate_hz / old_hz, output="sos"))
    # As scipy pads by default; a shorter series has no edges apart.
    shortest = 3 * (2 * len(sections) + 1)
    if len(trace.samples) <= shortest:
        raise SettingsError(
            f"--rate below that of the series needs more than {shortest} samples for its filter, got "
            f"{len(trace.samples)}; use --every, or give a longer series"
        )
    return np.asarray(sosfiltfilt(sections, trace.samples, axis=0)), "zero-phase low-pass and "
