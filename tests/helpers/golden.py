"""The arrays of the published implementation, and its order of predicting and learning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cinecast_models.forecaster import Array, Forecaster
from helpers.pairs import pair


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
        forecaster.learn(pair(history, target, i))
    return forecasts
