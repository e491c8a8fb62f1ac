"""How often radii held, over time and by breathing phase, as the report has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cinecast.report.coverage import coverage_of, with_worst_phase
from cinecast.report.data import ReportBands
from cinecast.report.score_table import WORST_PHASE, score_rows
from helpers.report_data import Simulated, simulated_report


def bands(pixels: list[list[list[list[float]]]]) -> ReportBands:
    return ReportBands(0.9, np.array(pixels), np.empty((1, 1, 1)))


def test_coverage_is_the_mean_over_runs_by_region_and_phase() -> None:
    # Two runs, four frames, one region: share inside and radius.
    first = [[[np.nan, np.nan]], [[0.5, 1.0]], [[1.0, 2.0]], [[0.0, 3.0]]]
    second = [[[np.nan, np.nan]], [[0.7, 3.0]], [[0.8, 4.0]], [[0.4, 5.0]]]
    found = coverage_of(bands([first, second]), np.array([0.1, 0.2, 0.3, np.nan]))
    np.testing.assert_allclose(found.over_time[:, 0], [[np.nan, 0.6, 0.9, 0.2], [np.nan, 2.0, 3.0, 4.0]])
    np.testing.assert_allclose(found.by_phase[:, 0], [[0.6, 0.9, np.nan, np.nan], [2.0, 3.0, np.nan, np.nan]])


def test_a_run_that_diverged_counts_for_nothing() -> None:
    whole, lost = [[[0.5, 1.0]], [[0.7, 2.0]]], [[[0.1, 9.0]], [[np.nan, np.nan]]]
    found = coverage_of(bands([whole, lost]), np.array([0.0, 0.5]))
    np.testing.assert_allclose(found.over_time[:, 0], [[0.5, 0.7], [1.0, 2.0]])
    nothing = coverage_of(bands([lost]), np.array([0.0, 0.5]))
    assert np.isnan(nothing.over_time).all()
    assert np.isnan(nothing.by_phase).all()


def test_the_table_has_the_worst_phase_of_what_has_bands(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(frame_count=60, test_count=36))
    entries = tuple(replace(entry, bands=None) if entry.method == "linear" else entry for entry in data.entries)
    rows = with_worst_phase(score_rows(data.scores), replace(data, entries=entries))
    assert {row.method for row in rows if WORST_PHASE in row.cells} == {"persistence", "snap1"}
    row = next(r for r in rows if (r.method, r.horizon_frames, r.region) == ("snap1", 3, "roi"))
    entry = next(e for e in entries if e.method == "snap1" and e.horizon.frames == 3)
    assert entry.bands is not None
    inside = entry.bands.pixels[:, :28, 1, 0].mean(axis=0)  # frames 24 to 51 lie in whole breaths
    quarters = np.minimum((np.append((np.arange(24, 51) - 3) % 12, 12) / 12 * 4).astype(int), 3)
    assert row.value(WORST_PHASE) == pytest.approx(min(inside[quarters == q].mean() for q in range(4)))


def test_without_a_whole_breath_there_is_no_worst_phase(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(frame_count=16, test_count=3))
    assert not any(WORST_PHASE in row.cells for row in with_worst_phase(score_rows(data.scores), data))
