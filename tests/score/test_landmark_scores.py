"""Errors at landmarks, on motion and landmarks whose errors are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from cinecast.landmarks.landmarks import Landmarks
from cinecast.motion import MotionModel
from cinecast.motion.drift import ForecastMotion
from cinecast.score.frame_scores import summarise_frames
from cinecast.score.landmark_scores import (
    landmark_differences,
    measured_differences,
    per_frame_errors,
    sample_dvf,
    summarise_errors,
)
from cinecast.score.patient_axes import axes_in_plane, axes_of_plane, is_placeholder
from cinecast.score.scoring import Score, Truth
from cinecast.sequence import Sequence, Split
from helpers.scored_images import score_images

H, W, T = 16, 20, 10
SPACING = (2.0, 0.5)  # a row is four times as high as a column is wide
TEST = slice(6, 10)
SAGITTAL = np.array([[0.0, 0, 4, 90], [-0.5, 0, 0, 110], [0, -2.0, 0, 130], [0, 0, 0, 1]])


def sequence(rng: np.random.Generator, affine: NDArray[np.float64] | None = None) -> Sequence:
    frames = rng.integers(0, 200, (T, H, W)).astype(np.uint8)
    return Sequence("lung", frames, 0.5 * np.arange(T), SPACING, Split(4, 6, T), affine=affine)


def uniform(shift: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return DVFs (T, H, W, 2) that move every pixel of frame t by ``shift[t]``."""
    return np.broadcast_to(shift[:, np.newaxis, np.newaxis], (T, H, W, 2)).copy()


def landmarks(displacements: NDArray[np.float64]) -> Landmarks:
    count = len(displacements)
    positions = np.stack([np.linspace(1, W - 2, count), np.linspace(2, H - 3, count)], axis=1)
    return Landmarks(tuple(map(str, range(count))), positions, displacements, np.ones((count, T)))


def truth_of(rng: np.random.Generator, affine: NDArray[np.float64] | None = None) -> Truth:
    """Weights w move everything by (3, 4) w pixels; landmarks by (1, -2) pixels more than that."""
    mode = np.broadcast_to(np.array([3.0, 4.0]), (1, H, W, 2))
    model = MotionModel(np.zeros((H, W, 2)), mode, np.ones(1))
    weights = rng.standard_normal((T, 1))
    moved = weights * np.array([3.0, 4.0])
    found = landmarks(np.broadcast_to(moved + np.array([1.0, -2.0]), (5, T, 2)).copy())
    return Truth(
        sequence(rng, affine), uniform(moved), ForecastMotion(model, 1), weights, data_range=1.0, landmarks=found
    )


def scored(truth: Truth, forecasts: NDArray[np.float64]) -> list[Score]:
    images = [truth.sequence.frames[TEST]] * len(forecasts)
    return summarise_errors(truth, score_images(truth, forecasts, images).landmarks)


def values(rows: list[Score]) -> dict[str, float]:
    assert {(row.region, row.against) for row in rows} <= {("landmarks", "landmarks")}
    return {row.metric: row.value for row in rows}


