"""A recorded sequence as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from time import perf_counter

from cinecast.frames.streamed import StreamedFrame
from cinecast.sequence import Sequence

# A pause while the next frame is waited for, at most so long.
_PAUSE_S = 0.02


def replay(sequence: Sequence, *, real_time: bool, stop: Event) -> Iterator[StreamedFrame]:
    """Return the frames of a recorded sequence, in its own time or faster.

    Parameters
    ----------
    sequence
        The sequence.
    real_time
        Each frame when its time has come; else as fast as they are taken.
    stop
        Once it is set, no more frames come.

    Returns
    -------
    Iterator[StreamedFrame]
        Frames named by their index, with the time that the sequence gives them.
    """
    return (each for each in replay_with_pauses(sequence, real_time=real_time, stop=stop) if each is not None)


def replay_with_pauses(sequence: Sequence, *, real_time: bool, stop: Event) -> Iterator[StreamedFrame | None]:
    """Yield what `replay` does, and None now and then while the next frame is waited for.

    Parameters
    ----------
    sequence, real_time, stop
        As `replay` takes them.

    Yields
    ------
    Frames, or None.
    """
    start = perf_counter()
    for t, frame in enumerate(sequence.frames):
        due = start + float(sequence.times_s[t] - sequence.times_s[0])
        while real_time and not stop.is_set() and (left := due - perf_counter()) > 0:
            stop.wait(min(left, _PAUSE_S))
            yield None
        if stop.is_set():
            return
        # A frame that nobody was ready for has been waiting since it was due.
        seen = due if real_time else perf_counter()
        yield StreamedFrame(f"frame {t}", float(sequence.times_s[t]), frame, seen)
