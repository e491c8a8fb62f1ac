"""The inner loops of the baseline drift, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.compiled import compiled


@compiled()
def subtract(  # pragma: no cover - compiled
    residual: NDArray[np.float32], weight: np.float32, mode: NDArray[np.float32]
) -> None:
    """Subtract ``weight * mode`` from the residual in place; both of one shape (N,), pixels.

    Parameters
    ----------
    residual, mode
        Vectors of all pixels, one component after the other.
    weight
        Weight of the mode.
    """
    for i in range(len(residual)):
        residual[i] -= weight * mode[i]


@compiled(error_model="numpy")
def follow(  # pragma: no cover - compiled
    drift: NDArray[np.float32], residual: NDArray[np.float32], rate: np.float32, softening: np.float32
) -> None:
    """Move the drift towards the residual in place, by a bounded step at each pixel; see `DriftTracker`.

    Parameters
    ----------
    drift, residual
        Shape (N, 2), pixels.
    rate, softening
        Length of a step towards a residual that is far away, and how far that is, in pixels.
    """
    for i in range(len(drift)):
        x, y = residual[i, 0] - drift[i, 0], residual[i, 1] - drift[i, 1]
        share = rate / (np.sqrt(x * x + y * y) + softening)
        if share > 0:  # not where the residual is NaN or beyond measure
            drift[i, 0] += share * x
            drift[i, 1] += share * y


@compiled(error_model="numpy")
def add_mean_and_drift(  # pragma: no cover - compiled
    field: NDArray[np.float64], mean: NDArray[np.float64], drift: NDArray[np.float32]
) -> None:
    """Add the mean to a field in place, then its drift, as two sums do that are each rounded.

    Parameters
    ----------
    field, mean, drift
        Shape (N,), pixels.
    """
    for i in range(len(field)):
        field[i] = (field[i] + mean[i]) + np.float64(drift[i])
