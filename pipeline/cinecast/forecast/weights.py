"""The forecast stage: weights of the motion model, ahead in time, by each method."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import Instants
from cinecast.errors import SettingsError
from cinecast.references import ORACLE, REFERENCES
from cinecast.sequence import Split
from cinecast.settings import ForecastSettings
from cinecast_models import MethodSettings, forecast_series, method_settings
from cinecast_models.registry import find_method


class WeightForecast(NamedTuple):
    """Forecasts (R, T, K) of the weights, NaN where there is none, and the time (T,) of each step in ms."""

    forecasts: NDArray[np.float64]
    step_time_ms: NDArray[np.float64]


def is_offline(method: str) -> bool:
    """Return whether a method is fitted once; the published evaluation gives such methods a longer train span."""
    return method not in REFERENCES and find_method(method).offline


def forecast_weights(
    weights: NDArray[np.float64],
    *,
    method: str,
    horizon: int,
    train_end: int,
    settings: ForecastSettings,
    instants: Instants,
    own: MethodSettings | None = None,
    held: Collection[int] = (),
) -> WeightForecast:
    """Forecast the weights (T, K) of T frames with one method at one horizon.

    Methods work on the regular clock: lost instants are interpolated once the frame after them has come, two or more
    held ones in a row once the next that was measured has, and after a long gap histories begin anew.

    Parameters
    ----------
    weights
        Shape (T, K).
    method, horizon, train_end
        What forecasts, how many instants of the clock ahead, and after how many frames.
    settings
        Protocol, runs and seed.
    instants
        Where the frames lie on the clock.
    own
        Settings of the method; None for its defaults.
    held
        Frames whose motion was not measured but held: no method learns from their weights as targets.

    Returns
    -------
    WeightForecast
        By frame; NaN at one between two instants, and where no forecast was issued. For ``oracle`` the weights
        themselves.

    Raises
    ------
    cinecast_models.ForecastingError
        If the series is too short for the horizon or the history, or every run diverged.
    """
    if method == ORACLE:
        return WeightForecast(weights[np.newaxis].copy(), np.full(len(weights), np.nan))
    series = forecast_series(
        instants.place(weights),
        method=method,
        settings=own,
        horizon=horizon,
        train_end=int(instants.passed[train_end - 1]),
        protocol=settings.protocol,
        runs=settings.runs,
        seed=settings.seed,
        held=instants.held(held),
        lost=np.flatnonzero(instants.lost).tolist(),
    )
    return WeightForecast(instants.by_frame(series.forecasts, 1), instants.by_frame(series.step_time_ms, 0))


def load_method_settings(settings: ForecastSettings) -> dict[str, MethodSettings]:
    """Return the settings of every method asked for, with the files that they name read in.

    Raises
    ------
    cinecast_models.ForecastingError
        If a method or a setting is unknown, or a file is not what it should be.
    """
    asked = [method for method in settings.methods if method not in REFERENCES]
    return {name: method_settings(name, settings.method_settings.get(name)).loaded() for name in asked}


def check_horizon(horizon: int, *, train_end: int, split: Split, instants: Instants) -> None:
    """Check that the first test frame can be forecast: its forecast is issued after the train span has been seen.

    Parameters
    ----------
    horizon
        The horizon in instants of the clock.
    train_end
        Number of frames in the train span of the method; one that is fitted once may have a longer span.
    split
        Spans of the sequence.
    instants
        Where its frames lie on the clock.

    Raises
    ------
    SettingsError
        If the horizon reaches further than the validation span and the last train frame.
    """
    before, first = instants.passed[[train_end - 1, split.validation_end]]
    longest = int(first - before)
    if horizon > longest:
        raise SettingsError(
            f"a horizon must be at most {longest} frames, so that the first test frame ({split.validation_end}) is "
            f"forecast after the last of the {train_end} train frames has been seen, got {horizon}; ask for a shorter "
            "one, or move frames.train_end and frames.validation_end apart"
        )
