"""What a page plots over the last seconds: where targets, or the best landmark, were and were forecast to be."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cinecast.live.live_forecast import LiveForecast
from cinecast.live.live_target import LiveTarget
from cinecast.live.pending import PendingForecasts
from cinecast.live.session import LiveSession
from cinecast.live.taken import Taken
from cinecast.live.target_cells import offsets_along
from cinecast.score.landmark_scores import sample_dvf
from cinecast_models import BreathingRadii, Conditions, IssuedRadius

Axes: TypeAlias = Mapping[str, NDArray[np.float64]]

# What is plotted, in s.
SHOWN_S = 30.0
# So many points of it at most, whatever the rate of the stream.
_MOST = 1200


class RealPoint(NamedTuple):
    """Where it was: time in s, place in mm, NaN where it was not found."""

    time_s: float
    mm: float


class ForecastPoint(NamedTuple):
    """Where it was forecast to be: time in s, place in mm, how far that may be off, NaN where that is unknown."""

    time_s: float
    mm: float
    radius_mm: float


class Trace(NamedTuple):
    """The trace of one target or landmark.

    Parameters
    ----------
    name
        What it is of.
    axis
        Along which axis.
    margin_mm
        Half width of the gating window around 0, which is the plan; NaN where nothing is gated.
    level
        With what probability the band holds.
    real, forecast
        Oldest first.
    """

    name: str
    axis: str
    margin_mm: float
    level: float
    real: tuple[RealPoint, ...]
    forecast: tuple[ForecastPoint, ...]


class _Line:
    """Keeps the newest points of one trace, and learns from its errors how far off a forecast may be."""

    def __init__(self, name: str, axis: str, margin_mm: float, period_s: float, horizon: int, level: float) -> None:
        self._name, self._axis, self._margin_mm, self._level = name, axis, margin_mm, level
        self._period_s, self._horizon = period_s, horizon
        self._real: deque[RealPoint] = deque(maxlen=_MOST)
        self._forecast: deque[ForecastPoint] = deque(maxlen=_MOST)
        self.learn_anew()

    def learn_anew(self) -> None:
        """Begin the band anew: errors of another model, and its places in a breath, say nothing of what comes."""
        self._pending: PendingForecasts[tuple[float, IssuedRadius]] = PendingForecasts(self._period_s)
        self._radii = BreathingRadii(level=self._level, horizon=self._horizon)

    def observe(self, time_s: float, mm: float) -> None:
        """Take in where it is in the newest frame; NaN where that is unknown."""
        if self._real and time_s < self._real[-1].time_s:  # the clock was set back
            self._real.clear()
            self._forecast.clear()
        for (forecast_mm, issued), then in self._pending.observe(time_s, np.array(mm) if math.isfinite(mm) else None):
            self._radii.observe(np.abs(then - forecast_mm), issued)
        self._real.append(RealPoint(time_s, mm))
        while self._real[0].time_s < time_s - SHOWN_S:
            self._real.popleft()
        while self._forecast and self._forecast[0].time_s < time_s - SHOWN_S:
            self._forecast.popleft()

    def add(self, forecast: LiveForecast, mm: float) -> None:
        """Take in where a forecast has it; until there is a history, the newest motion that stands there is none."""
        if not forecast.without_history:
            self.forecast(forecast.issued_s, forecast.time_s, mm, forecast.conditions)

    def forecast(self, issued_s: float, time_s: float, mm: float, conditions: Conditions | None) -> None:
        """Take in where it is forecast to be, how hard that is, and where in a breath."""
        issued = self._radii.issue(conditions)
        if math.isfinite(mm):
            self._pending.add(issued_s, time_s, (mm, issued))
        self._forecast.append(ForecastPoint(time_s, mm, float(issued.radius)))

    def trace(self) -> Trace:
        """Return what it keeps, which nobody changes later."""
        return Trace(self._name, self._axis, self._margin_mm, self._level, tuple(self._real), tuple(self._forecast))


class Traces:
    """The traces of all targets of a session; of its best landmark where it has no target."""

    def __init__(self) -> None:
        self._lines: dict[LiveTarget | str, _Line] = {}

    def observe(
        self, taken: Taken, session: LiveSession, axes: Axes, spacing_mm: tuple[float, float]
    ) -> tuple[Trace, ...]:
        """Take in what became of an arrival.

        Parameters
        ----------
        taken
            What became of it.
        session
            The session that took it.
        axes
            From `cinecast.score.patient_axes.axes_of_plane`; the first is plotted.
        spacing_mm
            Pixel spacing along (rows, columns) in mm.

        Returns
        -------
        tuple of Trace
            As they are now; none before there is anything to follow.
        """
        forecast = taken.forecast
        if taken.state == "recalibrated":
            for line in self._lines.values():
                line.learn_anew()
        if forecast is not None and taken.state in ("calibrated", "recalibrated", "forecast", "stale"):
            if session.forecaster.targets:
                self._observe_targets(taken, forecast, session, axes)
            elif session.inspection is not None and session.inspection.landmarks.names:
                self._observe_landmark(taken, forecast, session, axes, spacing_mm)
        return tuple(line.trace() for line in self._lines.values())

    def _observe_targets(self, taken: Taken, forecast: LiveForecast, session: LiveSession, axes: Axes) -> None:
        axis = next(iter(axes))
        # One that took the place of another of its name has another plan, which its offsets are from.
        targets = {target.target.name: target for target in session.forecaster.targets}
        self._lines = {target: line for target, line in self._lines.items() if target in targets.values()}
        measured = {} if forecast.held else {each.name: each for each in session.measured_targets}
        for place in forecast.targets:
            target = targets.get(place.name)
            margin_mm = math.nan if target is None else target.margin_mm
            line = self._line(target or place.name, place.name, axis, margin_mm, forecast, session)
            now = measured.get(place.name)
            line.observe(taken.time_s, math.nan if now is None else offsets_along(now, axes)[axis])
            line.add(forecast, offsets_along(place, axes)[axis])

    def _observe_landmark(
        self,
        taken: Taken,
        forecast: LiveForecast,
        session: LiveSession,
        axes: Axes,
        spacing_mm: tuple[float, float],
    ) -> None:
        inspection = session.inspection
        assert inspection is not None  # else it is not called
        best = int(np.argmax(inspection.summary.kept * np.nan_to_num(inspection.summary.amplitude_mm)))
        axis, place = next(iter(axes)), inspection.landmarks.positions[best : best + 1]
        along = np.array(spacing_mm[::-1]) * next(iter(axes.values()))
        name = f"landmark {inspection.landmarks.names[best]}"
        self._lines = {key: line for key, line in self._lines.items() if key == name}
        line = self._line(name, name, axis, math.nan, forecast, session)
        found = None if taken.inspected is None or forecast.held else taken.inspected.places[best] - place[0]
        line.observe(taken.time_s, math.nan if found is None else float(along @ found))
        ahead = sample_dvf(forecast.dvf, place)[0]
        line.add(forecast, float(along @ ahead))

    def _line(
        self,
        key: LiveTarget | str,
        name: str,
        axis: str,
        margin_mm: float,
        forecast: LiveForecast,
        session: LiveSession,
    ) -> _Line:
        if key not in self._lines:
            period_s = session.forecaster.period_s
            horizon = max(1, round((forecast.time_s - forecast.issued_s) / period_s))
            level = session.forecaster.settings.score.level
            self._lines[key] = _Line(name, axis, margin_mm, period_s, horizon, level)
        return self._lines[key]
