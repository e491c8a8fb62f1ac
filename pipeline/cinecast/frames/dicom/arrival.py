"""Order of DICOM frames that arrive, where their times are counted: what comes too late for its place is told."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf

from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.dicom.order import frame_numbers, natural_order
from cinecast.frames.timing import choose_clock


def split_arrived(newest: FrameHeader | None, arrived: SequenceOf[FrameHeader]) -> tuple[list[int], dict[int, str]]:
    """Return which frames follow the newest one, in order, and which belong before frames that precede them.

    They are ordered as those of a recorded folder: by time, else by instance number, else by file name. A file name
    alone makes no frame late.

    Parameters
    ----------
    newest
        The last frame that was counted; None where there is none yet.
    arrived
        Frames that are there together.

    Returns
    -------
    tuple
        Indices of the frames that can be counted; what is wrong, in words, by the indices of the others.
    """
    named = sorted(range(len(arrived)), key=lambda i: natural_order(arrived[i].path))
    before = [] if newest is None else [newest]
    places = _places([*before, *(arrived[i] for i in named)])
    start = places[0][0] if newest is not None else None
    following: list[int] = []
    late: dict[int, str] = {}
    last = newest
    for (time, _), i in sorted(zip(places[len(before) :], named, strict=True)):
        if start is not None and time < start:
            late[i] = "by its time it belongs before frames that are counted already; it is left out"
        elif _numbered_before(arrived[i], last):
            late[i] = "by its instance number it belongs before frames that are counted already; it is left out"
        else:
            following.append(i)
            last = arrived[i]
    return following, late


def _places(headers: SequenceOf[FrameHeader]) -> list[tuple[int, tuple[int, int]]]:
    """Return what sorts the frames: microseconds (0 without a clock), then number, or the order given."""
    numbers = frame_numbers(headers)
    chosen = choose_clock([header.clocks for header in headers], numbers)
    times = [0] * len(headers) if chosen is None else chosen[1]
    return list(zip(times, numbers or [(0, i) for i in range(len(headers))], strict=True))


def _numbered_before(header: FrameHeader, other: FrameHeader | None) -> bool:
    if other is None or header.number is None or other.number is None:
        return False
    return header.number < other.number
