"""Frames that are missing by number: which numbers count, and what the usual step is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast.frames.dicom.header import FrameHeader, read_headers
from cinecast.frames.dicom.numbered import NumberedFrames
from helpers.dicom_files import cine, save


@pytest.fixture
def header(tmp_path: Path) -> FrameHeader:
    """A header without a clock."""
    save(tmp_path, cine(np.arange(64, dtype=np.uint16).reshape(1, 8, 8), period_s=None))
    (only,) = read_headers(tmp_path / "image1.dcm")
    assert not only.clocks
    return only


def missing(header: FrameHeader, facts: Sequence[dict[str, Any]], *, trusts_clocks: bool = True) -> list[int]:
    numbered = NumberedFrames(trusts_clocks)
    return [numbered.missing_before(replace(header, **each)) for each in facts]


def by_number(header: FrameHeader, *numbers: int | None) -> list[int]:
    return missing(header, [{"number": number} for number in numbers])


def test_the_usual_step_is_known_from_three_steps_on(header: FrameHeader) -> None:
    assert by_number(header, 1, 2, 3, 5, 6) == [0, 0, 0, 0, 0]
    assert by_number(header, 1, 2, 3, 4, 6, 7) == [0, 0, 0, 0, 1, 0]
    assert by_number(header, 1, 3, 4, 5, 6, 8) == [0, 0, 0, 0, 0, 1]  # of the steps 2, 1, 1, 1
    assert by_number(header, 1, 3, 5, 7, 13, 15, 16, 18) == [0, 0, 0, 0, 2, 0, 0, 0]


def test_the_usual_step_is_that_of_the_newest(header: FrameHeader) -> None:
    """A second plane is imaged in turn from some moment on: half of the time passes between frames of the first."""
    first = list(range(1, 14))
    found = by_number(header, *first, *range(15, 50, 2))
    assert found[: len(first)] == [0] * len(first)
    assert found[len(first) :] == [1] * 7 + [0] * 11  # until more than half of the newest 12 steps are of 2


def test_numbers_that_are_lacking_or_go_back_tell_nothing(header: FrameHeader) -> None:
    assert by_number(header, 1, 2, 3, 4, None, 9, 10) == [0] * 7
    assert by_number(header, 1, 2, 3, 4, 4, 2, 3, 5) == [0, 0, 0, 0, 0, 0, 0, 1]


def test_temporal_positions_count_where_they_differ(header: FrameHeader) -> None:
    places = [1, 2, 3, 4, 6, 7]
    alike = [{"number": 10 + place, "temporal_position": 1} for place in places]
    partly = [each | {"temporal_position": [1, None][i % 2]} for i, each in enumerate(alike)]
    own = [{"number": 10 + i, "temporal_position": place} for i, place in enumerate(places)]
    for facts in (alike, partly, own):
        assert missing(header, facts) == [0, 0, 0, 0, 1, 0]


def test_frames_of_one_file_have_one_number(header: FrameHeader) -> None:
    files = [{"number": number, "index": index} for number in (1, 2, 3, 4, 6) for index in (0, 1)]
    assert missing(header, files) == [0] * 10


def test_a_clock_counts_more_where_it_is_trusted(header: FrameHeader) -> None:
    timed = [{"number": number, "clocks": {"acquisition_of_day": number}} for number in (1, 2, 3, 4, 6, 7)]
    assert missing(header, timed) == [0] * 6
    assert missing(header, timed, trusts_clocks=False) == [0, 0, 0, 0, 1, 0]
    timed[4]["clocks"] = {}
    assert missing(header, timed) == [0] * 6
