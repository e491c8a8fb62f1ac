"""The motion of a faulty frame is that of the good frame before it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cinecast.motion.held import held_frames, hold, without_held
from cinecast.settings import FlowSettings

FIELDS = [np.full((2, 3, 2), t, dtype=np.float32) for t in range(8)]


def held_numbers(held: set[int]) -> list[int]:
    return [int(field[0, 0, 0]) for field in hold(iter(FIELDS), held)]


def test_held_frames_repeat_the_good_one_before_and_leading_ones_the_first_good_one() -> None:
    assert held_numbers(set()) == list(range(8))
    assert held_numbers({2, 5, 6, 7}) == [0, 1, 1, 3, 4, 4, 4, 4]
    assert held_numbers({0, 1, 4}) == [2, 2, 2, 3, 3, 5, 6, 7]


@given(held=st.sets(st.integers(1, 7)), t=st.integers(0, 7))
def test_no_field_depends_on_a_later_frame_once_one_was_good(held: set[int], t: int) -> None:
    assert held_numbers(held)[: t + 1] == held_numbers({each for each in held if each <= t})[: t + 1]


def test_models_are_fitted_to_the_others() -> None:
    dvf = np.stack(FIELDS)
    assert without_held(dvf, ()) is dvf
    assert without_held(dvf[:5], {3, 6}) is not dvf
    np.testing.assert_array_equal(without_held(dvf[:5], {3, 6}), dvf[[0, 1, 2, 4]])
    np.testing.assert_array_equal(without_held(dvf[:5], {4, 5}), dvf[:4])  # frame 5 is the first of the next span


def test_the_setting_has_faulty_frames_measured() -> None:
    assert held_frames({3: "frozen"}, FlowSettings()) == {3}
    assert held_frames({3: "frozen"}, FlowSettings(faulty_frames="measured")) == frozenset()
