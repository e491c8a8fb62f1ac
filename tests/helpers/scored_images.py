"""Scores of images that are given, instead of those that a forecast predicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.score.frame_scores import FrameScores, score_frames
from cinecast.score.scoring import Truth


def score_images(
    truth: Truth, forecasts: NDArray[np.float64], images: Sequence[NDArray[Any]], *, level: float | None = None
) -> FrameScores:
    """Score the first runs, whose predicted test frames (test frames, H, W) are given."""
    start = truth.test_frames.start
    return score_frames(truth, forecasts[: len(images)], lambda run, t, dvf: images[run][t - start], level=level)
