"""Order of DICOM frames: by time, else by temporal position, else by instance number, else by file name."""

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
from cinecast.frames.dicom.clock_choice import Chosen, Rank, against, carried_clocks, choose_clock, clock_doubts
from cinecast.frames.dicom.clocks import ABSOLUTE, CLOCKS
from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.timing import MICROSECONDS

_LOG = logging.getLogger(__name__)

Ordered = tuple[list[FrameHeader], NDArray[np.float64] | None, str | None]

# What must not contradict a chosen clock; AcquisitionTime alone is the same with and without its date.
_ELEMENTS = {
    "frame_acquisition": "FrameAcquisitionDateTime",
    "frame_reference": "FrameReferenceDateTime",
    "acquisition_date_time": "AcquisitionDateTime",
    "acquisition_of_day": "AcquisitionTime",
    "temporal_offset": "TemporalPositionTimeOffset",
}


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
        If a frame is there twice, one is missing by its number where there are no times, or clocks, temporal positions
        and, where times are counted, instance numbers contradict each other.
    """
    _check_instances(headers)
    ranks = frame_ranks(headers)
    chosen = choose_clock([header.clocks for header in headers], ranks)
    for remark in order_remarks(headers, chosen):
        _LOG.warning("%s", remark)
    if chosen is None:
        return _without_times(headers), None, None
    contradiction = clock_contradiction(headers, chosen)
    if contradiction is not None:
        raise ReadError(contradiction)
    if counted and chosen.key != "temporal_position":
        _check_numbers(headers, chosen)
    places = ranks or [(0, i) for i in range(len(headers))]
    order = sorted(range(len(headers)), key=lambda i: (chosen.times[i], places[i]))
    ordered = [headers[i] for i in order]
    moments = [chosen.times[i] for i in order]
    _check_not_twice(ordered, moments)
    if not counted:
        _check_different(ordered, moments, CLOCKS[chosen.key])
    return ordered, (np.array(moments) - moments[0]) / MICROSECONDS, CLOCKS[chosen.key]


def frame_ranks(headers: SequenceOf[FrameHeader]) -> list[Rank] | None:
    """Return what orders frames without a clock: temporal positions that differ, else instance numbers, else None."""
    positions = frame_positions(headers)
    return [(position, 0) for position in positions] if positions else frame_numbers(headers)


def frame_positions(headers: SequenceOf[FrameHeader]) -> list[int] | None:
    """Return the temporal position of each frame where every frame has one of its own, or None."""
    positions = [header.temporal_position for header in headers if header.temporal_position is not None]
    return positions if len(set(positions)) == len(headers) > 1 else None


def frame_numbers(headers: SequenceOf[FrameHeader]) -> list[Rank] | None:
    """Return instance number and place in its file of each frame, or None where some have no instance number."""
    files: dict[Path, list[FrameHeader]] = {}
    for header in headers:
        files.setdefault(header.path, []).append(header)
    places = {path: dict(zip((h.index for h in own), _places(own), strict=True)) for path, own in files.items()}
    if len(files) == 1:
        return [(0, places[header.path][header.index]) for header in headers]
    numbers = [(header.number, places[header.path][header.index]) for header in headers if header.number is not None]
    return numbers if len(numbers) == len(headers) else None


def _places(headers: SequenceOf[FrameHeader]) -> list[int]:
    """Return the places of the frames of one file along its dimensions, or their indices where these tell none apart.

    Frames of one plane and kind have one place along the dimensions of slices and echoes: what is left is time. Where
    they differ along several dimensions, their ranks count.
    """
    places = [header.dimensions for header in headers]
    if len({len(place) for place in places}) > 1 or len({*places}) < len(headers) or len(headers) == 1:
        return [header.index for header in headers]
    varying = [values for values in zip(*places, strict=True) if len({*values}) > 1]
    if len(varying) == 1:
        return list(varying[0])
    ranks = {place: rank for rank, place in enumerate(sorted(places))}
    return [ranks[place] for place in places]


def natural_order(path: Path) -> list[tuple[int, int | str]]:
    """Return what sorts files by name as people do (2 before 10)."""
    parts: list[Any] = re.split(r"(\d+)", path.name)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]


def order_remarks(headers: SequenceOf[FrameHeader], chosen: Chosen | None) -> list[str]:
    """Return in words what contradicts the order of the frames and does not decide it, and which times are not used.

    Parameters
    ----------
    headers
        Frames of one plane.
    chosen
        Their clock, or None.

    Returns
    -------
    list[str]
        One sentence each; none where all agree.
    """
    clocks = [header.clocks for header in headers]
    remarks = list(chosen.remarks) if chosen else clock_doubts(clocks, frame_ranks(headers))
    positions, numbers = frame_positions(headers), _file_numbers(headers)
    if chosen is not None and numbers is not None and (pair := against(chosen.times, numbers)):
        remarks.append(_contradiction(f"the {CLOCKS[chosen.key]}", numbers, pair))
    elif chosen is None and positions and numbers is not None and (pair := against(positions, numbers)):
        remarks.append(_contradiction("the temporal positions of the DICOM files", numbers, pair))
    if chosen is None or not chosen.tells_apart:
        remarks += _partial(headers)
    if chosen is None and not positions and _in_another_order(headers):
        remarks.append("frames are in the order of their dimension index values, which is not that of their file")
    return remarks


def _in_another_order(headers: SequenceOf[FrameHeader]) -> bool:
    ranks = frame_numbers(headers)
    if ranks is None or all(len(header.dimensions) == 0 for header in headers):
        return False
    ordered = [header for _, header in sorted(zip(ranks, headers, strict=True), key=lambda pair: pair[0])]
    return any(b.path == a.path and b.index < a.index for a, b in pairwise(ordered))


def _contradiction(clock: str, numbers: SequenceOf[int], pair: tuple[int, int]) -> str:
    earlier, later = (numbers[i] for i in pair)
    return (
        f"{clock} and the instance numbers contradict each other, as in number {earlier} before number {later}; frames "
        "are in the order of the former"
    )


def _file_numbers(headers: SequenceOf[FrameHeader]) -> list[int] | None:
    numbers = [header.number for header in headers if header.number is not None]
    return numbers if len(numbers) == len(headers) else None


def _partial(headers: SequenceOf[FrameHeader]) -> list[str]:
    """Return which clock only some frames carry: one without times among them must not go unnoticed."""
    for key in ABSOLUTE:
        without = sum(key not in header.clocks for header in headers)
        if 0 < without < len(headers):
            return [f"{without} of {len(headers)} frames have no {CLOCKS[key]}, which are not used"]
    return []


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


def clock_contradiction(headers: SequenceOf[FrameHeader], chosen: Chosen) -> str | None:
    """Return in words which other clock of acquisition, or the temporal positions, order frames another way, or None.

    Parameters
    ----------
    headers
        Frames of one plane.
    chosen
        Their clock.

    Returns
    -------
    str | None
        A sentence that names both, and two frames.
    """
    carried = carried_clocks([header.clocks for header in headers])
    others: list[tuple[str, SequenceOf[int]]] = [(_ELEMENTS[key], carried[key]) for key in _ELEMENTS if key in carried]
    if (positions := frame_positions(headers)) is not None:
        others.append(("temporal positions", positions))
    for name, values in others:
        if (pair := against(chosen.times, values)) is not None:
            earlier, later = (headers[i] for i in pair)
            return (
                f"the {CLOCKS[chosen.key]} and their {name} must order frames alike, got {frame_name(earlier)} before "
                f"{frame_name(later)} by the former and after it by the latter; remove the wrong one from the files"
            )
    return None


def _check_numbers(headers: SequenceOf[FrameHeader], chosen: Chosen) -> None:
    # Which of the two is wrong (a clock that was set back, passes numbered anew) cannot be told, and where times are
    # counted nothing else would show it.
    numbers = _file_numbers(headers)
    if numbers is not None and (pair := against(chosen.times, numbers)) is not None:
        earlier, later = (headers[i] for i in pair)
        raise ReadError(
            f"where times are counted, instance numbers must not contradict the {CLOCKS[chosen.key]}, got "
            f"{earlier.path.name} (number {earlier.number}) before {later.path.name} (number {later.number}) by "
            "time; keep the frames of one pass, or remove from the files whichever is wrong"
        )


def frame_name(header: FrameHeader) -> str:
    """Return how a message calls a frame: its file, and its index there where it is not the first."""
    return header.path.name if header.index == 0 else f"{header.path.name}[{header.index}]"


def _check_not_twice(ordered: SequenceOf[FrameHeader], moments: SequenceOf[int]) -> None:
    """Refuse copies of a frame under a new UID: counted, each would be a frame of its own."""
    numbers = _file_numbers(ordered)
    if numbers is None or 2 * len(set(numbers)) < len(numbers):  # then numbers tell no frames apart
        return
    seen: dict[tuple[int, int, int], FrameHeader] = {}
    for header, moment, number in zip(ordered, moments, numbers, strict=True):
        other = seen.setdefault((moment, number, header.index), header)
        if other is not header:
            raise ReadError(
                f"every frame must be there once, got the same time and instance number in {frame_name(other)} and "
                f"{frame_name(header)}; remove one of them, and of all such pairs"
            )


def _check_different(ordered: SequenceOf[FrameHeader], moments: SequenceOf[int], clock: str) -> None:
    for i in range(1, len(ordered)):
        if moments[i] == moments[i - 1]:
            raise ReadError(
                f"frames must have different times, got the same in {frame_name(ordered[i - 1])} and "
                f"{frame_name(ordered[i])} ({clock}; {_how_many(moments)}); remove one, or give --frame-period "
                "to set times by frame count"
            )


def _how_many(moments: SequenceOf[int]) -> str:
    equal = len(moments) - len(set(moments))
    return "duplicate" if equal == 1 else f"duplicates: {len(moments)} frames have {len(set(moments))} times"


def _without_times(headers: SequenceOf[FrameHeader]) -> list[FrameHeader]:
    positions, numbers = frame_positions(headers), frame_numbers(headers)
    if positions is not None:
        return _by_rank(headers, positions, "temporal position")
    if numbers is None:
        _check_none_numbered(headers)
        _LOG.info("%s: no times and no instance numbers; frames are ordered by file name", headers[0].path.parent.name)
        return list(headers)
    pairs = sorted(zip(numbers, headers, strict=True), key=lambda pair: pair[0])
    numbers, ordered = [number for number, _ in pairs], [header for _, header in pairs]
    _check_once(ordered, numbers)
    files = {header.path for header in ordered}
    if len(files) == 1:
        _check_gapless(ordered, [index for _, index in numbers], "number")
    elif len(files) == len(ordered):
        _check_gapless(ordered, [number for number, _ in numbers], "number")
    return ordered


def _by_rank(headers: SequenceOf[FrameHeader], ranks: SequenceOf[int], what: str) -> list[FrameHeader]:
    order = sorted(range(len(headers)), key=lambda i: ranks[i])
    ordered = [headers[i] for i in order]
    _check_gapless(ordered, [ranks[i] for i in order], what)
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


def _check_gapless(ordered: SequenceOf[FrameHeader], numbers: SequenceOf[int], what: str) -> None:
    # One plane of several interleaved ones has every 2nd or 3rd number: any constant step is gapless.
    steps = np.diff(numbers)
    usual = int(np.median(steps)) if len(steps) else 1
    if (steps != usual).any():
        i = int(np.argmax(steps != usual))
        raise ReadError(
            f"without times, frames must be equally spaced by {what}, got {numbers[i]} ({ordered[i].path.name}) then "
            f"{numbers[i + 1]} ({ordered[i + 1].path.name}) at a usual step of {usual}: missing frame(s); supply them, "
            "or keep only the frames on one side of the gap"
        )
