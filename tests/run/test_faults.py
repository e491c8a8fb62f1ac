"""What a run says of frames that its flow cannot be right for."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.run.faults import (
    flow_warnings,
    unexplained_in,
    warn_of_brightness,
    warn_of_clipping,
    warn_of_faults,
    warn_of_unexplained,
)
from cinecast.run.stage_work import Work
from cinecast.sequence import Sequence, Split
from cinecast.settings import FlowSettings, Settings
from cinecast.store import RunFolder
from cinecast.store import artifacts as art


def noise(shape: tuple[int, int, int]) -> NDArray[np.int64]:
    """Return frames without a fault, and with fewer brightest pixels than frames that are cut off have."""
    return np.random.default_rng(1).integers(0, 60000, shape)


def messages(caplog: pytest.LogCaptureFixture, settings: FlowSettings, faults: dict[int, str]) -> list[str]:
    frames = np.random.default_rng(1).integers(0, 100, (9, 8, 8))
    sequence = Sequence("lung", frames, 0.25 * np.arange(9), (1.0, 1.0), Split(3, 6, 9), faults=faults)
    with caplog.at_level(logging.WARNING):
        warn_of_faults(sequence, settings)
        warn_of_unexplained(sequence, settings, [t for t in faults if t > 4])
    return [record.getMessage() for record in caplog.records]


def test_faulty_frames_are_named_with_what_becomes_of_them(caplog: pytest.LogCaptureFixture) -> None:
    assert messages(caplog, FlowSettings(), {2: "frozen", 4: "frozen"}) == [
        "lung: frames 2, 4 frozen: theirs is the motion of the frame before, nothing is learned from them and they are "
        "not scored"
    ]


def test_of_one_faulty_frame_it_is_said_in_the_singular(caplog: pytest.LogCaptureFixture) -> None:
    assert messages(caplog, FlowSettings(), {2: "frozen"}) == [
        "lung: frame 2 frozen: its motion is that of the frame before, nothing is learned from it and it is not scored"
    ]


def test_of_many_faulty_frames_only_the_first_are_named_and_all_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    (message, _) = messages(caplog, FlowSettings(), dict.fromkeys(range(1, 80, 2), "frozen"))
    assert message.startswith("lung: 40 frames (frames 1, 3, 5, 7, 9, 11, 13, 15 and more) frozen: theirs is")


def test_a_faulty_reference_frame_is_said_once_more(caplog: pytest.LogCaptureFixture) -> None:
    settings = FlowSettings(reference=2, faulty_frames="measured")
    assert messages(caplog, settings, {2: "nearly black"}) == [
        'lung: frame 2 nearly black: it is taken like all others, as flow.faulty_frames = "measured" asks',
        "lung: the reference frame, flow.reference = 2, is itself nearly black: motion is measured from it; choose "
        "another",
    ]


def test_frames_that_are_not_explained_are_named(caplog: pytest.LogCaptureFixture) -> None:
    (_, message) = messages(caplog, FlowSettings(), {5: "frozen", 6: "frozen", 7: "frozen"})
    assert message.startswith(
        "lung: the flow does not explain 3 of 9 frames (frames 5 to 7; 2 of them in the test span): "
    )


def test_one_frame_that_the_flow_does_not_explain_is_one(caplog: pytest.LogCaptureFixture) -> None:
    (said,) = [each for each in messages(caplog, FlowSettings(), {5: "frozen"}) if "explain" in each]
    assert said.startswith(
        "lung: the flow does not explain 1 of 9 frames (frame 5): brought back onto the reference frame, this one is "
        "far less like it than the others; "
    )


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


@pytest.mark.parametrize(
    ("settings", "helps"),
    [
        (FlowSettings(), False),
        (FlowSettings(levels=3), False),
        (FlowSettings(levels=2), True),
        (FlowSettings(levels=2, dvf="own.npy"), False),
        (FlowSettings(levels=2, estimator="other"), False),
    ],
)
def test_more_levels_are_advised_only_where_they_can_help(settings: FlowSettings, helps: bool) -> None:
    sequence = Sequence("lung", noise((9, 40, 32)), 0.25 * np.arange(9), (1.0, 1.0), Split(3, 6, 9))
    (said,) = flow_warnings(sequence, settings, (5,))
    assert ('a larger flow.levels helps ("auto" takes 3 here)' in said.sentence) == helps
    assert ("trust errors in mm there only where" in said.sentence) != helps
    assert said.sentence.startswith("the DVFs that were given do not" if settings.dvf else "the flow does not")


def test_all_frames_are_told_where_the_sentence_names_some() -> None:
    faults = dict.fromkeys(range(3, 60, 2), "frozen")
    sequence = Sequence("lung", noise((60, 8, 8)), np.arange(60.0), (1.0, 1.0), Split(20, 40, 60), faults=faults)
    faulty, unexplained = flow_warnings(sequence, FlowSettings(), tuple(range(2, 60, 4)))
    assert faulty.sentence.endswith("not scored; 10 of them in the test span")
    assert faulty.all_frames == f"frames {', '.join(map(str, range(3, 60, 2)))} frozen"
    assert "26, 30 and more; 5 of them in the test span)" in unexplained.sentence
    assert unexplained.all_frames == f"frames {', '.join(map(str, range(2, 60, 4)))}"
    (few,) = flow_warnings(replace(sequence, faults={}), FlowSettings(), (41,))
    assert "(frame 41, in the test span)" in few.sentence
    assert not few.all_frames


def test_what_was_said_of_a_flow_that_is_kept_is_said_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sequence = Sequence("lung", noise((9, 8, 8)), 0.25 * np.arange(9), (1.0, 1.0), Split(3, 6, 9))
    with RunFolder(tmp_path / "run", "lung") as store:
        with store.commit(art.FLOW, "", {}) as folder:
            art.save_unexplained(folder, [0.1, 0.1, 0.3, 0.1, 0.1, 0.1, 0.1, 0.9, 0.1])
        settings = Settings(flow=FlowSettings(dvf="own.npy", reference=0))
        Work(store, sequence, settings, 1).say_of_kept_flow()
    given, unexplained = (record.getMessage() for record in caplog.records)
    assert given.startswith("lung: DVFs of your own are taken")
    assert unexplained.startswith("lung: the DVFs that were given do not explain 2 of 9 frames (frames 2, 7; 1 of them")


def test_which_frames_a_kept_flow_does_not_explain_is_judged_by_the_train_span_of_now(tmp_path: Path) -> None:
    frames, settings = noise((10, 8, 8)), FlowSettings(reference=0)
    art.save_unexplained(tmp_path, [0.1, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3, 0.9, 0.3])
    for train_end, named in ((3, (3, 4, 5, 6, 7, 8, 9)), (8, (8,))):  # medians of 0.1, and of 0.3
        split = Split(train_end, 9, 10)
        sequence = Sequence("lung", frames, 0.25 * np.arange(10), (1.0, 1.0), split, faults={7: "frozen"})
        good = tuple(t for t in named if t != 7)
        assert unexplained_in(tmp_path, sequence, settings) == good
        assert unexplained_in(tmp_path, sequence, replace(settings, faulty_frames="measured")) == named


@pytest.mark.parametrize(("faulty_frames", "said"), [("held", False), ("measured", True)])
def test_the_brightness_of_a_frame_that_is_held_is_no_motion(
    faulty_frames: Literal["held", "measured"], said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    frames = noise((9, 64, 64))
    frames[4] //= 100
    sequence = Sequence("lung", frames, 0.25 * np.arange(9), (1.0, 1.0), Split(3, 6, 9), faults={4: "nearly black"})
    settings = FlowSettings(normalisation=0, faulty_frames=faulty_frames)
    assert settings.takes_brightness_for_motion
    with caplog.at_level(logging.WARNING):
        warn_of_brightness(sequence, settings)
    assert any("the brightness of whole frames varies" in record.getMessage() for record in caplog.records) == said


def test_nothing_is_said_of_good_frames(caplog: pytest.LogCaptureFixture) -> None:
    assert messages(caplog, FlowSettings(), {}) == []
