"""A whole live session: frames are collected, calibrated on, forecast from, and their forecasts scored."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.live.forecaster import LiveForecaster
from cinecast.live.latency import Latencies
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.running_error import RunningError

State = Literal["collected", "calibrated", "recalibrated", "forecast", "stale", "skipped"]


@dataclass(frozen=True, eq=False)
class Taken:
    """What became of one arrival.

    Parameters
    ----------
    name, time_s
        What arrived, and its time in s; NaN where it has none.
    state
        ``collected`` for calibration, ``calibrated`` by the last frame of it, ``forecast``; ``recalibrated`` where it
        is the first of a model fitted anew, ``stale`` where it is less than a regular one, ``skipped`` where it is
        the one before.
    reason
        What was unusual.
    forecast
        The newest forecast; None before there is one.
    latency_ms
        From the frame being seen to its forecast; NaN where there is none.
    error_mm
        Error of the forecast whose time came with this frame; NaN where there is none.
    """

    name: str
    time_s: float
    state: State
    reason: str = ""
    forecast: LiveForecast | None = None
    latency_ms: float = math.nan
    error_mm: float = math.nan


class LiveSession:
    """Takes arrivals one by one and keeps the figures of them.

    Parameters
    ----------
    forecaster
        Not yet calibrated.
    spacing_mm
        Gives the pixel spacing along (rows, columns) in mm once frames have come.

    Attributes
    ----------
    latencies
        Of all forecasts since calibration.
    late
        How many came later than the next frame was due.
    skipped
        How many arrivals were no usable frame.
    errors
        The running error; None until calibration.
    """

    def __init__(self, forecaster: LiveForecaster, spacing_mm: Callable[[], tuple[float, float]]) -> None:
        self.forecaster, self._spacing_mm = forecaster, spacing_mm
        self.errors: RunningError | None = None
        self.latencies = Latencies()
        self.late = self.skipped = 0

    def take(self, arrived: Streamed) -> Taken:
        """Take in what has arrived.

        Raises
        ------
        ReadError, SettingsError, cinecast_models.ForecastingError
            If the stream cannot be calibrated on; afterwards nothing that arrives raises.
        """
        before, learned = self.forecaster.latest, self.forecaster.calibration
        if isinstance(arrived, StreamedFault):
            time_s = math.nan
            latest = self.forecaster.skip(arrived.name, time_s, arrived.fault)
        else:
            time_s = arrived.time_s
            latest = self.forecaster.push(arrived.frame, time_s, arrived.name)
        if self.forecaster.fault is not None:
            self.skipped += 1
            return Taken(arrived.name, time_s, "skipped", self.forecaster.fault, latest)
        if latest is None:
            return Taken(arrived.name, time_s, "collected")
        if before is None:
            self.errors = RunningError(self._spacing_mm(), self.forecaster.period_s)
            self.errors.add(latest)
            return Taken(arrived.name, time_s, "calibrated", forecast=latest)
        assert isinstance(arrived, StreamedFrame)  # anything else is a fault
        latency_ms = 1e3 * (perf_counter() - arrived.seen_s)
        renewed = self.forecaster.calibration is not learned
        return self._score(arrived, latest, latency_ms, "recalibrated" if renewed else "forecast")

    def _score(self, arrived: StreamedFrame, latest: LiveForecast, latency_ms: float, state: State) -> Taken:
        assert self.errors is not None  # made by the calibration
        self.latencies.add(latency_ms)
        self.late += latency_ms > 1e3 * self.forecaster.period_s
        error_mm = self.errors.observe(arrived.time_s, None if latest.held else latest.measured)
        self.errors.add(latest)
        state = "stale" if latest.stale and state == "forecast" else state
        return Taken(arrived.name, arrived.time_s, state, "; ".join(latest.reasons), latest, latency_ms, error_mm)
