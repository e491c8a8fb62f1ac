"""What dcm2niix and others of BIDS write of times in the JSON beside a converted file.

dcm2niix writes ``FrameTimesStart`` where frames are not equally spaced, and then its header has their mean. Where it
knows the acquisition times, ``RepetitionTime`` is the time between frames and ``RepetitionTimeExcitation`` that between
excitations; else ``RepetitionTime`` is the excitation's, and so is the header's time step. Across midnight it divides
the time up to the last frame of the first day by all intervals, so that the time step is too short.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import ReadError
from cinecast.frames.detect import CONVERTED, is_file
from cinecast.frames.sidecar import is_of_converter, read_json, sidecar_path
from cinecast.frames.timing import DAY, MICROSECONDS, parse_time

# BIDS calls the same list so.
_TIMES = ("FrameTimesStart", "VolumeTiming")
# A header and its JSON are rounded differently.
_SAME = 0.02
# Longer than between any two frames of a cine, so that a last frame before midnight is found.
_BEFORE_MIDNIGHT_S = 2


class ConverterTimes(NamedTuple):
    """What the JSON beside a file says of its times.

    Attributes
    ----------
    times_s
        Times in s from the first frame, shape (T,), or None where it does not list them.
    origin
        Where the frame period comes from, in words, or None where the JSON does not bear on it.
    doubts
        Sentences for warnings, that hold unless the user gives a period.
    """

    times_s: NDArray[np.float64] | None = None
    origin: str | None = None
    doubts: tuple[str, ...] = ()


def converter_times(path: Path, frame_count: int, period_s: float | None, header: str) -> ConverterTimes:
    """Return what the JSON of a converter says of the times of a file.

    Parameters
    ----------
    path
        The converted file.
    frame_count
        Number T of its frames.
    period_s
        Time step of its own header in s, or None.
    header
        What that header is called.

    Returns
    -------
    ConverterTimes
        Empty where there is no such JSON.

    Raises
    ------
    ReadError
        If the times listed do not fit the frames, or are not in order: then the frames are not either.
    """
    file = sidecar_path(path)
    if not is_file(file) or not path.name.lower().endswith(CONVERTED):
        return ConverterTimes()
    content = read_json(file)
    if not is_of_converter(content):
        return ConverterTimes()
    key = next((key for key in _TIMES if key in content), None)
    if key is None:
        return _by_repetition(content, frame_count, period_s, header, file.name)
    times = _times(content[key], frame_count, f"{key} of {file.name}")
    mean = float(times[-1] / (frame_count - 1)) if frame_count > 1 else 0.0
    differs = period_s is not None and abs(period_s - float(np.median(np.diff(times)))) > _SAME * period_s
    aside = f"; the {header} has {period_s:.4g} s, their mean" if differs and _close(period_s, mean) else ""
    if differs and not aside:
        aside = f"; the {header} has {period_s:.4g} s, which is left aside"
    return ConverterTimes(times, f"{key} of {file.name}{aside}")


def _times(listed: object, frame_count: int, what: str) -> NDArray[np.float64]:
    if not isinstance(listed, list) or not all(
        isinstance(time, int | float) and not isinstance(time, bool) and abs(time) < 1e9 for time in listed
    ):
        raise ReadError(f"{what} must be a list of times in s; mend it there, or take the file away")
    if len(listed) != frame_count:
        raise ReadError(
            f"{what} must have one time for each of the {frame_count} frames, got {len(listed)}: which frame came when "
            "is lost, and their order may be; convert the DICOM images again, or give cinecast their folder"
        )
    times = np.array(listed, dtype=np.float64)
    if (np.diff(times) <= 0).any():
        t = int(np.argmax(np.diff(times) <= 0))
        raise ReadError(
            f"{what} must increase, got {times[t]:g} s and then {times[t + 1]:g} s at frame {t + 1}: the frames are "
            "not in order of time; convert the DICOM images again, or give cinecast their folder"
        )
    times -= times[0]
    return times


def _by_repetition(
    content: dict[str, Any], frame_count: int, period_s: float | None, header: str, name: str
) -> ConverterTimes:
    repetition, excitation = (_seconds(content.get(key)) for key in ("RepetitionTime", "RepetitionTimeExcitation"))
    if period_s is None or repetition is None:
        return ConverterTimes()
    if not _close(period_s, repetition):
        return ConverterTimes(
            origin=f"{header}; {name} says {repetition:.4g} s",
            doubts=(
                f"the time step of its {header} is {period_s:.4g} s, RepetitionTime of {name} {repetition:.4g} s: the "
                "header's is taken; give --frame-period if it is not the time between frames",
            ),
        )
    if excitation is not None:
        doubts = _doubts_at_midnight(content.get("AcquisitionTime"), frame_count, period_s, name)
        return ConverterTimes(origin=f"{header} and RepetitionTime of {name}", doubts=doubts)
    return ConverterTimes(
        origin=f"{header} and RepetitionTime of {name}, which may be the time between excitations",
        doubts=(
            f"its frame period of {period_s:.4g} s is RepetitionTime of {name}, which may be the time between "
            "excitations: nothing there says when frames came; give --frame-period if you know it, or the DICOM folder",
        ),
    )


def _doubts_at_midnight(start: object, frame_count: int, period_s: float, name: str) -> tuple[str, ...]:
    try:
        end_s = parse_time(str(start)) / MICROSECONDS + period_s * (frame_count - 1)
    except ValueError:
        return ()
    if not 0 <= DAY / MICROSECONDS - end_s <= _BEFORE_MIDNIGHT_S:
        return ()
    return (
        f"its {frame_count} frames of {period_s:.4g} s would end just before midnight, by AcquisitionTime of {name}; "
        "dcm2niix leaves out the time after it, and the period is too short then; give --frame-period, or the DICOM "
        "folder",
    )


def _seconds(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9
    return float(value) if usable else None  # type: ignore[arg-type]


def _close(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= _SAME * abs(other)
