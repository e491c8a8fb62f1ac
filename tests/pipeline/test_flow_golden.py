"""The flow equals that of the published implementation on real sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cinecast.flow import FlowEstimator
from real_frames import frames, published_flow

pytestmark = pytest.mark.shared


def test_floating_point_flow_is_the_published_one(shared: Path) -> None:
    golden, real = np.load(shared / "golden" / "flow_eth-1.npz"), frames(shared, "eth-1")
    estimator = FlowEstimator(real[0], published_flow(shared, "eth-1"))
    for number, expected in zip(golden["frame_1based"], golden["dvf"], strict=True):
        np.testing.assert_allclose(estimator(real[number - 1]), expected, rtol=0, atol=1e-9)  # measured 1e-12


def test_flow_of_the_integer_arithmetic_is_close(shared: Path) -> None:
    """The published OvGU tables round every product and sum; measured mean 0.10-0.17 px, 99th percentile 1.0-1.7."""
    golden, real = np.load(shared / "golden" / "flow_ovgu-1.npz"), frames(shared, "ovgu-1")
    estimator = FlowEstimator(real[0], published_flow(shared, "ovgu-1"))
    for number, expected in zip(golden["frame_1based"], golden["dvf_integer_arithmetic"], strict=True):
        difference = np.abs(estimator(real[number - 1]) - expected)
        assert difference.mean() < 0.18
        assert np.percentile(difference, 99) < 1.8
