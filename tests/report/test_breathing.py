"""Breaths among missing frames, and what is a breath, of signals whose breaths are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.report.breathing import breathing_phase, breaths, phases_of
from cinecast.report.data import ReportData
from helpers.report_data import Simulated, simulated_report

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


def report_of(signal: Array, rng: np.random.Generator, held: Sequence[int] = ()) -> ReportData:
    """Return a run whose tissue moves so, with the motion of some frames held."""
    data = simulated_report(rng, Simulated(frame_count=len(signal), roi=None))
    (flow,), (model,) = data.flows, data.models
    kept = signal.copy()
    for t in held:
        kept[t] = kept[t - 1]
    modes = np.zeros_like(model.modes[:1])
    modes[..., 1] = 1 / data.sequence.spacing_mm[0]
    still = replace(model, mean=np.zeros_like(model.mean), modes=modes, weights=kept[:, np.newaxis])
    return replace(data, flows=(replace(flow, held=frozenset(held)),), models=(still,))


def test_frames_whose_motion_is_held_have_no_phase_and_move_that_of_no_other(rng: np.random.Generator) -> None:
    signal = breathing(41) + np.where(np.arange(41) == 17, 0.3, 0)
    plain, held = phases_of(report_of(signal, rng)), phases_of(report_of(signal, rng, [9, 17, 20]))
    assert np.isnan(held[[9, 17, 20]]).all()
    others = [t for t in range(41) if t not in (9, 17, 20)]
    np.testing.assert_allclose(held[others], plain[others])


def test_across_a_long_freeze_no_breath_has_phases(rng: np.random.Generator) -> None:
    data = report_of(breathing(65), rng, range(19, 36))
    longest = round(data.sequence.longest_gap_s / data.sequence.frame_period_s)
    assert longest < 17
    found = phases_of(data)
    known = np.isfinite(found)
    assert np.flatnonzero(known).tolist() == [*range(8, 17), *range(40, 57)]
    np.testing.assert_allclose(found[known][:-1], [*(np.arange(8) / 8), 1, *(np.arange(16) % 8 / 8)])


def test_noise_in_a_breath_hold_after_a_pause_is_no_breath(rng: np.random.Generator) -> None:
    signal = np.concatenate([breathing(41), rng.normal(0, 0.05, 30)])
    data = report_of(signal, rng)
    times_s = data.sequence.times_s + np.where(np.arange(71) < 41, 0, 60.0)
    found = phases_of(replace(data, sequence=replace(data.sequence, times_s=times_s)))
    assert np.flatnonzero(np.isfinite(found)).tolist() == list(range(8, 33))


def test_a_breath_hold_has_no_breaths_beside_what_moved_before(rng: np.random.Generator) -> None:
    hold, times_s = rng.normal(0, 0.05, 60), PERIOD * np.arange(60)
    assert breaths(hold, times_s).length_s < LENGTH * PERIOD
    found = breaths(hold, times_s, most=10.0)
    assert np.isnan(found.length_s)
    assert found.depth_mm < 0.5
    shallow = breaths(breathing(60, depth=1.5), times_s, most=10.0)
    assert shallow.length_s == LENGTH * PERIOD


@pytest.mark.parametrize(("frames", "is_breath"), [(16, True), (17, False), (60, False)])
def test_a_breath_that_is_held_between_breaths_has_no_phases(
    frames: int, is_breath: bool, rng: np.random.Generator
) -> None:
    whole = breathing(65)
    hold = whole[28] + rng.normal(0, 0.05, frames)  # at its lowest; from maximum to maximum it is 8 frames longer
    found = breathing_phase(np.concatenate([whole[:28], hold, whole[28:]]))
    assert np.flatnonzero(found == 0).tolist() == [
        8,
        16,
        *([24] if is_breath else []),
        *(frames + np.arange(32, 49, 8)),
    ]
    assert (found == 1).sum() == (1 if is_breath else 2)
    assert np.isnan(found[25 : 32 + frames]).all() != is_breath
