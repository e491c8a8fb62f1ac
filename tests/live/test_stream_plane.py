"""The plane of a stream: the first, one that follows before the calibration, planes in turn, planes that move."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.live.contradictions import IN_A_ROW
from cinecast.live.stream_plane import Plane, StreamPlane, lies_about_zero

SAGITTAL = np.array([[0.0, 0.0, 5.0, 12.0], [1.5, 0.0, 0.0, -90.0], [0.0, -2.5, 0.0, 110.0], [0, 0, 0, 1.0]])
CORONAL = np.array([[1.5, 0.0, 0.0, -90.0], [0.0, 0.0, 5.0, 8.0], [0.0, -2.5, 0.0, 110.0], [0, 0, 0, 1.0]])
SHAPE, TRAIN = (48, 40), 20


def moved(mm: float, axis: int = 2, affine: NDArray[np.float64] = SAGITTAL) -> NDArray[np.float64]:
    other = affine.copy()
    other[axis, 3] += mm
    return other


def told(planes: list[Plane], train_end: int = TRAIN) -> list[str]:
    stream = StreamPlane(train_end)
    return [stream.observe(plane) for plane in planes]


OWN = Plane(SHAPE, SAGITTAL)


@pytest.mark.parametrize(
    "other",
    [
        Plane(SHAPE, moved(0.02)),
        Plane(SHAPE, moved(0.02, axis=0)),
        Plane(SHAPE, SAGITTAL @ np.diag([1.001, 1, 1, 1])),
        Plane(SHAPE, CORONAL),
        Plane((40, 48), SAGITTAL),
        Plane((48, 41), None),
    ],
)
def test_once_enough_have_come_another_plane_never_becomes_the_streams(other: Plane) -> None:
    assert told([OWN] * TRAIN + [other] * 50) == ["own"] * TRAIN + ["elsewhere"] * 50


@pytest.mark.parametrize(
    ("steps", "apart_mm"),
    [((1.01, 1), 40 * 1.5 * 0.01), ((1, 1.01), 48 * 2.5 * 0.01), ((1.02, 1.01), 40 * 1.5 * 0.02)],
)
def test_planes_are_as_far_apart_as_their_farthest_corners(steps: tuple[float, float], apart_mm: float) -> None:
    assert OWN.corner_mm(Plane(SHAPE, SAGITTAL @ np.diag([*steps, 1, 1]))) == pytest.approx(apart_mm)


def test_rounding_in_single_precision_is_no_other_plane() -> None:
    single = SAGITTAL.astype(np.float32).astype(np.float64) + 1e-5
    assert told([OWN, Plane(SHAPE, single), Plane(SHAPE, None)]) == ["own"] * 3


@pytest.mark.parametrize("other", [Plane(SHAPE, moved(7.0)), Plane((96, 80), SAGITTAL)])
def test_a_plane_that_follows_before_the_calibration_becomes_the_streams(other: Plane) -> None:
    stream = StreamPlane(TRAIN)
    verdicts = [stream.observe(each) for each in [OWN] * (TRAIN - 1) + [other] * (IN_A_ROW + TRAIN)]
    assert verdicts == ["own"] * (TRAIN - 1) + ["elsewhere"] * (IN_A_ROW - 1) + ["anew"] + ["own"] * TRAIN
    assert stream.own is other
    large = "frames have become 96 x 80 pixels large"
    assert stream.change == ("frames have come to lie elsewhere" if other.shape == SHAPE else large)
    assert stream.observe(OWN) == "elsewhere"


def test_frames_that_show_nothing_make_no_plane_the_streams() -> None:
    stream = StreamPlane(TRAIN)
    stream.observe(OWN)
    assert {stream.observe(Plane(SHAPE, CORONAL), lambda: False) for _ in range(20)} == {"elsewhere"}


def test_one_odd_frame_changes_nothing() -> None:
    odd = Plane(SHAPE, moved(9.0))
    assert told([OWN, odd, OWN, OWN]) == ["own", "elsewhere", "own", "own"]


@pytest.mark.parametrize("others", [[Plane(SHAPE, CORONAL)], [Plane(SHAPE, CORONAL), Plane((40, 48), moved(20.0))]])
def test_planes_in_turn_are_left_alone_and_the_first_stays(others: list[Plane]) -> None:
    verdicts = told([OWN, *others] * 40)
    turn = 1 + len(others)
    assert verdicts[:turn] == ["own", *["elsewhere"] * len(others)]
    assert verdicts[turn:] == ["own", *["in turn"] * len(others)] * 39


def test_where_the_own_plane_comes_no_more_frames_of_the_other_are_said() -> None:
    other = Plane(SHAPE, CORONAL)
    verdicts = told([OWN, other] * 40 + [other] * 20)
    assert verdicts[-20 + IN_A_ROW :] == ["elsewhere"] * (20 - IN_A_ROW)


def test_the_own_plane_that_moves_is_said_though_another_comes_in_turn() -> None:
    other = Plane(SHAPE, CORONAL)
    assert told([OWN, other] * 40 + [Plane(SHAPE, moved(5.0)), other] * 3)[-6::2] == ["elsewhere"] * 3


def test_a_plane_that_keeps_moving_is_never_the_streams() -> None:
    assert set(told([OWN] + [Plane(SHAPE, moved(0.5 * t)) for t in range(1, 60)])[1:]) == {"elsewhere"}


def test_what_is_wrong_is_a_part_of_a_sentence() -> None:
    stream = StreamPlane(TRAIN)
    stream.observe(OWN)
    for plane, words in (
        (Plane(SHAPE, moved(5.0)), "it lies elsewhere: a corner of it is 5 mm from that of the frames before"),
        (Plane((40, 48), SAGITTAL), "it has 40 x 48 pixels instead of 48 x 40"),
    ):
        assert stream.fault(plane) == f"{words}; start a new session for a new plane"


def test_a_plane_about_zero_along_the_axes_is_that_of_a_bridge_that_knows_no_place() -> None:
    spaced = np.diag([2.5, 1.5, 1.0, 1.0])
    spaced[:2, 3] = -2.5 * 39 / 2, -1.5 * 47 / 2
    assert lies_about_zero(spaced, SHAPE)
    assert not lies_about_zero(spaced, (50, 40))
    assert not lies_about_zero(np.diag([-1.0, -1.0, 1.0, 1.0]) @ spaced, SHAPE)  # an axial plane of DICOM
    assert not lies_about_zero(SAGITTAL, SHAPE)
