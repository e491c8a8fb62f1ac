"""The regular clock of a series: every instant of it, with those that no sample came for filled in or left unknown."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.other_rate import changed_rate, other_rate
from cinecast.clock.regular_clock import INTERVAL_TOLERANCE, filled_between_bunches, most_lost_frames
from cinecast.errors import ReadError
from cinecast.series.recording import Recording
from cinecast.series.trace import Trace, regular_period

_LOG = logging.getLogger(__name__)

MOST_INSTANTS = 10_000_000


def on_clock(recording: Recording, longest_gap_s: float) -> Trace:
    """Return a recording on its regular clock, whose period is the mean of the regular intervals of its first third.

    Instants lost in a gap of up to `longest_gap_s` are interpolated between the samples around it; forecasts treat them
    as known only once the later one has come. Instants of longer gaps stay unknown. Every sample keeps its time: it is
    at the instant nearest to it, counted from the sample before, as live counts.

    Parameters
    ----------
    recording
        Samples at their times.
    longest_gap_s
        Time in s without samples up to which a gap is filled in.

    Returns
    -------
    The trace; its history says how many samples are missing.

    Raises
    ------
    ReadError
        If an interval is no whole number of periods, more samples are missing than are there (of samples that come in
        pairs, the time between two of a pair is no period), or the clock would have too many instants.
    """
    measured = recording.measured
    times, samples = recording.times_s[measured], recording.samples[measured]
    period = regular_period(times)
    periods = np.diff(times) / period
    steps = np.maximum(np.round(periods), 1)
    long = steps - 1 > most_lost_frames(longest_gap_s, period)
    _check_regular(times, steps, long, period)
    filled = filled_between_bunches(times, period, longest_gap_s)
    if filled:
        raise ReadError(
            f"more samples must be there than are filled in between them, got {len(times)} and {filled} at a period of "
            f"{period:.6g} s: samples come in pairs or bunches, or their times do; resample causally with "
            f"--causal-rate {1 / np.diff(times)[~long].mean():.3g}, or give --sample-rate to count times"
        )
    if steps.sum() >= MOST_INSTANTS:
        raise ReadError(
            f"a series must last at most {MOST_INSTANTS} samples, gaps counted, got {steps.sum() + 1:.6g} of "
            f"{period:.6g} s; cut it at its long gaps, or mend its times"
        )
    trace = _spread(recording.ends_noted(), times, samples, steps.astype(np.int64), long)
    doubt = _doubt_of_rate(times, period)
    if not doubt:
        return trace
    _LOG.warning("%s", doubt)
    return replace(trace, history=(*trace.history, doubt))


def _spread(
    recording: Recording,
    times: NDArray[np.float64],
    samples: NDArray[np.float64],
    steps: NDArray[np.int64],
    long: NDArray[np.bool_],
) -> Trace:
    places = np.concatenate([[0], np.cumsum(steps)])
    instants = np.arange(places[-1] + 1)
    lost = np.ones(len(instants), dtype=bool)
    lost[places] = False
    before = np.searchsorted(places, instants, side="right") - 1
    unknown = lost & np.append(long, False)[before]
    spread = np.stack([np.interp(instants, places, column) for column in samples.T], axis=1)
    spread[places], spread[unknown] = samples, np.nan
    all_times = np.interp(instants, places, times)
    all_times[places] = times
    return Trace(
        recording.name,
        recording.columns,
        spread,
        all_times,
        recording.named,
        recording.history,
        recording.recorded,
        lost=lost,
        unit=recording.unit,
    ).with_gaps_noted()


def _check_regular(
    times: NDArray[np.float64], steps: NDArray[np.float64], long: NDArray[np.bool_], period: float
) -> None:
    periods = np.diff(times) / period
    wrong = (np.abs(periods - steps) > INTERVAL_TOLERANCE) & ~long
    if wrong.any():
        sample = int(np.argmax(wrong))
        raise ReadError(
            f"samples must be equally spaced in time, got {periods[sample] * period:.6g} s after the sample with "
            f"number {sample} at a period of {period:.6g} s ({wrong.sum()} such interval(s)); resample causally with "
            f"--causal-rate {mean_rate(times):.3g}, or give --sample-rate to count times"
        )


def _doubt_of_rate(times: NDArray[np.float64], period: float) -> str:
    other = other_rate(times, period)
    if other is None:
        return _doubt_of_change(times)
    return (
        f"some of the samples with numbers {other.first} to {other.last} come every {other.interval_s:.4g} s, those of "
        f"the first third every {period:.4g} s: a horizon is so many samples, and there another time than is said; "
        f"resample causally with --causal-rate {1 / period:.3g}, or cut the series"
    )


def _doubt_of_change(times: NDArray[np.float64]) -> str:
    change = changed_rate(times)
    if change is None:
        return ""
    effect = (
        f"there a horizon that is no multiple of {change.after_s:.4g} s is scored at few samples or at none"
        if change.thinned
        else f"there {change.after_s:.4g} s count as {change.periods} samples of {change.before_s:.4g} s, and a "
        "horizon is another time than is said"
    )
    return (
        f"samples come every {change.before_s:.4g} s up to the one with number {change.frame}, and every "
        f"{change.after_s:.4g} s after it: {effect}; cut the series there, or resample causally with "
        f"--causal-rate {1 / change.after_s:.3g}"
    )


def mean_rate(times_s: NDArray[np.float64]) -> float:
    """Return samples per second of an irregular clock: of the first third of its times (n,) in s, gaps left out."""
    intervals = np.diff(times_s[: max(4, len(times_s) // 3)])
    # Written so that a clock of few intervals has one left, too.
    return float(1 / intervals[intervals <= 2 * np.median(intervals)].mean())
