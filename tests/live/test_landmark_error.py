"""Errors at the landmarks of a stream: uniform motions whose distances from the landmarks are known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cinecast.live.landmark_error import LandmarkError, LandmarkErrors, RunningMean
from cinecast.live.live_forecast import LiveForecast, StepTimes

PLACES = np.array([[1.0, 2.0], [3.5, 0.5], [0.0, 3.0]])
SPACING, PERIOD = (3.0, 2.0), 0.5  # rows are 3 mm apart, columns 2 mm
NOWHERE = (math.nan, math.nan)


def field(x: float, y: float) -> np.ndarray:
    return np.full((4, 5, 2), (x, y), dtype=np.float32)


def forecast(issued_s: float, time_s: float, of: tuple[float, float], latest: tuple[float, float]) -> LiveForecast:
    """Return a forecast of a uniform motion, issued at a frame with another one."""
    weights = np.zeros((1, 1))
    dvf, steps = field(*of).astype(float), StepTimes(1, 1, 1, 1, 1)
    return LiveForecast("", issued_s, time_s, weights, weights, 0, dvf, field(0, 0), field(*latest), steps)


def test_forecast_measured_and_latest_motion_are_held_against_where_landmarks_were_found_in_mm() -> None:
    errors = LandmarkError(PLACES, SPACING, PERIOD)
    errors.add(forecast(0.0, 1.0, of=(5.0, 1.0), latest=(1.0, 0.0)))
    errors.add(forecast(0.5, 1.5, of=(2.0, 2.0), latest=(0.0, 0.0)))
    early = errors.observe(0.5, np.array([(0.0, 1.0)] * 3), field(0.0, 0.0))
    np.testing.assert_equal(early, LandmarkErrors(math.nan, 3.0, math.nan))
    found = np.array([(4.0, 1.0), NOWHERE, (5.0, -1.0)])
    # The forecast is off by (1, 0) and (0, 2) pixels, the motion by (0.5, 0) and (-0.5, 2), none by (-3, -1), (-4, 1).
    first = errors.observe(1.0, found, field(4.5, 1.0))
    expected = ((2 + 6) / 2, (1 + np.hypot(1, 6)) / 2, (np.hypot(6, 3) + np.hypot(8, 3)) / 2)
    assert first == pytest.approx(expected)
    second = errors.observe(1.5, np.array([(2.0, 2.0), (2.0, 1.0), NOWHERE]), field(2.0, 2.0))
    assert second == pytest.approx((1.5, 1.5, (np.hypot(4, 6) + np.hypot(4, 3)) / 2))
    assert (errors.forecast.count, errors.measured.count) == (4, 3 + 2 + 2)
    assert errors.forecast.mean == pytest.approx((2 + 6 + 0 + 3) / 4)
    assert errors.measured.mean == pytest.approx((3 * 3 + 1 + np.hypot(1, 6) + 0 + 3) / 7)
    of_none = np.hypot([6, 8, 4, 4], [3, 3, 6, 3])
    assert errors.without_forecast.mean == pytest.approx(of_none.mean())


def test_a_faulty_frame_says_nothing_of_any_motion() -> None:
    errors = LandmarkError(PLACES, SPACING, PERIOD)
    errors.add(forecast(0.0, 0.5, of=(1.0, 1.0), latest=(0.0, 0.0)))
    np.testing.assert_equal(errors.observe(0.5, None, field(0, 0)), LandmarkErrors(*[math.nan] * 3))
    assert errors.measured.count == errors.forecast.count == 0
    assert math.isnan(errors.forecast.mean)


def test_where_no_landmark_was_found_there_is_no_error() -> None:
    errors = LandmarkError(PLACES, SPACING, PERIOD)
    errors.add(forecast(0.0, 0.5, of=(1.0, 1.0), latest=(0.0, 0.0)))
    np.testing.assert_equal(errors.observe(0.5, np.full((3, 2), np.nan), field(0, 0)), LandmarkErrors(*[math.nan] * 3))
    assert math.isnan(errors.measured.mean)


def test_motion_is_read_where_each_landmark_lies() -> None:
    dvf = np.zeros((4, 5, 2), dtype=np.float32)
    dvf[..., 0], dvf[..., 1] = np.arange(5), 10 * np.arange(4)[:, np.newaxis]
    errors = LandmarkError(PLACES, SPACING, PERIOD)
    there = PLACES * [1, 10]
    assert errors.observe(0.0, there, dvf).measured == pytest.approx(0)
    assert errors.observe(0.5, there + np.array([0, 1]), dvf).measured == pytest.approx(3)


def test_the_running_mean_is_over_distances_not_frames() -> None:
    mean = RunningMean()
    assert mean.add(np.array([[3.0, 4.0]])) == 5
    assert mean.add(np.array([[1.0, 0.0], [0.0, -2.0], NOWHERE])) == 1.5
    assert math.isnan(mean.add(np.array([NOWHERE])))
    assert (mean.count, mean.mean) == (3, pytest.approx(8 / 3))
