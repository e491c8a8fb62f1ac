"""Which clock counts in a stream, and what is said where it does not keep step with arrival."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast.errors import SettingsError
from cinecast.live.stream_clock import StreamClock
from cinecast.streams.arrivals import ArrivedFrame

SECOND = 1_000_000_000


def arrived(stamp_s: float | None, arrival_s: float, acquired_s: float | None = None) -> ArrivedFrame:
    stamp, acquired = (None if each is None else round(each * SECOND) for each in (stamp_s, acquired_s))
    return ArrivedFrame(np.zeros((8, 8)), None, stamp, acquired, round(arrival_s * SECOND), arrival_s)


def times(clock: StreamClock, frames: list[ArrivedFrame]) -> list[float | str]:
    return [clock.time_s(each, f"frame {t}") for t, each in enumerate(frames)]


@pytest.mark.parametrize(("choice", "second"), [("message", 0.25), ("arrival", 0.3), ("acquisition", 0.5)])
def test_times_are_those_of_the_clock_that_counts(choice: str, second: float) -> None:
    clock = StreamClock(choice)
    assert times(clock, [arrived(100, 1000, 50), arrived(100.25, 1000.3, 50.5)]) == [0.0, second]
    assert clock.epoch_ns == {"message": 100, "arrival": 1000, "acquisition": 50}[choice] * SECOND


def test_a_time_is_exact_to_the_nanosecond_after_half_a_century() -> None:
    clock = StreamClock("message")
    begun = 1_700_000_000 * SECOND
    for ns in (0, 1, 166_900_001):
        frame = ArrivedFrame(np.zeros((8, 8)), None, begun + ns, None, begun, 0.0)
        assert clock.time_s(frame, "") == ns / 1e9


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [("message", "it has no time stamp; --clock arrival"), ("acquisition", "when it was acquired")],
)
def test_a_frame_without_the_time_that_counts_has_none(choice: str, sentence: str) -> None:
    found = StreamClock(choice).time_s(arrived(None, 1.0), "frame 0")
    assert isinstance(found, str)
    assert sentence in found


def test_a_jump_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    frames = [arrived(100 + 0.25 * t + (3600 if t >= 20 else 0), 7 + 0.25 * t) for t in range(40)]
    clock = StreamClock("message")
    times(clock, frames)
    said = [each for each in caplog.messages if "has jumped" in each]
    assert said == ["frame 23: the clock of the frames has jumped by +3600.000 s against their arrival"]
    assert clock.jumps == 1


@pytest.mark.parametrize(("late", "said"), [(8, 0), (20, 1)])
def test_first_frames_that_are_taken_late_are_no_jump(late: int, said: int, caplog: pytest.LogCaptureFixture) -> None:
    # Whoever receives has just been started; later on, nobody knows whether frames or clock were late.
    frames = [arrived(100 + 0.25 * t, 7 + 0.25 * t + (0.6 if t < late else 0)) for t in range(40)]
    clock = StreamClock("message")
    times(clock, frames)
    assert clock.jumps == len([each for each in caplog.messages if "has jumped" in each]) == said


def test_frames_that_are_late_on_their_way_are_no_jump(caplog: pytest.LogCaptureFixture) -> None:
    # Ten frames were held up, and come at once.
    frames = [arrived(100 + 0.25 * t, 7 + max(0.25 * t, 7.5 if t >= 20 else 0)) for t in range(60)]
    clock = StreamClock("message")
    times(clock, frames)
    assert clock.jumps == 0
    assert caplog.messages == []


@pytest.mark.parametrize(("rate", "keeps_step"), [(1.0, True), (1.05, True), (2.5, False), (0.4, False), (1e6, False)])
def test_a_clock_of_another_unit_does_not_keep_step(rate: float, keeps_step: bool) -> None:
    clock = StreamClock("message")
    times(clock, [arrived(rate * 0.25 * t, 7 + 0.25 * t) for t in range(20)])
    assert clock.keeps_step is keeps_step
    assert clock.rate == pytest.approx(rate)


def test_frames_that_all_come_at_once_say_nothing_of_a_rate() -> None:
    clock = StreamClock("message")
    times(clock, [arrived(0.25 * t, 7 + 0.001 * t) for t in range(20)])
    assert clock.rate is None
    assert clock.keeps_step


def test_frames_that_were_held_up_say_nothing_of_a_rate() -> None:
    clock = StreamClock("message")
    times(clock, [arrived(0.25 * t, 7 + (8 if t >= 10 else 0) + 0.001 * t) for t in range(20)])
    assert clock.keeps_step


@pytest.mark.parametrize(
    ("rate", "drifts"),
    [(1.0, False), (0.97, False), (1.04, False), (0.94, True), (1.06, True), (0.8, True), (1.25, True)],
)
def test_a_unit_that_is_a_little_wrong_is_told_over_half_a_minute(
    rate: float, drifts: bool, rng: np.random.Generator
) -> None:
    # Ticks of 2 ms for 2.5 ms: half a second ahead would be 0.63 s. Frames are late by chance, and once for 2 s.
    late = rng.uniform(0, 0.05, 260)
    clock = StreamClock("message")
    for t in range(260):
        arrival_s = 7 + max(0.1675 * t + late[t], 25.0 if 130 <= t < 150 else 0.0)
        clock.time_s(arrived(100 + rate * 0.1675 * t, arrival_s), f"frame {t}")
        assert clock.keeps_step
        assert not clock.drifts or t > 150
    assert clock.drifts is drifts
    assert clock.rate == pytest.approx(rate, rel=0.02)


@pytest.mark.parametrize("rate", [0.8, 0.9, 1.1, 1.25])
def test_another_rate_is_no_jump(rate: float, rng: np.random.Generator, caplog: pytest.LogCaptureFixture) -> None:
    late = rng.uniform(0, 0.1, 300)
    clock = StreamClock("message")
    times(clock, [arrived(100 + rate * 0.1675 * t, 7 + 0.1675 * t + late[t]) for t in range(300)])
    assert clock.jumps == 0
    assert caplog.messages == []


def test_a_jump_is_no_other_rate() -> None:
    clock = StreamClock("message")
    for t in range(260):
        clock.time_s(arrived(100 + 0.25 * t + (40 if t >= 140 else 0), 7 + 0.25 * t), f"frame {t}")
        assert not clock.drifts
    assert clock.jumps == 1


@pytest.mark.parametrize("short_s", [0.0, 0.002, 0.02, 0.08, 0.12])
@pytest.mark.parametrize("bunch", [2, 3, 4])
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("rate", [1.0, 0.5, 2.0])
def test_frames_that_arrive_in_bunches_tell_their_rate(rate: float, first: int, bunch: int, short_s: float) -> None:
    # A program before us hands on so many frames at a time: its clock ran half as fast, and the tick was refused.
    period_s = 0.1675
    arrivals = [7 + bunch * period_s * ((t + first) // bunch) + short_s * ((t + first) % bunch) for t in range(60)]
    for count in range(60):
        clock = StreamClock("message")
        times(clock, [arrived(100 + rate * period_s * t, arrivals[t]) for t in range(count)])
        assert clock.rate is None or clock.rate == pytest.approx(rate, rel=0.25)
    assert clock.rate is not None
    assert clock.keeps_step is (rate == 1.0)


@pytest.mark.parametrize(
    ("waited", "step_s"), [(5, 0.001), (30, 0.001), (200, 0.001), (12, 0.015), (40, 0.015), (5, 0.03), (20, 0.03)]
)
def test_frames_that_waited_at_first_say_nothing_of_a_rate(waited: int, step_s: float) -> None:
    # They come as fast as the line takes them, some so slowly that it looks like a rate; the others come in their time.
    clock = StreamClock("message")
    for t in range(waited + 60):
        arrival_s = 7 + max(step_s * t, step_s * waited + 0.1675 * (t - waited))
        clock.time_s(arrived(100 + 0.1675 * t, arrival_s), f"frame {t}")
        assert clock.keeps_step
    assert clock.rate == pytest.approx(1.0, rel=0.2)


def test_arrival_always_keeps_step() -> None:
    assert StreamClock("arrival").keeps_step


def test_another_clock_is_refused() -> None:
    with pytest.raises(SettingsError, match="--clock must be message, arrival or acquisition, got 'sun'"):
        StreamClock("sun")


@pytest.mark.parametrize(
    ("choice", "arrival_s", "way_s"),
    [
        ("message", 100.25, 0.25),
        ("acquisition", 100.25, 1.25),
        ("arrival", 100.25, None),  # begins with itself
        ("message", 99.9, None),  # the sender's clock is ahead
        ("message", 106.0, None),  # or far behind
    ],
)
def test_how_long_a_frame_was_on_its_way(choice: str, arrival_s: float, way_s: float | None) -> None:
    assert StreamClock(choice).way_s(arrived(100, arrival_s, 99)) == way_s


def test_a_frame_without_the_time_that_counts_was_on_its_way_for_an_unknown_time() -> None:
    assert StreamClock("acquisition").way_s(arrived(100, 100.25)) is None
