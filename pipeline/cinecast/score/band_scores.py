"""How often forecasts lie within their bands, and how wide these are, over the test span."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast.score.bands import BAND_METRICS, instant_conditions
from cinecast.score.scoring import Score, Truth, summarise_runs
from cinecast_models import Bands, Conditions, conformal_bands, inside

WEIGHT_BAND_METRICS = ("weights_inside", "weights_radius")


def weight_bands(
    truth: Truth, forecasts: NDArray[np.float64], *, level: float, conditions: Conditions | None = None
) -> Bands:
    """Return the bands of the weights, as they were known when each forecast was issued.

    Parameters
    ----------
    truth
        What to compare with: the measured weights, and how many frames ahead they were forecast.
    forecasts
        Forecast weights, shape (R, T, K), pixels; NaN where there are none.
    level
        Probability asked for, above 0 and below 1, for each mode.
    conditions
        `conditions_of` the forecasts, where they are known; None: they are computed.

    Returns
    -------
    Bands
        Limits of shape (R, T, K), pixels; NaN where there is none, as everywhere for the oracle, of horizon 0, and for
        frames that are left out.
    """
    if truth.motion.horizon == 0:
        none = np.full(forecasts.shape, np.nan)
        return Bands(none, none)
    known = forecasts.copy()
    known[:, sorted(truth.left_out)] = np.nan  # nothing is learned from what was not measured
    instants, horizon = truth.sequence.instants, truth.motion.horizon
    # At lost instants nothing is known of a forecast, so that what stands there does not count.
    samples = np.nan_to_num(instants.place(truth.weights))
    issued = instants.at_instants(known, 1)
    conditions = conditions or conditions_of(truth, forecasts)
    bands = conformal_bands(samples, issued, horizon=horizon, level=level, conditions=conditions)
    return Bands(instants.by_frame(bands.low, 1), instants.by_frame(bands.high, 1))


def conditions_of(truth: Truth, forecasts: NDArray[np.float64]) -> Conditions:
    """Return how hard every forecast is beside others of its method, and where in a breath, for bands of all kinds.

    Parameters
    ----------
    truth
        What to compare with: the measured weights, and how many frames ahead they were forecast.
    forecasts
        Forecast weights, shape (R, T, K), pixels; NaN where there are none.

    Returns
    -------
    Conditions
        Of the instants, from `cinecast.score.bands.instant_conditions`.
    """
    return instant_conditions(
        truth.weights,
        forecasts,
        horizon=truth.motion.horizon,
        instants=truth.sequence.instants,
        left_out=truth.left_out,
        train_end=truth.train_end,
    )


def summarise_bands(truth: Truth, pixels: NDArray[np.float64], weights: Bands) -> list[Score]:
    """Return mean over runs and over test frames that have bands, with half range over runs.

    Parameters
    ----------
    truth
        What `pixels` was scored against.
    pixels
        From `cinecast.score.frame_scores.score_frames`.
    weights
        Bands of the weights (R, T, K).

    Returns
    -------
    list[Score]
        `BAND_METRICS` in each region, then `WEIGHT_BAND_METRICS` under the region ``image``. A metric that no run has a
        number of is left out.
    """
    span = slice(truth.test_frames.start, truth.test_frames.stop)
    rows = [
        summarise_runs(region, metric, _mean_over_frames(truth.scored(pixels, 1)[:, :, r, m]))
        for r, region in enumerate(truth.regions)
        for m, metric in enumerate(BAND_METRICS)
    ]
    hits = inside(truth.weights, weights)[:, span].mean(axis=2)
    radii = ((weights.high - weights.low)[:, span] / 2).mean(axis=2)
    for metric, values in zip(WEIGHT_BAND_METRICS, (hits, radii), strict=True):
        rows.append(summarise_runs("image", metric, _mean_over_frames(truth.scored(values, 1))))
    return [row for row in rows if np.isfinite(row.value)]


def _mean_over_frames(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return means of (R, frames); NaN for a run that has none at the end, because it diverged, or none at all."""
    # Bands of long horizons may begin within the test span: frames before count for nothing.
    return np.array([row[np.isfinite(row)].mean() if np.isfinite(row[-1]) else np.nan for row in values])
