"""Parity with the published implementation, step by step and through the whole driver."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cinecast_models import METHODS, forecast_series, jitter, mae, maximum_error, method_settings, nrmse, rmse
from helpers.golden import golden, pairs, replay, sizes

CASES = ("eth-1_h1", "eth-1_h6", "ovgu-1_h6")

pytestmark = pytest.mark.shared
every_case = pytest.mark.parametrize("case", CASES)


@pytest.mark.parametrize("case", [*CASES, "markers-1_h1"])
def test_lms_step_by_step(shared: Path, case: str) -> None:
    expected = golden(shared, case, "lms")
    settings = method_settings("lms", sizes(expected))
    windows, targets = pairs(shared, case, "standardised", settings.history_length)
    forecaster = METHODS["lms"].create(settings, components=targets.shape[1], runs=1, seed=0)
    forecasts = replay(forecaster, windows, targets)
    # Over 2160 steps of 541 inputs the two orders of summation part by 3e-12.
    tolerance = 1e-11 if case.startswith("markers") else 0
    np.testing.assert_allclose(forecasts, expected["Ypred_norm"].T, rtol=tolerance, atol=1e-12)


@pytest.mark.parametrize("case", [*CASES, "markers-1_h1"])
def test_linear_from_raw_inputs(shared: Path, case: str) -> None:
    expected = golden(shared, case, "linear")
    settings = method_settings("linear", {"history_length": int(expected["SHL"])})
    windows, targets = pairs(shared, case, "raw", settings.history_length)
    forecaster = METHODS["linear"].create(settings, components=targets.shape[1], runs=1, seed=0)
    fitted = int(expected["tmax_training"] - expected["SHL"] - expected["h"]) + 1
    forecaster.fit(windows[:fitted], targets[:fitted])
    forecasts = np.array([forecaster.predict(window[None])[0] for window in windows[fitted:]])
    # The published normal equations square the condition number, which leaves markers with 3e-8 of rounding.
    tolerance = 1e-6 if case.startswith("markers") else 1e-9
    np.testing.assert_allclose(forecasts, expected["Ypred"].T, rtol=tolerance, atol=tolerance)


@every_case
@pytest.mark.parametrize("method", ["lms", "linear"])
def test_the_published_protocol_of_the_driver(shared: Path, case: str, method: str) -> None:
    expected = golden(shared, case, method)
    series = np.load(shared / "golden" / f"series_{case.split('_')[0]}.npy", allow_pickle=False).T
    overrides = sizes(expected) if method == "lms" else {"history_length": int(expected["SHL"])}
    horizon, train_end = int(expected["h"]), int(expected["tmax_training"])
    result = forecast_series(
        series,
        method=method,
        settings=method_settings(method, overrides),
        horizon=horizon,
        train_end=train_end,
        protocol="published",
    )
    first = train_end
    published = np.full_like(series, np.nan)
    published[-expected["Ypred"].shape[1] :] = expected["Ypred"].T
    np.testing.assert_allclose(result.forecasts[0, first:], published[first:], rtol=1e-9, atol=1e-9)
    assert np.isnan(result.forecasts[0, :first]).all()

    window = slice(int(expected["tmax_cv"]), None)
    forecast, truth = result.forecasts[0, window], series[window]
    scores = {
        "eval_nrmse": nrmse(forecast, truth),
        "eval_rmse": rmse(forecast, truth),
        "eval_mean_err": mae(forecast, truth),
        "eval_max_err": maximum_error(forecast, truth),
        "eval_jitter": jitter(forecast),
    }
    assert scores == pytest.approx({name: float(expected[name]) for name in scores}, rel=1e-9)


@pytest.mark.parametrize("method", ["lms", "snap1"])
def test_scores_of_markers_measure_distances_in_space(shared: Path, method: str) -> None:
    expected = golden(shared, "markers-1_h1", method)
    frames = int(expected["tmax_pred"] - expected["tmax_cv"])
    truth = golden(shared, "markers-1_h1", "inputs_raw")["Y"].T[-frames:]
    forecast = expected["Ypred"].T[-frames:]
    marker = [0, 1, 2] * 3
    scores = {
        "eval_nrmse": nrmse(forecast, truth),
        "eval_rmse": rmse(forecast, truth, objects=marker),
        "eval_mean_err": mae(forecast, truth, objects=marker),
        "eval_max_err": maximum_error(forecast, truth, objects=marker),
        "eval_jitter": jitter(forecast, objects=marker),
    }
    # The golden nRMSE and maximum of markers carry the rounding of single precision.
    assert scores == pytest.approx({name: float(expected[name]) for name in scores}, rel=1e-6)
