"""Where several frames of a stream wait, a forecast is made from the newest that is one of its frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cinecast.frames.streamed import Streamed, StreamedFrame


def newest_first(taken: Iterable[tuple[Streamed | None, bool] | None]) -> Iterator[Streamed | None]:
    """Yield what was taken, in its order, with all frames marked as passed over behind which a newer one waits.

    What is left alone, is no frame, or is not newer makes no frame pass: else a stream of two planes would have no
    forecast while both wait.

    Parameters
    ----------
    taken
        What was taken, None for what is left alone, and whether more waits; None where nothing came for a while.

    Yields
    ------
    Frames and faults; None where nothing came.
    """
    held: StreamedFrame | None = None
    behind: list[Streamed] = []
    for each in taken:
        if each is None:
            yield None
            continue
        streamed, more_waits = each
        if isinstance(streamed, StreamedFrame) and (held is None or streamed.time_s > held.time_s):
            if held is not None:
                yield replace(held, passed_over=True)
                yield from behind
            held, behind = streamed, []
        elif held is not None and streamed is not None:
            behind.append(streamed)
        elif streamed is not None:
            yield streamed
        if held is not None and not more_waits:
            yield held
            yield from behind
            held, behind = None, []
    if held is not None:
        yield held
        yield from behind
