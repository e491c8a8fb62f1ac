"""What several random runs say together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.metrics import DEVIATIONS_95


def ensemble_mean(forecasts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the mean forecast over runs, the 95 % half range of that mean, and how many runs it is of.

    Parameters
    ----------
    forecasts
        Shape (R, T, K); NaN where a run gave none.

    Returns
    -------
    mean, half_range
        Shape (T, K), unit of the forecasts; the half range is 1.96 standard deviations over the root of the number of
        runs, NaN with fewer than 2 of them.
    runs
        Shape (T,): runs with a forecast of this sample.
    """
    given: NDArray[np.bool_] = np.asarray(np.isfinite(forecasts).all(axis=2))
    runs = given.sum(axis=0)
    kept = np.where(given[:, :, np.newaxis], forecasts, 0.0)
    count = np.where(runs > 0, runs, 1)[:, np.newaxis]
    mean = np.where(runs[:, np.newaxis] > 0, kept.sum(axis=0) / count, np.nan)
    deviations = np.where(given[:, :, np.newaxis], forecasts - mean, 0.0)
    variance = (deviations**2).sum(axis=0) / np.maximum(count - 1, 1)
    half_range = np.where(runs[:, np.newaxis] > 1, DEVIATIONS_95 * np.sqrt(variance / count), np.nan)
    return mean, half_range, runs
