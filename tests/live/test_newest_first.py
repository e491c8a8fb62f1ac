"""Of frames that wait, the newest one of the stream is forecast from: what else waits makes none pass."""

from __future__ import annotations

import numpy as np

from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.live.newest_first import newest_first

FRAME = np.zeros((8, 8))


def frame(t: float) -> StreamedFrame:
    return StreamedFrame(f"{t:g}", t, FRAME, 0.0)


FAULT = StreamedFault("odd", "it is odd")


def told(*taken: tuple[Streamed | None, bool] | None) -> list[str]:
    found = []
    for each in newest_first(taken):
        passed = isinstance(each, StreamedFrame) and each.passed_over
        found.append("-" if each is None else each.name + (" passed over" if passed else ""))
    return found


def test_a_frame_behind_which_nothing_waits_is_forecast_from() -> None:
    assert told((frame(0), False), None, (frame(1), False)) == ["0", "-", "1"]


def test_of_several_the_newest_is_forecast_from() -> None:
    taken = (frame(0), True), (frame(1), True), (frame(2), False)
    assert told(*taken) == ["0 passed over", "1 passed over", "2"]


def test_a_frame_of_another_plane_behind_it_makes_no_frame_pass() -> None:
    assert told((frame(0), True), (None, False), (frame(1), True), (None, False)) == ["0", "1"]


def test_what_is_left_alone_first_holds_nothing_up() -> None:
    assert told((None, True), (frame(0), True), (None, True), (frame(1), False)) == ["0 passed over", "1"]


def test_a_fault_or_an_older_frame_behind_it_makes_no_frame_pass_and_keeps_its_turn() -> None:
    assert told((frame(1), True), (FAULT, True), (frame(0), False)) == ["1", "odd", "0"]
    assert told((frame(1), True), (FAULT, True), (frame(2), False)) == ["1 passed over", "odd", "2"]
    assert told((FAULT, True), (frame(1), False)) == ["odd", "1"]


def test_what_waits_when_the_stream_ends_is_given() -> None:
    assert told((frame(0), True), (FAULT, True)) == ["0", "odd"]
