"""DICOM dates and times, by the standard's own forms."""

from __future__ import annotations

import pytest

from cinecast.frames.timing import DAY, choose_clock, parse_date, parse_date_time, parse_time, unwrap_midnight

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
    ],
)
def test_times(text: str, microseconds: int) -> None:
    assert parse_time(text) == microseconds


@pytest.mark.parametrize("text", ["", "1", "240000", "136000", "135961", "13.5", "-13", "noon"])
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


@pytest.mark.parametrize("key", ["acquisition_of_date", "acquisition_of_day"])
def test_a_date_that_stays_at_midnight_does_not_count(key: str) -> None:
    day = parse_date("20240228") if key == "acquisition_of_date" else 0
    times = [day + parse_time(text) for text in ("235959.9", "000000.0", "000000.1")]
    chosen = choose_clock([{key: time} for time in times], None)
    assert chosen is not None
    assert [time - times[0] for time in chosen[1]] == [0, SECOND // 10, SECOND // 5]


def test_a_date_that_goes_on_at_midnight_counts() -> None:
    times = [parse_date("20240228") + parse_time("080000"), parse_date("20240229") + parse_time("200000")]
    assert unwrap_midnight(times) == times


def test_the_most_trusted_clock_that_tells_frames_apart_is_chosen() -> None:
    both = [{"acquisition_date_time": 5, "trigger": t} for t in range(3)]
    assert choose_clock(both, [(1, 0), (2, 0), (3, 0)]) == ("trigger", [0, 1, 2])
    better = [{"acquisition_date_time": 10 * t, "trigger": t} for t in range(3)]
    assert choose_clock(better, [(1, 0), (2, 0), (3, 0)]) == ("acquisition_date_time", [0, 10, 20])


def test_a_clock_that_some_frames_lack_is_none() -> None:
    assert choose_clock([{"trigger": 0}, {}, {"trigger": 2}], None) is None


@pytest.mark.parametrize("key", ["trigger", "temporal_position"])
@pytest.mark.parametrize(
    ("times", "numbers"),
    [
        ([0, 1, 2, 0, 1, 2], [1, 2, 3, 4, 5, 6]),
        ([0, 2, 4, 1, 3, 5], None),
        ([0, 2, 4, 1, 3, 5], [1, 2, 3, 1, 2, 3]),
        ([0, 1, 2, 3, 4, 5], [1, 1, 1, 1, 1, 1]),
    ],
)
def test_times_that_start_anew_with_every_heartbeat_count_only_where_numbers_confirm_them(
    key: str, times: list[int], numbers: list[int] | None
) -> None:
    pairs = None if numbers is None else [(number, 0) for number in numbers]
    assert choose_clock([{key: time} for time in times], pairs) is None


def test_times_within_a_heartbeat_that_numbers_confirm_count() -> None:
    times = [3, 0, 1, 1, 2]
    assert choose_clock([{"trigger": time} for time in times], [(t, 0) for t in (5, 1, 2, 3, 4)]) == ("trigger", times)
