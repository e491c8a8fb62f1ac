"""DICOM dates and times as whole microseconds."""

from __future__ import annotations

import re
from collections.abc import Sequence as SequenceOf
from datetime import date

MICROSECONDS = 1_000_000
DAY = 24 * 3600 * MICROSECONDS

_TIME = re.compile(r"(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,6})\d*)?)?)?")
# Writers that go through numbers lose zeros in front: a fraction, or five digits, can only follow whole seconds.
_ZEROS_LOST = re.compile(r"(\d{3,5}[.,]\d+|\d{5})")
_DATE = re.compile(r"(\d{4})[.]?(\d\d)[.]?(\d\d)")
_DATE_TIME = re.compile(r"(\d{8})(\d[\d.]*)?([+-]\d{4})?")


def parse_time(text: str) -> int:
    """Return a DICOM TM (``HHMMSS.FFFFFF``, cut anywhere on the right) in microseconds since midnight.

    Odd spellings are read for what they are: zeros lost in front (``93500.25``), colons, a decimal comma, and digits
    after the sixth of the fraction, which are dropped.

    Raises
    ------
    ValueError
        If the text is no time of day.
    """
    plain = text.strip()
    if _ZEROS_LOST.fullmatch(plain):
        plain = plain.zfill(len(plain) + 6 - len(re.split("[.,]", plain)[0]))
    match = _TIME.fullmatch(plain)
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
