"""Places followed by template matching: against known shifts, the phantom's true motion and laws of brightness."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cinecast.landmarks.matching import find_peak
from cinecast.landmarks.preparing import prepare, reach_of
from cinecast.landmarks.tracking import LandmarkTracker, follow
from cinecast.settings import LandmarksSettings

HEIGHT, WIDTH = 90, 110
SPACING = (2.0, 1.5)
PLACES = np.array([[36, 40], [48, 48], [62, 50]])


def texture(dx: float = 0.0, dy: float = 0.0, seed: int = 1) -> NDArray[np.float64]:
    """Return a picture of smooth blobs, all of it moved by (dx, dy) pixels, computed and not interpolated."""
    random = np.random.default_rng(seed)
    blobs = random.uniform((-20, -20, 1.2, -1), (WIDTH + 20, HEIGHT + 20, 2.2, 1), (1000, 4))
    cx, cy, width, height = blobs.T[..., np.newaxis]
    along_x = np.exp(-((np.arange(WIDTH) - dx - cx) ** 2) / (2 * width**2))
    along_y = np.exp(-((np.arange(HEIGHT) - dy - cy) ** 2) / (2 * width**2))
    return np.asarray((height * along_y).T @ along_x)


REFERENCE = texture()


def tracker(**settings: Any) -> LandmarkTracker:
    return LandmarkTracker(REFERENCE, PLACES, SPACING, LandmarksSettings(**settings))


@pytest.mark.parametrize(("dx", "dy"), [(0.0, 0.0), (0.5, -0.5), (0.25, 3.3), (-6.7, 0.1), (2.9, -8.6), (-15.4, 11.2)])
def test_a_shift_is_found_in_parts_of_a_pixel(dx: float, dy: float) -> None:
    found = tracker()(texture(dx, dy))
    assert np.abs(found.displacements - (dx, dy)).max() < 0.05
    assert (found.quality > 0.9).all()


def test_the_reference_itself_has_not_moved() -> None:
    found = tracker()(REFERENCE)
    assert np.abs(found.displacements).max() == 0
    assert found.quality == pytest.approx(1)


def many_places() -> NDArray[np.int64]:
    random = np.random.default_rng(0)
    return np.stack([random.integers(14, WIDTH - 14, 200), random.integers(14, HEIGHT - 14, 200)], axis=1)


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (4, -3)])
def test_a_place_whose_peak_is_drawn_aside_by_what_surrounds_it_is_found(dx: int, dy: int) -> None:
    """It comes back from where it was drawn to, which is not where it is: by up to half a pixel in all here."""
    settings = LandmarksSettings(return_mm=0.01, distinctness=0)  # a quarter of a pixel remains
    found = LandmarkTracker(REFERENCE, many_places(), (1.0, 1.0), settings)(texture(dx, dy))
    inside = np.isfinite(found.displacements[:, 0])
    assert inside.mean() > (0.99 if (dx, dy) == (0, 0) else 0.95)
    assert np.abs(found.displacements[inside] - (dx, dy)).max() < 0.1


@pytest.mark.parametrize("return_mm", [1.6, 0.01])
@pytest.mark.parametrize("spacing_mm", [(4.0, 1.0), (1.0, 4.0)])
def test_a_place_has_to_come_back_within_a_length_in_mm(spacing_mm: tuple[float, float], return_mm: float) -> None:
    """By the rule written out: from the best match back to the reference frame, free of what draws peaks aside."""
    settings = LandmarksSettings(return_mm=return_mm, distinctness=0, quality=0)
    frame = texture(1.3, -2.6) + np.random.default_rng(3).normal(0, 0.5, REFERENCE.shape)
    reach, places = reach_of(settings, spacing_mm), many_places()
    found = np.isfinite(LandmarkTracker(REFERENCE, places, spacing_mm, settings)(frame).displacements[:, 0])
    here, there = prepare(REFERENCE, reach), prepare(frame, reach)
    assert here is not None
    assert there is not None

    def lengths(column: int, row: int) -> tuple[float, float]:
        """Return how far from its place the way back ends, in mm, and with the sides of pixels exchanged."""
        patch = here.patch(row, column, reach)
        near = find_peak(patch, here, (row, column), replace(reach, search=(2, 2))) if patch is not None else None
        out = find_peak(patch, there, (row, column), reach) if patch is not None else None
        if near is None or out is None or np.isnan(out.x):
            return np.inf, np.inf
        right, down = round(out.x), round(out.y)
        patch = there.patch(row + down, column + right, reach)
        back = find_peak(patch, here, (row, column), reach) if patch is not None else None
        if back is None:
            return np.inf, np.inf
        x, y = out.x - (right - back.x) - 2 * near.x, out.y - (down - back.y) - 2 * near.y
        return float(np.hypot(x * spacing_mm[1], y * spacing_mm[0])), float(
            np.hypot(x * spacing_mm[0], y * spacing_mm[1])
        )

    limit = max(return_mm, 1.0)  # a quarter of 4 mm
    by_rule, exchanged = np.array([[each <= limit for each in lengths(int(x), int(y))] for x, y in places]).T
    np.testing.assert_array_equal(found, by_rule)
    assert 0.2 < by_rule.mean() < 0.95
    assert (by_rule != exchanged).sum() > 5


@cache
def noisy() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return a reference and a frame (H, W) with noise, and the displacements in it."""
    noise = np.random.default_rng(5).normal(0, 0.1, (2, HEIGHT, WIDTH))
    reference, frame = REFERENCE + noise[0], texture(1.3, -2.6) + noise[1]
    return reference, frame, LandmarkTracker(reference, PLACES, SPACING, LandmarksSettings())(frame).displacements


