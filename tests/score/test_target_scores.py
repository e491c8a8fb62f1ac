"""Scores of targets over frames and runs: numbers of blocks that are moved by known steps, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.frames.masks import Target
from cinecast.score.delivered_dose import d98_ratio
from cinecast.score.mask_scores import MASK_METRICS
from cinecast.score.target_scores import TargetReference, TargetScores, measured_score, score_target, summarise_target
from cinecast.sequence import Sequence, Split
from cinecast.target import MaskSeries, pack

H, W, T, FIRST = 40, 60, 7, 2
SPACING = (2.0, 1.0)
SEQUENCE = Sequence("lung", np.arange(T * H * W).reshape(T, H, W), 0.5 * np.arange(T), SPACING, Split(2, FIRST, T))
NOWHERE = np.zeros((H, W), dtype=bool)


def block(row: int, column: int) -> NDArray[np.bool_]:
    """Return a target of 20 x 25 pixels."""
    mask = NOWHERE.copy()
    mask[row : row + 20, column : column + 25] = True
    return mask


ROWS = [8, 8, 8, 9, 10, 11, 12]
# Frame 4 has no reference; frame 6 is that of the target, and does not count.
LABELS = TargetReference(
    Target("tumour", block(12, 15), 6),
    "labels",
    pack([NOWHERE if t == 4 else block(row, 15) for t, row in enumerate(ROWS)], (H, W)),
    (2, 3, 4, 5),
)
KNOWN = np.ones((2, T - FIRST), dtype=bool)
# The first run is off by a row and three columns in frames 2 and 3, and misses the target in frame 5.
OFF = [block(ROWS[2] + 1, 18), block(ROWS[3] + 1, 18), block(9, 15), NOWHERE, NOWHERE]
FORECASTS = pack([*OFF, *(block(row, 15) for row in ROWS[FIRST:])], (H, W))
RUNS = MaskSeries(FORECASTS.bits.reshape(2, T - FIRST, -1), (H, W))
DICE_OFF = 2 * 19 * 22 / (2 * 20 * 25)
SIDE = max(40 * 2.0, 60 * 1.0)


def scored(known: NDArray[np.bool_] = KNOWN) -> TargetScores:
    return score_target(LABELS, RUNS, known, FIRST, SPACING)


def summary(
    runs: tuple[bool, bool] = (True, True), sequence: Sequence = SEQUENCE, scores: TargetScores | None = None
) -> dict[str, float]:
    rows = summarise_target(scores or scored(), np.array(runs), sequence)
    assert {(row.region, row.against, row.runs) for row in rows} == {("target:tumour", "labels", sum(runs))}
    return {row.metric: row.value for row in rows}


def test_frames_are_scored_against_their_own_reference() -> None:
    dice = scored().values[:, :, MASK_METRICS.index("dice")]
    np.testing.assert_allclose(dice, [[DICE_OFF, DICE_OFF, np.nan, 0.0], [1.0, 1.0, np.nan, 1.0]])
    parts = scored().values[0, :, [MASK_METRICS.index(f"centroid_{axis}_mm") for axis in ("rows", "columns")]]
    np.testing.assert_allclose(parts, [[2.0, 2.0, np.nan, np.nan], [3.0, 3.0, np.nan, np.nan]])


def test_a_frame_of_a_run_without_a_forecast_has_no_score() -> None:
    known = KNOWN.copy()
    known[1, 1] = False
    unknown = np.isnan(scored(known).values).all(axis=2)
    assert unknown.tolist() == [[False, False, True, False], [False, True, True, False]]


def test_means_are_over_the_frames_with_a_reference_and_over_runs() -> None:
    first, both = summary((True, False)), summary()
    assert first["dice"] == pytest.approx(2 * DICE_OFF / 3)
    assert first["centroid_mm"] == pytest.approx((2 * np.hypot(2, 3) + SIDE) / 3)
    assert first["centroid_rows_mm"] == pytest.approx(2.0)  # of the frames in which it is anywhere
    assert first["centroid_columns_mm"] == pytest.approx(3.0)
    assert (first["missed"], first["without_reference"]) == (1, 1)
    assert both["dice"] == pytest.approx((2 * DICE_OFF / 3 + 1) / 2)
    assert both["centroid_columns_mm"] == pytest.approx(1.5)
    assert (both["missed"], both["without_reference"]) == (0.5, 1)
    assert summary((False, True))["centroid_mm"] == 0
    assert list(first)[:5] == ["dice", "hd95_mm", "masd_mm", "surface_mm", "centroid_mm"]


def test_the_dose_is_that_of_the_targets_own_mask_by_errors_in_mm_and_the_region_that_was_scanned() -> None:
    errors = np.array([[2.0, 3.0], [2.0, 3.0], [np.nan, np.nan]])
    ratios = {
        region: d98_ratio(block(12, 15), errors, spacing_mm=SPACING, scanned_region=region) for region in (None, "lung")
    }
    assert summary((True, False))["d98_ratio"] == pytest.approx(ratios[None])
    lung = replace(SEQUENCE, origins={"scanned_region": "lung (case.json)"})
    assert summary((True, False), lung)["d98_ratio"] == pytest.approx(ratios["lung"])
    assert ratios["lung"] != ratios[None]
    assert summary()["d98_ratio"] == pytest.approx((ratios[None] + 1) / 2)


def test_parts_are_along_the_axes_of_the_patient() -> None:
    # Columns go to the back, by 1 mm; rows to the feet, by 2 mm.
    sagittal = np.array([[0.0, 0, 4, 90], [-1.0, 0, 0, 110], [0, -2.0, 0, 130], [0, 0, 0, 1]])
    found = summary((True, False), replace(SEQUENCE, affine=sagittal))
    assert (found["centroid_si_mm"], found["centroid_ap_mm"]) == pytest.approx((2.0, 3.0))
    assert "centroid_rows_mm" not in found


def test_without_a_run_or_a_reference_there_are_no_scores() -> None:
    assert summarise_target(scored(), np.zeros(2, dtype=bool), SEQUENCE) == []
    nowhere = replace(LABELS, masks=pack([NOWHERE] * T, (H, W)))
    assert summarise_target(score_target(nowhere, RUNS, KNOWN, FIRST, SPACING), KNOWN[:, 0], SEQUENCE) == []
    missed = score_target(LABELS, MaskSeries(np.zeros_like(RUNS.bits), (H, W)), KNOWN, FIRST, SPACING)
    found = summary(scores=missed)
    assert (found["dice"], found["centroid_mm"], found["missed"], found["d98_ratio"]) == (0, SIDE, 3, 0)
    assert "centroid_rows_mm" not in found  # nobody knows where it was forecast to be


def test_the_measured_motion_is_scored_as_one_run_of_all_frames() -> None:
    moved = pack([block(row, 14) for row in ROWS], (H, W))
    values = measured_score(LABELS, moved, SPACING).values
    assert values.shape == (1, 4, len(MASK_METRICS))
    np.testing.assert_allclose(values[0, :, MASK_METRICS.index("centroid_columns_mm")], [-1, -1, np.nan, -1])
    np.testing.assert_allclose(values[0, :, MASK_METRICS.index("centroid_rows_mm")], [0, 0, np.nan, 0])
