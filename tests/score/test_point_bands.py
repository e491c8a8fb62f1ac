"""Radii at landmarks and of targets: by errors that are known, in parts, and only from what has come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.landmarks.landmarks import Landmarks
from cinecast.motion import MotionModel
from cinecast.motion.drift import ForecastMotion
from cinecast.score import mean_by_phase
from cinecast.score.frame_scores import FrameScores
from cinecast.score.point_bands import (
    TargetCentroids,
    centroid_radii,
    landmark_coverage,
    point_radii,
    summarise_centroid_bands,
    summarise_landmark_bands,
)
from cinecast.score.scoring import Truth
from cinecast.sequence import Sequence, Split
from cinecast.target import MaskPropagator
from cinecast_models import Conditions
from helpers.scored_images import score_images

Array = NDArray[np.float64]
T, H, W, FIRST, HORIZON, BREATH = 900, 58, 9, 60, 2, 20
SPACING = (2.0, 0.5)
SPLIT = Split(60, 100, T)
TARGET = slice(25, 33), slice(1, 4)
PLACES = np.array([[1.0, 2.0], [3.5, 1.25], [6.0, 5.0]])


def breathing(seed: int = 0) -> tuple[Truth, Array]:
    """Motion up and down; forecasts are off by noise that is five times as large in one half of the breath."""
    rng = np.random.default_rng(seed)
    mode = np.zeros((1, H, W, 2))
    mode[..., 1] = 1 + 0.2 * np.arange(W)
    model = MotionModel(np.zeros((H, W, 2)), mode, np.ones(1))
    phase = 2 * np.pi * np.arange(T) / BREATH
    weights = 6 * np.cos(phase)[:, np.newaxis] + rng.normal(0, 0.05, (T, 1))
    dvf = weights[:, :, None, None] * mode[0]
    size = np.where(np.sin(phase) > 0, 1.0, 0.2)[:, np.newaxis]
    forecasts = weights + size * rng.normal(size=(1, T, 1))
    forecasts[:, :FIRST] = np.nan
    sequence = Sequence("lung", rng.integers(0, 9, (T, H, W)), 0.2 * np.arange(T), SPACING, SPLIT)
    found = np.stack([np.zeros((T, 3)), weights * (1 + 0.2 * PLACES[:, 0])], axis=-1).transpose(1, 0, 2)
    found += rng.normal(0, 0.02, found.shape)
    found[1, rng.uniform(size=T) < 0.2] = np.nan  # not followed in each frame
    landmarks = Landmarks(("a", "b", "c"), PLACES, found, np.ones((3, T)))
    truth = Truth(sequence, dvf, ForecastMotion(model, HORIZON), weights, 9.0, landmarks=landmarks)
    mask = np.zeros((H, W), dtype=bool)
    mask[TARGET] = True
    return replace(truth, targets=(MaskPropagator(mask),)), forecasts


def centroids_by_hand(weights: Array) -> Array:
    """Row of the target's centroid, of pixels whose centres lie in it; each of its columns moves by its own way."""
    rows, columns = np.arange(H), np.arange(W)[TARGET[1]]
    moved = weights[:, np.newaxis, np.newaxis] * (1 + 0.2 * columns)
    inside = np.abs(rows[:, np.newaxis] - moved - (TARGET[0].start + TARGET[0].stop - 1) / 2) < 4
    return np.asarray((inside * rows[:, np.newaxis]).sum(axis=(1, 2)) / inside.sum(axis=(1, 2)))


def scores_of(truth: Truth, forecasts: Array) -> FrameScores:
    return score_images(truth, forecasts, [truth.sequence.frames[SPLIT.validation_end :]], level=0.9)


