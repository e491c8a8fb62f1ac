"""What a recording misses, in words: lost frames, pauses, and frames that keep no time."""

from __future__ import annotations

import numpy as np

from cinecast.clock.instants import NONE
from cinecast.frames.frame_faults import frames_text
from cinecast.sequence import Sequence

_MOST_NAMED = 6


def missing_frames_text(sequence: Sequence) -> str:
    """Return what a sequence misses and what becomes of it, as parts of a sentence; empty where it misses nothing.

    Parameters
    ----------
    sequence
        Its times decide.

    Returns
    -------
    str
        As in "2 frames lost (before frames 17, 33), filled in from their neighbours; 1 pause (5.1 s before frame 60),
        after which histories begin anew".
    """
    instants = sequence.instants
    if instants.regular:
        return ""
    parts = []
    filled = _lost_frames(sequence)
    if filled:
        before = frames_text(sorted({*filled}), _MOST_NAMED)
        parts.append(f"{_counted(len(filled), 'frame')} lost (before {before}), filled in from the frames around")
    pauses = instants.pauses_end
    if len(pauses):
        named = [f"{sequence.times_s[t] - sequence.times_s[t - 1]:.4g} s before frame {t}" for t in pauses]
        more = ["and more"] if len(named) > _MOST_NAMED else []
        parts.append(
            f"{_counted(len(pauses), 'pause')} ({', '.join(named[:_MOST_NAMED] + more)}), after which histories begin "
            "anew"
        )
    between = np.flatnonzero(instants.instant_of == NONE).tolist()
    if between:
        named_frames = frames_text(between, _MOST_NAMED)
        parts.append(f"{_counted(len(between), 'frame')} out of time ({named_frames}), neither learned from nor scored")
    return "; ".join(parts)


def _lost_frames(sequence: Sequence) -> list[int]:
    """Return the frame after each lost one; a frame out of time is not lost, and stands for the instant next to it."""
    instants, times_s = sequence.instants, sequence.times_s
    found = []
    for instant in np.flatnonzero(instants.lost & ~instants.unknown):
        after = int(instants.arrived[instant])
        around = times_s[after - 1 : after + 1]
        at = around[0] + instants.share[instant] * (around[1] - around[0])
        near = (np.abs(around - at) < sequence.frame_period_s / 2) & (
            instants.instant_of[after - 1 : after + 1] == NONE
        )
        if not near.any():
            found.append(after)
    return found


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
