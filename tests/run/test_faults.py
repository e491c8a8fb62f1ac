"""What a run says of frames that its flow cannot be right for."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from cinecast.run.faults import warn_of_clipping, warn_of_faults, warn_of_unexplained
from cinecast.sequence import Sequence, Split
from cinecast.settings import FlowSettings


def messages(caplog: pytest.LogCaptureFixture, settings: FlowSettings, faults: dict[int, str]) -> list[str]:
    frames = np.random.default_rng(1).integers(0, 100, (9, 8, 8))
    sequence = Sequence("lung", frames, 0.25 * np.arange(9), (1.0, 1.0), Split(3, 6, 9), faults=faults)
    with caplog.at_level(logging.WARNING):
        warn_of_faults(sequence, settings)
        warn_of_unexplained(sequence, [t for t in faults if t > 4])
    return [record.getMessage() for record in caplog.records]


def test_faulty_frames_are_named_with_what_becomes_of_them(caplog: pytest.LogCaptureFixture) -> None:
    assert messages(caplog, FlowSettings(), {2: "frozen", 4: "frozen"}) == [
        "lung: frames 2, 4 frozen: theirs is the motion of the frame before, nothing is learned from them and they are "
        "not scored"
    ]


def test_of_many_faulty_frames_only_the_first_are_named_and_all_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    (message, _) = messages(caplog, FlowSettings(), dict.fromkeys(range(1, 80, 2), "frozen"))
    assert message.startswith("lung: 40 frames (frames 1, 3, 5, 7, 9, 11, 13, 15 and more) frozen: theirs is")


def test_a_faulty_reference_frame_is_said_once_more(caplog: pytest.LogCaptureFixture) -> None:
    settings = FlowSettings(reference=2, faulty_frames="measured")
    assert messages(caplog, settings, {2: "nearly black"}) == [
        'lung: frame 2 nearly black: they are taken like all others, as flow.faulty_frames = "measured" asks',
        "lung: the reference frame, flow.reference = 2, is itself nearly black: motion is measured from it; choose "
        "another",
    ]


def test_frames_that_are_not_explained_are_named(caplog: pytest.LogCaptureFixture) -> None:
    (_, message) = messages(caplog, FlowSettings(), {5: "frozen", 6: "frozen", 7: "frozen"})
    assert message.startswith("lung: the flow does not explain 3 of 9 frames (frames 5 to 7): ")


def test_frames_that_are_cut_off_are_named_but_for_faulty_ones(caplog: pytest.LogCaptureFixture) -> None:
    frames = np.random.default_rng(1).integers(0, 60000, (9, 40, 40))
    sequence = Sequence("lung", frames, 0.25 * np.arange(9), (1.0, 1.0), Split(3, 6, 9), faults={8: "nearly black"})
    warn_of_clipping(sequence)
    assert not caplog.records
    frames[[2, 5, 8]] = np.minimum(frames[[2, 5, 8]], 58000)
    warn_of_clipping(sequence)
    (record,) = caplog.records
    assert record.getMessage().startswith(
        "lung: the brightest grey values of 2 of 9 frames (frames 2, 5) are cut off: many pixels share the largest one"
    )


def test_nothing_is_said_of_good_frames(caplog: pytest.LogCaptureFixture) -> None:
    assert messages(caplog, FlowSettings(), {}) == []
