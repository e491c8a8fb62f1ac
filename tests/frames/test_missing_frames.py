"""What a recording misses, in words, of times written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast.frames.missing_frames import missing_frames_text
from cinecast.sequence import Sequence, Split

PERIOD = 0.25


def text(periods: list[float]) -> str:
    frames = np.random.default_rng(0).integers(1, 99, (len(periods), 8, 8))
    times_s = np.asarray(PERIOD * np.array(periods))
    return missing_frames_text(Sequence("lung", frames, times_s, (1.0, 1.0), Split(8, 12, len(periods))))


def test_of_a_whole_recording_nothing_is_said() -> None:
    assert text([float(t) for t in range(20)]) == ""
    assert text([t + 0.2 * (t == 15) for t in range(20)]) == ""  # late, but at its instant


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ({9: 1}, "1 frame lost (before frame 9), filled in from the frames around"),
        ({9: 3}, "3 frames lost (before frame 9), filled in from the frames around"),
        ({9: 1, 15: 4}, "5 frames lost (before frames 9, 15), filled in from the frames around"),
        ({15: 5}, "1 pause (1.5 s before frame 15), after which histories begin anew"),
        (
            {9: 2, 15: 7, 17: 9},
            "2 frames lost (before frame 9), filled in from the frames around; 2 pauses (2 s before frame 15, 2.5 s "
            "before frame 17), after which histories begin anew",
        ),
    ],
)
def test_lost_frames_and_pauses_are_named_by_the_frame_after_them(gaps: dict[int, int], said: str) -> None:
    at, periods = 0, [0.0]
    for t in range(1, 30):
        at += 1 + gaps.get(t, 0)
        periods.append(float(at))
    assert text(periods) == said


def test_six_are_named_of_many() -> None:
    every_third = [t + t // 3 for t in range(30)]
    assert text(every_third) == (
        "9 frames lost (before frames 3, 6, 9, 12, 15, 18 and more), filled in from the frames around"
    )
    paused = [float(t + 8 * (max(0, t - 9) // 3)) for t in range(34)]
    named = ", ".join(f"2.25 s before frame {t}" for t in (12, 15, 18, 21, 24, 27))
    assert text(paused) == f"8 pauses ({named}, and more), after which histories begin anew"
    six = paused[:29]
    assert text(six) == f"6 pauses ({named}), after which histories begin anew"


@pytest.mark.parametrize("off", [-0.4, 0.4])
def test_a_frame_out_of_time_is_not_lost_as_well(off: float) -> None:
    periods = [float(t) for t in range(24)]
    periods[10] += off
    assert text(periods) == "1 frame out of time (frame 10), neither learned from nor scored"
    periods[15] += off
    periods = [*periods[:20], *(t + 2 for t in periods[20:])]
    assert text(periods) == (
        "2 frames lost (before frame 20), filled in from the frames around; 2 frames out of time (frames 10, 15), "
        "neither learned from nor scored"
    )


def test_a_frame_that_is_lost_beside_one_out_of_time_is() -> None:
    periods = [float(t) for t in range(24) if t != 11]
    periods[10] += 0.3
    assert text(periods) == (
        "1 frame lost (before frame 11), filled in from the frames around; 1 frame out of time (frame 10), neither "
        "learned from nor scored"
    )
