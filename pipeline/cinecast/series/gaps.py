"""Which samples of a trace with gaps are scored: those that every method had a forecast of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import scored_instants
from cinecast.sequence import Split, default_split
from cinecast.series.trace import Trace


def split_of(trace: Trace) -> Split:
    """Return spans with a third each of the samples that came; ends are instants of the clock, gaps counted."""
    measured = np.flatnonzero(~trace.lost)
    split = default_split(len(measured))
    ends = [*measured.tolist(), len(trace.samples)]
    return Split(ends[split.train_end], ends[split.validation_end], len(trace.samples))


def scored_samples(trace: Trace, test: range, horizon: int, history_length: int) -> NDArray[np.bool_]:
    """Return which samples of the test span are scored, shape (T_test,).

    Parameters
    ----------
    trace
        The trace.
    test
        Instants of the test span.
    horizon
        In samples.
    history_length
        The longest history of the methods that are compared, in samples.

    Returns
    -------
    True where the sample came, one came at the instant its forecast was issued at, and no long gap lies between it and
    the oldest sample of the history.
    """
    targets = np.arange(test.start, test.stop)
    return scored_instants(trace.lost, trace.unknown, targets, horizon, history_length)


def stretches(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the stretches of marked instants as (first, one after the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
