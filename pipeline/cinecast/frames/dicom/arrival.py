"""Order of DICOM frames that arrive, where their times are counted: what comes too late for its place is told."""

from __future__ import annotations

from collections.abc import Sequence as SequenceOf

from cinecast.frames.dicom.clock_choice import Chosen, choose_clock
from cinecast.frames.dicom.header import FrameHeader
from cinecast.frames.dicom.order import frame_ranks, natural_order

# Whole seconds may be all that a clock shows: so many frames show whether it tells them apart.
_ENOUGH = 8
_SECOND = 1_000_000


def split_arrived(newest: FrameHeader | None, arrived: SequenceOf[FrameHeader]) -> tuple[list[int], dict[int, str]]:
    """Return which frames follow the newest one, in order, and which belong before frames that precede them.

    They are ordered as those of a recorded folder: by time, else by temporal position, else by instance number, else by
    file name. A file name alone makes no frame late.

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
        elif (place := _placed_before(arrived[i], last)) is not None:
            late[i] = f"by its {place} it belongs before frames that are counted already; it is left out"
        else:
            following.append(i)
            last = arrived[i]
    return following, late


def _places(headers: SequenceOf[FrameHeader]) -> list[tuple[int, tuple[int, int]]]:
    """Return what sorts the frames: microseconds (0 without a clock), then number, or the order given."""
    ranks = frame_ranks(headers)
    chosen = choose_clock([header.clocks for header in headers], ranks)
    times = [0] * len(headers) if chosen is None else chosen.times
    return list(zip(times, ranks or [(0, i) for i in range(len(headers))], strict=True))


def _placed_before(header: FrameHeader, other: FrameHeader | None) -> str | None:
    """Return by what a frame belongs before another one, or None."""
    if other is None:
        return None
    places = (header.temporal_position, other.temporal_position)
    if None not in places and places[0] != places[1]:
        return "temporal position" if places[0] < places[1] else None  # type: ignore[operator]
    if header.number is None or other.number is None:
        return None
    return "instance number" if header.number < other.number else None


def settled_clock(headers: SequenceOf[FrameHeader]) -> Chosen | None:
    """Return the clock of a stream once its first frames show which one it is.

    Parameters
    ----------
    headers
        All frames that have arrived so far.

    Returns
    -------
    Chosen | None
        A clock that tells all of them apart. None while there is none, and for the first few frames also where it shows
        whole seconds alone or where another clock says something else: more frames show which of them counts.
    """
    chosen = choose_clock([header.clocks for header in headers], frame_ranks(headers)) if headers else None
    if chosen is None or not chosen.tells_apart:
        return None
    if len(headers) < _ENOUGH and (chosen.remarks or all(time % _SECOND == 0 for time in chosen.times)):
        return None
    return chosen