def test_landmarks_lie_within_their_radius_as_often_as_asked_in_each_quarter_of_the_breath() -> None:
    truth, forecasts = breathing()
    scores = scores_of(truth, forecasts)
    lengths = np.hypot(scores.landmarks[..., 0], scores.landmarks[..., 1])[0]
    followed = np.isfinite(lengths)
    assert not followed[:, 1].all()
    inside = np.where(followed, lengths <= scores.landmark_radii[0], np.nan)
    np.testing.assert_allclose(np.nanmean(inside, axis=0), 0.9, atol=0.02)
    phases = np.arange(SPLIT.validation_end, T) % BREATH / BREATH
    quarters = mean_by_phase(landmark_coverage(scores.landmarks, scores.landmark_radii)[0, :, 0], phases, 4)
    assert 0.86 <= quarters.min() <= quarters.max() <= 0.94
    radii = mean_by_phase(scores.landmark_radii[0].mean(axis=1), phases, 4)
    assert radii[:2].min() > 2 * radii[2:].max()  # they know where the errors are large


def test_targets_lie_within_their_radius_as_often_as_asked_in_each_quarter_of_the_breath() -> None:
    truth, forecasts = breathing(1)
    radii = scores_of(truth, forecasts).target_radii[0, :, 0]
    span = slice(SPLIT.validation_end, T)
    measured = centroids_by_hand(truth.weights[span, 0])
    errors = 2.0 * np.abs(centroids_by_hand(forecasts[0, span, 0]) - measured)
    places = TargetCentroids(truth.targets, SPACING)
    found = [places.places(truth.dvf[t])[0, 0] / 2.0 for t in range(SPLIT.validation_end, T)]
    np.testing.assert_allclose(found, measured, atol=0.1)  # a pixel whose centre lies on the edge is either
    assert np.median(np.abs(found - measured)) < 1e-9
    phases = np.arange(SPLIT.validation_end, T) % BREATH / BREATH
    quarters = mean_by_phase((errors <= radii).astype(float), phases, 4)
    assert 0.86 <= quarters.min() <= quarters.max() <= 0.94


def test_errors_smaller_than_a_pixel_are_those_of_masks_which_move_in_steps() -> None:
    """The mean motion is off by parts of a pixel; a mask by a whole pixel in a quarter of the frames, else by none."""
    truth, forecasts = breathing(1)
    forecasts = truth.weights + 0.3 * np.random.default_rng(5).normal(size=(1, T, 1))
    forecasts[:, :FIRST] = np.nan
    mode = np.zeros((1, H, W, 2))
    mode[..., 1] = 1
    model = MotionModel(np.zeros((H, W, 2)), mode, np.ones(1))
    truth = replace(truth, dvf=truth.weights[:, :, None, None] * mode[0], motion=ForecastMotion(model, HORIZON))
    radii = scores_of(truth, forecasts).target_radii[0, :, 0]
    span = slice(SPLIT.validation_end, T)
    errors = 2.0 * np.abs(np.rint(forecasts[0, span, 0]) - np.rint(truth.weights[span, 0]))
    assert 0.2 < (errors > 0).mean() < 0.3
    assert 0.88 < (errors <= radii).mean() < 0.94


def test_no_frame_moves_a_radius_that_was_issued_before_it_came() -> None:
    truth, forecasts = breathing(2)
    at = 300
    assert truth.landmarks is not None
    dvf, found = truth.dvf.copy(), truth.landmarks.displacements.copy()
    dvf[at:] *= -3
    found[:, at:] *= -3
    changed = replace(truth, dvf=dvf, landmarks=replace(truth.landmarks, displacements=found))
    before, after = scores_of(truth, forecasts), scores_of(changed, forecasts)
    same = at + HORIZON - SPLIT.validation_end
    for name in ("landmark_radii", "target_radii"):
        one, other = getattr(before, name), getattr(after, name)
        np.testing.assert_array_equal(one[:, :same], other[:, :same])
        assert (one[:, same] != other[:, same]).any()


