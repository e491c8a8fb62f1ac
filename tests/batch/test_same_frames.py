"""Sequences of a cohort that show the same frames, also as a converter left them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.batch.same_frames import grey_course, same_frames

FRAMES = np.random.default_rng(3).integers(0, 900, (80, 12, 10)).astype(np.uint16)


@pytest.mark.parametrize(
    "other",
    [
        FRAMES.copy(),
        FRAMES[:, ::-1],  # rows turned round
        FRAMES.transpose(0, 2, 1),
        (FRAMES * 2.5 - 40).astype(np.float32),
        FRAMES[:30],
    ],
)
def test_the_same_frames_are_told(other: NDArray[np.float64]) -> None:
    third = np.random.default_rng(4).integers(0, 900, FRAMES.shape)
    courses = {"a": grey_course(FRAMES), "b": grey_course(other), "c": grey_course(third)}
    assert same_frames(courses) == {"a": ("b",), "b": ("a",)}


@pytest.mark.parametrize("step", [-40, 40])
def test_sequences_that_only_begin_alike_are_not(step: int) -> None:
    other = FRAMES.astype(np.int64)
    other[40] += step  # one of the frames that are looked at
    assert not same_frames({"a": grey_course(FRAMES), "b": grey_course(other)})


@pytest.mark.parametrize(("share", "same"), [(0.5e-3, True), (3e-3, False)])
def test_courses_are_the_same_within_a_thousandth_of_their_deviation(share: float, same: bool) -> None:
    course = grey_course(FRAMES)
    other = 3.0 * course - 100.0
    other[40] += share * other.std()
    assert bool(same_frames({"a": course, "b": other})) == same


def test_the_first_64_frames_are_looked_at_and_6_are_enough() -> None:
    assert grey_course(FRAMES).tolist() == [float(frame.mean()) for frame in FRAMES[:64]]
    six, five = grey_course(FRAMES[:6]), grey_course(FRAMES[:5])
    assert same_frames({"a": six, "b": six}) == {"a": ("b",), "b": ("a",)}
    assert same_frames({"a": five, "b": five}) == {}


def test_other_frames_and_too_few_are_not() -> None:
    assert not same_frames({"a": grey_course(FRAMES), "b": grey_course(FRAMES[1:])})
    assert not same_frames({"a": grey_course(FRAMES[:3]), "b": grey_course(FRAMES[:3])})


def test_frames_that_do_not_change_say_nothing() -> None:
    still = np.repeat(FRAMES[:1], 40, axis=0)
    assert not same_frames({"a": grey_course(still), "b": grey_course(still)})
