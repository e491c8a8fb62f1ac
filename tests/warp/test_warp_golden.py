"""Warp, image scores and translation equal those of the published implementation on real frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast.flow import FlowEstimator, registration_nrmse, translate
from cinecast.score import cross_correlation, image_nrmse, structural_similarity
from cinecast.settings import WarpSettings
from cinecast.warp import warp
from helpers.real_frames import frames, published_flow, roi

pytestmark = pytest.mark.shared

PUBLISHED = WarpSettings(arithmetic="published")
CASES = pytest.mark.parametrize("number", [20, 60, 199])
SEQUENCES = pytest.mark.parametrize("name", ["eth-1", "ovgu-1"])


def _golden(shared: Path, name: str, number: int) -> Any:
    return np.load(shared / "golden" / f"warp_{name}_frame{number:03d}.npz")


@CASES
@SEQUENCES
def test_warped_frame_within_one_grey_level(shared: Path, name: str, number: int) -> None:
    golden = _golden(shared, name, number)
    off = np.abs(warp(golden["I_init"], golden["u_t"], PUBLISHED) - golden["I_warped"])
    assert off.max() <= 1
    assert np.count_nonzero(off) <= 3  # sums that are whole numbers but for rounding


@CASES
@SEQUENCES
def test_image_scores_of_the_warped_frame(shared: Path, name: str, number: int) -> None:
    golden, region = _golden(shared, name, number), roi(shared, name)
    predicted, real = golden["I_warped"], golden["J"].astype(float)
    for suffix, a, b in (("", predicted, real), ("_roi", predicted[region], real[region])):
        assert image_nrmse(a, b) == pytest.approx(float(golden[f"m_nrmse{suffix}"]), abs=1e-6)
        assert cross_correlation(a, b) == pytest.approx(float(golden[f"m_corr{suffix}"]), abs=1e-6)
        assert structural_similarity(a, b, data_range=255) == pytest.approx(float(golden[f"m_ssim{suffix}"]), abs=1e-6)


@CASES
@SEQUENCES
def test_frame_pulled_back_and_its_registration_error(shared: Path, name: str, number: int) -> None:
    golden = _golden(shared, name, number)
    reference, frame, dvf = golden["I_init"], golden["J"], golden["u_t"]
    np.testing.assert_allclose(translate(frame, dvf), golden["J_translated_dbl"], rtol=0, atol=1e-9)
    assert registration_nrmse(reference, frame, dvf) == pytest.approx(float(golden["r_nrmse_dbl"]), abs=1e-9)


@pytest.mark.parametrize("row", [0, 7, 19])
def test_flow_warp_and_scores_together(shared: Path, row: int) -> None:
    """`initial` of the published chain: the reference warped with the measured flow, test frames 181 to 200."""
    golden, real = np.load(shared / "golden" / "chain_eth-1_h6.npz"), frames(shared, "eth-1")
    region, frame = roi(shared, "eth-1"), real[180 + row]
    predicted = warp(real[0], FlowEstimator(real[0], published_flow(shared, "eth-1"))(frame), PUBLISHED)
    scores = [
        score
        for a, b in ((predicted, frame), (predicted[region], frame[region]))
        for score in (cross_correlation(a, b), image_nrmse(a, b), structural_similarity(a, b, data_range=255))
    ]
    np.testing.assert_allclose(scores, golden["initial"][row], atol=1e-4)
