"""The flow equals that of the published implementation on real sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cinecast.flow import FlowEstimator
from cinecast.flow.kernels import MARGIN, pull_back, residual_moments
from helpers.real_frames import frames, published_flow

pytestmark = pytest.mark.shared


def test_floating_point_flow_is_the_published_one(shared: Path) -> None:
    golden, real = np.load(shared / "golden" / "flow_eth-1.npz"), frames(shared, "eth-1")
    estimator = FlowEstimator(real[0], published_flow(shared, "eth-1"))
    for number, expected in zip(golden["frame_1based"], golden["dvf"], strict=True):
        np.testing.assert_allclose(estimator(real[number - 1]), expected, rtol=0, atol=1e-9)  # measured 1e-12


@pytest.mark.parametrize(("name", "dtype"), [("eth-1", np.uint16), ("ovgu-1", np.uint16), ("ovgu-1", np.int16)])
def test_flow_of_16_bit_frames_is_that_of_the_integer_arithmetic(shared: Path, name: str, dtype: type) -> None:
    golden, real = np.load(shared / "golden" / f"flow_{name}.npz"), frames(shared, name).astype(dtype)
    estimator = FlowEstimator(real[0], published_flow(shared, name))
    pairs = zip(golden["frame_1based"], golden["dvf_integer_arithmetic"], strict=True)
    differences = [np.abs(estimator(real[number - 1]) - expected) for number, expected in pairs]
    # Equal to the last bit of the single precision given, but for a frame in which half a grey level meets a rounding
    # error on a coarse level: frame 260 of ovgu-1 (14 of its 498 frames, by their weights).
    assert sum(difference.max() < 1e-5 for difference in differences) >= 6
    assert max(difference.mean() for difference in differences) < 0.02


def test_16_bit_frames_differ_from_the_same_numbers_in_floating_point(shared: Path) -> None:
    real, settings = frames(shared, "ovgu-1"), published_flow(shared, "ovgu-1")
    whole = FlowEstimator(real[0], settings)(real[99])
    floating = FlowEstimator(real[0].astype(np.float64), settings)(real[99].astype(np.float64))
    assert 0.1 < np.abs(whole - floating).mean() < 0.2  # measured 0.16 px: why the arithmetic has to be known


def test_integer_interpolation_is_off_by_at_most_two_grey_levels(rng: np.random.Generator) -> None:
    frame = rng.integers(0, 4096, (20, 24)).astype(np.float64)
    dvf = rng.normal(0, 3, (20, 24, 2))
    exact, ones = np.empty_like(frame), np.ones_like(frame)
    surrounded = np.pad(frame, MARGIN)
    pull_back(surrounded, dvf, exact)
    moments: NDArray[np.float64] = np.empty((20, 24, 2))
    residual_moments(np.zeros_like(frame), surrounded, dvf, ones, ones, moments, True)
    rounded = -moments[..., 0]
    assert (rounded == np.rint(rounded)).all()
    assert 0 < np.abs(rounded - exact).max() <= 2