def test_errors_are_in_mm_of_each_axis(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    rows = scored(truth, truth.weights[np.newaxis])  # off by (-1, 2) pixels = (-0.5, 4) mm
    assert values(rows) == pytest.approx(
        {
            "landmark_error_mean_mm": np.hypot(0.5, 4.0),
            "landmark_error_p95_mm": np.hypot(0.5, 4.0),
            "landmark_error_rows_mm": 4.0,
            "landmark_error_columns_mm": 0.5,
        }
    )
    assert values(scored(truth, truth.weights[np.newaxis] + 0.5))["landmark_error_mean_mm"] == pytest.approx(
        np.hypot(0.25, 8.0)  # (1.5, 2) - (1, -2) pixels
    )


def test_the_oracle_is_off_by_what_the_measured_motion_misses(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    found = truth.landmarks
    assert found is not None
    measured = values(summarise_errors(truth, measured_differences(truth)))
    oracle = replace(truth, motion=replace(truth.motion, horizon=0))
    assert values(scored(oracle, truth.weights[np.newaxis])) == pytest.approx(measured)
    exact = replace(truth, dvf=uniform(found.displacements[0]))
    assert values(summarise_errors(exact, measured_differences(exact)))["landmark_error_mean_mm"] < 1e-12
    # Its own error does not come from the forecast, nor the forecast's from it.
    assert values(scored(exact, truth.weights[np.newaxis])) == pytest.approx(measured)


def test_the_percentile_is_over_landmarks_and_frames_together(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    assert truth.landmarks is not None
    off = rng.uniform(0, 5, (5, T, 2))
    moved = truth.weights * np.array([3.0, 4.0])
    truth = replace(truth, landmarks=replace(truth.landmarks, displacements=moved + off))
    lengths = np.hypot(off[:, TEST, 0] * 0.5, off[:, TEST, 1] * 2.0)
    got = values(scored(truth, truth.weights[np.newaxis]))
    assert got["landmark_error_mean_mm"] == pytest.approx(lengths.mean())
    assert got["landmark_error_p95_mm"] == pytest.approx(np.percentile(lengths, 95))
    assert got["landmark_error_rows_mm"] == pytest.approx(2.0 * off[:, TEST, 1].mean())


def test_frames_in_which_a_landmark_was_not_followed_count_for_no_method(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    assert truth.landmarks is not None
    displacements = truth.landmarks.displacements.copy()
    displacements[0, TEST] += 100.0
    displacements[:, 7] += 100.0
    wrong = replace(truth, landmarks=replace(truth.landmarks, displacements=displacements.copy()))
    displacements[0, TEST] = np.nan
    displacements[:, 7] = np.nan
    lost = replace(truth, landmarks=replace(truth.landmarks, displacements=displacements))
    forecasts = truth.weights[np.newaxis] + 0.5
    assert values(scored(lost, forecasts)) == pytest.approx(values(scored(truth, forecasts)))
    assert values(scored(wrong, forecasts)) != pytest.approx(values(scored(truth, forecasts)))
    per_frame = per_frame_errors(score_images(lost, forecasts, [truth.sequence.frames[TEST]]).landmarks)
    assert np.isnan(per_frame).tolist() == [[False, True, False, False]]
    assert per_frame[0, 0] == pytest.approx(np.hypot(0.25, 8.0))


def test_the_error_of_a_frame_is_the_mean_over_those_that_were_followed() -> None:
    unknown = [np.nan, np.nan]
    differences = np.array([[[[3.0, 4.0], [0.0, 1.0]], [unknown, [6.0, 8.0]], [unknown, unknown], [[0, 0], [0, 0]]]])
    np.testing.assert_array_equal(per_frame_errors(differences), [[3.0, 10.0, np.nan, 0.0]])


def test_frames_that_not_every_method_has_a_forecast_of_do_not_count(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    differences = rng.normal(size=(1, 4, 5, 2))
    differences[:, 2] = np.nan
    assert summarise_errors(truth, differences) == []  # a run that lacks a frame that counts
    lengths = np.hypot(differences[..., 0], differences[..., 1])[0]
    two_left_out = replace(truth, without_forecast=frozenset({2, 7, 8}))
    got = values(summarise_errors(two_left_out, differences))
    assert got["landmark_error_mean_mm"] == pytest.approx(lengths[[0, 3]].mean())
    assert got["landmark_error_p95_mm"] == pytest.approx(np.percentile(lengths[[0, 3]], 95))


def test_places_in_a_faulty_frame_count_for_no_method(rng: np.random.Generator) -> None:
    """One place that was marked by hand in such a frame took the scores of all methods away."""
    truth = truth_of(rng)
    faulty = replace(truth, left_out=frozenset({7}))
    differences = measured_differences(truth)
    differences[:, 1] = np.nan  # as of forecasts of that frame
    kept = np.hypot(*differences[0, [0, 2, 3]].reshape(-1, 2).T)
    for off in (differences, measured_differences(faulty)):
        got = values(summarise_errors(faulty, off))
        assert got["landmark_error_mean_mm"] == pytest.approx(kept.mean())
        assert got["landmark_error_p95_mm"] == pytest.approx(np.percentile(kept, 95))


def test_only_the_test_span_counts(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    assert truth.landmarks is not None
    displacements = truth.landmarks.displacements.copy()
    displacements[:, :6] = 1e6
    moved = replace(truth, landmarks=replace(truth.landmarks, displacements=displacements))
    forecasts = truth.weights[np.newaxis]
    assert values(scored(moved, forecasts)) == values(scored(truth, forecasts))


def test_runs_are_averaged_and_one_that_diverged_is_left_out(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    forecasts = truth.weights[np.newaxis] + np.array([0.5, 1.0, 1.5])[:, None, None]
    errors = [np.hypot(0.5 * (3 * w - 1), 2.0 * (4 * w + 2)) for w in (0.5, 1.0, 1.5)]
    row = scored(truth, forecasts)[0]
    assert (row.value, row.runs) == (pytest.approx(np.mean(errors)), 3)
    assert row.half_range_95 == pytest.approx(1.96 * np.std(errors, ddof=1) / np.sqrt(3))
    forecasts[1, 8:] = np.nan
    row = scored(truth, forecasts)[0]
    assert (row.value, row.runs) == (pytest.approx(np.mean([errors[0], errors[2]])), 2)
    forecasts[:, 8:] = np.nan
    assert scored(truth, forecasts) == []


@pytest.mark.parametrize("count", [0, 3])
def test_nothing_is_made_up_where_no_landmark_was_followed(rng: np.random.Generator, count: int) -> None:
    truth = replace(truth_of(rng), landmarks=landmarks(np.full((count, T, 2), np.nan)))
    assert scored(truth, truth.weights[np.newaxis]) == []
    assert summarise_errors(truth, measured_differences(truth)) == []
    without = replace(truth, landmarks=None)
    assert scored(without, truth.weights[np.newaxis]) == []
    assert summarise_errors(without, measured_differences(without)) == []


def test_errors_at_landmarks_change_no_other_score(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    forecasts, images = truth.weights[np.newaxis] + 0.1, [truth.sequence.frames[TEST]]
    bare = score_images(replace(truth, landmarks=None), forecasts, images, level=0.9)
    whole = score_images(truth, forecasts, images, level=0.9)
    assert whole.errors.tobytes() == bare.errors.tobytes()
    assert whole.bands.tobytes() == bare.bands.tobytes()


def test_a_mask_has_the_geometric_error_of_its_pixels_and_no_image_scores(rng: np.random.Generator) -> None:
    truth = truth_of(rng)
    mask = rng.random((H, W)) < 0.2
    dvf = truth.dvf + 10.0
    dvf[:, mask] -= 10.0  # right within the mask alone
    masks = {"body": mask, "textured": np.zeros((H, W), dtype=bool)}
    truth = replace(truth, dvf=dvf, masks=masks, landmarks=None)
    scores = score_images(truth, truth.weights[np.newaxis], [truth.sequence.frames[TEST]], level=0.9)
    rows = {(row.region, row.metric): row.value for row in summarise_frames(truth, scores.errors)}
    assert rows["body", "dvf_error_max_mm"] < 1e-12 < rows["image", "dvf_error_mean_mm"]
    assert {metric for region, metric in rows if region == "body"} == {
        "dvf_error_mean_mm",
        "dvf_error_p95_mm",
        "dvf_error_max_mm",
    }
    assert {region for region, _ in rows} == {"image", "body"}  # no pixel has texture
    assert np.isfinite(scores.bands[0, -1, 0]).all()
    assert np.isnan(scores.bands[:, :, 1:]).all()


@given(
    dvf=arrays(np.float64, (H, W, 2), elements=st.floats(-50, 50)),
    x=st.floats(-3, W + 3),
    y=st.floats(-3, H + 3),
)
def test_sampling_is_that_of_another_implementation(dvf: NDArray[np.float64], x: float, y: float) -> None:
    expected = [map_coordinates(dvf[..., i], [[y], [x]], order=1, mode="nearest")[0] for i in range(2)]
    np.testing.assert_allclose(sample_dvf(dvf, np.array([[x, y]]))[0], expected, atol=1e-9)


def test_x_is_the_column_and_y_the_row() -> None:
    dvf = np.zeros((H, W, 2))
    dvf[..., 0], dvf[..., 1] = np.arange(W), 100.0 * np.arange(H)[:, np.newaxis]
    found = Landmarks(("a",), np.array([[7.25, 3.5]]), np.zeros((1, T, 2)), np.ones((1, T)))
    np.testing.assert_allclose(sample_dvf(dvf, found.positions), [[7.25, 350.0]])
    off = landmark_differences(dvf, found, 0, spacing_mm=SPACING)
    np.testing.assert_allclose(off, [[7.25 * 0.5, 350.0 * 2.0]])


def test_parts_are_along_the_axes_of_the_patient(rng: np.random.Generator) -> None:
    truth = truth_of(rng, SAGITTAL)
    got = values(scored(truth, truth.weights[np.newaxis]))
    assert list(got) == [
        "landmark_error_mean_mm",
        "landmark_error_p95_mm",
        "landmark_error_si_mm",
        "landmark_error_ap_mm",
    ]
    assert (got["landmark_error_si_mm"], got["landmark_error_ap_mm"]) == pytest.approx((4.0, 0.5))


@pytest.mark.parametrize(("degrees", "shown"), [(29, False), (31, True)])
def test_an_axis_is_told_of_where_the_plane_shows_half_of_it(degrees: float, shown: bool) -> None:
    """Rows run down the patient; columns turn from left to right out of the plane towards the front."""
    turn = np.radians(degrees)
    affine = np.eye(4)
    affine[:3, 0] = 1.5 * np.cos(turn), 1.5 * np.sin(turn), 0
    affine[:3, 1] = 0, 0, -2
    affine[:3, 2] = -np.sin(turn), np.cos(turn), 0
    affine[:3, 3] = 5, 6, 7
    axes = axes_of_plane(affine, None)
    assert ("ap" in axes) == shown
    np.testing.assert_allclose(axes["si"], [0, -1], atol=1e-12)
    np.testing.assert_allclose(axes["lr"], [np.cos(turn), 0], atol=1e-12)
    if shown:
        np.testing.assert_allclose(axes["ap"], [np.sin(turn), 0], atol=1e-12)


def test_a_tilted_plane_shows_each_axis_by_its_angle(rng: np.random.Generator) -> None:
    angle = np.deg2rad(40)
    tilted = SAGITTAL.copy()
    # Turned about the head-foot axis: columns run partly from side to side.
    tilted[:3, 0] = 0.5 * np.array([np.sin(angle), -np.cos(angle), 0])
    axes = axes_in_plane(sequence(rng, tilted))
    assert {name: direction.tolist() for name, direction in axes.items()} == {
        "si": pytest.approx([0, -1]),
        "ap": pytest.approx([-np.cos(angle), 0]),
        "lr": pytest.approx([np.sin(angle), 0]),
    }
    tilted[:3, 0] = 0.5 * np.array([np.sin(angle / 2), -np.cos(angle / 2), 0])
    assert list(axes_in_plane(sequence(rng, tilted))) == ["si", "ap"]


@pytest.mark.parametrize(
    ("affine", "unknown"),
    [
        (np.eye(4), True),
        (np.diag([-1.8, -1.8, 4.0, 1.0]), True),  # as ITK's default becomes in RAS
        (np.eye(4)[:, [1, 2, 0, 3]], True),  # time first, as MHA has it
        (np.array([[1.8, 0, 0, -120], [0, 1.8, 0, 0], [0, 0, 4, 0], [0, 0, 0, 1.0]]), False),
        (SAGITTAL, False),
        (np.array([[0.8, -0.6, 0, 0], [0.6, 0.8, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]), False),
    ],
)
def test_an_unrotated_affine_without_origin_says_nothing(
    rng: np.random.Generator, affine: NDArray[np.float64], unknown: bool
) -> None:
    assert is_placeholder(affine) == unknown
    assert (list(axes_in_plane(sequence(rng, affine))) == ["rows", "columns"]) == unknown


def test_a_sidecar_tells_the_axes_that_an_affine_does_not(rng: np.random.Generator) -> None:
    told = replace(sequence(rng, np.eye(4)), axes=("SI", "AP"))
    axes = axes_in_plane(told)
    assert {name: direction.tolist() for name, direction in axes.items()} == {"si": [0, 1], "ap": [1, 0]}
    coronal = np.array([[-0.5, 0, 0, 90], [0, 0, 4, 110], [0, -2.0, 0, 130], [0, 0, 0, 1]])
    assert list(axes_in_plane(replace(told, affine=coronal))) == ["si", "lr"]  # the file says better


@pytest.mark.parametrize("shape", [(1, 6), (6, 1), (1, 1)])
def test_in_an_image_of_one_row_or_column_motion_is_that_of_its_pixels(shape: tuple[int, int]) -> None:
    dvf = np.arange(1.0, 1 + 2 * np.prod(shape)).reshape(*shape, 2)
    along = np.linspace(0, 1, 7)[:, np.newaxis] * (shape[1] - 1, shape[0] - 1)
    expected = dvf[0, 0] + 2 * along.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(sample_dvf(dvf, along), expected)
