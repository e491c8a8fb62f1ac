"""Frames of a stream that can be used, and what several in a row change."""

from __future__ import annotations

import numpy as np

from cinecast.live.admission import Admission
from cinecast.live.contradictions import IN_A_ROW

FRAME = np.arange(120.0).reshape(10, 12)
TURNED = np.ascontiguousarray(FRAME.T)


def admitted() -> Admission:
    found = Admission()
    found.admit(FRAME, 5.0)
    return found


def changes(found: Admission, frame: np.ndarray, count: int, *, may_resize: bool = True, time_s: float = 1.0) -> list:
    return [found.what_changed(frame, time_s + t, may_resize=may_resize) for t in range(count)]


def test_any_first_frame_will_do_and_later_ones_are_held_against_it() -> None:
    assert Admission().fault(TURNED, -3.0) is None
    found = admitted()
    assert found.fault(FRAME, 5.1) is None
    assert found.fault(TURNED, 5.1) == "it has 12 x 10 pixels instead of 10 x 12"
    assert found.fault(FRAME, 4.9) is not None


def test_five_frames_of_another_size_are_what_the_stream_has_become() -> None:
    said = changes(admitted(), TURNED, IN_A_ROW)
    assert said == [None] * (IN_A_ROW - 1) + ["frames have become 12 x 10 pixels large"]
    assert changes(admitted(), TURNED, 3 * IN_A_ROW, may_resize=False) == [None] * (3 * IN_A_ROW)


def test_a_good_frame_between_them_begins_the_count_anew() -> None:
    found = admitted()
    assert changes(found, TURNED, IN_A_ROW - 1) == [None] * (IN_A_ROW - 1)
    found.admit(FRAME, 6.0)
    assert changes(found, TURNED, IN_A_ROW - 1) == [None] * (IN_A_ROW - 1)


def test_a_clock_that_stays_back_was_set_back() -> None:
    said = changes(admitted(), FRAME, IN_A_ROW, time_s=-2.0)
    assert said == [None] * (IN_A_ROW - 1) + ["the clock of the frames was set back by 3.0000 s"]
    for time_s in (5.0, 5.1):  # a clock that stands, or goes on
        found = admitted()
        said = [found.what_changed(FRAME, time_s, may_resize=True) for _ in range(2 * IN_A_ROW)]
        assert said == [None] * (2 * IN_A_ROW)


def test_frames_that_are_faulty_by_themselves_change_nothing() -> None:
    found = admitted()
    assert changes(found, np.zeros((12, 10)), 2 * IN_A_ROW) == [None] * (2 * IN_A_ROW)
    assert [found.what_changed(TURNED, np.nan, may_resize=True) for _ in range(2 * IN_A_ROW)] == [None] * (2 * IN_A_ROW)
