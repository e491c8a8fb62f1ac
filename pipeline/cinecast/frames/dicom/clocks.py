"""The clocks that DICOM frames carry, in microseconds.

Only times of acquisition count. Content and creation times are those of reconstruction or export: they look like
frame times, are milliseconds or minutes off, and are never used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from cinecast.frames.dicom.enhanced import Groups
from cinecast.frames.dicom.values import number_of, numbers_of, text_of, unless_odd
from cinecast.frames.timing import MICROSECONDS, parse_date, parse_date_time, parse_time

# In the order of trust.
CLOCKS: dict[str, str] = {
    "frame_acquisition": "frame acquisition times of the DICOM file",
    "frame_reference": "frame reference times of the DICOM file",
    "acquisition_date_time": "acquisition times of the DICOM files",
    "acquisition_of_date": "acquisition times of the DICOM files",
    "acquisition_of_day": "acquisition times of the DICOM files",
    "temporal_offset": "temporal position offsets of the DICOM file",
    "frame_time_vector": "frame time vector of the DICOM file",
    "frame_time": "frame time of the DICOM file",
    "trigger": "trigger times of the DICOM files",
    "temporal_position": "temporal positions and temporal resolution of the DICOM files",
}
# These start anew at midnight: many scanners keep the date on which the acquisition began.
WRAPPING = ("acquisition_of_date", "acquisition_of_day")
# These tell a moment, the others the time since something that may begin again.
ABSOLUTE = ("frame_acquisition", "frame_reference", "acquisition_date_time", *WRAPPING)
# These start anew with every heartbeat, pass or file, so that they order frames only where ranks confirm them.
CYCLIC = ("frame_time_vector", "frame_time", "trigger", "temporal_position")

_MILLISECOND = MICROSECONDS // 1000


def clocks_of(dataset: Dataset, groups: Groups, position: int | None) -> dict[str, int]:
    """Return what the clocks of one frame say, without those of `steady_clocks`.

    Parameters
    ----------
    dataset
        The whole file.
    groups
        Functional groups of the frame.
    position
        Its `temporal_position`.

    Returns
    -------
    dict[str, int]
        Microseconds by a key of `CLOCKS`, of those that can be parsed.
    """
    readings: dict[str, Callable[[], int | None]] = {
        "temporal_position": lambda: _scaled(position, number_of(dataset, "TemporalResolution"), _MILLISECOND)
    }
    if groups.own is not None:
        content = groups.own_item("FrameContentSequence")
        readings |= {
            "frame_acquisition": lambda: _optional(parse_date_time, text_of(content, "FrameAcquisitionDateTime")),
            "frame_reference": lambda: _optional(parse_date_time, text_of(content, "FrameReferenceDateTime")),
            "temporal_offset": lambda: _scaled(
                groups.own_item("TemporalPositionSequence").get("TemporalPositionTimeOffset"), 1.0, MICROSECONDS
            ),
            "trigger": lambda: _scaled(
                groups.own_item("CardiacSynchronizationSequence").get("NominalCardiacTriggerDelayTime"),
                1.0,
                _MILLISECOND,
            ),
        }
    if groups.count == 1:
        # Facts of a whole file are times of frames only where a file is one frame.
        time = text_of(dataset, "AcquisitionTime")
        readings |= {
            "acquisition_date_time": lambda: _optional(parse_date_time, text_of(dataset, "AcquisitionDateTime")),
            "acquisition_of_date": lambda: _moment(text_of(dataset, "AcquisitionDate"), time),
            "acquisition_of_day": lambda: _optional(parse_time, time),
            "trigger": lambda: _scaled(number_of(dataset, "TriggerTime"), 1.0, _MILLISECOND),
        }
    found = {key: unless_odd(reading) for key, reading in readings.items()}
    return {key: value for key, value in found.items() if value is not None}


def steady_clocks(dataset: Dataset, count: int) -> Mapping[str, list[int]]:
    """Return the clocks that a multi-frame file gives for all its frames at once: FrameTime and FrameTimeVector.

    Parameters
    ----------
    dataset
        The whole file.
    count
        Number of its frames.

    Returns
    -------
    Mapping[str, list[int]]
        Microseconds of every frame from the first, by a key of `CLOCKS`. Where the file points to one of them, it is
        the only one.
    """
    if count == 1:
        return {}
    readings: dict[str, Callable[[], list[int] | None]] = {
        "frame_time_vector": lambda: _increments(numbers_of(dataset, "FrameTimeVector"), count),
        "frame_time": lambda: _steps(number_of(dataset, "FrameTime"), count),
    }
    tags = {"frame_time_vector": Tag("FrameTimeVector"), "frame_time": Tag("FrameTime")}
    pointed = unless_odd(lambda: _pointers(dataset)) or set()
    if pointed & set(tags.values()):
        readings = {key: reading for key, reading in readings.items() if tags[key] in pointed}
    found = {key: unless_odd(reading) for key, reading in readings.items()}
    return {key: times for key, times in found.items() if times is not None}


def temporal_position(dataset: Dataset, groups: Groups) -> int | None:
    """Return the place of a frame in time by its own temporal position, or None.

    Parameters
    ----------
    dataset
        The whole file.
    groups
        Functional groups of the frame.

    Returns
    -------
    int | None
        TemporalPositionIndex of the frame, else TemporalPositionIdentifier of a file of one frame.
    """
    if groups.own is not None:
        content = groups.own_item("FrameContentSequence")
        index = unless_odd(lambda: _optional(int, content.get("TemporalPositionIndex")))
        if index is not None:
            return index
    if groups.count > 1:
        return None
    return unless_odd(lambda: _optional(int, number_of(dataset, "TemporalPositionIdentifier")))


def _pointers(dataset: Dataset) -> set[int]:
    value = dataset.get("FrameIncrementPointer")
    if value is None:
        return set()
    return {int(tag) for tag in (value if isinstance(value, list) or hasattr(value, "append") else [value])}


def _increments(steps: tuple[float, ...], count: int) -> list[int] | None:
    # The first increment is that before the first frame; some writers leave it out.
    own = (0.0, *steps[1:]) if len(steps) == count else (0.0, *steps)
    if not steps or len(own) != count or min(own) < 0:
        return None
    return [round(moment * _MILLISECOND) for moment in accumulate(own)]


def _steps(step: float | None, count: int) -> list[int] | None:
    return [round(index * step * _MILLISECOND) for index in range(count)] if step and step > 0 else None


def _optional(convert: Callable[[Any], int], value: Any) -> int | None:
    return None if value is None or value == "" else convert(value)


def _moment(date: str | None, time: str | None) -> int | None:
    return parse_date(date) + parse_time(time) if date and time else None


def _scaled(value: Any, step: Any, unit: int) -> int | None:
    if value in (None, "") or step in (None, ""):
        return None
    return round(float(value) * float(step) * unit)
