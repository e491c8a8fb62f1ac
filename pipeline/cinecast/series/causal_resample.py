"""Samples at irregular times put on a regular clock without a look ahead that is not accounted for.

A new sample is interpolated linearly between the recorded ones around its instant. It is known once the later of them
has come, at most two periods after the instant: the delay, which is said. Where the recorded ones are further apart,
the instant counts as lost; forecasts treat it as known only when the sample after it has come. So whatever is forecast
at an instant has seen no recorded sample that is later than the instant by more than the delay.
"""

from __future__ import annotations

import numpy as np

from cinecast.errors import SettingsError
from cinecast.series.clock import MOST_INSTANTS, mean_rate
from cinecast.series.recording import Recording
from cinecast.series.source import counted_times
from cinecast.series.trace import Trace

# Recorded samples that are further apart, in new periods, leave the instants between them lost.
_WIDEST = 2.0
# So much may the recorded samples come slower than the new rate asks for.
_SLOWER = 1.1
# Part of a new period that is no time: 1.1 s less 1 s is not 0.1 s to the last digit.
_ROUNDING = 1e-6


def resample_causally(recording: Recording, rate_hz: float, longest_gap_s: float) -> Trace:
    """Return a recording at a steady rate, each new sample known no later than two new periods after its instant.

    Nothing is filtered: what is faster than half the new rate aliases.

    Parameters
    ----------
    recording
        Samples at any times.
    rate_hz
        The new rate in Hz, at most about that of the recording; the first measured sample keeps its time.
    longest_gap_s
        Time in s between two recorded samples up to which the instants between them are interpolated.

    Returns
    -------
    The trace; its history says how long the delay is.

    Raises
    ------
    SettingsError
        If the rate is not positive, above that of the recording, or leaves too few samples or too many.
    """
    if not 0 < rate_hz < float("inf"):
        raise SettingsError(f"--causal-rate must be a positive number of Hz, got {rate_hz}; such as 10")
    measured = recording.measured
    times, samples = recording.times_s[measured], recording.samples[measured]
    recorded_hz = mean_rate(times)
    if rate_hz > _SLOWER * recorded_hz:
        raise SettingsError(
            f"--causal-rate must be at most that of the recording, got {rate_hz:g} Hz for {recorded_hz:.4g} Hz; ask "
            "for less"
        )
    duration = float(times[-1] - times[0])
    # A rounding error of the times must not cost the last sample.
    count = int(np.floor(duration * rate_hz * (1 + 1e-9) + 1e-9)) + 1
    if not 2 <= count <= MOST_INSTANTS:
        raise SettingsError(
            f"--causal-rate must leave 2 to 10 000 000 samples, got {rate_hz:g} Hz for {duration:.6g} s ({count} "
            "samples); choose another"
        )
    instants = np.minimum(times[0] + counted_times(count, rate_hz), times[-1])
    slack = _ROUNDING / rate_hz + 2 * float(np.spacing(np.abs(times).max()))  # times may begin with the date, in s
    later = np.searchsorted(times, instants - slack, side="left")
    width = times[later] - times[np.maximum(later - 1, 0)] - slack
    met = times[later] <= instants + slack
    lost = ~met & (width > _WIDEST / rate_hz)
    new = np.stack([np.interp(instants, times, column) for column in samples.T], axis=1)
    new[lost & (width > longest_gap_s)] = np.nan
    clock = times[0] + counted_times(count, rate_hz)
    note = (
        f"resampled to {rate_hz:g} Hz by linear interpolation, without a filter: a sample is known up to "
        f"{_WIDEST / rate_hz:.3g} s after its instant, by which horizons reach less far"
    )
    history = (*recording.ends_noted().history, note)
    return Trace(
        recording.name,
        recording.columns,
        new,
        clock,
        recording.named,
        history,
        recording.recorded,
        lost=lost,
        unit=recording.unit,
    ).with_gaps_noted()
