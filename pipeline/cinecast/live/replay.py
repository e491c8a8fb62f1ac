"""A recorded sequence as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from time import perf_counter

from cinecast.frames.streamed import StreamedFrame
from cinecast.sequence import Sequence


def replay(sequence: Sequence, *, real_time: bool, stop: Event) -> Iterator[StreamedFrame]:
    """Yield the frames of a recorded sequence, in its own time or faster.

    Parameters
    ----------
    sequence
        The sequence.
    real_time
        Each frame when its time has come; else as fast as they are taken.
    stop
        Once it is set, no more frames come.

    Yields
    ------
    Frames named by their index, with the time that the sequence gives them.
    """
    start = perf_counter()
    for t, frame in enumerate(sequence.frames):
        due = start + float(sequence.times_s[t] - sequence.times_s[0])
        while real_time and not stop.is_set() and (left := due - perf_counter()) > 0:
            stop.wait(left)
        if stop.is_set():
            return
        # A frame that nobody was ready for has been waiting since it was due.
        seen = due if real_time else perf_counter()
        yield StreamedFrame(f"frame {t}", float(sequence.times_s[t]), frame, seen)
