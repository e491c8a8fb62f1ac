"""How often radii held, over time and by breathing phase, as the report has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cinecast.report.breathing import phases_of
from cinecast.report.coverage import coverage_of, with_worst_phase, with_worst_target_phase
from cinecast.report.data import ReportBands, ReportData, ReportEntry
from cinecast.report.score_table import WORST_LANDMARK_PHASE, WORST_PHASE, score_rows
from cinecast.report.target_data import SHOWN_METRICS
from cinecast.report.target_table import WORST_CENTROID_PHASE, target_rows
from helpers.report_data import Simulated, simulated_report
from helpers.report_targets import NAME, with_target


def bands(pixels: list[list[list[list[float]]]]) -> ReportBands:
    return ReportBands(0.9, np.array(pixels), np.empty((1, 1, 1)))


def breathing_fast(data: ReportData) -> ReportData:
    """Return a run whose breaths last four frames, so that a test span of nine holds a whole one."""
    (model,) = data.models
    weights = np.zeros_like(model.weights)
    weights[:, 0] = np.cos(np.pi / 2 * np.arange(len(weights)))
    return replace(data, models=(replace(model, weights=weights),))


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


def test_a_part_of_a_breath_has_no_worst_phase(rng: np.random.Generator) -> None:
    # The last whole breath ends with frame 27, so that of the test span its last third alone has phases.
    data = with_target(simulated_report(rng, Simulated(frame_count=32)))
    phases = phases_of(data)[23:]
    np.testing.assert_allclose(phases[:5], np.arange(8, 13) / 12)
    assert np.isnan(phases[5:]).all()

    def held_there_alone(entry: ReportEntry) -> ReportEntry:
        (target,) = entry.targets
        assert target is not None
        errors = target.scores["measured"][..., 0]
        radius = np.where(np.arange(9) < 5, errors + 1, errors - 0.1)
        bands = entry.bands and replace(entry.bands, pixels=entry.bands.pixels.copy())
        if bands:
            bands.pixels[..., 0] = (np.arange(9) < 5)[:, np.newaxis]
        return replace(entry, bands=bands, targets=(replace(target, radius_mm={"measured": radius}),))

    data = replace(data, entries=tuple(map(held_there_alone, data.entries)))
    # It would be 1, where the mean over the span is 5 of 9.
    assert not any(WORST_PHASE in row.cells for row in with_worst_phase(score_rows(data.scores), data))
    rows = with_worst_target_phase(target_rows(data.scores, [NAME]), data)
    assert len(rows) > 1
    assert not any(WORST_CENTROID_PHASE in row.cells for row in rows)


def test_landmarks_have_a_coverage_of_their_own_in_all_rows(rng: np.random.Generator) -> None:
    data = simulated_report(rng, Simulated(frame_count=60, test_count=36))
    inside = (np.arange(36) % 12 < 6).astype(float)  # in half of each breath, which begins at frame 27
    own = np.stack([np.stack([inside, np.full(36, 2.0)], axis=-1)] * 3)

    def with_landmarks(entry: ReportEntry) -> ReportEntry:
        bands = entry.bands and replace(entry.bands, landmarks=own[: len(entry.bands.pixels)])
        return replace(entry, bands=bands)

    entries = tuple(with_landmarks(entry) for entry in data.entries)
    entry = next(each for each in entries if each.bands is not None)
    assert entry.bands is not None
    assert entry.bands.names(entry.regions) == (*entry.regions, "landmarks")
    found = coverage_of(entry.bands, np.arange(36) % 12 / 12)
    assert found.over_time.shape == (2, len(entry.regions) + 1, 36)
    np.testing.assert_allclose(found.by_phase[:, -1], [[1, 1, 0, 0], [2, 2, 2, 2]])
    rows = with_worst_phase(score_rows(data.scores), replace(data, entries=entries))
    known = [row for row in rows if WORST_LANDMARK_PHASE in row.cells]
    assert {row.region for row in known} == {"image", "roi"}
    assert {row.value(WORST_LANDMARK_PHASE) for row in known} == {0.0}


def test_the_table_of_targets_has_the_worst_phase_of_their_centroids(rng: np.random.Generator) -> None:
    data = breathing_fast(with_target(simulated_report(rng, Simulated(frame_count=32))))
    assert not any(WORST_CENTROID_PHASE in row.cells for row in with_worst_target_phase(target_rows([], [NAME]), data))

    def with_radius(entry: ReportEntry) -> ReportEntry:
        (target,) = entry.targets
        assert target is not None
        errors = target.scores["measured"][..., 0]
        radius = np.where(np.arange(9) < 4, errors + 1, errors - 0.1)  # holds in the first four frames
        radius[:, 8] = np.nan
        return replace(entry, targets=(replace(target, radius_mm={"measured": radius}),))

    known = replace(data, entries=tuple(map(with_radius, data.entries)))
    rows = with_worst_target_phase(target_rows(known.scores, [NAME]), known)
    phases = phases_of(known)[known.sequence.split.test_frames.start :]
    parts = np.minimum(np.floor(phases * 4), 3)
    whole = np.isfinite(parts) & (np.arange(9) != 8)
    assert set(parts[whole]) == {0, 1, 2, 3}
    shares = [(np.arange(9) < 4)[whole & (parts == part)].mean() for part in np.unique(parts[whole])]
    values = {row.value(WORST_CENTROID_PHASE) for row in rows if row.horizon_frames}
    assert {value for value in values if np.isfinite(value)} == {min(shares)}


def test_a_run_that_diverged_does_not_count_for_the_centroids(rng: np.random.Generator) -> None:
    data = breathing_fast(with_target(simulated_report(rng, Simulated(frame_count=32))))

    def of_two_runs(entry: ReportEntry, diverged: int) -> ReportEntry:
        (target,) = entry.targets
        assert target is not None
        errors, known = np.ones((2, 9, len(SHOWN_METRICS))), np.ones((2, 9), dtype=bool)
        errors[1, diverged:], known[1, diverged:] = np.nan, False
        radius = np.array([np.full(9, 2.0), np.full(9, 0.5)])  # the second run never holds
        two = replace(target, known=known, scores={"measured": errors}, radius_mm={"measured": radius})
        return replace(entry, targets=(two,))

    def worst(diverged: int) -> set[float]:
        known = replace(data, entries=tuple(of_two_runs(entry, diverged) for entry in data.entries))
        rows = with_worst_target_phase(target_rows(known.scores, [NAME]), known)
        return {value for row in rows if np.isfinite(value := row.value(WORST_CENTROID_PHASE))}

    assert worst(9) == {0.5}
    assert worst(8) == {1.0}
