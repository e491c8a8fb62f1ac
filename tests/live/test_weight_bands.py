"""Bands of live weights: those of the series, also far ahead, where one forecast of several is remembered."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast.live.weight_bands import WeightBands
from cinecast_models import conformal_bands, forecast_conditions, lost_held

FIRST, FRAMES = 40, 300


@pytest.mark.parametrize("horizon", [1, 30])
@pytest.mark.parametrize(
    ("lost", "came"), [((), True), ((120, 121, 200), True), ((40, 120, 121, 200), False), ((11, 12, 120), False)]
)
def test_they_are_those_of_the_series(
    horizon: int, lost: tuple[int, ...], came: bool, rng: np.random.Generator
) -> None:
    """Frames that were faulty came, and forecasts are issued at them; of a lost one nobody hears, be it the first
    that is forecast, or the first that comes after the calibration."""
    phase = 2 * np.pi * np.arange(FRAMES) / 25
    weights = np.stack([10 * np.sin(phase), 3 * np.cos(phase)], axis=1) + 0.3 * rng.standard_normal((FRAMES, 2))
    measured = weights.copy()
    measured[list(lost)] = np.nan
    forecasts = weights + rng.standard_t(3, (2, FRAMES, 2)) * (1.2 + np.sin(phase))[:, np.newaxis]
    forecasts[:, :FIRST] = np.nan
    of_series = forecasts.copy()
    of_series[:, list(lost)] = np.nan  # no error is known of what was not measured
    if not came:
        of_series[:, np.array(lost, dtype=int) + horizon] = np.nan
    known = forecast_conditions(measured, of_series, horizon=horizon, start=FIRST - horizon + 1)
    bands = conformal_bands(lost_held(measured), of_series, horizon=horizon, level=0.9, conditions=known)

    start = FIRST - horizon
    live = WeightBands(level=0.9, horizon=horizon, known=measured[: start + 1])
    for t in range(start, FRAMES - horizon):
        if t in lost and not came:
            continue
        if t > start:
            live.observe(t, None if t in lost else measured[t])
        age = 0 if t not in lost else t - max(s for s in range(t) if s not in lost)
        got = live.issue(t, horizon, forecasts[:, t + horizon], age)
        if t + horizon not in lost:
            wanted = (bands.high - bands.low)[:, t + horizon] / 2
            np.testing.assert_allclose(got.radius, wanted, rtol=1e-9)
            np.testing.assert_allclose(got.conditions.place, known.place[:, t + horizon], rtol=1e-9)
