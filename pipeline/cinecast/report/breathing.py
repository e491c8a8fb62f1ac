"""Where in the breathing cycle each frame lies."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.longest_gap import LONGEST_GAP_S
from cinecast.clock.regular_clock import INTERVAL_TOLERANCE
from cinecast.report.data import ReportData, ReportModel
from cinecast.report.peaks import find_peaks
from cinecast.sequence import Roi

# A breath moves the tissue by at least this share of the signal's spread; anything smaller is noise.
_PROMINENCE = 0.3
# And by this share of that of the part of the recording that moves most: in a breath hold all motion is noise.
_LEAST_PROMINENCE = 0.1
# From one maximum to the next, at most so many times the time that it takes usually: with more, the breath was held.
_LONGEST_BREATH = 3.0
# The breath of a series in which none is seen, in s; most breaths are shorter.
BREATH_S = 5.0


class Breaths(NamedTuple):
    """Of a span: depth and middle of its motion in mm, and the median length of its breaths in s; NaN where unknown."""

    depth_mm: float
    middle_mm: float
    length_s: float


def breathing_phase(
    signal: NDArray[np.float64], places: NDArray[np.float64] | None = None, most: float = 0.0
) -> NDArray[np.float64]:
    """Return the phase of each sample, 0 to 1 from one maximum to the next, shape (T,).

    Parameters
    ----------
    signal
        Breathing signal of all frames, shape (T,): how far tissue lies down the image.
    places
        Where they lie in time, in frame periods, shape (T,); None: one after another, as no frame is missing.
    most
        `spread` of the part of the recording that moves most, in the unit of the signal. A part that barely moves
        beside it, as in a breath hold, has no breaths.

    Returns
    -------
    Phases; NaN before the first and after the last maximum, and everywhere where there are fewer than two. NaN also
    between two that are more than three times as far apart as usual (the median), as in a breath hold: its quarters
    are not those of a breath.
    """
    phases = np.full(len(signal), np.nan)
    at = np.arange(len(signal)) if places is None else places
    ends = _breath_ends(signal, most)
    if len(ends) < 2:
        return phases
    longest = _LONGEST_BREATH * np.percentile(np.diff(at[ends]), 50, method="lower")
    for start, stop in pairwise(ends):
        if at[stop] - at[start] <= longest:
            # The end of one breath is the start of the next, which is written over it: 0 but for the last.
            phases[start : stop + 1] = (at[start : stop + 1] - at[start]) / (at[stop] - at[start])
    return phases


def spread(signal: NDArray[np.float64]) -> float:
    """Return how far a signal moves, from its 5th to its 95th percentile; 0 of none."""
    low, high = np.percentile(signal, (5, 95)) if len(signal) else (0.0, 0.0)
    return float(high - low)


def _breath_ends(signal: NDArray[np.float64], most: float) -> NDArray[np.int64]:
    """Return the samples at which one breath ends and the next begins: maxima that are no noise."""
    prominence = max(_PROMINENCE * spread(signal), _LEAST_PROMINENCE * most)
    return find_peaks(signal, prominence) if prominence > 0 else np.empty(0, dtype=np.int64)


def _unbroken(times_s: NDArray[np.float64], period_s: float, longest_gap_s: float) -> NDArray[np.bool_]:
    """Return between which frames, of (T,), something is known of a breath, shape (T - 1,)."""
    return np.asarray(np.diff(times_s) <= longest_gap_s + (1 + INTERVAL_TOLERANCE) * period_s)


def breathing_signal(model: ReportModel, roi: Roi | None, spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return the mean motion down the image of every frame, in the ROI or the whole image.

    Parameters
    ----------
    model
        Mean and modes on the reference grid, and the weights of all real frames.
    roi
        Where the motion is averaged; None for the whole image.
    spacing_mm
        Size of a pixel in mm, [row, column].

    Returns
    -------
    Shape (T,), mm, positive down the image.
    """
    region = roi.slices() if roi else (slice(None), slice(None))
    mean = model.mean[..., 1][region].mean()
    modes = model.modes[..., 1][(slice(None), *region)].mean(axis=(1, 2))
    return np.asarray((mean + model.weights @ modes) * spacing_mm[0])


def phases_of(data: ReportData) -> NDArray[np.float64]:
    """Return the phase of every frame, shape (T,).

    NaN where it is unknown: in a run without a motion model, in frames whose motion is held, and in a breath across a
    pause or across held frames that last as long as one.
    """
    sequence = data.sequence
    phases = np.full(len(sequence.times_s), np.nan)
    if not data.models:
        return phases
    model = data.models[0]
    signal = breathing_signal(model, sequence.roi, sequence.spacing_mm)
    held = data.flows[model.flow].held
    measured = np.array([t for t in range(len(phases)) if t not in held], dtype=np.int64)
    if sequence.instants.regular and not held:
        return breathing_phase(signal)
    times_s = sequence.times_s[measured]
    pauses = np.isin(measured[1:], sequence.instants.pauses_end)
    ends = np.flatnonzero(pauses | ~_unbroken(times_s, sequence.frame_period_s, sequence.longest_gap_s)) + 1
    parts = np.split(measured, ends)
    most = max(spread(signal[part]) for part in parts)
    for part in parts:
        phases[part] = breathing_phase(signal[part], sequence.times_s[part] / sequence.frame_period_s, most)
    return phases


def breaths(
    signal: NDArray[np.float64],
    times_s: NDArray[np.float64],
    longest_gap_s: float = LONGEST_GAP_S,
    most: float = 0.0,
) -> Breaths:
    """Return how deep and how long the breaths of a span are.

    Parameters
    ----------
    signal
        Breathing signal, shape (T,), mm.
    times_s
        Times of its frames in s, shape (T,), increasing.
    longest_gap_s
        Across a gap of more than so many seconds nothing is known of a breath.
    most
        As `breathing_phase` takes it, in mm.

    Returns
    -------
    Breaths
        Depth from the 5th to the 95th percentile; the middle is half way between. Both are unknown where the span may
        be a part of a breath: it holds none that is whole, and is shorter than `BREATH_S`.
    """
    if not len(signal):
        return Breaths(np.nan, np.nan, np.nan)
    intervals = np.diff(times_s)
    period = float(np.median(intervals)) if len(intervals) else 0.0
    unbroken = _unbroken(times_s, period, longest_gap_s)
    peaks = pairwise(_breath_ends(signal, most))
    lengths = [times_s[stop] - times_s[start] for start, stop in peaks if unbroken[start:stop].all()]
    if not lengths and intervals[unbroken].sum() + period < BREATH_S:
        return Breaths(np.nan, np.nan, np.nan)
    low, high = np.percentile(signal, (5, 95))
    return Breaths(float(high - low), float(low + high) / 2, float(np.median(lengths)) if lengths else np.nan)


def busiest_column(model: ReportModel, roi: Roi | None) -> int:
    """Return the column whose tissue moves most up and down the image.

    Parameters
    ----------
    model
        Modes on the reference grid, and the weights of all real frames.
    roi
        Where to look; None for the whole image.

    Returns
    -------
    Index of the column in the whole image.
    """
    rows, columns = roi.slices() if roi else (slice(None), slice(None))
    spread = model.weights.std(axis=0)[:, np.newaxis, np.newaxis] * model.modes[:, rows, columns, 1]
    energy = (spread**2).sum(axis=0).sum(axis=0)
    return int(np.argmax(energy)) + (columns.start or 0)
