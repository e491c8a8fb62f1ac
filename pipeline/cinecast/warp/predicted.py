"""Predicted frames of a forecast, made when they are asked for: they follow from what a run keeps, to the bit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.motion.drift import ForecastMotion
from cinecast.settings import WarpSettings
from cinecast.warp.push_forward import black_of, warp


@dataclass(frozen=True, eq=False)
class PredictedFrames:
    """Predicted frames of one random run; the place of a frame is counted from the first of the test span.

    Parameters
    ----------
    reference
        Reference frame, shape (H, W).
    motion
        Turns forecast weights into DVFs.
    forecasts
        Forecast weights, shape (T, K); NaN where there is none.
    span
        Frames of the test span.
    settings
        Settings of the stage.
    """

    reference: NDArray[Any]
    motion: ForecastMotion
    forecasts: NDArray[np.float64]
    span: range
    settings: WarpSettings

    @property
    def shape(self) -> tuple[int, ...]:
        """Test frames, H and W."""
        return (len(self.span), *self.reference.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the frames: that of the reference."""
        return self.reference.dtype

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which test frames there are, shape (test frames,): of a run that diverged, or behind a gap, some are not."""
        return np.asarray(np.isfinite(self.forecasts[self.span.start : self.span.stop]).all(axis=1))

    def frame(self, t: int) -> NDArray[Any]:
        """Return the predicted frame t of the sequence, shape (H, W); one without a forecast is black."""
        weights = self.forecasts[t]
        if not np.isfinite(weights).all():
            return np.full_like(self.reference, black_of(self.reference, self.settings))
        return warp(self.reference, self.motion.dvf(t, weights), self.settings)

    def __len__(self) -> int:
        return len(self.span)

    def __getitem__(self, place: int) -> NDArray[Any]:
        return self.frame(self.span[place])

    def stacked(self) -> NDArray[Any]:
        """Return all of them in memory, shape (test frames, H, W)."""
        frames = np.empty(self.shape, dtype=self.dtype)
        for place, t in enumerate(self.span):
            frames[place] = self.frame(t)
        return frames
