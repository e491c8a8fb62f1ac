"""Parity of the recurrent nets with the published implementation: same initial weights, same random signs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast_models import METHODS, forecast_series, method_settings, nrmse, rmse
from cinecast_models.forecaster import Array, Forecaster
from cinecast_models.recurrent.uoro import Uoro
from helpers.golden import golden, pairs, replay, sizes

pytestmark = pytest.mark.shared


def golden_net(shared: Path, case: str, method: str) -> tuple[Forecaster, dict[str, Any], Array, Array]:
    """Return a net with the published initial weights, what it must give, histories and targets."""
    expected = golden(shared, case, method)
    settings = method_settings(method, {**sizes(expected), "hidden_units": int(expected["q"])})
    windows, targets = pairs(shared, case, "standardised", settings.history_length)
    forecaster = METHODS[method].create(settings, components=targets.shape[1], runs=1, seed=0)
    weights = np.concatenate([expected["Wa0"], expected["Wb0"]], axis=1)
    start = {"weights": weights[None], "readout": expected["Wc0"][None]}
    if method == "dni":
        start["credit"] = expected["A0"][None]
    forecaster.restore(forecaster.state() | start)
    return forecaster, expected, windows, targets


# Rounding depends on how wide the vectors of a processor are; dni lets it grow from 1e-16 to 5e-12 over these runs (a
# plain numpy form to 2e-13), the others do not.
@pytest.mark.parametrize(("method", "apart"), [("fixed", 1e-12), ("rtrl", 1e-12), ("snap1", 1e-12), ("dni", 1e-10)])
@pytest.mark.parametrize("case", ["eth-1_h1", "eth-1_h6", "ovgu-1_h6"])
def test_step_by_step_to_the_last_weight(shared: Path, case: str, method: str, apart: float) -> None:
    forecaster, expected, windows, targets = golden_net(shared, case, method)
    forecasts = replay(forecaster, windows, targets)
    np.testing.assert_allclose(forecasts[:75], expected["Ypred_norm"].T[:75], rtol=0, atol=1e-12)
    np.testing.assert_allclose(forecasts, expected["Ypred_norm"].T, rtol=0, atol=apart)
    state, units = forecaster.state(), int(expected["q"])
    np.testing.assert_allclose(state["weights"][0, :, :units], expected["Wa1"], rtol=0, atol=apart)
    np.testing.assert_allclose(state["weights"][0, :, units:], expected["Wb1"], rtol=0, atol=apart)
    np.testing.assert_allclose(state["readout"][0], expected["Wc1"], rtol=0, atol=apart)
    np.testing.assert_allclose(state["hidden"][0], expected["x1"].ravel(), rtol=0, atol=apart)
    if method == "dni":
        np.testing.assert_allclose(state["credit"][0], expected["A1"], rtol=0, atol=apart)


@pytest.mark.parametrize(
    ("method", "steps", "apart"),
    [
        ("fixed", 2160, 1e-12),
        ("rtrl", 150, 1e-12),
        ("rtrl", 300, 1e-7),
        ("snap1", 150, 1e-12),
        ("snap1", 300, 1e-7),
        ("dni", 40, 1e-11),
        ("dni", 150, 1e-5),
    ],
)
def test_markers_until_chaos_parts_any_two_implementations(shared: Path, method: str, steps: int, apart: float) -> None:
    forecaster, expected, windows, targets = golden_net(shared, "markers-1_h1", method)
    forecasts = replay(forecaster, windows[:steps], targets[:steps])
    np.testing.assert_allclose(forecasts, expected["Ypred_norm"][:, :steps].T, rtol=0, atol=apart)


@pytest.mark.parametrize("case", ["eth-1_h1", "eth-1_h6"])
def test_uoro_with_the_published_signs(shared: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forecaster, expected, windows, targets = golden_net(shared, case, "uoro")
    signs = iter(expected["nu"].T[:, None, :])
    monkeypatch.setattr(Uoro, "signs", lambda self: next(signs))
    forecasts = replay(forecaster, windows[:80], targets[:80])
    apart = np.abs(forecasts - expected["Ypred_norm"][:, :80].T).max(axis=1)
    # A difference over 1e-7 turns rounding into 1e-9, which grows tenfold in ten steps.
    assert apart[:40].max() < 1e-8
    assert apart[:70].max() < 1e-6
    assert apart.max() < 1e-5


def test_the_published_run_of_dni_on_markers(shared: Path) -> None:
    """RMSE 1.498 mm and nRMSE 0.406: arXiv 2403.01607, sequence 1, 3.33 Hz, 2.1 s ahead."""
    with np.load(shared / "data" / "markers" / "markers-1.npz", allow_pickle=False) as arrays:
        series = arrays["hz_3.33"].T
    settings = method_settings("dni", {"history_length": 12, "hidden_units": 180, "learning_rate": 0.01})
    result = forecast_series(
        series, method="dni", settings=settings, horizon=7, train_end=100, protocol="published", runs=5
    )
    truth, forecasts = series[200:], result.forecasts[:, 200:]
    assert np.mean([rmse(run, truth, objects=[0, 1, 2] * 3) for run in forecasts]) == pytest.approx(1.498, rel=0.03)
    assert np.mean([nrmse(run, truth) for run in forecasts]) == pytest.approx(0.406, rel=0.03)
