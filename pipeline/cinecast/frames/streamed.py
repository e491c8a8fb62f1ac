"""What a stream of frames brings: a frame with its time, or something that is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class StreamedFrame:
    """One frame that has arrived.

    Parameters
    ----------
    name
        File name or number, for people.
    time_s
        Acquisition time in s, on the clock of the stream.
    frame
        Grey values, shape (H, W).
    seen_s
        When it was seen, as `time.perf_counter` counts: from here on latency runs.
    instance
        `cinecast.frames.recording_digests.instance_digest` of its DICOM image, by which contours find it; empty
        where it is of none.
    passed_over
        Whether a newer frame has come already: then that is forecast from, and this one is only learned from.
    way_s
        How long it was on its way before it was seen, in s, by the clock of its sender; None where that is unknown.
    begins_anew
        In words, what the frames have become with this one, where those before it are of something else; else empty.
    """

    name: str
    time_s: float
    frame: NDArray[Any]
    seen_s: float
    instance: str = ""
    passed_over: bool = False
    way_s: float | None = None
    begins_anew: str = ""


@dataclass(frozen=True)
class StreamedFault:
    """Something that arrived and is no frame of the stream.

    Parameters
    ----------
    name
        File name.
    fault
        What is wrong with it, in words.
    """

    name: str
    fault: str


Streamed = StreamedFrame | StreamedFault
