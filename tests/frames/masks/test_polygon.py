"""Filled contours against circles, brute force and another program's contours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path as Polygon

from cinecast.frames.masks.polygon import fill_contours

SHAPE = (24, 30)


def _rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _filled(*contours: np.ndarray) -> np.ndarray:
    return fill_contours(contours, SHAPE).mask


def _block(rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[slice(*rows), slice(*columns)] = True
    return mask


def test_pixel_centres_count() -> None:
    np.testing.assert_array_equal(_filled(_rectangle(3.4, 5.6, 9.5, 11.4)), _block((6, 12), (4, 10)))


def test_a_contour_through_centres_keeps_the_outermost_pixels_on_every_side() -> None:
    np.testing.assert_array_equal(_filled(_rectangle(3, 5, 9, 11)), _block((5, 12), (3, 10)))


def test_rounding_in_mm_moves_no_pixel_out() -> None:
    noise = np.random.default_rng(0).uniform(-4e-4, 4e-4, (4, 2))
    np.testing.assert_array_equal(_filled(_rectangle(3, 5, 9, 11) + noise), _block((5, 12), (3, 10)))


def test_a_circle_is_where_it_is_drawn_to_a_fraction_of_a_pixel() -> None:
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    for centre in ((14.3, 11.7), (13.0, 12.0), (2.0, 3.0)):  # the last one leaves the image
        circle = np.array(centre) + 6.21 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        np.testing.assert_array_equal(_filled(circle), np.hypot(x - centre[0], y - centre[1]) <= 6.21)


@given(st.lists(st.tuples(st.floats(-5, 35), st.floats(-5, 29)), min_size=3, max_size=9))
def test_equals_another_even_odd_fill_of_any_simple_polygon(points: list[tuple[float, float]]) -> None:
    middle = np.mean(points, axis=0)
    angles = np.arctan2(*(np.array(points) - middle).T[::-1])
    star = np.array(points)[np.argsort(angles)] + 0.0123  # star-shaped about its middle, hence simple
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    centres = np.stack([x.ravel(), y.ravel()], axis=1)
    closed = Polygon(np.vstack([star, star[:1]]), closed=True)
    surely = closed.contains_points(centres, radius=0.01) == closed.contains_points(centres, radius=-0.01)
    expected = closed.contains_points(centres)
    np.testing.assert_array_equal(_filled(star).ravel()[surely], expected[surely])


def test_a_contour_within_another_is_a_hole() -> None:
    ring = _filled(_rectangle(2.5, 2.5, 20.5, 20.5), _rectangle(7.5, 7.5, 12.5, 14.5))
    np.testing.assert_array_equal(ring, _block((3, 21), (3, 21)) & ~_block((8, 15), (8, 13)))


def test_a_keyhole_is_a_hole() -> None:
    points = [(2.5, 2.5), (20.5, 2.5), (20.5, 20.5), (12.5, 20.5), (12.5, 14.5)]
    points += [(15.5, 14.5), (15.5, 8.5), (7.5, 8.5), (7.5, 14.5), (12.5, 14.5), (12.5, 20.5), (2.5, 20.5)]
    np.testing.assert_array_equal(_filled(np.array(points)), _block((3, 21), (3, 21)) & ~_block((9, 15), (8, 16)))


@pytest.mark.parametrize("seed", range(5))
def test_contours_that_opencv_draws_round_a_mask_give_the_mask_again(seed: int) -> None:
    blobs = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=SHAPE), (0, 0), 2.0)
    blobs = (blobs > 0.05).astype(np.uint8)
    found, _ = cv2.findContours(blobs, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    closed = [each[:, 0].astype(float) for each in found]
    filled = fill_contours(closed, SHAPE)
    assert blobs.any()
    assert filled.overlap == 0
    np.testing.assert_array_equal(filled.mask, blobs.astype(bool))


def test_a_contour_that_is_there_twice_counts_once() -> None:
    square = _rectangle(2.5, 2.5, 9.5, 9.5)
    filled = fill_contours([square, square[::-1]], SHAPE)
    assert filled.repeated == 1
    np.testing.assert_array_equal(filled.mask, _block((3, 10), (3, 10)))


def test_pixels_of_two_contours_neither_within_the_other_are_counted() -> None:
    assert fill_contours([_rectangle(2.5, 2.5, 9.5, 9.5), _rectangle(7.5, 6.5, 15.5, 15.5)], SHAPE).overlap == 2 * 3
    assert fill_contours([_rectangle(2.5, 2.5, 9.5, 9.5), _rectangle(9.5, 2.5, 15.5, 9.5)], SHAPE).overlap == 0
    assert fill_contours([_rectangle(2, 2, 9, 9), _rectangle(9, 2, 15, 9)], SHAPE).overlap == 0


def test_a_contour_outside_the_image_fills_nothing() -> None:
    assert not _filled(_rectangle(-9.0, -9.0, -2.0, -2.0)).any()
    assert not _filled(_rectangle(40.0, 40.0, 50.0, 50.0)).any()
