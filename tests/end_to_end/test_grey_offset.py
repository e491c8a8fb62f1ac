"""Frames whose grey values lie around 0 score as those that begin at 0: an offset is no tissue, and no likeness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cinecast
from cinecast.phantom import PhantomSettings, make_phantom

IMAGE_METRICS = ("ssim", "nrmse", "cross_correlation")


def test_an_offset_of_all_grey_values_changes_no_score(tmp_path: Path) -> None:
    made = make_phantom(
        PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=48, frame_period_s=0.25)
    )
    frames = made.sequence.frames.astype(np.float64)
    frames -= frames.min()
    frames[:, 0, 0] = 0  # so that each frame has black in it
    scores = {}
    for offset in (0.0, 400.0):
        file = tmp_path / f"offset_{offset:g}.npz"
        np.savez(file, frames=frames - offset, frame_period_s=0.25, pixel_spacing_mm=[6.0, 6.0])
        run = cinecast.run_sequence(file, tmp_path / file.stem, methods=["linear"], horizons=["2"])
        rows = (row for row in run.scores if row["metric"] != "step_time_ms")
        scores[offset] = {(row["method"], row["region"], row["metric"]): row["value"] for row in rows}
        test = run.sequence.split.test_frames.start
        assert run.predicted(test, "persistence", "2").min() >= -offset
    assert {name for _, _, name in scores[0.0]} >= set(IMAGE_METRICS)
    assert scores[400.0] == pytest.approx(scores[0.0], rel=1e-3, nan_ok=True)
