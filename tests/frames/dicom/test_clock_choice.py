"""Which of several DICOM clocks counts, by hand-made times."""

from __future__ import annotations

from itertools import permutations

import pytest

from cinecast.frames.dicom.clock_choice import Chosen, against, choose_clock, clock_doubts
from cinecast.frames.timing import parse_date, parse_time

SECOND = 1_000_000


def chosen_of(chosen: Chosen | None) -> tuple[str, list[int]]:
    assert chosen is not None
    return chosen.key, chosen.times


@pytest.mark.parametrize("key", ["acquisition_of_date", "acquisition_of_day"])
def test_a_date_that_stays_at_midnight_does_not_count(key: str) -> None:
    day = parse_date("20240228") if key == "acquisition_of_date" else 0
    times = [day + parse_time(text) for text in ("235959.9", "000000.0", "000000.1")]
    chosen = choose_clock([{key: time} for time in times], None)
    assert chosen is not None
    assert [time - times[0] for time in chosen.times] == [0, SECOND // 10, SECOND // 5]


def test_the_most_trusted_clock_that_tells_frames_apart_is_chosen() -> None:
    both = [{"acquisition_date_time": 5, "trigger": t} for t in range(3)]
    assert chosen_of(choose_clock(both, [(1, 0), (2, 0), (3, 0)])) == ("trigger", [0, 1, 2])
    better = [{"acquisition_date_time": 10 * t, "trigger": t} for t in range(3)]
    assert chosen_of(choose_clock(better, [(1, 0), (2, 0), (3, 0)])) == ("acquisition_date_time", [0, 10, 20])


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
    chosen = choose_clock([{"trigger": time} for time in times], [(t, 0) for t in (5, 1, 2, 3, 4)])
    assert chosen_of(chosen) == ("trigger", times)


def ranked(count: int) -> list[tuple[int, int]]:
    return [(number, 0) for number in range(1, count + 1)]


@pytest.mark.parametrize("step", [1, -1])  # the order of the files says nothing
def test_a_clock_that_tells_some_apart_gives_way_to_one_that_tells_all_apart(step: int) -> None:
    clocks = [{"acquisition_of_day": 314_500 * t // SECOND * SECOND, "trigger": 314_500 * t} for t in range(20)]
    chosen = choose_clock(clocks[::step], ranked(20)[::step])
    assert chosen_of(chosen) == ("trigger", [314_500 * t for t in range(20)][::step])
    assert chosen is not None
    assert chosen.remarks == ()


@pytest.mark.parametrize(
    "trigger",
    [
        [40_000 * t for t in range(20)],  # places in the heartbeat, of frames that took 6 s
        [314_500 * {4: 12, 12: 4}.get(t, t) for t in range(20)],
    ],
    ids=["another span", "another order"],
)
def test_a_fine_clock_that_the_coarse_one_contradicts_is_doubted(trigger: list[int]) -> None:
    clocks = [{"acquisition_of_day": 314_500 * t // SECOND * SECOND, "trigger": time} for t, time in enumerate(trigger)]
    ranks = [(time, 0) for time in trigger]
    chosen = choose_clock(clocks, ranks)
    assert chosen is not None
    assert chosen.key == "acquisition_of_day"
    assert not chosen.tells_apart
    assert chosen.remarks == (
        "the trigger times of the DICOM files contradict the acquisition times of the DICOM files; they are not used",
    )


def test_times_that_start_anew_are_said() -> None:
    clocks = [{"trigger": 100 * (t % 4) + 10 * (t // 4)} for t in range(8)]
    assert clock_doubts(clocks, ranked(8)) == [
        "the trigger times of the DICOM files start anew, or contradict the numbers of the frames; they are not used"
    ]
    (doubt,) = clock_doubts(clocks, None)
    assert "may start anew, and no numbers of the frames say where" in doubt


def test_clocks_that_disagree_about_the_period_are_said() -> None:
    clocks = [{"frame_acquisition": 300_000 * t, "frame_time": 40_000 * t} for t in range(6)]
    chosen = choose_clock(clocks, [(0, t) for t in range(6)])
    assert chosen is not None
    assert chosen.key == "frame_acquisition"
    assert chosen.remarks == (
        "the frame acquisition times of the DICOM file and the frame time of the DICOM file disagree about the time "
        "between frames; the frame acquisition times of the DICOM file count",
    )
    rounded = [{"frame_acquisition": 300_000 * t, "frame_time": 299_000 * t} for t in range(6)]
    assert choose_clock(rounded, [(0, t) for t in range(6)]).remarks == ()  # type: ignore[union-attr]


def test_a_contradiction_is_found_wherever_it_stands() -> None:
    for others in permutations(range(4)):
        found = against([0, 10, 20, 30], others)
        inverted = [i for i in range(3) if others[i + 1] < others[i]]
        assert found == ((inverted[0], inverted[0] + 1) if inverted else None)
    assert against([0, 0, 10, 10], [2, 1, 3, 3]) is None  # equal times contradict nothing
    assert against([0, 10, 20], [1, 1, 1]) is None