def test_nothing_is_learned_from_frames_that_are_left_out() -> None:
    truth, forecasts = breathing(3)
    assert truth.landmarks is not None
    left_out = frozenset({80, 200})
    dvf, found = truth.dvf.copy(), truth.landmarks.displacements.copy()
    dvf[sorted(left_out)] += 1e3
    found[:, sorted(left_out)] += 1e3
    wild = replace(truth, dvf=dvf, landmarks=replace(truth.landmarks, displacements=found), left_out=left_out)
    one, other = scores_of(wild, forecasts), scores_of(replace(truth, left_out=left_out), forecasts)
    np.testing.assert_array_equal(one.landmark_radii, other.landmark_radii)
    np.testing.assert_array_equal(one.target_radii, other.target_radii)


def test_scores_are_over_what_was_followed_and_has_a_radius() -> None:
    truth, _ = breathing()
    assert truth.landmarks is not None
    count = len(truth.test_frames)
    errors, radii = np.zeros((2, count, 3, 2)), np.full((2, count, 3), 2.0)
    errors[0, ::4, 0], errors[0, 2::4, 0] = (1.2, 1.7), (1.7, 1.2)  # 2.08 mm, though neither part is 2 mm
    errors[1] = 1.7, 1.0
    radii[:, 0] = np.nan
    errors[:, ~np.isfinite(truth.landmarks.displacements[:, SPLIT.validation_end :, 0]).T] = np.nan
    inside, radius = summarise_landmark_bands(truth, errors, radii)
    assert [(row.region, row.against, row.runs) for row in (inside, radius)] == [("landmarks", "landmarks", 2)] * 2
    known = np.isfinite(errors[0, 1:, :, 0])
    missed = known[1::2, 0].sum() / known.sum()
    assert inside.value == pytest.approx(1 - missed / 2)
    assert radius.value == 2.0
    covered = landmark_coverage(errors, radii)
    assert np.isnan(covered[:, 0]).all()
    np.testing.assert_allclose(covered[0, 2, 0], 1 - 1 / known[1].sum())
    errors[:, 5] = np.nan
    gap = replace(truth, without_forecast=frozenset({SPLIT.validation_end + 5}))
    assert [row.runs for row in summarise_landmark_bands(gap, errors, radii)] == [2, 2]
    assert summarise_landmark_bands(truth, errors, radii) == []
    errors[:, 5] = 0.0
    errors[1, -3:] = np.nan  # a run that diverged
    assert summarise_landmark_bands(truth, errors, radii)[0].runs == 1
    assert summarise_landmark_bands(replace(truth, landmarks=None), errors, radii) == []
    assert summarise_landmark_bands(truth, errors, np.full_like(radii, np.nan)) == []


def test_landmarks_are_steered_together_and_each_target_by_its_own_errors_alone(rng: np.random.Generator) -> None:
    errors = np.abs(rng.normal(size=(60, 2))) * [1.0, 5.0]
    places = np.sin(np.arange(70)[:, np.newaxis] / 5 + [0.0, 1.0, 2.0])
    asked: Any = {"horizon": 2, "level": 0.8, "conditions": Conditions(np.ones(70), places)}
    landmarks, targets = point_radii(errors, errors, 10, **asked)
    alone = [point_radii(errors, errors[:, [i]], 10, **asked)[1] for i in (0, 1)]
    np.testing.assert_array_equal(targets, np.concatenate(alone, axis=1))
    assert not np.array_equal(landmarks, targets, equal_nan=True)
    assert point_radii(errors, errors[:, :0], 10, **asked)[1].shape == (60, 0)


def test_coverage_and_radius_of_a_frame_are_over_the_landmarks_that_have_both() -> None:
    unknown = [np.nan, np.nan]
    differences = np.array([[[[3.0, 4.0], [0.0, 1.0], unknown], [unknown, [6.0, 8.0], [0.0, 0.0]]]])
    radii = np.array([[[5.0, 0.5, 9.0], [1.0, 10.0, np.nan]]])
    np.testing.assert_allclose(landmark_coverage(differences, radii), [[[0.5, 2.75], [1.0, 10.0]]])