@given(
    gains=st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=2),
    offsets=st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=2),
)
def test_no_gain_or_offset_of_any_frame_moves_a_track(gains: list[float], offsets: list[float]) -> None:
    reference, frame, displacements = noisy()
    scaled = LandmarkTracker(gains[0] * reference + offsets[0], PLACES, SPACING, LandmarksSettings())
    other = scaled(gains[1] * frame + offsets[1])
    assert np.isfinite(displacements).all()
    assert np.abs(other.displacements - displacements).max() < 1e-3


def test_whole_numbers_are_followed_as_real_ones_are() -> None:
    frame = (1000 * texture(2.0, 1.0) + 3000).astype(np.uint16)
    assert np.abs(tracker()(frame).displacements - (2, 1)).max() < 0.01


@pytest.mark.parametrize("value", [0.0, 0.1, 4095.0])
def test_a_frame_that_shows_nothing_gives_no_match(value: float) -> None:
    found = tracker()(np.full((HEIGHT, WIDTH), value))
    assert np.isnan(found.displacements).all()
    assert np.isnan(found.quality).all()


def test_a_reference_that_shows_nothing_gives_no_match() -> None:
    empty = LandmarkTracker(np.zeros((HEIGHT, WIDTH)), PLACES, SPACING, LandmarksSettings())
    assert np.isnan(empty(REFERENCE).displacements).all()


def test_noise_and_mirrored_frames_give_hardly_a_match(rng: np.random.Generator) -> None:
    places = np.array([(x, y) for x in range(10, 100, 5) for y in range(10, 80, 5)])
    many = LandmarkTracker(REFERENCE, places, SPACING, LandmarksSettings())
    assert np.isfinite(many(REFERENCE).quality).mean() > 0.8
    for frame in (rng.normal(size=(HEIGHT, WIDTH)), REFERENCE[:, ::-1], REFERENCE[::-1], -REFERENCE):
        assert np.isfinite(many(frame).quality).mean() < 0.06


def test_empty_background_resembles_nothing() -> None:
    """In it a correlation is rounding over rounding, which may come out as anything."""
    reference, frame = np.zeros((2, HEIGHT, WIDTH))
    reference[28:43, 33:48] = REFERENCE[28:43, 33:48]
    frame[60:63, 80:83] = 1.0
    places = np.array([[40, 35], [80, 20]])
    found = LandmarkTracker(reference, places, SPACING, LandmarksSettings(quality=0.0, distinctness=0.0))
    assert np.isnan(found(np.where(frame > 0, frame, 7.0)).displacements[1]).all()
    assert np.isfinite(found(reference).displacements[0]).all()
    assert np.isnan(found(reference).displacements[1]).all()


