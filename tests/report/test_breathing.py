"""Breaths among missing frames, and what is a breath, of signals whose breaths are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.report.breathing import breathing_phase, breaths

LENGTH, PERIOD = 8, 0.5  # a breath has 8 frames, and takes 4 s
Array = NDArray[np.float64]


def breathing(count: int, depth: float = 10.0) -> Array:
    """Return a signal whose maxima are frames 8, 16, ... within it."""
    return depth / 2 * np.cos(2 * np.pi * np.arange(count) / LENGTH)


def test_phases_are_of_the_time_of_the_frames_where_some_are_missing() -> None:
    places = np.delete(np.arange(37.0), [10, 11, 20])
    found = breathing_phase(np.delete(breathing(37), [10, 11, 20]), places)
    np.testing.assert_allclose(found, np.delete(breathing_phase(breathing(37)), [10, 11, 20]))


@pytest.mark.parametrize(("share", "breaths_seen"), [(0.25, 1), (0.35, 2)])
def test_a_breath_moves_tissue_by_three_tenths_of_the_spread(share: float, breaths_seen: int) -> None:
    signal = np.array([0.0, 5, 10, 5, 0, 0, 10 * share, 0, 0, 5, 10, 5, 0, 0])
    found = breathing_phase(signal)
    assert (found[2], found[10]) == (0.0, 1.0)
    assert (found == 0).sum() == breaths_seen


@pytest.mark.parametrize(("interval_s", "length_s"), [(1.6, (4.0 + 4.0 + 1.1) / 2), (1.7, 4.0)])
def test_across_a_long_gap_no_breath_is_measured(interval_s: float, length_s: float) -> None:
    # Filled in are gaps of up to 1 s: with the period before the next frame, and a quarter of it, 1.625 s.
    intervals = np.full(28, PERIOD)
    intervals[19] = interval_s  # within the second of two breaths, frames 16 to 24
    found = breaths(breathing(29), np.concatenate([[0.0], np.cumsum(intervals)]), 1.0)
    assert found.length_s == pytest.approx(length_s)
