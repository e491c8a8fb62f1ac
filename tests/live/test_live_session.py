"""Figures of a session: latencies in flat memory, the error once its time has come, what is no frame."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast import LiveForecaster
from cinecast.frames.streamed import StreamedFault
from cinecast.live.latency import Latencies
from cinecast.live.live_forecast import LiveForecast, StepTimes
from cinecast.live.running_error import RunningError
from cinecast.live.session import LiveSession
from cinecast.settings import Settings


def test_percentiles_to_one_per_cent_and_the_worst_exactly() -> None:
    values = np.random.default_rng(0).lognormal(2, 1, 5000)
    latencies = Latencies()
    for value in values:
        latencies.add(float(value))
    for share in (50, 95, 99):
        assert latencies.percentile(share) == pytest.approx(np.percentile(values, share), rel=0.011)
        assert np.mean(values <= latencies.percentile(share)) >= share / 100
    assert latencies.worst == values.max()
    assert latencies.count == 5000


@pytest.mark.parametrize("only", [1e-6, 3.7, 100.0, 1e9])
def test_a_single_latency_is_every_percentile(only: float) -> None:
    latencies = Latencies()
    latencies.add(only)
    assert latencies.worst == only
    assert [latencies.percentile(share) for share in (1, 50, 100)] == [pytest.approx(min(only, 1e6), rel=0.01)] * 3


def test_without_a_latency_there_is_no_percentile() -> None:
    assert math.isnan(Latencies().percentile(50))
    assert math.isnan(Latencies().worst)


def field(x: float) -> NDArray[np.float32]:
    return np.full((4, 5, 2), (x, 0), dtype=np.float32)


def forecast(time_s: float, x: float) -> LiveForecast:
    steps = StepTimes(1, 1, 1, 1, 1)
    return LiveForecast(
        "", 0.0, time_s, np.zeros((1, 1)), np.zeros((1, 1)), 0, field(x).astype(float), field(0), field(0), steps
    )


def test_a_forecast_is_scored_when_its_time_has_come_in_mm() -> None:
    errors = RunningError((3.0, 2.0), period_s=0.5)
    errors.add(forecast(1.0, 5.0))
    errors.add(forecast(1.5, 5.0))
    assert math.isnan(errors.observe(0.5, field(9)))
    assert math.isnan(errors.mean_mm)
    assert errors.observe(1.01, field(4)) == pytest.approx(2.0)  # times jitter
    assert errors.observe(1.5, field(8)) == pytest.approx(6.0)
    assert (errors.mean_mm, errors.count) == (pytest.approx(4.0), 2)


def test_nothing_is_scored_against_a_frame_on_which_nothing_was_measured() -> None:
    errors = RunningError((1.0, 1.0), period_s=0.5)
    for time_s in (1.0, 1.2, 1.5):
        errors.add(forecast(time_s, 0.0))
    assert math.isnan(errors.observe(1.0, None))
    assert errors.observe(1.5, field(3)) == pytest.approx(3.0)
    assert errors.count == 1  # nor between that frame and the next


def test_between_frames_the_truth_is_interpolated_but_not_over_a_gap() -> None:
    errors = RunningError((1.0, 1.0), period_s=0.5)
    errors.add(forecast(0.6, 0.0))
    errors.add(forecast(1.6, 0.0))
    errors.observe(0.5, field(1))
    assert errors.observe(1.0, field(2)) == pytest.approx(1.2)
    assert math.isnan(errors.observe(2.5, field(3)))
    assert errors.count == 1


def test_after_a_clock_was_set_back_old_forecasts_are_given_up() -> None:
    errors = RunningError((1.0, 1.0), period_s=0.5)
    for t in range(100, 104):
        errors.add(forecast(t, 1.0))
    errors.observe(99.5, field(0))
    errors.observe(3.0, field(0))
    errors.add(forecast(3.5, 1.0))
    assert errors.observe(3.5, field(0)) == pytest.approx(1.0)
    assert errors.count == 1


def test_what_is_no_frame_is_counted() -> None:
    session = LiveSession(
        LiveForecaster(Settings(), method="rls", horizon="1", calibration_frames=20), lambda: (1.0, 1.0)
    )
    taken = session.take(StreamedFault("notes.txt", "it is no DICOM image"))
    assert (taken.name, taken.state, taken.reason, taken.forecast) == (
        "notes.txt",
        "skipped",
        "it is no DICOM image",
        None,
    )
    assert session.skipped == 1
