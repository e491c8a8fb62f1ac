"""Forecasts that wait for what is measured when their time comes: pairs and interpolated values written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast.live.pending import PendingForecasts

PERIOD = 0.25  # a twentieth of it, 0.0125 s, is jitter; up to one and a half of it, 0.375 s, no frame is lost


def measured(value: float) -> np.ndarray:
    return np.array([value, -value])


def paired(
    due_s: float, frames: list[tuple[float, float | None]], issued_s: float = 0.0
) -> tuple[list[float], list[int]]:
    """Return what was measured when a forecast was due, and with which frames it was told; None is a faulty frame."""
    pending: PendingForecasts[str] = PendingForecasts(PERIOD)
    pending.add(issued_s, due_s, "forecast")
    values, at = [], []
    for t, (time_s, value) in enumerate(frames):
        for forecast, found in pending.observe(time_s, None if value is None else measured(value)):
            assert forecast == "forecast"
            assert found[1] == -found[0]
            values.append(float(found[0]))
            at.append(t)
    return values, at


@pytest.mark.parametrize(
    ("due_s", "value", "frame"),
    [
        (0.5, 7.0, 1),  # the frame's own time
        (0.489, 7.0, 1),  # a little before, and a little after it
        (0.511, 7.0, 1),
        (0.35, 4.0, 1),  # 0.4 of the way from 2 to 7
        (0.27, 2.4, 1),
        (0.485, 6.7, 1),  # 0.94 of the way
        (0.515, 7.18, 2),  # 0.06 of the way from 7 to 10: it waits for the frame after
    ],
)
def test_a_forecast_is_paired_with_the_frame_or_the_way_between_two(due_s: float, value: float, frame: int) -> None:
    values, at = paired(due_s, [(0.25, 2.0), (0.5, 7.0), (0.75, 10.0)])
    assert values == [pytest.approx(value)]
    assert at == [frame]


@pytest.mark.parametrize(("next_s", "values"), [(0.62, [5.0]), (0.63, [])])
def test_over_a_lost_frame_nobody_knows_what_was_between(next_s: float, values: list[float]) -> None:
    halfway_s = (0.25 + next_s) / 2
    assert paired(halfway_s, [(0.25, 2.0), (next_s, 8.0)])[0] == pytest.approx(values)


def test_on_a_faulty_frame_and_on_the_way_to_it_and_from_it_nothing_was_measured() -> None:
    frames: list[tuple[float, float | None]] = [(0.25, 2.0), (0.5, None), (0.75, 8.0), (1.0, 4.0)]
    assert [paired(due_s, frames)[0] for due_s in (0.4, 0.5, 0.6, 0.75, 0.875)] == [[], [], [], [8.0], [6.0]]


def test_before_the_first_frame_nothing_was_measured() -> None:
    assert paired(0.1, [(0.25, 2.0), (0.5, 4.0)]) == ([], [])


def test_a_clock_that_is_set_back_drops_what_waits_and_what_was_before() -> None:
    assert paired(0.5, [(0.25, 2.0), (0.1, 3.0), (0.5, 4.0)]) == ([], [])
    assert paired(0.5, [(0.4, 3.0), (0.5, 4.0)], issued_s=0.45) == ([], [])  # the frame that it was issued at counts
    assert paired(0.5, [(0.25, 2.0), (0.25, 2.0), (0.5, 4.0)]) == (
        [4.0],
        [2],
    )  # the same time once more is no step back
    pending: PendingForecasts[str] = PendingForecasts(PERIOD)
    pending.observe(0.3, measured(2.0))
    pending.observe(0.2, measured(3.0))
    pending.add(0.2, 0.35, "next")
    ((_, found),) = pending.observe(0.45, measured(8.0))
    assert found[0] == pytest.approx(3 + 0.6 * 5)  # on the way from the frame after the step, not from that before it


def test_forecasts_come_back_in_their_order_as_their_time_comes() -> None:
    pending: PendingForecasts[int] = PendingForecasts(PERIOD)
    for number in range(4):
        pending.add(0.25 * number, 0.25 * number + 0.5, number)
    assert [number for number, _ in pending.observe(0.75, measured(1.0))] == [1]
    assert [number for number, _ in pending.observe(1.0, measured(1.0))] == [2]
