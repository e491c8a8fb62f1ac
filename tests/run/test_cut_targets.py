"""Targets that the measured motion carries to the edge of the image, where a part of them is not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.masks import Target
from cinecast.run.doubtful_targets import cut_targets
from cinecast.target import MaskSeries, pack


def square(row: int) -> NDArray[np.bool_]:
    """A square of 5 x 5 pixels from a row on, in an image of 20 x 16; what lies beyond the last row is not seen."""
    mask = np.zeros((40, 16), dtype=bool)
    mask[row : row + 5, 4:9] = True
    return mask[:20]


def followed(*rows: int) -> MaskSeries:
    bits = pack([square(row) for row in rows], (20, 16)).bits
    return MaskSeries(bits[np.newaxis, np.newaxis], (20, 16))


def test_a_target_that_the_motion_carries_to_the_edge_is_named_with_its_frames() -> None:
    (said,) = cut_targets([Target("tumour", square(8), 0)], followed(8, 14, 15, 12, 18))
    assert said.startswith(
        "target tumour: along the measured motion it reaches the edge of the image in 2 of 5 frames (frame 2 first)"
    )
    assert "its centroid is that of the part that is seen" in said


def test_each_target_is_judged_by_its_own_masks() -> None:
    inside, cut = followed(8, 9, 8), followed(8, 15, 17)
    both = MaskSeries(np.concatenate([inside.bits, cut.bits]), (20, 16))
    (said,) = cut_targets([Target("tumour", square(8), 0), Target("duct", square(8), 0)], both)
    assert said.startswith("target duct: along the measured motion it reaches the edge of the image in 2 of 3 frames")


def test_a_target_that_stays_inside_is_not_named() -> None:
    assert cut_targets([Target("tumour", square(8), 0)], followed(8, 14, 1)) == []


def test_a_target_that_was_drawn_at_the_edge_is_named_too() -> None:
    # All of it is seen in its own frame. It moves by four rows, and its centroid by two.
    rows = [np.nonzero(square(row))[0].mean() for row in (15, 19)]
    assert rows[1] - rows[0] == 2
    (said,) = cut_targets([Target("tumour", square(15), 0)], followed(15, 19, 8))
    assert "it reaches the edge of the image in 2 of 3 frames (frame 0 first)" in said
