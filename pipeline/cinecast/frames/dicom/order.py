"""Order of DICOM frames: by time, else by instance number, else by file name; never by what only looks like time."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence as SequenceOf
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.timing import CLOCKS, MICROSECONDS, choose_clock

_LOG = logging.getLogger(__name__)

Ordered = tuple[list[FrameHeader], NDArray[np.float64] | None, str | None]


def order_frames(headers: SequenceOf[FrameHeader], *, counted: bool) -> Ordered:
    """Return the frames in order, their times in s from the first, and what the times are.

    Parameters
    ----------
    headers
        Frames of one plane, in natural order of their file names.
    counted
        Whether times will be counted with a given period: the same time twice is then no error.

    Returns
    -------
    tuple
        Frames; times, shape (T,), or None; the clock in words, or None.

    Raises
    ------
    ReadError
        If a frame is there twice, one is missing by its number where there are no times, or times and numbers
        contradict each other where times are counted.
    """
    _check_instances(headers)
    numbers = frame_numbers(headers)
    chosen = choose_clock([header.clocks for header in headers], numbers)
    if chosen is None:
        return _by_number(headers, numbers), None, None
    key, times = chosen
    ranks = numbers or [(0, i) for i in range(len(headers))]
    order = sorted(range(len(headers)), key=lambda i: (times[i], ranks[i]))
    ordered = [headers[i] for i in order]
    moments = [times[i] for i in order]
    if counted:
        _check_agreement(ordered, CLOCKS[key])
    else:
        _check_different(ordered, moments, CLOCKS[key])
    return ordered, (np.array(moments) - moments[0]) / MICROSECONDS, CLOCKS[key]


def frame_numbers(headers: SequenceOf[FrameHeader]) -> list[tuple[int, int]] | None:
    """Return instance number and index in its file of each frame, or None where some have no instance number."""
    if len({header.path for header in headers}) == 1:
        return [(0, header.index) for header in headers]
    numbers = [(header.number, header.index) for header in headers if header.number is not None]
    return numbers if len(numbers) == len(headers) else None


def natural_order(path: Path) -> list[tuple[int, int | str]]:
    """Return what sorts files by name as people do (2 before 10)."""
    parts: list[Any] = re.split(r"(\d+)", path.name)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]


def _check_instances(headers: SequenceOf[FrameHeader]) -> None:
    seen: dict[tuple[str, int], FrameHeader] = {}
    for header in headers:
        if header.uid is None:
            continue
        other = seen.setdefault((header.uid, header.index), header)
        if other is not header:
            raise ReadError(
                f"every frame must be there once, got the same SOP instance in {other.path.name} and "
                f"{header.path.name} (duplicate); remove one"
            )


def _check_agreement(ordered: SequenceOf[FrameHeader], clock: str) -> None:
    # Which of the two is wrong (a clock that was set back, passes numbered anew) cannot be told, and where times are
    # counted nothing else would show it.
    for earlier, later in pairwise(ordered):
        if earlier.number is not None and later.number is not None and later.number < earlier.number:
            raise ReadError(
                f"where times are counted, instance numbers must not contradict the {clock}, got "
                f"{earlier.path.name} (number {earlier.number}) before {later.path.name} (number {later.number}) by "
                "time; keep the frames of one pass, or remove from the files whichever is wrong"
            )


def _check_different(ordered: SequenceOf[FrameHeader], moments: SequenceOf[int], clock: str) -> None:
    for i in range(1, len(ordered)):
        if moments[i] == moments[i - 1]:
            raise ReadError(
                f"frames must have different times, got the same in {ordered[i - 1].path.name} and "
                f"{ordered[i].path.name} ({clock}; duplicate); remove one, or give --frame-period "
                "to set times by frame count"
            )


def _by_number(headers: SequenceOf[FrameHeader], numbers: list[tuple[int, int]] | None) -> list[FrameHeader]:
    if numbers is None:
        _check_none_numbered(headers)
        _LOG.info("%s: no times and no instance numbers; frames are ordered by file name", headers[0].path.parent.name)
        return list(headers)
    pairs = sorted(zip(numbers, headers, strict=True), key=lambda pair: pair[0])
    numbers, ordered = [number for number, _ in pairs], [header for _, header in pairs]
    _check_once(ordered, numbers)
    files = {header.path for header in ordered}
    if len(files) == 1:
        _check_gapless(ordered, [index for _, index in numbers])
    elif len(files) == len(ordered):
        _check_gapless(ordered, [number for number, _ in numbers])
    return ordered


def _check_none_numbered(headers: SequenceOf[FrameHeader]) -> None:
    without = [header.path.name for header in headers if header.number is None]
    if len(without) < len(headers):
        raise ReadError(
            f"without times, all files or none must have an instance number, got {len(without)} without one, the first "
            f"{without[0]}; remove or mend them"
        )


def _check_once(ordered: SequenceOf[FrameHeader], numbers: SequenceOf[tuple[int, int]]) -> None:
    for i in range(1, len(ordered)):
        if numbers[i] == numbers[i - 1]:
            raise ReadError(
                f"without times, instance numbers must differ, got {numbers[i][0]} in {ordered[i - 1].path.name} and "
                f"{ordered[i].path.name} (duplicate); remove one"
            )


def _check_gapless(ordered: SequenceOf[FrameHeader], numbers: SequenceOf[int]) -> None:
    # One plane of several interleaved ones has every 2nd or 3rd number: any constant step is gapless.
    steps = np.diff(numbers)
    usual = int(np.median(steps)) if len(steps) else 1
    if (steps != usual).any():
        i = int(np.argmax(steps != usual))
        raise ReadError(
            f"without times, frames must be equally spaced by number, got {numbers[i]} ({ordered[i].path.name}) then "
            f"{numbers[i + 1]} ({ordered[i + 1].path.name}) at a usual step of {usual}: missing frame(s); supply them, "
            "or keep only the frames on one side of the gap"
        )
