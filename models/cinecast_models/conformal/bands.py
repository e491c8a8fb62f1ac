"""Bands of forecasts: the limits within which each component lies with a probability asked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cinecast_models.conformal.difficulty import Conditions, check_shapes
from cinecast_models.conformal.issued import series_radii
from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.real_samples import real_samples


class Bands(NamedTuple):
    """Lower and upper limits of forecasts, shape (R, T, K) each, NaN where there is none."""

    low: Array
    high: Array


def conformal_bands(
    samples: Array, forecasts: Array, *, horizon: int, level: float = 0.9, conditions: Conditions | None = None
) -> Bands:
    """Return the band of every forecast, as it was known when the forecast was issued.

    Parameters
    ----------
    samples
        The series, shape (T, K), any unit.
    forecasts
        Shape (R, T, K), same unit: ``forecasts[r, t]`` is the forecast of sample t issued at ``t - horizon``; NaN
        where there is none.
    horizon
        Frames between the newest sample and the forecast one, 1 or more.
    level
        Probability that a sample lies in its band, for each component.
    conditions
        How hard each forecast is, shape (R, T), and where in a breath it was issued, (R, T, 3), from
        `forecast_conditions`: bands are wider and narrower by them; None: all alike.

    Returns
    -------
    Bands
        NaN where there is no forecast, and for the first `horizon` forecasts of a run: no error is known before.

    Raises
    ------
    ForecastingError
        If shapes do not fit, samples are not finite, or horizon or level are out of range.
    """
    samples, forecasts = real_samples(samples), real_samples(forecasts)
    _check(samples, forecasts)
    errors = np.abs(forecasts - samples)
    if conditions is not None and len(conditions.difficulty) != len(forecasts):
        raise ForecastingError(
            f"conditions must be of the same runs as forecasts, got {len(conditions.difficulty)} for {len(forecasts)}; "
            "make them of these forecasts with forecast_conditions"
        )
    known = [None] * len(errors) if conditions is None else conditions.by_run()
    runs = zip(errors, known, strict=True)
    radii = np.array([series_radii(run, horizon=horizon, level=level, conditions=own) for run, own in runs])
    return Bands(forecasts - radii, forecasts + radii)


def inside(samples: Array, bands: Bands) -> Array:
    """Return 1 where a sample lies in its band, 0 where not, NaN where there is no band or no sample.

    Parameters
    ----------
    samples
        Shape (T, K).
    bands
        Of forecasts of these samples, shape (R, T, K) each, same unit.

    Returns
    -------
    Array
        Shape (R, T, K).
    """
    samples, bands = real_samples(samples), Bands(*map(real_samples, bands))
    within = (bands.low <= samples) & (samples <= bands.high)
    return np.where(np.isnan(bands.low) | np.isnan(bands.high) | np.isnan(samples), np.nan, within)


def _check(samples: Array, forecasts: Array) -> None:
    check_shapes(samples, forecasts)
    if len(forecasts) == 0:
        raise ForecastingError(f"bands need forecasts of 1 run or more, got shape {forecasts.shape}; give a run")
    if not np.isfinite(samples).all():
        raise ForecastingError("samples must be finite, got NaN or infinity; leave frames out that were not measured")
