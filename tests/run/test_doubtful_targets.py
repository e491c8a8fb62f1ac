"""Targets that do not move, and labels that are unlike their target, by numbers written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.frames.masks import Target
from cinecast.run.doubtful_targets import doubtful_labels, farthest_mm, still_targets
from cinecast.sequence import Sequence, Split
from cinecast.target import MaskSeries, pack

T, H, W, OWN = 12, 30, 40, 2


def square(row: int = 10, column: int = 12) -> NDArray[np.bool_]:
    mask = np.zeros((H, W), dtype=bool)
    mask[row : row + 10, column : column + 10] = True
    return mask


@pytest.fixture
def sequence() -> Sequence:
    frames = np.random.default_rng(0).integers(1, 99, (T, H, W))
    return Sequence("lung", frames, np.asarray(0.25 * np.arange(T)), (2.0, 3.0), Split(6, 8, T))


TARGET = Target("GTV", square(), OWN)


def followed(*moved: tuple[int, int, int]) -> MaskSeries:
    """Return masks that stay but in frames t, where they are moved by rows and columns."""
    masks = [square() for _ in range(T)]
    for t, rows, columns in moved:
        masks[t] = square(10 + rows, 12 + columns)
    return pack(masks, (H, W))


def test_the_farthest_is_in_mm_of_each_axis_from_the_place_in_its_own_frame_and_of_the_train_span(
    sequence: Sequence,
) -> None:
    assert farthest_mm(TARGET, followed((4, 3, 4), (5, 1, 0)), sequence) == pytest.approx(np.hypot(3 * 2.0, 4 * 3.0))
    assert farthest_mm(TARGET, followed((6, 9, 9)), sequence) == 0  # the first frame after it
    assert farthest_mm(TARGET, followed((OWN, 2, 0)), sequence) == pytest.approx(4.0)
    gone = followed((4, 3, 4))
    gone.bits[5] = 0  # it has left the image
    assert farthest_mm(TARGET, gone, sequence) == pytest.approx(np.hypot(6.0, 12.0))


def test_targets_that_stand_still_are_named(sequence: Sequence) -> None:
    both = MaskSeries(np.stack([followed((4, 1, 0)).bits, followed().bits])[:, np.newaxis], (H, W))
    (said,) = still_targets((TARGET, Target("heart", square(), OWN)), both, sequence)
    assert said.startswith("target heart: the measured motion does not move it")


@pytest.mark.parametrize(("columns", "unlike"), [(0, False), (4, False), (5, False), (6, True), (30, True)])
def test_labels_are_unlike_their_target_below_a_dsc_of_a_half(sequence: Sequence, columns: int, unlike: bool) -> None:
    """A square of 10 pixels that is off by n columns has a DSC of 1 - n / 10."""
    masks = followed((OWN, 0, columns)) if columns < 20 else followed((OWN, -10, 12))
    labelled = np.ones(T, dtype=bool)
    said = doubtful_labels([TARGET], {"GTV": (masks, labelled)}, sequence)
    assert said == ["labels of GTV are unlike it in its own frame: are they turned, or of another?"] * unlike
    labelled[OWN] = False
    assert doubtful_labels([TARGET], {"GTV": (masks, labelled)}, sequence) == []
    assert doubtful_labels([TARGET], {}, sequence) == []


@pytest.mark.parametrize("frames", [(0, 7), (8,), (11,)])
def test_labels_that_the_test_span_has_none_of_are_said(sequence: Sequence, frames: tuple[int, ...]) -> None:
    labelled = np.zeros(T, dtype=bool)
    labelled[list(frames)] = True
    said = doubtful_labels([TARGET], {"GTV": (followed(), labelled)}, sequence)
    none = "labels of GTV: none in the test span, frames 8 to 11: nothing is scored against them"
    assert said == ([none] if max(frames) < 8 else [])


def test_labels_that_the_edge_cuts_in_the_test_span_are_said(sequence: Sequence) -> None:
    """The last row is 29. Of the test span, frames 8 to 11, one that reaches it has no label; frame 3 lies before."""
    masks, labelled = followed((3, 12, 0), (8, 9, 0), (9, 12, 0), (10, 15, 0), (11, 10, 0)), np.ones(T, dtype=bool)
    labelled[11] = False
    (said,) = doubtful_labels([TARGET], {"GTV": (masks, labelled)}, sequence)
    assert said.startswith(
        "labels of GTV reach the edge of the image in 2 of 3 test frames (frame 9 first): their centr"
    )
    inside = followed((3, 12, 0), (8, 9, 0), (9, -9, 17))
    assert doubtful_labels([TARGET], {"GTV": (inside, labelled)}, sequence) == []
