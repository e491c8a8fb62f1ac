"""The score stage on arrays small enough to know the answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.landmarks.landmarks import Landmarks
from cinecast.motion import MotionModel
from cinecast.motion.drift import ForecastMotion
from cinecast.score.frame_scores import FRAME_METRICS, summarise_frames
from cinecast.score.scoring import Score, Truth, grey_range_of_test_span, score_series
from cinecast.sequence import Roi, Sequence, Split
from helpers import oracles
from helpers.scored_images import score_images

H, W = 16, 20
SPACING = (2.0, 0.5)


@pytest.fixture
def truth(rng: np.random.Generator) -> Truth:
    """Ten frames whose DVF is one mode exactly: a shift by (3, 4) pixels per unit of weight."""
    sequence = Sequence(
        "lung",
        rng.integers(0, 200, (10, H, W)).astype(np.uint8),
        0.5 * np.arange(10),
        SPACING,
        Split(4, 6, 10),
        roi=Roi((2, 14), (3, 17)),
    )
    mode = np.broadcast_to(np.array([3.0, 4.0]), (1, H, W, 2))
    model = MotionModel(np.zeros((H, W, 2)), mode, np.ones(1))
    weights = rng.standard_normal((10, 1))
    dvf = weights[:, :, None, None] * np.broadcast_to([3.0, 4.0], (H, W, 2))
    return Truth(sequence, dvf, ForecastMotion(model, 1), weights, grey_range_of_test_span(sequence))


def predicted(truth: Truth) -> NDArray[np.uint8]:
    return np.asarray(truth.sequence.frames[6:])


def value(rows: list[Score], region: str, metric: str) -> Score:
    (row,) = [row for row in rows if (row.region, row.metric) == (region, metric)]
    assert row.against == "measured"
    return row


def test_the_truth_itself_scores_perfectly(truth: Truth) -> None:
    forecasts = truth.weights[np.newaxis]
    rows = summarise_frames(truth, score_images(truth, forecasts, [predicted(truth)]).errors)
    for region in ("image", "roi"):
        for metric in FRAME_METRICS:
            expected = 1.0 if metric in ("ssim", "cross_correlation") else 0.0
            assert value(rows, region, metric).value == pytest.approx(expected, abs=1e-12)
    assert len(rows) == 2 * len(FRAME_METRICS)
    series = score_series(truth, forecasts, np.full(10, np.nan))
    assert [(row.metric, row.value) for row in series[:2]] == [("weights_nrmse", 0.0), ("weights_rmse", 0.0)]
    assert "step_time_ms" not in {row.metric for row in series}


def test_a_frame_that_is_left_out_counts_in_no_score(truth: Truth) -> None:
    forecasts = truth.weights[np.newaxis] + 0.1
    images = [255 - predicted(truth)]
    wild = replace(truth, dvf=truth.dvf.copy(), weights=truth.weights.copy(), left_out=frozenset({1, 8}))
    wild.dvf[8] += 1000.0
    wild.weights[8] += 1000.0
    errors = score_images(wild, forecasts, images).errors
    plain = score_images(truth, forecasts, images).errors
    assert np.isnan(errors[:, 2]).all()
    np.testing.assert_array_equal(np.delete(errors, 2, axis=1), np.delete(plain, 2, axis=1))
    for row in summarise_frames(wild, errors):
        r, m = list(truth.regions).index(row.region), FRAME_METRICS.index(row.metric)
        assert row.value == pytest.approx(plain[0, [0, 1, 3], r, m].mean())
    series = {row.metric: row.value for row in score_series(wild, forecasts, np.full(10, np.nan))}
    assert series["weights_rmse"] == pytest.approx(0.1)


def test_the_geometric_error_is_in_mm_of_each_axis(truth: Truth) -> None:
    forecasts = truth.weights[np.newaxis] + 1.0  # off by (3, 4) pixels = (1.5, 8) mm everywhere
    rows = summarise_frames(truth, score_images(truth, forecasts, [predicted(truth)]).errors)
    for region in ("image", "roi"):
        for metric in ("dvf_error_mean_mm", "dvf_error_p95_mm", "dvf_error_max_mm"):
            assert value(rows, region, metric).value == pytest.approx(np.hypot(1.5, 8.0), rel=1e-12)
    assert value(score_series(truth, forecasts, np.ones(10)), "image", "weights_rmse").value == pytest.approx(1.0)


def test_runs_are_averaged_with_their_half_range(truth: Truth) -> None:
    forecasts = truth.weights[np.newaxis] + np.array([0.5, 1.0, 1.5])[:, None, None]
    scores = score_images(truth, forecasts, [predicted(truth)] * 3).errors
    row = value(summarise_frames(truth, scores), "image", "dvf_error_mean_mm")
    length = np.hypot(1.5, 8.0)
    assert row.value == pytest.approx(length)
    assert row.half_range_95 == pytest.approx(1.96 * 0.5 * length / np.sqrt(3))
    assert row.runs == 3


def test_a_run_that_diverged_is_left_out_and_counted(truth: Truth) -> None:
    forecasts = truth.weights[np.newaxis] + np.array([1.0, 0.0])[:, None, None]
    forecasts[1, 8:] = np.nan
    scores = score_images(truth, forecasts, [predicted(truth)] * 2).errors
    assert np.isnan(scores[1, 2:]).all()
    assert np.isfinite(scores[1, :2]).all()
    row = value(summarise_frames(truth, scores), "image", "dvf_error_mean_mm")
    assert (row.value, row.runs) == (pytest.approx(np.hypot(1.5, 8.0)), 1)
    assert np.isnan(row.half_range_95)
    series = value(score_series(truth, forecasts, np.ones(10)), "image", "weights_rmse")
    assert (series.value, series.runs) == (pytest.approx(1.0), 1)


def test_where_the_measured_weights_do_not_change_there_is_no_nrmse_and_all_else_is_scored(truth: Truth) -> None:
    still = replace(truth, weights=np.where(np.arange(10)[:, np.newaxis] < 6, truth.weights, 2.0))
    rows = score_series(still, still.weights[np.newaxis] + 3.0, np.ones(10))
    assert {row.metric: row.value for row in rows} == {"weights_rmse": 3.0, "weights_jitter": 0.0, "step_time_ms": 1.0}


def test_a_test_span_of_one_frame_has_no_nrmse_and_no_jitter(truth: Truth) -> None:
    one = replace(truth, sequence=replace(truth.sequence, split=Split(4, 6, 7)))
    rows = score_series(one, one.weights[np.newaxis] + 3.0, np.ones(10))
    assert {row.metric: row.value for row in rows} == {"weights_rmse": pytest.approx(3.0), "step_time_ms": 1.0}


def test_the_time_per_step_is_the_median_of_the_steps_taken(truth: Truth) -> None:
    times = np.array([np.nan, np.nan, 1.0, 2.0, 3.0, 100.0, np.nan, 2.5, 2.2, 2.1])
    row = value(score_series(truth, truth.weights[np.newaxis], times), "image", "step_time_ms")
    assert row.value == np.median([1.0, 2.0, 3.0, 100.0, 2.5, 2.2, 2.1])


def test_only_the_test_span_counts(truth: Truth) -> None:
    forecasts = truth.weights[np.newaxis].copy()
    forecasts[:, :6] = 1e6
    rows = summarise_frames(truth, score_images(truth, forecasts, [predicted(truth)]).errors)
    assert value(rows, "image", "dvf_error_max_mm").value == 0
    assert value(score_series(truth, forecasts, np.ones(10)), "image", "weights_jitter").value < 100


def test_a_sequence_without_roi_has_one_region(truth: Truth) -> None:
    source = truth.sequence
    plain = Sequence("lung", source.frames, source.times_s, SPACING, source.split)
    without = Truth(plain, truth.dvf, truth.motion, truth.weights, truth.data_range)
    assert list(without.regions) == ["image"]
    scores = score_images(without, truth.weights[np.newaxis], [predicted(truth)]).errors
    assert scores.shape == (1, 4, 1, len(FRAME_METRICS))


def test_the_range_of_grey_values_is_that_of_the_real_test_frames(truth: Truth) -> None:
    frames = np.clip(truth.sequence.frames, 0, 255)
    frames[6:] = 40 + frames[6:] % 150
    frames[6, 0, 0], frames[9, 3, 2], frames[[2, 5], 1, 1] = 35, 195, (1, 250)
    sequence = replace(truth.sequence, frames=frames)
    assert grey_range_of_test_span(sequence) == 195 - 35
    # Frames 6 to 9 are the test span: without frame 6, or all but it.
    others = frames[[7, 8, 9]]
    assert grey_range_of_test_span(sequence, {6, 2}) == 195 - others.min() < 195 - 35
    assert grey_range_of_test_span(sequence, {7, 8, 9}) == frames[6].max() - 35
    assert np.isnan(grey_range_of_test_span(sequence, range(10)))


def test_errors_of_weights_are_held_against_how_much_the_measured_ones_vary(truth: Truth) -> None:
    weights = np.array([9.0, 9, 9, 9, 9, 9, 1, 5, 2, 4])[:, np.newaxis]  # mean 3, squared deviations 4 + 4 + 1 + 1
    forecasts = weights + np.array([0, 0, 0, 0, 0, 0, 1, -2, 0, 2])[:, np.newaxis]  # 2, 3, 2, 6
    rows = score_series(replace(truth, weights=weights), forecasts[np.newaxis], np.ones(10))
    assert {row.metric: row.value for row in rows} == {
        "weights_nrmse": pytest.approx(3 / np.sqrt(10)),
        "weights_rmse": pytest.approx(1.5),
        "weights_jitter": pytest.approx((1 + 1 + 4) / 3),
        "step_time_ms": 1.0,
    }
    assert [(row.region, row.against, row.runs) for row in rows] == [("image", "measured", 1)] * 4
    assert np.isnan([row.half_range_95 for row in rows]).all()


@pytest.mark.parametrize(
    ("missing_before", "without", "steps"),
    [
        (6, frozenset[int](), [1, 3, 4, 5]),  # frames 4 to 5 and 6 to 9
        (6, frozenset({6}), [1, 4, 5]),
        (6, frozenset({6, 7}), [1, 5]),
        (6, frozenset({8}), [1, 3]),  # a single frame after it has none to be compared with
        (4, frozenset[int](), [1, 2, 3, 4, 5]),
        (4, frozenset({4, 5, 7, 9}), []),
    ],
)
def test_jitter_is_over_frames_that_follow_one_another(
    truth: Truth, missing_before: int, without: frozenset[int], steps: list[int]
) -> None:
    times = 0.5 * np.arange(10)
    times[missing_before:] += 0.5
    split = replace(truth.sequence, times_s=times, split=Split(2, 4, 10))
    gappy = replace(truth, sequence=split, without_forecast=without)
    forecasts = np.cumsum([0, 9, 9, 9, 9, 1, 2, 3, 4, 5.0])[np.newaxis, :, np.newaxis]  # step k leads to frame 4 + k
    found = {row.metric: row.value for row in score_series(gappy, forecasts, np.ones(10))}
    assert found.get("weights_jitter") == (pytest.approx(np.mean(steps)) if steps else None)


def test_of_a_frame_without_forecast_no_picture_is_scored(truth: Truth) -> None:
    forecasts = truth.weights[np.newaxis].copy()
    forecasts[0, 7] = np.nan  # between two that have one
    errors = score_images(truth, forecasts, [predicted(truth)]).errors
    assert np.isnan(errors[0, 1]).all()
    assert np.isfinite(errors[0, [0, 2, 3]]).all()


def test_likeness_counts_from_black(truth: Truth, rng: np.random.Generator) -> None:
    frames = truth.sequence.frames.astype(np.int16) - 50
    images = frames[6:] + rng.integers(-20, 20, (4, H, W)).astype(np.int16)
    below = replace(truth, sequence=replace(truth.sequence, frames=frames), black=-50.0)
    errors = score_images(below, truth.weights[np.newaxis], [images]).errors
    for t in range(4):
        expected = oracles.ssim(images[t] + 50.0, frames[6 + t] + 50.0, data_range=truth.data_range)
        assert errors[0, t, 0, FRAME_METRICS.index("ssim")] == pytest.approx(expected, abs=1e-9)


def test_errors_at_landmarks_near_the_far_corner_are_those_of_the_motion_there_in_mm(truth: Truth) -> None:
    grid = np.stack(np.broadcast_arrays(np.arange(W), 10 * np.arange(H)[:, np.newaxis]), axis=-1).astype(float)
    model = MotionModel(grid, truth.motion.model.modes, np.ones(1))
    places, found = np.array([[18.5, 14.25], [2.0, 15.0]]), np.zeros((2, 10, 2))
    found[0] = (18.0, 142.0)
    found[1, 8] = np.nan
    followed = Landmarks(("a", "b"), places, found, np.ones((2, 10)))
    marked = replace(truth, motion=ForecastMotion(model, 1), landmarks=followed)
    off = score_images(marked, truth.weights[np.newaxis], [predicted(truth)]).landmarks[0]
    for t, (weight,) in enumerate(truth.weights[6:]):
        np.testing.assert_allclose(off[t, 0], [0.5 * (0.5 + 3 * weight), 2.0 * (0.5 + 4 * weight)])
        expected = [0.5 * (2 + 3 * weight), 2.0 * (150 + 4 * weight)]
        np.testing.assert_allclose(off[t, 1], [np.nan, np.nan] if t == 2 else expected)
