"""Forecast a whole recorded series, causally or as published."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cinecast_models.engine import ForecastEngine, check_whole
from cinecast_models.errors import ForecastingError
from cinecast_models.forecast_task import Protocol
from cinecast_models.forecaster import Array
from cinecast_models.gaps import Gaps, checked_gaps
from cinecast_models.non_causal import replay_non_causally
from cinecast_models.online_driver import OnlineDriver
from cinecast_models.real_samples import real_samples
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
        ``train_end`` (published), at lost frames and until a history has come after a long gap; and for a run that
        diverged.
    step_time_ms
        Shape (T,): ms from the arrival of frame t to its forecast, learning included, also of the frames filled in
        before it, all runs together. NaN up to and including frame ``train_end - 1``, and where none was issued.
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

    def __repr__(self) -> str:
        runs, samples, components = self.forecasts.shape
        size = f"{runs} run(s), {samples} samples of {components}, {self.diverged_runs} diverged"
        return f"<SeriesForecast {self.method} {self.horizon} ahead, {self.protocol}: {size}>"

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
    held: Collection[int] = (),
    lost: Collection[int] = (),
) -> SeriesForecast:
    """Forecast every frame of a recorded series.

    Parameters
    ----------
    series
        Samples, shape (T, K), in any unit; finite, apart from lost ones of which nothing is known: all NaN.
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
    held
        Indices of the samples that were not measured, and that those before them stood for. Nothing is learned from
        them as targets. They are forecast from and forecast like the others; whoever scores leaves them out. Of two or
        more in a row, in the causal protocol, forecasts go on from what was forecast of them, and once the next
        measured sample comes, the straight line between those around stands for them.
    lost
        Indices of the instants that no sample came for, which only the causal protocol can pass over. One that is
        finite was interpolated once the sample after it had come: it stands in histories, nothing is learned from it as
        a target, and it comes too late for a forecast to be issued at it. At one that is NaN the history ends; it
        begins anew with the next sample, and no forecast issued before is of a frame after it.

    Returns
    -------
    SeriesForecast
        Forecasts by the frame that they are of, NaN where none was issued, with the time of each step.

    Raises
    ------
    ForecastingError
        If one of these rules is broken, or every run diverges.
    """
    if protocol not in get_args(Protocol):
        raise ForecastingError(f"protocol must be causal or published, got {protocol!r}; choose one of these")
    check_whole(horizon=horizon, train_end=train_end, runs=runs, seed=seed)
    samples = _checked_series(series, horizon, train_end)
    gaps = checked_gaps(samples, held, lost)
    if protocol == "published" and gaps.lost.any():
        raise ForecastingError(
            f"the published protocol needs a series without gaps, got {gaps.lost.sum()} lost samples; use causal"
        )
    # The driver counts the samples that it is given.
    known = train_end - int(gaps.unknown[:train_end].sum())
    sizes = {"components": samples.shape[1], "horizon": horizon, "train_end": known, "runs": runs, "seed": seed}
    if protocol == "causal":
        driver = OnlineDriver(method, settings, **sizes)
        shape = (driver.runs, *samples.shape)
        forecasts, step_time_ms = _collect(_pushed(driver, samples, gaps), shape, horizon, gaps.lost)
        forecasts[:, gaps.crossed(horizon)] = np.nan
        diverged = driver.diverged
    else:
        engine = ForecastEngine(method, settings, **sizes)
        steps = replay_non_causally(engine, samples, gaps.filled)
        forecasts, step_time_ms = _collect(steps, (engine.forecaster.runs, *samples.shape), horizon, gaps.lost)
        diverged = engine.diverged
    issued = np.flatnonzero(np.isfinite(step_time_ms))
    calibration_ms = float(step_time_ms[issued[0]]) if len(issued) else float("nan")
    step_time_ms[:train_end] = np.nan
    return SeriesForecast(method, protocol, horizon, train_end, forecasts, step_time_ms, calibration_ms, diverged)


def _pushed(driver: OnlineDriver, samples: Array, gaps: Gaps) -> Iterator[Array | None]:
    """Yield the forecast issued at each frame, None where there is none."""
    for t, sample in enumerate(samples):
        if gaps.unknown[t]:
            yield None
            continue
        restart = t > 0 and bool(gaps.unknown[t - 1])
        filled, held = bool(gaps.filled[t]), bool(gaps.held[t])
        forecast = driver.push(sample, filled=filled, held=held, restart=restart)
        yield None if gaps.lost[t] else forecast


def _collect(
    steps: Iterator[Array | None], shape: tuple[int, int, int], horizon: int, lost: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Return forecasts by the frame they are of, shape (R, T, K), and ms per step that issued one, shape (T,)."""
    frames = shape[1]
    times: Array = np.full(frames, np.nan)
    forecasts: Array = np.full(shape, np.nan)
    start = perf_counter()
    for issued_at in range(frames):
        forecast = next(steps)
        if lost[issued_at]:
            continue  # taken in together with the sample after it, whose time it takes
        if forecast is not None:
            times[issued_at] = 1e3 * (perf_counter() - start)
            if issued_at + horizon < frames:
                forecasts[:, issued_at + horizon] = forecast
        start = perf_counter()
    return forecasts, times


def _checked_series(series: ArrayLike, horizon: int, train_end: int) -> Array:
    array = real_samples(series)
    if array.ndim != 2:
        raise ForecastingError(f"a series must have shape (T, K), got {array.shape}; give one row per frame")
    if train_end + horizon > len(array):
        raise ForecastingError(
            f"train_end + horizon must be at most the length of the series, got {train_end} + {horizon} = "
            f"{train_end + horizon} for {len(array)} frames; shorten the train span or the horizon"
        )
    return array
