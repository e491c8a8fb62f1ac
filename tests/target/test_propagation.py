"""Masks carried along motion: held to known motions, to a plain form, and to what was given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from cinecast.errors import SettingsError
from cinecast.phantom import PhantomSettings, make_phantom
from cinecast.target.folding import folded
from cinecast.target.propagation import MaskPropagator
from cinecast.target.signed_distance import signed_distance

H, W = 60, 70
Y, X = np.indices((H, W)).astype(float)
Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def disc(y: float, x: float, radius: float, shape: tuple[int, int] = (H, W)) -> Mask:
    rows, columns = np.indices(shape)
    return np.asarray((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


def shift(x: float, y: float) -> Array:
    return np.broadcast_to(np.array([x, y]), (H, W, 2))


def dice(a: Mask, b: Mask) -> float:
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


def carried(mask: Mask, dvf: Array, own: Array | None = None) -> Mask:
    propagator = MaskPropagator(mask, own)
    return propagator.propagate(dvf[propagator.box]).mask


def plain(mask: Mask, dvf: Array) -> Mask:
    """The same over the whole image, by scipy and with very many steps."""
    rows, columns = np.indices(mask.shape)
    y, x = rows.astype(float), columns.astype(float)
    for _ in range(200):
        u_x, u_y = (map_coordinates(dvf[..., k].astype(float), [y, x], order=1, mode="nearest") for k in (0, 1))
        y, x = rows - u_y, columns - u_x
    return np.asarray(map_coordinates(signed_distance(mask), [y + 1, x + 1], order=1, mode="nearest") > 0)


def test_the_edge_lies_half_way_between_pixels_inside_and_outside(rng: np.random.Generator) -> None:
    mask = rng.random((7, 9)) < 0.6
    padded = np.pad(mask, 1)  # beyond the image is outside
    inside, outside = np.argwhere(padded), np.argwhere(~padded)
    for place, distance in np.ndenumerate(signed_distance(mask)):
        others = outside if padded[place] else inside
        nearest = np.sqrt(((others - place) ** 2).sum(axis=1)).min()
        assert distance == pytest.approx((nearest - 0.5) * (1 if padded[place] else -1))
    assert signed_distance(np.ones((5, 9), dtype=bool))[3, 5] == 2.5


@given(data=st.data())
def test_without_motion_the_mask_is_as_it_was_given(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    mask = rng.random((12, 15)) < data.draw(st.floats(0.05, 0.95))
    mask[3, 4] = True
    np.testing.assert_array_equal(carried(mask, np.zeros((12, 15, 2))), mask)


@given(x=st.integers(-40, 40), y=st.integers(-40, 40))
def test_whole_pixels_move_it_by_whole_pixels_and_what_leaves_the_image_is_gone(x: int, y: int) -> None:
    mask = disc(20, 30, 7.3)
    expected = disc(20 + y, 30 + x, 7.3)
    np.testing.assert_array_equal(carried(mask, shift(x, y)), expected)


def test_it_has_left_the_image_altogether() -> None:
    assert not carried(disc(20, 30, 7.3), shift(500, 0)).any()
    assert not carried(disc(20, 30, 7.3), shift(0, -500)).any()


@pytest.mark.parametrize("part", [0.25, 0.5, 0.8])
def test_parts_of_a_pixel_move_its_edge_by_parts_of_a_pixel(part: float) -> None:
    radius = 12.0
    got = carried(disc(30, 30, radius), shift(part, -part))
    rows, columns = np.nonzero(got)
    np.testing.assert_allclose([rows.mean(), columns.mean()], [30 - part, 30 + part], atol=0.26)
    assert dice(got, disc(30 - part, 30 + part, radius)) > 0.97


def test_an_edge_of_a_half_plane_lies_where_it_was_moved_to() -> None:
    mask = np.zeros((H, W), dtype=bool)
    mask[:, :30] = True  # its edge is at column 29.5
    for part in np.arange(0.05, 1, 0.1):
        assert np.flatnonzero(carried(mask, shift(part, 0))[30])[-1] == (30 if part > 0.5 else 29)


def test_a_disc_that_grows_and_turns_is_that_disc() -> None:
    centre_y, centre_x, growth, angle = 28.0, 33.0, 1.15, 0.3
    turned_y = growth * (np.cos(angle) * (Y - centre_y) + np.sin(angle) * (X - centre_x)) + centre_y + 1.4
    turned_x = growth * (np.cos(angle) * (X - centre_x) - np.sin(angle) * (Y - centre_y)) + centre_x - 2.3
    got = carried(disc(centre_y, centre_x, 11), np.stack([turned_x - X, turned_y - Y], axis=-1))
    assert dice(got, disc(centre_y + 1.4, centre_x - 2.3, 11 * growth)) > 0.975


def waves(rng: np.random.Generator, farthest: float) -> Array:
    """Return a smooth motion, whose vectors differ from place to place."""
    phases, sizes = rng.uniform(0, 6.28, 4), rng.uniform(0, 3, 4)
    return np.stack(
        [
            sizes[0] * np.sin(Y / 9 + phases[0])
            + sizes[1] * np.cos(X / 11 + phases[1])
            + rng.uniform(-farthest, farthest),
            sizes[2] * np.sin(X / 10 + phases[2])
            + sizes[3] * np.cos(Y / 12 + phases[3])
            + rng.uniform(-farthest, farthest),
        ],
        axis=-1,
    )


@given(seed=st.integers(0, 2**32))
def test_it_is_the_plain_form_over_the_whole_image(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dvf = waves(rng, farthest=8)
    mask = disc(rng.uniform(15, 45), rng.uniform(15, 50), rng.uniform(3, 12))
    assert (carried(mask, dvf) != plain(mask, dvf)).sum() <= 1  # a pixel on the edge


@given(seed=st.integers(0, 2**32), side=st.sampled_from(["top", "bottom", "left", "right"]))
def test_it_is_the_plain_form_at_the_edge_of_the_image(seed: int, side: str) -> None:
    """Beyond the edge there is nothing of the target, and the motion is that of the edge."""
    rng = np.random.default_rng(seed)
    dvf, far = waves(rng, farthest=3), rng.uniform(-3, 3)
    row = {"top": far, "bottom": H - 1 + far}.get(side, rng.uniform(10, 50))
    column = {"left": far, "right": W - 1 + far}.get(side, rng.uniform(10, 60))
    mask = disc(row, column, rng.uniform(6, 12))
    assert (carried(mask, dvf) != plain(mask, dvf)).sum() <= 1


def test_a_target_at_the_edge_of_the_image_ends_there() -> None:
    """Half a pixel beyond the centres of the outermost pixels, which is where it leaves the image or comes in from."""
    mask = np.ones((H, W), dtype=bool)
    mask[20:40, 20:50] = False
    for part in np.arange(0.05, 1, 0.1):
        there = part < 0.5
        for sign, first in ((1, 0), (-1, -1)):
            assert carried(mask, shift(0, sign * part))[first, W // 2] == there
            assert carried(mask, shift(sign * part, 0))[H // 2, first] == there
            assert carried(mask, shift(sign * part, sign * part))[[-1 - first], [-1 - first]].all()


def test_a_mask_of_another_frame_is_carried_by_both_motions_composed() -> None:
    # The reference's tissue has moved by `own` where the mask was drawn.
    own, later = shift(3.4, -2.6), shift(-4.2, 5.7)
    got = carried(disc(25, 30, 9), later, own)
    expected = disc(25 + 2.6 + 5.7, 30 - 3.4 - 4.2, 9)
    assert dice(got, expected) > 0.97
    rows, columns = np.nonzero(got)
    np.testing.assert_allclose([rows.mean(), columns.mean()], [33.3, 22.4], atol=0.12)
    np.testing.assert_array_equal(carried(disc(25, 30, 9), own, own), disc(25, 30, 9))


def test_a_mask_that_nothing_of_the_reference_frame_moves_into_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"where the reference frame shows tissue.*set flow\.reference"):
        MaskPropagator(disc(25, 5, 3), shift(30, 0))


def test_a_mask_of_another_frame_lies_in_the_reference_frame_where_its_tissue_was() -> None:
    mask = np.zeros((H, W), dtype=bool)
    mask[30:34, 40:47] = True
    found = MaskPropagator(mask, shift(15, -8))
    expected = np.zeros((H, W), dtype=bool)
    expected[38:42, 25:32] = True
    np.testing.assert_array_equal(found.in_reference, expected)
    assert found.box == (slice(38 - 16, 42 + 16), slice(25 - 16, 32 + 16))
    np.testing.assert_array_equal(MaskPropagator(mask).in_reference, mask)


@pytest.mark.parametrize(
    ("x_x", "x_y", "y_x", "y_y", "turned"),
    [
        (0.0, 0.0, 0.0, 0.0, False),
        (-0.5, 0.0, 0.0, 0.0, False),
        (-1.0, 0.0, 0.0, 0.0, True),  # pressed flat
        (0.0, 0.0, 0.0, -1.5, True),
        (-1.5, 0.0, 0.0, -1.5, False),  # turned round twice
        (-3.0, 0.0, 0.0, -0.5, True),
        (0.0, 2.0, 0.0, 0.0, False),  # sheared
        (0.0, 2.0, 2.0, 0.0, True),
        (0.0, 2.0, -2.0, 0.0, False),  # turned by an angle, and grown
        (-0.5, 0.8, 0.8, 0.0, True),
        (1.0, 0.9, 0.9, -0.5, False),
        (-0.5, 0.7, 0.7, 1.0, False),
    ],
)
def test_linear_motion_folds_where_its_determinant_is_not_positive(
    x_x: float, x_y: float, y_x: float, y_y: float, turned: bool
) -> None:
    assert (np.linalg.det([[1 + x_x, x_y], [y_x, 1 + y_y]]) <= 0) == turned
    motion = np.stack([x_x * X + x_y * Y, y_x * X + y_y * Y])
    assert (folded(motion) == turned).all()


def test_folding_is_counted_inside_the_target_alone() -> None:
    mask, dvf = disc(30, 30, 8), np.zeros((H, W, 2))
    dvf[:, 28:33, 0] = -2 * (np.arange(28, 33) - 28)  # the tissue runs backwards
    turned = folded(np.moveaxis(dvf, -1, 0))
    assert turned[30, 30]
    assert not turned[30, 20]
    propagator = MaskPropagator(mask)
    count = propagator.propagate(dvf[propagator.box]).folded
    assert 0 < count < turned.sum()
    assert count == (turned & mask).sum()
    assert propagator.propagate(shift(3, 4)[propagator.box]).folded == 0


def test_the_box_holds_the_target_with_a_margin_and_ends_with_the_image() -> None:
    assert MaskPropagator(disc(20, 60, 3)).box == (slice(1, 40), slice(41, W))


def test_the_known_motion_of_the_phantom_carries_a_disc_to_where_it_is() -> None:
    """A pixel lies in the moved disc where the place that it comes from lies in the disc itself, not in its pixels."""
    phantom = make_phantom(PhantomSettings(rows=96, columns=80, pixel_spacing_mm=(3, 3), frame_count=60, seed=3))
    mask = disc(70, 28, 6.2, (96, 80))
    propagator, scores, errors = MaskPropagator(mask), [], []
    rows, columns = np.indices(mask.shape)
    for t in range(10, 60, 5):
        dvf = phantom.dvf[t].astype(float)
        y, x = rows.astype(float), columns.astype(float)
        for _ in range(50):
            u_x, u_y = (map_coordinates(dvf[..., k], [y, x], order=1, mode="nearest") for k in (0, 1))
            y, x = rows - u_y, columns - u_x
        truth = (y - 70) ** 2 + (x - 28) ** 2 <= 6.2**2
        got = propagator.propagate(phantom.dvf[t][propagator.box]).mask
        scores.append(dice(got, truth))
        errors.append(np.linalg.norm(np.mean(np.nonzero(got), axis=1) - np.mean(np.nonzero(truth), axis=1)))
    assert np.mean(scores) > 0.96
    assert np.mean(errors) < 0.2  # pixels
