"""What a report is drawn from: arrays and tables of one run, nothing of where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.horizon import Horizon
from cinecast.sequence import Sequence


@dataclass(frozen=True, eq=False)
class ReportEntry:
    """One method at one horizon.

    Parameters
    ----------
    method, title
        Name in commands and tables, and for people.
    protocol
        ``causal``, ``published`` (non-causal) or ``oracle``.
    horizon
        Frames and seconds between the newest frame and the forecast one.
    weights
        Weights measured on the real frames, shape (T, K), in the basis that this method forecasts.
    forecasts
        Forecast weights, shape (R, T, K); NaN where a frame has none.
    predicted
        Predicted test frames of the first run, shape (test frames, H, W).
    regions, frame_scores
        Scores per run, test frame, region and metric (`cinecast.score.FRAME_METRICS`).
    """

    method: str
    title: str
    protocol: str
    horizon: Horizon
    weights: NDArray[np.float64]
    forecasts: NDArray[np.float64]
    predicted: NDArray[Any]
    regions: tuple[str, ...]
    frame_scores: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReportData:
    """One run.

    Parameters
    ----------
    sequence
        The real frames, their times, spacing, ROI and split.
    explained_variance
        Share of the train span's variance that each mode explains, shape (K,).
    entries
        Methods and horizons, references (persistence, oracle) included.
    scores
        Rows of ``score/scores.csv`` as text by column name.
    settings_text
        The resolved settings file.
    seconds
        Seconds that each artifact took, by key.
    versions
        Versions of the program and its libraries.
    max_frames
        At most this many test frames go into the player.
    """

    sequence: Sequence
    explained_variance: NDArray[np.float64]
    entries: tuple[ReportEntry, ...]
    scores: list[dict[str, str]]
    settings_text: str
    seconds: Mapping[str, float]
    versions: Mapping[str, str]
    max_frames: int
