"""Landmarks that a user has marked."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames.landmark_list import ListedPlace
from cinecast.landmarks import Landmarks, LandmarkSummary, listed_landmarks, summarise_landmarks

SHAPE = (5, 20, 30)
PLACES = (
    ListedPlace("dome", 1, 10.5, 7.25),
    ListedPlace("dome", 3, 12.0, 7.0),
    ListedPlace("vessel", 3, 4.0, 29.0),
    ListedPlace("vessel", 1, 3.0, 28.0),
    ListedPlace("vessel", 0, 3.5, 28.5),
)


def test_rows_become_tracks_from_the_reference_frame() -> None:
    marked = listed_landmarks(PLACES, SHAPE, 1)
    assert marked.names == ("dome", "vessel")
    assert marked.positions.tolist() == [[7.25, 10.5], [28.0, 3.0]]
    expected = np.full((2, 5, 2), np.nan)
    expected[0, [1, 3]] = [[0, 0], [-0.25, 1.5]]
    expected[1, [0, 1, 3]] = [[0.5, 0.5], [0, 0], [1, 1]]
    assert np.array_equal(marked.displacements, expected, equal_nan=True)
    assert np.isnan(marked.quality).all()
    assert marked.quality.shape == (2, 5)
    summary = summarise_landmarks(marked, (1.0, 1.0), 5)
    assert summary.kept.tolist() == [0.4, 0.6]
    assert np.isnan(summary.quality).all()
    assert summary.sentence.startswith("2 landmark(s), found in 50 % of the frames, moving ")
    assert summary.sentence.endswith(", 0 of them 5 mm or more")
    assert summarise_landmarks(marked, (3.8, 3.8), 5).sentence.endswith(", 1 of them 5 mm or more")


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (ListedPlace("dome", 5, 1, 1), "a landmark's frame must be 0 to 4, got 5 for dome; count frames from 0"),
        (ListedPlace("dome", -1, 1, 1), "a landmark's frame must be 0 to 4, got -1 for dome"),
        (
            ListedPlace("dome", 0, 19.5, 1),
            "must lie within the 20 rows and 30 columns of the image, got row 19.5, column 1",
        ),
        (
            ListedPlace("dome", 0, 1, -0.5),
            "got row 1, column -0.5 for dome in frame 0; give pixels, not mm, counted from 0",
        ),
        (ListedPlace("dome", 0, 1, 29.5), "got row 1, column 29.5 for dome"),
        (ListedPlace("dome", 0, -0.5, 1), "got row -0.5, column 1 for dome"),
        (ListedPlace("dome", 3, 1, 1), "must have one place in a frame, got dome twice in frame 3; remove one"),
    ],
)
def test_rows_that_do_not_fit(place: ListedPlace, sentence: str) -> None:
    with pytest.raises(ReadError, match=sentence):
        listed_landmarks((*PLACES, place), SHAPE, 1)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (19, 29), (0, 29), (19, 0)])
def test_the_outermost_pixels_are_of_the_image(row: int, column: int) -> None:
    marked = listed_landmarks((*PLACES, ListedPlace("corner", 1, row, column)), SHAPE, 1)
    assert marked.positions[2].tolist() == [column, row]


def test_a_summary_is_of_what_was_found_and_moves_by_the_train_span_alone() -> None:
    displacements = np.zeros((2, 6, 2))
    displacements[0, :4, 1] = [0, 2, 0, 2]  # two rows of 3 mm, in the train span
    displacements[:, 4:] = 90.0
    displacements[1, 1:4] = np.nan
    quality = np.array([[1.0, 0.5, 0.9, 0.8, np.nan, np.nan], [np.nan] * 6])
    found = summarise_landmarks(Landmarks(("a", "b"), np.ones((2, 2)), displacements, quality), (3.0, 1.0), 4)
    np.testing.assert_allclose(found.quality, [0.8, np.nan])
    np.testing.assert_allclose(found.amplitude_mm, [6.0, 0.0])
    np.testing.assert_allclose(found.kept, [1.0, 0.5])


def test_a_landmark_without_the_reference_frame() -> None:
    with pytest.raises(
        ReadError,
        match=r"row for the reference frame, 0, got none for dome; mark it there, or set flow.ref.*such as 1$",
    ):
        listed_landmarks(PLACES, SHAPE, 0)
    with pytest.raises(ReadError, match=r"reference frame, 2, got none for dome, lone; mark it there$"):
        listed_landmarks((PLACES[0], ListedPlace("lone", 4, 1, 1)), SHAPE, 2)


def test_a_landmark_that_moves_5_mm_moves_far() -> None:
    summary = LandmarkSummary(np.ones(3), np.array([4.99, 5.0, 9.0]), np.ones(3))
    assert summary.sentence.endswith("moving 6.3 mm on average, 2 of them 5 mm or more")
