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


def test_other_frames_and_too_few_are_not() -> None:
    assert not same_frames({"a": grey_course(FRAMES), "b": grey_course(FRAMES[1:])})
    assert not same_frames({"a": grey_course(FRAMES[:3]), "b": grey_course(FRAMES[:3])})


def test_frames_that_do_not_change_say_nothing() -> None:
    still = np.repeat(FRAMES[:1], 40, axis=0)
    assert not same_frames({"a": grey_course(still), "b": grey_course(still)})
