"""Scores of a forecast series against the true one, and their spread over random runs.

Each score is a function of ``(forecast, truth)`` over the rows given: slice both to the evaluation window first. A
window that holds NaN forecasts, of a run that diverged or of frames before the first forecast, scores NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.real_samples import is_whole, real_samples

# A normal variable lies within so many standard deviations of its mean with a probability of 95 %.
DEVIATIONS_95 = 1.96


def nrmse(forecast: Array, truth: Array) -> float:
    """Return the root of the squared error over the squared deviation of the truth from its mean in the window.

    Parameters
    ----------
    forecast, truth
        Shape (T, K), same unit. Forecasting the mean of the window scores 1.

    Returns
    -------
    float
        Without unit; NaN if a forecast is NaN.

    Raises
    ------
    ForecastingError
        If the shapes differ, the window is empty, or the truth is constant or not finite.
    """
    forecast, truth = _checked(forecast, truth)
    spread = ((truth - truth.mean(axis=0)) ** 2).sum()
    if (truth == truth[0]).all():
        raise ForecastingError(
            f"nRMSE needs a truth that varies, got {len(truth)} equal rows; lengthen the window or score the RMSE"
        )
    return float(np.sqrt(((forecast - truth) ** 2).sum() / spread))


def rmse(forecast: Array, truth: Array, *, objects: Sequence[int] | None = None) -> float:
    """Return the root mean squared distance over frames and objects, in the unit of the series.

    Parameters
    ----------
    forecast, truth
        Shape (T, K).
    objects
        Number of the object that each component belongs to, K of them: the distance of an object is Euclidean over
        its components. By default each component is an object.

    Returns
    -------
    float
        NaN if a forecast is NaN.

    Raises
    ------
    ForecastingError
        If the shapes differ, the window is empty, the truth is not finite, or `objects` are not K whole numbers.
    """
    forecast, truth = _checked(forecast, truth)
    return float(np.sqrt((_distances(forecast - truth, objects) ** 2).mean()))


def mae(forecast: Array, truth: Array, *, objects: Sequence[int] | None = None) -> float:
    """Return the mean distance over frames and objects.

    Parameters
    ----------
    forecast, truth, objects
        As in `rmse`.

    Returns
    -------
    float
        In the unit of the series; NaN if a forecast is NaN.

    Raises
    ------
    ForecastingError
        As in `rmse`.
    """
    forecast, truth = _checked(forecast, truth)
    return float(_distances(forecast - truth, objects).mean())


def maximum_error(forecast: Array, truth: Array, *, objects: Sequence[int] | None = None) -> float:
    """Return the largest distance over frames and objects.

    Parameters
    ----------
    forecast, truth, objects
        As in `rmse`.

    Returns
    -------
    float
        In the unit of the series; NaN if a forecast is NaN.

    Raises
    ------
    ForecastingError
        As in `rmse`.
    """
    forecast, truth = _checked(forecast, truth)
    return float(_distances(forecast - truth, objects).max())


def jitter(forecast: Array, *, objects: Sequence[int] | None = None) -> float:
    """Return the mean distance between consecutive forecasts, over frames and objects.

    Parameters
    ----------
    forecast
        Shape (T, K), T at least 2.
    objects
        As in `rmse`.

    Returns
    -------
    float
        In the unit of the series; NaN if a forecast is NaN.

    Raises
    ------
    ForecastingError
        If there are fewer than 2 frames, or `objects` are not K whole numbers.
    """
    forecast = real_samples(forecast)
    if forecast.ndim != 2 or len(forecast) < 2:
        raise ForecastingError(
            f"jitter needs a forecast of shape (T, K) with 2 frames or more, got {forecast.shape}; lengthen the window"
        )
    return float(_distances(np.diff(forecast, axis=0), objects).mean())


def half_range_95(values: ArrayLike) -> float:
    """Return half the width of the 95 % interval of the mean over random runs, ``1.96 * std / sqrt(n)``.

    Parameters
    ----------
    values
        One score per run, shape (R,); NaN, of a run that diverged, is left out, and so is what is masked.

    Returns
    -------
    float
        In the unit of the score; NaN with fewer than 2 runs left, whose spread is unknown.
    """
    array = real_samples(values)
    kept = array[~np.isnan(array)]
    return float(DEVIATIONS_95 * kept.std(ddof=1) / np.sqrt(len(kept))) if len(kept) > 1 else float("nan")


def _distances(differences: Array, objects: Sequence[int] | None) -> Array:
    """Return Euclidean lengths by object, (T, K) to (T, number of objects)."""
    if objects is None:
        return np.abs(differences)
    if len(objects) != differences.shape[1]:
        raise ForecastingError(
            f"objects must name one object per component, got {len(objects)} for {differences.shape[1]} components"
            "; give as many"
        )
    odd = [each for each in objects if not is_whole(each)]
    if odd:
        raise ForecastingError(
            f"objects must be whole numbers, one for each component, got {odd[0]!r}; number them from 0"
        )
    numbers = np.asarray(objects)
    member = (numbers[:, np.newaxis] == np.unique(numbers)).astype(np.float64)
    distances: Array = np.sqrt(differences**2 @ member)
    return distances


def _checked(forecast: Array, truth: Array) -> tuple[Array, Array]:
    forecast, truth = real_samples(forecast), real_samples(truth)
    if forecast.shape != truth.shape or truth.ndim != 2:
        raise ForecastingError(
            f"forecast and truth must have the same shape (T, K), got {forecast.shape} and {truth.shape}; "
            "score one run at a time over one window"
        )
    if truth.size == 0:
        raise ForecastingError(f"the window must hold at least one frame, got shape {truth.shape}; widen it")
    if not np.isfinite(truth).all():
        raise ForecastingError("the truth must be finite, got NaN or infinity; score frames that were measured")
    return forecast, truth
