"""What makes a mask a target, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast.errors import ReadError
from cinecast.frames.masks import make_target


def _mask(*blocks: tuple[slice, slice]) -> np.ndarray:
    mask = np.zeros((20, 24), dtype=bool)
    for block in blocks:
        mask[block] = True
    return mask


def test_nothing_is_said_of_an_ordinary_mask() -> None:
    target = make_target("tumour", _mask(np.s_[4:9, 5:9]), 3, ("is label 2",))
    assert (target.name, target.frame, target.said) == ("tumour", 3, ("is label 2",))


def test_two_parts_are_kept_and_said() -> None:
    mask = _mask(np.s_[4:9, 5:9], np.s_[12:15, 5:9])
    target = make_target("tumour", mask, 0)
    assert target.said == ("has 2 separate parts, which are kept as one target",)
    np.testing.assert_array_equal(target.mask, mask)


def test_pixels_that_touch_at_a_corner_are_one_part() -> None:
    assert make_target("tumour", _mask(np.s_[4:8, 5:9], np.s_[8:12, 9:12]), 0).said == ()


@pytest.mark.parametrize(
    ("block", "sides"),
    [
        (np.s_[0:5, 5:9], "first row"),
        (np.s_[15:20, 5:9], "last row"),
        (np.s_[4:9, 0:3], "first column"),
        (np.s_[4:9, 20:24], "last column"),
        (np.s_[0:5, 20:24], "first row, last column"),
    ],
)
def test_a_mask_at_the_edge_is_said(block: tuple[slice, slice], sides: str) -> None:
    (said,) = make_target("tumour", _mask(block), 0).said
    assert said == f"touches the edge of the image ({sides}): what lies beyond is not seen"


def test_a_mask_of_most_of_the_image_is_said() -> None:
    (said,) = make_target("tumour", _mask(np.s_[1:19, 1:23]), 0).said
    assert said == "fills 82 % of the image: are inside and outside exchanged?"


@pytest.mark.parametrize(
    ("name", "block", "words"),
    [
        ("tumour", np.s_[0:0, 0:0], r"needs a mask with pixels inside, got none for 'tumour' in frame 2; draw it anew"),
        ("tumour", np.s_[4:5, 4:7], r"at least 4 pixels, got 3 for 'tumour' in frame 2; draw it larger"),
        ("tumour", np.s_[:, :], r"must leave pixels outside, got the whole image for 'tumour'"),
        (" ", np.s_[4:9, 4:9], r"every target needs a name, got an empty one"),
    ],
)
def test_what_is_no_target_is_refused(name: str, block: tuple[slice, slice], words: str) -> None:
    with pytest.raises(ReadError, match=words):
        make_target(name, _mask(block), 2)


def test_four_pixels_are_enough() -> None:
    assert make_target("tumour", _mask(np.s_[4:6, 4:6]), 0).mask.sum() == 4
