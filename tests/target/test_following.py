"""A target frame by frame: blocks that are moved by whole pixels, along the measured and along a forecast motion."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast.frames.masks import Target
from cinecast.motion import MotionModel
from cinecast.motion.drift import ForecastMotion
from cinecast.target import MaskSeries, pack
from cinecast.target.following import FollowedTarget, follow_forecast, follow_measured, propagator_of

H, W = 50, 61  # whose pixels fill no whole number of bytes
DOWN = [0, 2, 3, -4]
DVF = np.zeros((4, H, W, 2))
DVF[..., 1] = np.array(DOWN)[:, np.newaxis, np.newaxis]
# A weight of 1 moves all by a row down and two columns back.
MODEL = MotionModel(np.zeros((H, W, 2)), np.broadcast_to(np.array([-2.0, 1.0]), (1, H, W, 2)), np.ones(1))


def block(row: int, column: int) -> np.ndarray:
    mask = np.zeros((H, W), dtype=bool)
    mask[row : row + 5, column : column + 7] = True
    return mask


def assert_is(found: FollowedTarget, places: list[tuple[int, int] | None]) -> None:
    assert found.known.tolist() == [place is not None for place in places]
    assert len(found.masks.bits) == len(places)
    for i, place in enumerate(places):
        np.testing.assert_array_equal(found.masks.mask(i), np.zeros((H, W)) if place is None else block(*place))


@pytest.mark.parametrize("own", [0, 1, 3])
def test_the_measured_motion_carries_it_from_its_own_frame_to_all_others(own: int) -> None:
    propagator = propagator_of(Target("tumour", block(20, 30), own), 0, DVF)
    found = follow_measured(propagator, DVF)
    assert_is(found, [(20 + down - DOWN[own], 30) for down in DOWN])
    assert found.folded.tolist() == [0] * 4


def test_in_the_reference_frame_no_motion_lies_between() -> None:
    dvf = DVF + 3.0  # that of the reference frame itself is not looked at
    assert_is(follow_measured(propagator_of(Target("tumour", block(20, 30), 2), 2, dvf), dvf[:1]), [(23, 33)])


def test_a_forecast_carries_it_where_there_is_one() -> None:
    propagator = propagator_of(Target("tumour", block(20, 30), 0), 0, DVF)
    forecast = np.array([[9.0], [1.0], [-3.0], [np.nan], [4.0]])
    found = follow_forecast(propagator, ForecastMotion(MODEL, 1), forecast, range(1, 5))
    assert_is(found, [(21, 28), (17, 36), None, (24, 22)])
    assert found.folded.tolist() == [0] * 4


def test_a_forecast_of_which_a_weight_is_missing_is_none() -> None:
    two = MotionModel(MODEL.mean, np.concatenate([MODEL.modes, MODEL.modes]), np.ones(2))
    propagator = propagator_of(Target("tumour", block(20, 30), 0), 0, DVF)
    forecast = np.array([[1.0, 2.0], [1.0, np.nan]])
    assert_is(follow_forecast(propagator, ForecastMotion(two, 1), forecast, range(2)), [(23, 24), None])


def test_where_the_motion_folds_is_counted_frame_by_frame() -> None:
    dvf = DVF.copy()
    dvf[2, :, 32:35, 0] = -2.0 * np.arange(3)  # the tissue runs backwards
    found = follow_measured(propagator_of(Target("tumour", block(20, 30), 0), 0, dvf), dvf)
    assert found.folded[2] > 0
    assert found.folded[[0, 1, 3]].tolist() == [0, 0, 0]


def test_masks_are_packed_and_come_back_by_their_place(rng: np.random.Generator) -> None:
    masks = rng.random((6, H, W)) < 0.3
    series = pack(masks, (H, W))
    runs = MaskSeries(series.bits.reshape(2, 3, -1), (H, W))
    np.testing.assert_array_equal(series.mask(4), masks[4])
    np.testing.assert_array_equal(runs.mask(1, 2), masks[5])
    np.testing.assert_array_equal(runs.part(1).mask(0), masks[3])