def test_a_place_whose_patch_leaves_the_frame_is_not_followed() -> None:
    edge = LandmarkTracker(REFERENCE, np.array([[3, 35], [40, 87]]), SPACING, LandmarksSettings())
    assert np.isnan(edge(REFERENCE).displacements).all()


def test_what_left_the_frame_is_not_found() -> None:
    near_the_edge = LandmarkTracker(REFERENCE, np.array([[40, 10]]), SPACING, LandmarksSettings(distinctness=0.0))
    assert near_the_edge(texture(0, -3.0)).displacements[0, 1] == pytest.approx(-3, abs=0.05)
    assert np.isnan(near_the_edge(texture(0, -7.0)).displacements).all()


def test_what_lies_on_the_border_of_the_search_is_not_found() -> None:
    narrow = tracker(search_mm=8.0)  # 4 rows
    assert narrow(texture(0, 2.5)).displacements[:, 1] == pytest.approx(2.5, abs=0.05)
    assert np.isnan(narrow(texture(0, 4.0)).displacements).all()


def test_thresholds_are_what_they_say(rng: np.random.Generator) -> None:
    frame = texture(1.0, 2.0) + rng.normal(0, 0.4 * REFERENCE.std(), REFERENCE.shape)
    quality = tracker(quality=0.0)(frame).quality
    assert (quality < 0.98).all()
    between = float(np.sort(quality)[1])
    assert np.isfinite(tracker(quality=between)(frame).quality).sum() == 2
    assert np.isnan(tracker(distinctness=0.99)(frame).quality).all()


def test_a_place_that_resembles_another_is_not_found() -> None:
    twice = REFERENCE.copy()
    twice[:, 45:65] = twice[:, 27:47]
    assert np.isfinite(tracker()(REFERENCE).quality[0])
    repeated = LandmarkTracker(twice, PLACES, SPACING, LandmarksSettings())
    assert np.isnan(repeated(twice).quality[0])


def test_a_match_that_does_not_come_back_is_not_kept() -> None:
    """The vessel is gone from the frame; another is the most like it, but has a place of its own in the reference."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]

    def vessel(column: float, width: float) -> NDArray[np.float64]:
        return np.exp(-((x - column) ** 2 / width**2 + (y - 45) ** 2 / 9))

    reference, frame = vessel(40, 3) + vessel(57, 4), vessel(57, 4)
    sizes = {"patch_mm": 16.0, "distinctness": 0.0, "return_mm": 20.0}

    def displacement(**settings: float) -> float:
        found = LandmarkTracker(reference, np.array([[40, 45]]), (1.0, 1.0), LandmarksSettings(**(sizes | settings)))  # type: ignore[arg-type]
        return float(found(frame).displacements[0, 0])

    assert displacement() == pytest.approx(8.5, abs=0.5), "the mean of 17 px there and none back"
    assert np.isnan(displacement(return_mm=15.0))
    assert np.isnan(displacement(return_mm=0.5))


def test_each_frame_is_followed_by_itself_and_a_repeated_one_not_at_all() -> None:
    frames = np.stack([texture(0.3 * t, -0.5 * t) for t in range(6)])
    frames[4] = frames[3]
    whole = follow(tracker(), frames, range(6))
    assert whole.displacements.shape == (3, 6, 2)
    assert np.isnan(whole.displacements[:, 4]).all()
    assert np.isfinite(np.delete(whole.displacements, 4, axis=1)).all()
    some = follow(tracker(), frames, [1, 5])
    assert np.array_equal(some.displacements, whole.displacements[:, [1, 5]])
    with ThreadPoolExecutor(3) as pool:
        together = follow(tracker(), frames, range(6), pool.map)
    assert np.array_equal(together.displacements, whole.displacements, equal_nan=True)


def test_no_frames_and_no_places() -> None:
    assert follow(tracker(), np.zeros((3, HEIGHT, WIDTH)), range(0)).displacements.shape == (3, 0, 2)
    none = LandmarkTracker(REFERENCE, PLACES[:0], SPACING, LandmarksSettings())
    assert follow(none, REFERENCE[None], range(1)).displacements.shape == (0, 1, 2)
