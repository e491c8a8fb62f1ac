"""Settings at the ends of their ranges: forecasts, or a sentence, and never an error of a library."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cinecast_models import METHODS, DivergenceError, forecast_series, method_settings, setting_ranges
from cinecast_models.setting_rules import Range

TRAIN_END, HORIZON = 40, 2
SMALL: dict[str, dict[str, object]] = {name: {"hidden_units": 4} for name in ("fixed", "rtrl", "snap1", "uoro", "dni")}


def ends_of(allowed: Range) -> list[float]:
    low = math.nextafter(allowed.minimum, math.inf) if allowed.above else allowed.minimum
    high = math.nextafter(allowed.maximum, -math.inf) if allowed.below else allowed.maximum
    return [low, high]


ENDS = [
    (method, name, end)
    for method in METHODS
    if "transformer" not in method
    for name, (kind, allowed) in setting_ranges(METHODS[method].settings).items()
    if kind is float and isinstance(allowed, Range)
    for end in ends_of(allowed)
]


@pytest.mark.parametrize(("method", "name", "value"), ENDS)
@pytest.mark.filterwarnings("error")
def test_a_setting_at_the_end_of_its_range_forecasts_or_says_why_not(method: str, name: str, value: float) -> None:
    series = np.random.default_rng(0).normal(size=(80, 2)).cumsum(axis=0)
    settings = method_settings(method, {**SMALL.get(method, {}), "history_length": 4, name: value})
    try:
        result = forecast_series(series, method=method, settings=settings, horizon=HORIZON, train_end=TRAIN_END)
    except DivergenceError:
        return
    assert np.isfinite(result.forecasts[:, TRAIN_END - 1 + HORIZON :]).all()


@pytest.mark.parametrize("method", ["kernel_ridge", "kernel_tracker"])
def test_to_the_narrowest_kernel_nothing_is_alike_and_the_mean_of_the_train_span_is_forecast(method: str) -> None:
    series = np.random.default_rng(0).normal(size=(80, 2)).cumsum(axis=0)
    settings = method_settings(method, {"relative_scale": 1e-6})
    result = forecast_series(series, method=method, settings=settings, horizon=HORIZON, train_end=TRAIN_END)
    mean = np.broadcast_to(series[:TRAIN_END].mean(axis=0), (80 - TRAIN_END + 1 - HORIZON, 2))
    np.testing.assert_allclose(result.forecasts[0, TRAIN_END - 1 + HORIZON :], mean, rtol=1e-6)
