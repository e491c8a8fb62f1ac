"""Forecast a whole recorded series, causally or as published."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cinecast_models.engine import ForecastEngine, checked_samples
from cinecast_models.errors import ForecastingError
from cinecast_models.forecast_task import Protocol
from cinecast_models.forecaster import Array
from cinecast_models.non_causal import replay_non_causally
from cinecast_models.online_driver import OnlineDriver
from cinecast_models.settings import MethodSettings


@dataclass(frozen=True, eq=False)
class SeriesForecast:
    """Forecasts of one series by one method at one horizon.

    Parameters
    ----------
    method
        Name of the method.
    protocol
        ``"causal"``, or ``"published"``, which is non-causal.
    horizon
        Frames between the newest sample and the forecast one.
    train_end
        Number of frames in the train span.
    forecasts
        Shape (R, T, K), unit of the series: ``forecasts[r, t]`` is the forecast of frame t issued at frame
        ``t - horizon``. NaN where none was issued, which is before frame ``train_end - 1 + horizon`` (causal) or
        ``train_end`` (published), and for a run that diverged.
    step_time_ms
        Shape (T,): ms from the arrival of frame t to its forecast, learning included, all runs together. NaN up to
        and including frame ``train_end - 1``.
    calibration_ms
        ms that the first step took which issued a forecast: scaling, fit and learning of the train span.
    diverged
        Whether each run has diverged, shape (R,).
    """

    method: str
    protocol: Protocol
    horizon: int
    train_end: int
    forecasts: Array
    step_time_ms: Array
    calibration_ms: float
    diverged: NDArray[np.bool_]

    @property
    def runs(self) -> int:
        """Number R of runs."""
        return len(self.forecasts)

    @property
    def diverged_runs(self) -> int:
        """Number of runs that diverged."""
        return int(self.diverged.sum())


def forecast_series(
    series: ArrayLike,
    *,
    method: str,
    settings: MethodSettings | None = None,
    horizon: int,
    train_end: int,
    protocol: Protocol = "causal",
    runs: int = 1,
    seed: int = 0,
    filled: Collection[int] = (),
) -> SeriesForecast:
    """Forecast every frame of a recorded series.

    Parameters
    ----------
    series
        Samples, shape (T, K), finite, in any unit.
    method
        Name of a registered method.
    settings
        Its settings, with what they name read in (`MethodSettings.loaded`); None for the defaults.
    horizon
        Frames between the newest sample and the forecast one, 1 or more.
    train_end
        Frames in the train span; no forecast is issued before its last one. At least history length + horizon, at
        most T - horizon.
    protocol
        ``"causal"`` pushes the samples one by one through `OnlineDriver`. ``"published"`` hands each target over at
        once: non-causal, only for comparison with published tables.
    runs
        Random runs R; a deterministic method has one whatever is asked for.
    seed
        Seed of the random runs, 0 or more.
    filled
        Indices of the samples that were filled in, not measured: they stand in histories, and nothing is learned from
        them as targets. They are forecast like the others; whoever scores leaves them out.

    Returns
    -------
    SeriesForecast
        Forecasts by the frame that they are of, NaN where none was issued, with the time of each step.

    Raises
    ------
    ForecastingError
        If one of these rules is broken, or every run diverges.
    """
    samples = _checked_series(series, horizon, train_end)
    if protocol not in get_args(Protocol):
        raise ForecastingError(f"protocol must be causal or published, got {protocol!r}; choose one of these")
    gaps = _checked_gaps(filled, len(samples))
    sizes = {"components": samples.shape[1], "horizon": horizon, "train_end": train_end, "runs": runs, "seed": seed}
    if protocol == "causal":
        driver = OnlineDriver(method, settings, **sizes)
        steps = (driver.push(sample, filled=bool(gap)) for sample, gap in zip(samples, gaps, strict=True))
        forecasts, step_time_ms = _collect(steps, samples.shape, horizon)
        diverged, calibrated_at = driver.diverged, train_end - 1
    else:
        engine = ForecastEngine(method, settings, **sizes)
        forecasts, step_time_ms = _collect(replay_non_causally(engine, samples, gaps), samples.shape, horizon)
        diverged, calibrated_at = engine.diverged, train_end - horizon
    calibration_ms = float(step_time_ms[calibrated_at])
    step_time_ms[:train_end] = np.nan
    return SeriesForecast(method, protocol, horizon, train_end, forecasts, step_time_ms, calibration_ms, diverged)


def _checked_gaps(filled: Collection[int], frames: int) -> NDArray[np.bool_]:
    """Return which samples were filled in, shape (T,)."""
    unknown = sorted(t for t in filled if not 0 <= t < frames)
    if unknown:
        raise ForecastingError(
            f"samples that were filled in must be 0 to {frames - 1}, got {unknown[0]}; name samples of the series"
        )
    gaps: NDArray[np.bool_] = np.zeros(frames, dtype=bool)
    gaps[list(filled)] = True
    return gaps


def _collect(steps: Iterator[Array | None], shape: tuple[int, int], horizon: int) -> tuple[Array, Array]:
    """Return forecasts by the frame they are of, shape (R, T, K), and ms per step, shape (T,)."""
    frames, components = shape
    times: Array = np.empty(frames)
    forecasts: Array = np.empty((0, frames, components))
    for issued_at in range(frames):
        start = perf_counter()
        forecast = next(steps)
        times[issued_at] = 1e3 * (perf_counter() - start)
        if forecast is None or issued_at + horizon >= frames:
            continue
        if len(forecasts) == 0:
            forecasts = np.full((len(forecast), frames, components), np.nan)
        forecasts[:, issued_at + horizon] = forecast
    return forecasts, times


def _checked_series(series: ArrayLike, horizon: int, train_end: int) -> Array:
    array = np.asarray(series, dtype=np.float64)
    if array.ndim != 2:
        raise ForecastingError(f"a series must have shape (T, K), got {array.shape}; give one row per frame")
    if train_end + horizon > len(array):
        raise ForecastingError(
            f"train_end + horizon must be at most the length of the series, got {train_end} + {horizon} = "
            f"{train_end + horizon} for {len(array)} frames; shorten the train span or the horizon"
        )
    return checked_samples(array, 0)
