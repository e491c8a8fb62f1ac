"""Outlines of masks as polygons: closed, along the sides of pixels, with the area of the mask."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.live.target_contour import contours


def signed_area(corners: NDArray[np.float64]) -> float:
    x, y = corners.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def mask_of(*rows: str) -> NDArray[np.bool_]:
    return np.array([[letter == "#" for letter in row] for row in rows])


def test_one_pixel_is_a_square_round_its_centre() -> None:
    (found,) = contours(mask_of("...", ".#.", "..."))
    assert sorted(map(tuple, found.tolist())) == [(0.5, 0.5), (0.5, 1.5), (1.5, 0.5), (1.5, 1.5)]


def test_corners_on_a_straight_side_are_left_out() -> None:
    (found,) = contours(mask_of("####", "####"))
    assert sorted(map(tuple, found.tolist())) == [(-0.5, -0.5), (-0.5, 1.5), (3.5, -0.5), (3.5, 1.5)]


def test_an_empty_mask_has_no_outline() -> None:
    assert contours(np.zeros((4, 5), dtype=bool)) == []


@pytest.mark.parametrize(
    "mask",
    [
        mask_of("#.#", "...", "#.#"),
        mask_of("#####", "#...#", "#.#.#", "#...#", "#####"),
        mask_of("#.", ".#"),
        mask_of(".#.", "#.#", ".#."),
        np.random.default_rng(0).random((30, 20)) > 0.5,
    ],
)
def test_outlines_enclose_as_much_as_there_are_pixels(mask: NDArray[np.bool_]) -> None:
    found = contours(mask)
    assert abs(sum(map(signed_area, found))) == pytest.approx(mask.sum())
    for corners in found:
        steps = np.roll(corners, -1, axis=0) - corners
        assert ((steps != 0).sum(axis=1) == 1).all()  # each along a row or a column
