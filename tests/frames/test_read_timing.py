"""DICOM dates and times, by the standard's own forms."""

from __future__ import annotations

import pytest

from cinecast.frames.timing import DAY, parse_date, parse_date_time, parse_time, unwrap_midnight

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("135959.9", (13 * 3600 + 59 * 60 + 59) * SECOND + 900_000),
        ("140000", 14 * 3600 * SECOND),
        ("133911.147500", (13 * 3600 + 39 * 60 + 11) * SECOND + 147_500),
        ("1339", (13 * 3600 + 39 * 60) * SECOND),
        ("13", 13 * 3600 * SECOND),
        ("13:39:11.5", (13 * 3600 + 39 * 60 + 11) * SECOND + 500_000),
        ("235960", 24 * 3600 * SECOND),  # leap second
        ("133911 ", (13 * 3600 + 39 * 60 + 11) * SECOND),
        ("93911.25", (9 * 3600 + 39 * 60 + 11) * SECOND + 250_000),  # a zero lost in front
        ("93911", (9 * 3600 + 39 * 60 + 11) * SECOND),
        ("911.5", (9 * 60 + 11) * SECOND + 500_000),
        ("133911,5", (13 * 3600 + 39 * 60 + 11) * SECOND + 500_000),
        ("133911.1475009", (13 * 3600 + 39 * 60 + 11) * SECOND + 147_500),
    ],
)
def test_times(text: str, microseconds: int) -> None:
    assert parse_time(text) == microseconds


@pytest.mark.parametrize(
    "text", ["", "1", "911", "240000", "136000", "135961", "13.5", "-13", "noon", "133911.", "1339111.5", "93911.5x"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a DICOM time"):
        parse_time(text)


def test_a_tenth_of_a_second_across_the_hour() -> None:
    assert parse_time("140000.0") - parse_time("135959.9") == SECOND // 10


def test_dates_count_days() -> None:
    assert parse_date("20240301") - parse_date("20240228") == 2 * DAY
    assert parse_date("2024.03.01") == parse_date("20240301")


@pytest.mark.parametrize("text", ["", "2024", "01.03.2024", "March"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a DICOM date"):
        parse_date(text)


def test_dates_with_times_cross_midnight_and_take_off_the_offset() -> None:
    assert parse_date_time("20240229000000.05") - parse_date_time("20240228235959.95") == SECOND // 10
    assert parse_date_time("20240228130000+0100") == parse_date_time("20240228120000+0000")
    assert parse_date_time("20240228063000-0530") == parse_date_time("20240228120000")


@pytest.mark.parametrize("text", ["20240228", "2024", "20240228120000+1"])
def test_what_is_no_date_with_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a DICOM date and time"):
        parse_date_time(text)


def test_times_of_day_cross_midnight() -> None:
    times = [parse_time(text) for text in ("235959.9", "000000.0", "000000.1")]
    assert [time - times[0] for time in unwrap_midnight(times)] == [0, SECOND // 10, SECOND // 5]


def test_a_date_that_goes_on_at_midnight_counts() -> None:
    times = [parse_date("20240228") + parse_time("080000"), parse_date("20240229") + parse_time("200000")]
    assert unwrap_midnight(times) == times
