"""DICOM dates and times as whole microseconds, and the choice among the clocks that a series carries.

Only times of acquisition count. Content and creation times are those of reconstruction or export: they look like
frame times, are milliseconds or minutes off, and are never used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from datetime import date
from itertools import pairwise

MICROSECONDS = 1_000_000
DAY = 24 * 3600 * MICROSECONDS

# In the order of trust.
CLOCKS: dict[str, str] = {
    "frame_acquisition": "frame acquisition times of the DICOM file",
    "frame_reference": "frame reference times of the DICOM file",
    "acquisition_date_time": "acquisition times of the DICOM files",
    "acquisition_of_date": "acquisition times of the DICOM files",
    "acquisition_of_day": "acquisition times of the DICOM files",
    "temporal_offset": "temporal position offsets of the DICOM file",
    "trigger": "trigger times of the DICOM files",
    "temporal_position": "temporal positions and temporal resolution of the DICOM files",
}
# These start anew at midnight: many scanners keep the date on which the acquisition began.
WRAPPING = ("acquisition_of_date", "acquisition_of_day")
# These start anew with every heartbeat or pass, so that they order frames only where the numbering confirms them.
_CYCLIC = ("trigger", "temporal_position")

_TIME = re.compile(r"(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,6}))?)?)?")
_DATE = re.compile(r"(\d{4})[.]?(\d\d)[.]?(\d\d)")
_DATE_TIME = re.compile(r"(\d{8})(\d[\d.]*)?([+-]\d{4})?")


def parse_time(text: str) -> int:
    """Return a DICOM TM (``HHMMSS.FFFFFF``, cut anywhere on the right) in microseconds since midnight.

    Raises
    ------
    ValueError
        If the text is no time of day.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a DICOM time")
    hours, minutes, seconds = (int(part or 0) for part in match.group(1, 2, 3))
    # DICOM allows second 60 for leap seconds.
    if hours > 23 or minutes > 59 or seconds > 60:
        raise ValueError("not a DICOM time")
    fraction = int((match.group(4) or "").ljust(6, "0"))
    return (hours * 3600 + minutes * 60 + seconds) * MICROSECONDS + fraction


def parse_date(text: str) -> int:
    """Return a DICOM DA (``YYYYMMDD``) in microseconds, counted from 1 January of year 1.

    Raises
    ------
    ValueError
        If the text is no date.
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a DICOM date")
    return date(*(int(part) for part in match.groups())).toordinal() * DAY


def parse_date_time(text: str) -> int:
    """Return a DICOM DT (``YYYYMMDDHHMMSS.FFFFFF&ZZXX``) in microseconds; a UTC offset is taken off.

    Raises
    ------
    ValueError
        If the text is no date and time, or has no time of day.
    """
    match = _DATE_TIME.fullmatch(text.strip())
    if match is None or match.group(2) is None:
        raise ValueError("not a DICOM date and time")
    day, time, offset = match.groups()
    return parse_date(day) + parse_time(time) - _offset(offset)


def _offset(text: str | None) -> int:
    if text is None:
        return 0
    minutes = int(text[1:3]) * 60 + int(text[3:5])
    return (-minutes if text[0] == "-" else minutes) * 60 * MICROSECONDS


def unwrap_midnight(times: SequenceOf[int]) -> list[int]:
    """Return times of one day as continuous times: no cine lasts 12 hours, so a wider spread crosses midnight.

    Times of several days are returned as they are: their dates have gone on at midnight.
    """
    day = min(times) // DAY * DAY
    if max(times) - min(times) <= DAY // 2 or max(times) > day + DAY:
        return list(times)
    return [time + DAY if time - day < DAY // 2 else time for time in times]


def choose_clock(
    clocks: SequenceOf[Mapping[str, int]], numbers: SequenceOf[tuple[int, int]] | None
) -> tuple[str, list[int]] | None:
    """Return the most trusted clock that every frame carries and that tells frames apart, with its times.

    Parameters
    ----------
    clocks
        Per frame: microseconds by a key of `CLOCKS`.
    numbers
        Instance number and index in its file of each frame, if all have one.

    Returns
    -------
    tuple
        Key of `CLOCKS` and microseconds of each frame, or None if there is no such clock.
    """
    for key in CLOCKS:
        if not all(key in clock for clock in clocks):
            continue
        times = [clock[key] for clock in clocks]
        if key in WRAPPING:
            times = unwrap_midnight(times)
        if len(set(times)) > 1 and (key not in _CYCLIC or _confirmed(times, numbers)):
            return key, times
    return None


def _confirmed(times: SequenceOf[int], numbers: SequenceOf[tuple[int, int]] | None) -> bool:
    if numbers is None or len(set(numbers)) < len(numbers):
        return False
    ordered = [time for _, time in sorted(zip(numbers, times, strict=True))]
    return all(earlier <= later for earlier, later in pairwise(ordered))
