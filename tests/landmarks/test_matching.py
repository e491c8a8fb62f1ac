"""A patch is looked for as by brute force, and the vertex between pixels is that of a known paraboloid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage  # type: ignore[import-untyped]

from cinecast.landmarks.matching import _vertex, find_peak
from cinecast.landmarks.preparing import Prepared, Reach, prepare, reach_of
from cinecast.landmarks.texture import find_candidates
from cinecast.settings import LandmarksSettings

REACH = Reach(patch=(3, 4), search=(5, 6), same=(2, 2))


def prepared(frame: NDArray[np.float64]) -> Prepared:
    made = prepare(frame, REACH)
    assert made is not None
    return made


def correlations(patch: NDArray[np.float32], grey: NDArray[np.float32], place: tuple[int, int]) -> NDArray[np.float64]:
    """Return the correlation of a patch with every window within reach, NaN where the window leaves the frame."""
    found = np.full((11, 13), np.nan)
    for dy in range(-5, 6):
        for dx in range(-6, 7):
            top, left = place[0] + dy - 3, place[1] + dx - 4
            window = grey[max(0, top) : top + 7, max(0, left) : left + 9]
            if top >= 0 and left >= 0 and window.shape == patch.shape:
                found[dy + 5, dx + 6] = np.corrcoef(patch.ravel(), window.ravel())[0, 1]
    return found


@pytest.mark.parametrize("place", [(15, 20), (4, 5), (27, 33), (15, 2)])
def test_a_peak_is_that_of_brute_force(rng: np.random.Generator, place: tuple[int, int]) -> None:
    patch = prepared(rng.normal(size=(7, 9))).grey
    frame = prepared(rng.normal(size=(32, 40)))
    peak = find_peak(patch, frame, place, REACH)
    assert peak is not None
    brute = correlations(patch, frame.grey, place)
    row, column = np.unravel_index(int(np.nanargmax(brute)), brute.shape)
    assert peak.quality == pytest.approx(brute[row, column], abs=1e-5)
    if not np.isnan(peak.x):
        assert abs(peak.x - (column - 6)) <= 1
        assert abs(peak.y - (row - 5)) <= 1
    brute[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3] = np.nan
    assert peak.rival == pytest.approx(np.nanmax(brute), abs=1e-5)


@pytest.mark.parametrize(("dy", "dx"), [(4, 0), (-4, 0), (0, 5), (0, -5), (5, 0), (-5, 0), (0, 6), (0, -6)])
def test_the_same_patch_elsewhere_is_a_rival_and_nearby_the_same_match(
    rng: np.random.Generator, dy: int, dx: int
) -> None:
    reach, patch = Reach(patch=(1, 1), search=(9, 9), same=(4, 5)), rng.normal(size=(3, 3))
    grey = np.zeros((31, 33))
    for row, column in ((15, 16), (15 + dy, 16 + dx)):
        grey[row - 1 : row + 2, column - 1 : column + 2] = patch
    frame = prepare(grey, reach)
    assert frame is not None
    own = frame.patch(15, 16, reach)
    assert own is not None
    # Which of the two is the best match does not matter.
    peak = find_peak(own, frame, (15, 16), reach)
    assert peak is not None
    assert peak.quality == pytest.approx(1)
    assert (peak.rival > 0.999) == (abs(dy) > 4 or abs(dx) > 5)


@pytest.mark.parametrize(("contrast", "usable"), [(0.5e-3, False), (2e-3, True)])
def test_a_patch_without_contrast_is_none(rng: np.random.Generator, contrast: float, usable: bool) -> None:
    grey = rng.normal(size=(60, 60))
    grey[:, 30:] = rng.choice([-1.0, 1.0], size=(60, 30))
    grey[:, 30:] *= contrast * grey[:, :30].std() * np.sqrt(0.5)  # of the whole frame, half of which is nearly flat
    frame = prepare(grey, REACH)
    assert frame is not None
    assert (frame.patch(30, 45, REACH) is not None) == usable
    assert frame.patch(30, 15, REACH) is not None


def test_no_window_within_reach(rng: np.random.Generator) -> None:
    frame = prepared(rng.normal(size=(6, 40)))
    assert find_peak(np.zeros((7, 9), np.float32), frame, (3, 20), REACH) is None


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(0.1, 3), st.floats(0.1, 3), st.floats(-0.9, 0.9))
def test_the_vertex_of_an_oblique_paraboloid(x: float, y: float, xx: float, yy: float, obliqueness: float) -> None:
    rows, columns = np.mgrid[-1:2, -1:2] - np.array([y, x])[:, None, None]
    nine = -xx * columns**2 - yy * rows**2 - 2 * obliqueness * np.sqrt(xx * yy) * rows * columns
    assert _vertex(nine) == pytest.approx((x, y), abs=1e-6)


@given(st.lists(st.floats(-1, 1), min_size=8, max_size=8))
def test_the_vertex_is_no_further_than_the_next_pixel(around: list[float]) -> None:
    nine = np.array([*around[:4], 1.0, *around[4:]]).reshape(3, 3)
    assert np.abs(_vertex(nine)).max() <= 1


def test_the_vertex_of_a_long_oblique_ridge_is_at_the_next_pixel() -> None:
    # Its own vertex is 3.3 pixels away along the diagonal.
    rows, columns = np.mgrid[-1:2, -1:2]
    nine = -((columns - rows) ** 2) - 0.03 * (columns + rows - 6.6) ** 2
    assert _vertex(nine) == (1, 1)


def test_a_ridge_has_no_vertex() -> None:
    assert _vertex(np.tile([0.0, 1.0, 0.0], (3, 1))) == (0, 0)
    assert _vertex(np.ones((3, 3))) == (0, 0)


def test_sizes_are_in_mm_by_axis_and_not_below_seven_pixels() -> None:
    settings = LandmarksSettings(patch_mm=20, search_mm=30)
    reach = reach_of(settings, (2.0, 1.0))
    assert reach.patch == (5, 10)
    assert reach.search == (15, 30)
    assert reach.same == (3, 6)  # 6 mm
    assert reach.size == (11, 21)
    assert reach_of(settings, (8.0, 8.0)).size == (7, 7)
    assert reach_of(settings, (8.0, 8.0)).same == (2, 2)


@pytest.mark.parametrize("spacing_mm", [1.99999995, 2.0, 2.00000005])
def test_half_a_pixel_is_rounded_alike_whatever_the_last_digits_of_a_spacing(spacing_mm: float) -> None:
    # 5.5, 7.5 and 3.3 pixels; 6.5 and 4.5: a half goes down
    reach = reach_of(LandmarksSettings(patch_mm=22, search_mm=15), (spacing_mm, spacing_mm))
    assert (reach.patch, reach.search, reach.same) == ((5, 5), (7, 7), (3, 3))
    reach = reach_of(LandmarksSettings(patch_mm=26, search_mm=9), (spacing_mm, spacing_mm))
    assert (reach.patch, reach.search) == ((6, 6), (4, 4))


def test_a_constant_frame_cannot_be_prepared() -> None:
    assert prepare(np.full((20, 20), 0.1), REACH) is None


def test_candidates_lie_at_corners_and_not_on_edges() -> None:
    frame = np.zeros((80, 100))
    frame[40:, 50:] = 1  # one corner at row 39.5, column 49.5, two edges that leave the frame
    settings = LandmarksSettings(patch_mm=12)
    places = find_candidates(frame, (1.0, 1.0), settings)
    assert np.abs(places[0] - 49.5).max() <= 12
    assert (np.linalg.norm(places - (49.5, 39.5), axis=1) < 12).all()


def plain_candidates(
    frame: NDArray[np.float64], spacing_mm: tuple[float, float], least_along: float
) -> list[list[int]]:
    """Return (x, y) of the places, strongest first, by what the structure tensor in mm says of a patch of 20 mm."""
    grey = (frame - frame.mean()) / frame.std()
    smooth = ndimage.gaussian_filter(grey, 1.0, mode="mirror")
    along_y, along_x = (ndimage.sobel(smooth, axis=i, mode="mirror") / spacing_mm[i] for i in (0, 1))
    sigma = [4.0 / spacing for spacing in spacing_mm]
    xx, xy, yy = (
        ndimage.gaussian_filter(each, sigma, mode="mirror")
        for each in (along_x * along_x, along_x * along_y, along_y * along_y)
    )
    eigenvalues = np.linalg.eigvalsh(np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -1))
    smaller, larger = eigenvalues[..., 0], eigenvalues[..., 1]
    strength = np.where(smaller >= least_along * larger, smaller, 0)
    rows, columns = (round(10 / spacing) for spacing in spacing_mm)
    strength[:rows], strength[-rows:], strength[:, :columns], strength[:, -columns:] = 0, 0, 0, 0
    least, apart, found = 2e-3 * strength.max(), [round(6 / spacing) for spacing in spacing_mm], []
    while (strength > least).any():
        y, x = (int(i) for i in np.unravel_index(int(strength.argmax()), strength.shape))
        found.append([x, y])
        strength[max(0, y - apart[0]) : y + apart[0] + 1, max(0, x - apart[1]) : x + apart[1] + 1] = 0
    return found


@pytest.mark.parametrize("spacing_mm", [(2.0, 1.0), (1.0, 2.5)])
def test_candidates_are_those_of_the_structure_tensor_in_mm(
    rng: np.random.Generator, spacing_mm: tuple[float, float]
) -> None:
    frame = ndimage.gaussian_filter(rng.normal(size=(90, 100)), 2.0)
    frame[:, 50:] += 1  # a long edge, along which nothing can be told from its neighbours
    places = find_candidates(frame, spacing_mm, LandmarksSettings(patch_mm=20)).tolist()
    assert len(places) > 100
    for along, sides, same in ((0.1, spacing_mm, True), (0.0, spacing_mm, False), (0.1, spacing_mm[::-1], False)):
        # Those of the least texture are so much alike that rounding orders them.
        assert (places[:100] == plain_candidates(frame, sides, along)[:100]) == same


def test_candidates_of_a_frame_that_shows_nothing() -> None:
    assert find_candidates(np.zeros((80, 100)), (1.0, 1.0), LandmarksSettings()).shape == (0, 2)
    assert find_candidates(np.eye(5), (1.0, 1.0), LandmarksSettings()).shape == (0, 2)


def test_candidates_depend_on_no_gain_or_offset(rng: np.random.Generator) -> None:
    frame = rng.normal(size=(60, 70))
    one, two = (find_candidates(each, (2.0, 2.0), LandmarksSettings()) for each in (frame, 300 * frame + 1e5))
    assert np.array_equal(one, two)
