"""Baseline drift: how far the mean motion moves away from that of the train span, followed pixel by pixel."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.motion.model import MotionModel

# Frames between two drifts that forecasts are made with: few enough fields to keep them all, and following more
# closely brings nothing (errors of six sequences differ by less than 0.1 %).
INTERVAL = 16
# The drift of a pixel moves so far per frame, in pixels, towards a residual that is far away ...
RATE_PX = 0.02
# ... and less where the residual is not far beyond this, in pixels. Chosen on the validation spans of six sequences.
SOFTENING_PX = 0.2
# Drifts are whole multiples of this, in pixels, so that they are stored small and exactly.
STEP_PX = 1 / 128


class DriftTracker:
    """Follows the median of what the motion model leaves unexplained, at each pixel on its own.

    Each frame moves the drift ``b`` by ``0.02 (r - b) / (|r - b| + 0.2)`` pixels towards the frame's residual ``r``: a
    stochastic gradient step for the mean of the Euclidean distances, the error that forecasts are scored by, whose
    minimum is the spatial median (Cardot, Cenac and Zitt, Bernoulli 19, 2013). A step of bounded length is not led
    away by a frame that was measured wrong, as a running mean would be.

    Parameters
    ----------
    model
        The motion model, with all modes that the residual leaves out.

    Attributes
    ----------
    known
        The drift to forecast with, shape (H, W, 2), pixels: that after the last whole interval of frames.
    shown
        The same to be given out: it cannot be written to.
    """

    def __init__(self, model: MotionModel) -> None:
        self._mean = model.mean.astype(np.float32).ravel()
        self._modes = model.modes.astype(np.float32).reshape(len(model.modes), self._mean.size)
        self._drift = np.zeros((model.mean.size // 2, 2), dtype=np.float32)
        self._seen = 0
        self._know(np.zeros(model.mean.shape, dtype=np.float32))

    @property
    def due(self) -> bool:
        """Whether another drift is known once the next frame has been taken in."""
        return (self._seen + 1) % INTERVAL == 0

    def observe(self, dvf: NDArray[np.float32], weights: NDArray[np.float64], *, held: bool = False) -> None:
        """Take in the next frame.

        Parameters
        ----------
        dvf
            Its measured DVF, shape (H, W, 2), pixels.
        weights
            Its weights on all modes of the model, shape (K,).
        held
            Whether its motion was not measured but held: the frame counts, and the drift does not move.
        """
        if not held:
            self._move(dvf, weights)
        self._seen += 1
        if self._seen % INTERVAL == 0:
            self._know((np.rint(self._drift / STEP_PX) * STEP_PX).astype(np.float32).reshape(self.known.shape))

    def _know(self, drift: NDArray[np.float32]) -> None:
        self.known, self.shown = drift, drift.view()
        self.shown.flags.writeable = False

    def _move(self, dvf: NDArray[np.float32], weights: NDArray[np.float64]) -> None:
        from cinecast.motion.drift_kernels import follow, subtract  # compiled, which a plan can do without

        residual = dvf.reshape(-1) - self._mean
        for weight, mode in zip(weights.astype(np.float32), self._modes, strict=True):
            subtract(residual, weight, mode)
        follow(self._drift, residual.reshape(-1, 2), np.float32(RATE_PX), np.float32(SOFTENING_PX))


def each_drift(
    dvf: NDArray[Any], model: MotionModel, weights: NDArray[np.float64], held: Collection[int] = ()
) -> Iterator[NDArray[np.float32]]:
    """Yield the drifts to forecast with, one after another, as they become known frame by frame.

    Parameters
    ----------
    dvf
        Measured DVFs of all frames, shape (T, H, W, 2), pixels; may be memory-mapped.
    model
        The motion model.
    weights
        Their weights on all of its modes, shape (T, K).
    held
        Frames whose motion was not measured but held: the drift does not move with them.

    Yields
    ------
    NDArray[np.float32]
        1 + T // INTERVAL drifts of shape (H, W, 2), pixels: number j is known once ``j * INTERVAL`` frames have come.
    """
    tracker = DriftTracker(model)
    newest = tracker.known
    yield newest
    for t, (field, own) in enumerate(zip(dvf, weights, strict=True)):
        tracker.observe(field, own, held=t in held)
        if tracker.known is not newest:
            newest = tracker.known
            yield newest


def drift_shape(dvf: NDArray[Any]) -> tuple[int, int, int]:
    """Return number, rows and columns of the drifts of DVFs (T, H, W, 2)."""
    return 1 + len(dvf) // INTERVAL, dvf.shape[1], dvf.shape[2]


def follow_drift(
    dvf: NDArray[Any], model: MotionModel, weights: NDArray[np.float64], held: Collection[int] = ()
) -> NDArray[np.float32]:
    """Return all drifts of `each_drift` together.

    Parameters
    ----------
    dvf, model, weights, held
        As `each_drift` takes them.

    Returns
    -------
    NDArray[np.float32]
        Shape (1 + T // INTERVAL, H, W, 2), pixels.
    """
    return np.stack(list(each_drift(dvf, model, weights, held)))


def drift_row(issued: int) -> int:
    """Return which row of `follow_drift` is known when frame ``issued``, 0 being the first, has come."""
    return (issued + 1) // INTERVAL


@dataclass(frozen=True, eq=False)
class ForecastMotion:
    """Turns forecast weights into DVFs.

    Parameters
    ----------
    model
        The motion model, of the modes that are forecast.
    horizon
        Frames between the newest frame and the forecast one.
    drifts
        Drifts as they become known (`follow_drift`); None for a forecast that follows none.
    issued
        The frame at which the forecast of each frame was issued, shape (T,); None: `horizon` frames before it, as no
        frame is missing.
    """

    model: MotionModel
    horizon: int
    drifts: NDArray[np.float32] | None = None
    issued: NDArray[np.int64] | None = None

    def within(self, box: tuple[slice, slice]) -> ForecastMotion:
        """Return the same of a part of the image alone, given as its rows and columns."""
        drifts = None if self.drifts is None else self.drifts[:, box[0], box[1]]
        return replace(self, model=self.model.within(box), drifts=drifts)

    def dvf(self, frame: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the DVF of a forecast, with the mean as it had drifted when the forecast was issued.

        Parameters
        ----------
        frame
            Index t of the frame that the forecast is of, not of the one that it was issued at.
        weights
            Its forecast weights on the modes of the model, shape (K,), pixels.

        Returns
        -------
        NDArray[np.float64]
            Shape (H, W, 2), pixels, last axis (x, y).
        """
        return np.asarray(self.dvfs([frame], weights[np.newaxis])[0])

    def dvfs(
        self, frames: Sequence[int], weights: NDArray[np.float64], out: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the DVFs of several forecasts, which takes less time than one after another.

        Parameters
        ----------
        frames
            Indices of n frames, as `dvf` takes them.
        weights
            Their forecast weights, shape (n, K), pixels.
        out
            What they are written to, shape (n, H, W, 2); None for an array of its own.

        Returns
        -------
        NDArray[np.float64]
            Shape (n, H, W, 2), pixels: what `dvf` returns of each, to the bit.
        """
        return self.model.reconstruct_all(weights, [self._drift(frame) for frame in frames], out)

    def _drift(self, frame: int) -> NDArray[np.float32] | None:
        """Return the drift that was known when the forecast of a frame was issued."""
        issued = frame - self.horizon if self.issued is None else int(self.issued[frame])
        return None if self.drifts is None else np.asarray(self.drifts[drift_row(issued)])
