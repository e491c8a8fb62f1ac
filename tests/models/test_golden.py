"""Parity with the published implementation, step by step and through the whole driver."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast_models import METHODS, forecast_series, jitter, mae, maximum_error, method_settings, nrmse, rmse
from cinecast_models.forecaster import Array, Forecaster

CASES = ("eth-1_h1", "eth-1_h6", "ovgu-1_h6")

pytestmark = pytest.mark.shared
every_case = pytest.mark.parametrize("case", CASES)


def golden(shared: Path, case: str, name: str) -> dict[str, Any]:
    with np.load(shared / "golden" / f"forecast_{case}_{name}.npz", allow_pickle=False) as arrays:
        return dict(arrays)


def pairs(shared: Path, case: str, kind: str, length: int) -> tuple[Array, Array]:
    """Return histories (M, L, K) and targets (M, K); the golden inputs start with the bias, then the oldest sample."""
    arrays = golden(shared, case, f"inputs_{kind}")
    targets = arrays["Y"].T
    assert (arrays["X"][0] == 1).all()
    return arrays["X"][1:].T.reshape(len(targets), length, -1), targets


def sizes(expected: dict[str, Any]) -> dict[str, object]:
    return {"history_length": int(expected["SHL"]), "learning_rate": float(expected["learn_rate"])}


def replay(forecaster: Forecaster, windows: Array, targets: Array) -> Array:
    """Predict each target and learn it at once, as the published code does."""
    forecasts = np.empty_like(targets)
    for i, (history, target) in enumerate(zip(windows, targets, strict=True)):
        forecasts[i] = forecaster.predict(windows[i : i + 1])[0]
        forecaster.learn(history, target)
    return forecasts


def golden_snap1(shared: Path, case: str) -> tuple[Forecaster, dict[str, Any], Array, Array]:
    expected = golden(shared, case, "snap1")
    settings = method_settings("snap1", {**sizes(expected), "hidden_units": int(expected["q"])})
    windows, targets = pairs(shared, case, "standardised", settings.history_length)
    forecaster = METHODS["snap1"].create(settings, components=targets.shape[1], runs=1, seed=0)
    weights = np.concatenate([expected["Wa0"], expected["Wb0"]], axis=1)
    forecaster.restore(forecaster.state() | {"weights": weights[None], "readout": expected["Wc0"][None]})
    return forecaster, expected, windows, targets


@every_case
def test_snap1_step_by_step(shared: Path, case: str) -> None:
    forecaster, expected, windows, targets = golden_snap1(shared, case)
    forecasts = replay(forecaster, windows, targets)
    np.testing.assert_allclose(forecasts, expected["Ypred_norm"].T, rtol=0, atol=1e-12)
    state, units = forecaster.state(), int(expected["q"])
    np.testing.assert_allclose(state["weights"][0, :, :units], expected["Wa1"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(state["weights"][0, :, units:], expected["Wb1"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(state["readout"][0], expected["Wc1"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(state["hidden"][0], expected["x1"].ravel(), rtol=0, atol=1e-12)


def test_snap1_on_markers_until_chaos_parts_any_two_implementations(shared: Path) -> None:
    forecaster, expected, windows, targets = golden_snap1(shared, "markers-1_h1")
    forecasts = replay(forecaster, windows[:300], targets[:300])
    np.testing.assert_allclose(forecasts, expected["Ypred_norm"][:, :300].T, rtol=0, atol=1e-8)
    np.testing.assert_allclose(forecasts[:150], expected["Ypred_norm"][:, :150].T, rtol=0, atol=1e-12)


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
    first = train_end - 1 + horizon
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
