"""Choice among the clocks that the frames of a series carry, and what else the frames say about their order.

Clocks, temporal positions and instance numbers each order frames. Where two of them contradict each other the wrong one
cannot always be told: that is refused, or said, and never decided in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from cinecast.frames.dicom.clocks import ABSOLUTE, CLOCKS, CYCLIC, WRAPPING
from cinecast.frames.timing import unwrap_midnight

# A number that orders one frame: a temporal position, or an instance number with the index in its file.
Rank = tuple[int, int]
# Clocks of one series differ by rounding; by more they do not measure the same.
_SAME_SPAN = 0.02


@dataclass(frozen=True)
class Chosen:
    """The clock of a series.

    Parameters
    ----------
    key
        Of `CLOCKS`.
    times
        Microseconds of each frame.
    remarks
        What is worth a word about the other clocks.
    """

    key: str
    times: list[int]
    remarks: tuple[str, ...] = ()

    @property
    def tells_apart(self) -> bool:
        """Whether no two frames have the same time."""
        return len(set(self.times)) == len(self.times)


def choose_clock(clocks: SequenceOf[Mapping[str, int]], ranks: SequenceOf[Rank] | None) -> Chosen | None:
    """Return the most trusted clock that tells all frames apart, else the most trusted that tells some apart.

    Parameters
    ----------
    clocks
        Per frame: microseconds by a key of `CLOCKS`.
    ranks
        What orders the frames without a clock, if there is such a thing.

    Returns
    -------
    Chosen | None
        None if no clock that every frame carries tells any apart. A clock that starts anew with every heartbeat, pass
        or file counts only where the ranks and the coarse clocks confirm it.
    """
    usable, remarks = _assessed(clocks, ranks)
    if not usable:
        return None
    telling = [key for key, times in usable.items() if len(set(times)) == len(times)]
    key = telling[0] if telling else next(iter(usable))
    remarks += [_disagreement(key, other) for other in telling[1:] if not _same_span(usable[key], usable[other])]
    return Chosen(key, usable[key], tuple(remarks))


def clock_doubts(clocks: SequenceOf[Mapping[str, int]], ranks: SequenceOf[Rank] | None) -> list[str]:
    """Return in words which clocks cannot be used, and why, where no better one tells the frames apart.

    Parameters
    ----------
    clocks
        Per frame: microseconds by a key of `CLOCKS`.
    ranks
        What orders the frames without a clock, if there is such a thing.

    Returns
    -------
    list[str]
        One sentence a clock.
    """
    return _assessed(clocks, ranks)[1]


def _assessed(
    clocks: SequenceOf[Mapping[str, int]], ranks: SequenceOf[Rank] | None
) -> tuple[dict[str, list[int]], list[str]]:
    """Return the times of the clocks that can be used, the most trusted first, and what is doubted of the others."""
    carried = carried_clocks(clocks)
    coarse = {key: times for key, times in carried.items() if key in ABSOLUTE and len(set(times)) < len(times)}
    usable: dict[str, list[int]] = {}
    doubts: list[str] = []
    for key, times in carried.items():
        doubt = _doubt(times, ranks, coarse) if key in CYCLIC else None
        if doubt is None:
            usable[key] = times
        elif not any(len(set(better)) == len(better) for better in usable.values()):
            doubts.append(f"the {CLOCKS[key]} {doubt}; they are not used")
    return usable, doubts


def carried_clocks(clocks: SequenceOf[Mapping[str, int]]) -> dict[str, list[int]]:
    """Return the times of the clocks that every frame carries and that tell any apart, the most trusted first."""
    carried = {}
    for key in CLOCKS:
        if not all(key in clock for clock in clocks):
            continue
        times = [clock[key] for clock in clocks]
        if key in WRAPPING:
            times = unwrap_midnight(times)
        if len(set(times)) > 1:
            carried[key] = times
    return carried


def against(times: SequenceOf[int], others: SequenceOf[Any]) -> tuple[int, int] | None:
    """Return the first two frames that other times or ranks order the other way round, or None.

    Parameters
    ----------
    times
        What the frames are ordered by.
    others
        What must not contradict it; equal values contradict nothing.

    Returns
    -------
    tuple[int, int] | None
        Indices, the earlier by `times` first.
    """
    order = sorted(range(len(times)), key=lambda i: (times[i], others[i]))
    for earlier, later in pairwise(order):
        if others[later] < others[earlier]:
            return earlier, later
    return None


def _doubt(times: list[int], ranks: SequenceOf[Rank] | None, coarse: Mapping[str, list[int]]) -> str | None:
    """Return why times that can start anew are no times of these frames, or None where all else confirms them."""
    if ranks is None or len(set(ranks)) < len(ranks):
        return "may start anew, and no numbers of the frames say where"
    if against(times, ranks) is not None:
        return "start anew, or contradict the numbers of the frames"
    for key, rough in coarse.items():
        step = min(later - earlier for earlier, later in pairwise(sorted(set(rough))))
        apart = abs((max(times) - min(times)) - (max(rough) - min(rough)))
        if against(times, rough) is not None or apart > step:
            return f"contradict the {CLOCKS[key]}"
    return None


def _same_span(one: SequenceOf[int], other: SequenceOf[int]) -> bool:
    span, apart = max(one) - min(one), max(other) - min(other)
    return abs(span - apart) <= _SAME_SPAN * span


def _disagreement(used: str, other: str) -> str:
    return (
        f"the {CLOCKS[used]} and the {CLOCKS[other]} disagree about the time between frames; the {CLOCKS[used]} count"
    )
