"""Flow and motion model together give the weights of the published implementation on a real sequence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.flow import FlowEstimator
from cinecast.motion import MotionModel, fit_motion_model
from helpers.real_frames import frames, published_flow

pytestmark = pytest.mark.shared

TRAIN_END = 90


@pytest.fixture(scope="module")
def fitted(shared: Path) -> tuple[MotionModel, NDArray[np.float64]]:
    real = frames(shared, "eth-1")
    estimator = FlowEstimator(real[0], published_flow(shared, "eth-1"))
    dvf = np.stack([estimator(frame) for frame in real])
    return fit_motion_model(dvf[:TRAIN_END], 4), dvf


@pytest.fixture(scope="module")
def golden(shared: Path) -> Any:
    return np.load(shared / "golden" / "motion_eth-1_train90.npz")


def test_weights_of_all_frames_with_their_signs(fitted: Any, golden: Any) -> None:
    model, dvf = fitted
    scale = np.abs(golden["F"]).max(axis=0)
    np.testing.assert_allclose(model.project(dvf) / scale, golden["F"] / scale, rtol=0, atol=1e-6)


def test_modes_and_mean(fitted: Any, golden: Any) -> None:
    model, _ = fitted
    published = golden["Wtrain"].T  # feature = 2 * (column + row * W) + component, the order of (H, W, 2)
    np.testing.assert_allclose(model.modes.reshape(4, -1), published, rtol=0, atol=1e-6)
    np.testing.assert_allclose(model.mean.ravel(), golden["Xtrain_mean"].ravel(), rtol=0, atol=1e-9)


def test_shares_of_variance_are_those_of_the_eigenvalues(fitted: Any, golden: Any) -> None:
    model, dvf = fitted
    centred = dvf[:TRAIN_END] - dvf[:TRAIN_END].mean(axis=0)
    np.testing.assert_allclose(model.explained_variance * (centred**2).sum(), golden["eigval"], rtol=1e-9)