def test_the_means_of_three_runs_are_those_of_each() -> None:
    truth, _ = breathing()
    assert truth.landmarks is not None
    errors, radii = np.zeros((3, len(truth.test_frames), 3, 2)), np.ones((3, len(truth.test_frames), 3))
    errors[:, :, :, 0], radii[:] = np.array([1.0, 2.0, 3.0])[:, None, None], np.array([2.0, 1.0, 6.0])[:, None, None]
    inside, radius = summarise_landmark_bands(truth, errors, radii)
    assert (inside.value, radius.value, inside.runs) == (pytest.approx(2 / 3), 3.0, 3)
    assert radius.half_range_95 == pytest.approx(1.96 * np.std([2.0, 1.0, 6.0], ddof=1) / np.sqrt(3))
    inside, radius = summarise_centroid_bands("target:t", "labels", errors[:, :, 0, 0], radii[:, :, 0])
    assert (inside.value, radius.value, inside.runs) == (pytest.approx(2 / 3), 3.0, 3)


def test_a_run_that_lacks_a_centroid_which_another_has_does_not_count() -> None:
    errors, radii = np.array([[2.0, 3.0, np.nan], [2.0, np.nan, np.nan]]), np.array([[2.0, 2.0, 2.0], [4.0, 4.0, 4.0]])
    inside, radius = summarise_centroid_bands("target:t", "labels", errors, radii)
    assert (inside.value, radius.value, inside.runs) == (0.5, 2.0, 1)


def test_centroids_are_scored_where_there_is_a_reference_and_a_radius() -> None:
    errors, radii = np.array([[1.0, 3.0, np.nan, 1.0]]), np.array([[2.0, 2.0, 2.0, np.nan]])
    inside, radius = summarise_centroid_bands("target:t", "labels", errors, radii)
    assert (inside.region, inside.against, inside.metric) == ("target:t", "labels", "centroid_inside")
    assert (inside.value, radius.value) == (0.5, 2.0)
    assert summarise_centroid_bands("target:t", "labels", errors, np.full_like(radii, np.nan)) == []
    assert summarise_centroid_bands("target:t", "labels", np.zeros((0, 4)), np.zeros((0, 4))) == []


def test_the_centroid_of_a_target_is_told_in_mm_of_each_axis() -> None:
    mask = np.zeros((30, 40), dtype=bool)
    mask[10:13, 20:24] = True
    forecast, measured, outside, unknown = (np.zeros((30, 40, 2)) for _ in range(4))
    forecast[:], measured[:], outside[:], unknown[:] = (3.0, -2.0), (-1.0, 0.3), (100.0, 0.0), np.nan
    centroids = TargetCentroids((MaskPropagator(mask),), SPACING)
    np.testing.assert_array_equal(centroids.places(forecast), [[(11 - 2) * 2.0, (21.5 + 3) * 0.5]])
    # 0.3 pixel is no step of a mask: its pixels are those of before.
    np.testing.assert_array_equal(centroids.places(measured.astype(np.float32)), [[11 * 2.0, (21.5 - 1) * 0.5]])
    found = centroids.between(centroids.places(forecast), centroids.places(measured))
    np.testing.assert_allclose(found, np.hypot(2 * 2.0, 4 * 0.5))
    assert np.isnan(centroids.places(outside)).all()
    assert np.isnan(centroids.between(centroids.places(unknown), centroids.places(measured))).all()
    none = TargetCentroids((), SPACING)
    assert none.between(none.places(forecast), none.places(measured)).shape == (0,)


def test_the_radius_of_a_centroid_is_no_smaller_than_what_a_mask_can_show() -> None:
    found = centroid_radii(np.array([[0.0, 0.5, 1.12], [np.nan, 7.0, 1.13]]), (3.0, 4.0))
    np.testing.assert_allclose(found, [[1.12, 1.12, 1.12], [np.nan, 7.0, 1.13]])
    assert np.isnan(centroid_radii(np.array(np.nan), (3.0, 4.0)))
