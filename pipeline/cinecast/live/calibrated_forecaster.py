"""One frame in, the forecast frame out, once a stream has been calibrated: the stages of a run, frame by frame."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import NONE
from cinecast.clock.regular_clock import Arrival
from cinecast.forecast.followed_drift import follows_drift
from cinecast.forecast.modes import modes_at, settings_at
from cinecast.horizon import whole_frames
from cinecast.live.calibration import Calibration
from cinecast.live.compiled_bands import compile_bands
from cinecast.live.horizon_drivers import WHOLE, HorizonDrivers
from cinecast.live.live_forecast import LiveForecast, StepTimes
from cinecast.live.live_radii import LiveRadii, RadiiIssued, first_run
from cinecast.live.live_target import LiveTarget
from cinecast.live.recent_motion import RecentMotion
from cinecast.live.remarks import remark_on_fault, remarks_on
from cinecast.motion.drift import DriftTracker
from cinecast.settings import Settings
from cinecast.warp import warp
from cinecast_models import DivergenceError, ForecastTask, MethodSettings, method_settings
from cinecast_models.conformal.difficulty import ages_of

_LOG = logging.getLogger(__name__)


class PushResult(NamedTuple):
    """What one frame brought.

    Parameters
    ----------
    forecast
        The forecast issued at the frame.
    arrival
        What the frame meant for the regular clock.
    weights
        Weights of the frame on all modes of the motion model, those too that are not forecast, shape (K,).
    squared
        How far its motion is from the mean: see `cinecast.motion.MotionModel.project_one`.
    """

    forecast: LiveForecast
    arrival: Arrival
    weights: NDArray[np.float64]
    squared: float


class CalibratedForecaster:
    """Forecasts the frame of ``time + horizon`` from every frame after the calibration.

    Parameters
    ----------
    calibration
        What was learned from the first frames.
    settings
        Settings of all stages; of ``forecast``, methods and horizons are not used.
    method
        Name of the method.
    horizon_s
        How far ahead is forecast, in s, above 0. Where it is not a whole number of frame periods the forecast is
        interpolated between the two horizons that are.
    digests
        Gives the digests that a recorded sequence is known by, for models that must not have been trained on it.
    spacing_mm
        Pixel spacing along (rows, columns) in mm, which the radii of pixels need; None: they have none.

    Attributes
    ----------
    calibration
        What was learned from the first frames.
    initial
        The forecast issued at the last frame of the calibration.

    Raises
    ------
    SettingsError, cinecast_models.ForecastingError
        If settings, method or horizon break a rule.
    """

    def __init__(
        self,
        calibration: Calibration,
        settings: Settings,
        *,
        method: str,
        horizon_s: float,
        digests: Callable[[], frozenset[str]] = frozenset,
        spacing_mm: tuple[float, float] | None = None,
    ) -> None:
        self.calibration, self.horizon_s, self._settings = calibration, horizon_s, settings
        self.method = method
        period, times_s = calibration.period_s, calibration.times_s
        instants, self._clock = calibration.follow_clock()
        nearest = max(1, whole_frames(horizon_s, period))
        self._modes = modes_at(method, nearest, settings) or len(calibration.model.modes)
        task = ForecastTask(1, self._modes, 1 / period, digests=digests)
        known = calibration.weights[:, : self._modes]
        measured = known.copy()
        measured[sorted(calibration.unmeasured)] = np.nan
        self._drivers = HorizonDrivers(
            method,
            _settings_by_horizon(method, nearest, settings, task),
            instants.place(known),
            horizon_s / period,
            runs=settings.forecast.runs,
            seed=settings.forecast.seed,
            held=instants.held(calibration.held),
            filled=instants.lost_or(calibration.filled),
        )
        compile_bands(self._modes)
        self._bands = LiveRadii(
            level=settings.score.level,
            horizon=nearest,
            known=instants.at_instants(measured, 0),
            spacing_mm=spacing_mm,
            shape=(calibration.reference.shape[0], calibration.reference.shape[1]),
        )
        self._before_bands = 0  # instants of the clock before the first that the bands know
        self._drift = DriftTracker(calibration.model) if follows_drift(method, settings.motion) else None
        self._unfollowed: tuple[NDArray[np.float32], NDArray[np.float64], bool] | None = None
        unmeasured, held = ([t in of for t in range(len(times_s))] for of in (calibration.unmeasured, calibration.held))
        self._follow(calibration.dvf, calibration.weights, unmeasured)
        self._newest, self._newest_dvf = calibration.weights[-1, : self._modes], calibration.dvf[-1]
        self._newest_held = held[-1]
        self._measured_at = self._clock.number - int(ages_of(instants.at_instants(measured, 0))[-1])
        newest, moments, on_time = len(times_s) - 1, [perf_counter()] * 3, bool(instants.instant_of[-1] != NONE)
        said, name = remark_on_fault(calibration.faults.get(newest) if held[-1] else None), f"frame {newest}"
        self.initial = self._issue(name, self._newest_dvf, said, moments, held=held[-1], on_time=on_time)

    @property
    def period_s(self) -> float:
        """Time between frames in s."""
        return self._clock.period_s

    @property
    def instant_s(self) -> float:
        """Time in s of the newest instant of the regular clock."""
        return self._clock.instant_s

    @property
    def shortest_train_span(self) -> int:
        """The fewest frames that it could have been calibrated on."""
        return self._drivers.history_length + self._drivers.longest

    def push(
        self,
        frame: NDArray[Any],
        time_s: float,
        name: str,
        fault: str | None = None,
        *,
        stands: LiveForecast | None = None,
        targets: tuple[LiveTarget, ...] = (),
    ) -> PushResult:
        """Take in the next frame, a usable one, later than all before it or of a clock that was set back.

        Parameters
        ----------
        frame
            Grey values, shape (H, W), as large as the frames before it.
        time_s
            Its time in s, on the clock of the calibration.
        name
            What it is called in reports.
        fault
            What is wrong with what it shows; the motion of the frame before is held then. None for a good frame.
        stands
            The forecast before, where a newer frame has come already: all is learned from this one, but that forecast
            comes back. No later forecast moves by a bit.
        targets
            The targets of the stream, whose radii are wanted.

        Returns
        -------
        The forecast, and what the frame was found to be.
        """
        self.settle()
        self.follow(targets)
        moments = [perf_counter()]
        measured = self.calibration.estimator.stored(frame) if fault is None else self._newest_dvf
        self._newest_dvf, held = measured, fault is not None
        moments.append(perf_counter())
        all_weights, squared = self.calibration.model.project_one(measured)
        self._unfollowed = measured, all_weights, held
        if self._drift is not None and self._drift.due:
            self._follow_newest()
        weights = all_weights[: self._modes]
        moments.append(perf_counter())
        arrival = self._clock.observe(time_s)
        reasons = self._learn(weights, arrival, held)
        if arrival.jump:
            self._bands.restart()
        reasons += remark_on_fault(fault)
        if arrival.on_time:
            if not held:
                self._measured_at = self._clock.number
            self._bands.observe(self._band_instant, None if held else weights, measured)
        if stands is None:
            forecast = self._issue(name, measured, reasons, moments, held=held, on_time=arrival.on_time)
        else:
            self._pass_over(held=held, on_time=arrival.on_time)
            why = *reasons, f"{name} was passed over: a newer frame had come"
            forecast = replace(stands, measured=measured, held=held, stale=True, reasons=why)
        for reason in reasons:
            _LOG.warning("%s (%.4f s): %s", name, time_s, reason)
        return PushResult(forecast, arrival, all_weights, squared)

    def settle(self) -> None:
        """Do what later forecasts alone need: otherwise the next frame has to wait for it."""
        self._follow_newest()
        self._drivers.settle()
        self._bands.settle()

    def _follow_newest(self) -> None:
        if self._unfollowed is not None:
            (measured, weights, held), self._unfollowed = self._unfollowed, None
            self._follow([measured], [weights], [held])

    def follow(self, targets: tuple[LiveTarget, ...]) -> None:
        """Give radii of these targets from now on, learned also from forecasts that are pending."""
        self._bands.follow(targets)

    def learn_missed(self, missed: RecentMotion, between: tuple[NDArray[np.float32], bool] | None = None) -> None:
        """Learn from motion that another forecaster of the same stream has measured since the calibration.

        What would have been forecast from it is remembered: bands are those of a forecaster that went on all the time.

        Parameters
        ----------
        missed
            The motion of the instants that follow.
        between
            DVF of a frame after these and before the next instant, and whether it is held: the drift moves with it.
        """
        self.settle()
        for i, (field, filled, held) in enumerate(zip(missed.fields, missed.filled, missed.held, strict=True)):
            anew = i == 0 and missed.begins_anew
            weights, measured = self.calibration.model.project(field), not (filled or held)
            self._clock.observe(self._clock.instant_s + (0 if anew else self._clock.period_s))
            self._push([weights[: self._modes]], [filled], [held], [anew])
            if anew:
                self._bands.restart()
            if measured:
                self._measured_at = self._clock.number
            self._bands.observe(self._clock.number, weights[: self._modes] if measured else None, field)
            if not filled:  # no forecast is issued where no frame came
                self._follow([field], [weights], [held])
                self._pass_over(held=held, on_time=True)
        if between is not None:
            self._follow([between[0]], [self.calibration.model.project(between[0])], [between[1]])

    def take_over(self, before: CalibratedForecaster, newest: NDArray[np.float32]) -> None:
        """Go on in the place of another forecaster of the same stream, all of whose motion has been learned from.

        Parameters
        ----------
        before
            The other one.
        newest
            DVF of the newest frame, which may lie after the last of its instants, shape (H, W, 2), pixels.
        """
        self._before_bands = before._clock.number - self._clock.number
        self._clock, self._newest = before._clock, self.calibration.model.project(newest)[: self._modes]
        self._newest_dvf, self._measured_at, self._newest_held = newest, before._measured_at, before._newest_held

    def _learn(self, weights: NDArray[np.float64], arrival: Arrival, held: bool) -> list[str]:
        """Push the samples of all instants that have passed; return what was unusual."""
        reasons = remarks_on(arrival)
        way = weights - self._newest
        samples = [weights if share == 1.0 else self._newest + share * way for share in arrival.shares]
        filled = [share != 1.0 for share in arrival.shares]  # nothing is measured between frames
        held_samples = [held or (between and self._newest_held) for between in filled]
        self._newest, self._newest_held = weights, held
        restarts = [i == 0 and arrival.jump for i in range(len(samples))]
        if (error := self._push(samples, filled, held_samples, restarts)) is not None:
            reasons.append(f"the forecaster is restarted from its calibration: {error}")
        return reasons

    def _push(
        self, samples: list[NDArray[np.float64]], filled: list[bool], held: list[bool], restarts: list[bool]
    ) -> DivergenceError | None:
        """Push samples; after a divergence, which is returned, go back and go on with the last of them."""
        try:
            for sample, between, sample_held, restart in zip(samples, filled, held, restarts, strict=True):
                self._drivers.push(sample, filled=between, held=sample_held, restart=restart)
        except DivergenceError as error:
            self._drivers.go_back(samples[-1])
            return error
        return None

    def _follow(
        self, fields: Iterable[NDArray[np.float32]], weights: Iterable[NDArray[np.float64]], held: Iterable[bool]
    ) -> None:
        if self._drift is not None:
            for field, field_weights, field_held in zip(fields, weights, held, strict=True):
                self._drift.observe(field, field_weights, held=field_held)

    @property
    def _band_instant(self) -> int:
        """Number of the newest instant, as the bands count them: those of the calibration come first."""
        return self._clock.number - self._before_bands

    def _ahead(self) -> tuple[float, float]:
        """Return how many instants ahead is to be forecast, and how many can be."""
        clock = self._clock
        ahead = (clock.frame_s + self.horizon_s - clock.instant_s) / clock.period_s
        return ahead, self._drivers.reached(ahead)

    def _radii(
        self, weights: NDArray[np.float64], ahead: float, held: bool, on_time: bool, dvf: Callable[[], NDArray[Any]]
    ) -> RadiiIssued:
        if self._drivers.awaited:
            return RadiiIssued(np.full_like(weights, np.nan), None, {}, None)
        number = self._clock.number
        age = max(1, number - self._measured_at) if held else 0
        return self._bands.issue(self._band_instant if on_time else None, ahead, weights, dvf, age)

    def _pass_over(self, *, held: bool, on_time: bool) -> None:
        """Remember the weights that would be forecast, so that bands are what they would be."""
        ahead, reached = self._ahead()
        weights = self._drivers.at(reached)
        self._radii(weights, ahead, held, on_time, cache(self._reconstruction(weights[first_run(weights)])))

    def _reconstruction(self, weights: NDArray[np.float64]) -> Callable[[], NDArray[np.float64]]:
        """Return what makes the DVF of weights (K,), now or later, with the drift that is known now."""
        drift, model = None if self._drift is None else self._drift.known, self.calibration.model.first(self._modes)
        return lambda: model.reconstruct(weights, drift)

    def _issue(
        self,
        name: str,
        measured: NDArray[np.float32],
        reasons: list[str],
        moments: list[float],
        *,
        held: bool = False,
        on_time: bool,
    ) -> LiveForecast:
        """Forecast, reconstruct and warp; ``moments`` has the times before and after the flow and the projection."""
        clock, settings, calibration = self._clock, self._settings, self.calibration
        ahead, reached = self._ahead()
        reasons = list(reasons)  # what follows is repeated with every forecast, so it is not logged
        if ahead - reached > WHOLE:
            reasons.append(f"the forecast is of {(ahead - reached) * clock.period_s:.3f} s before the horizon")
        awaited = self._drivers.awaited
        if awaited:
            reasons.append(
                f"there is no forecast until {awaited} more frame(s) have come: the newest motion is shown in its place"
            )
        weights = self._drivers.at(reached)
        run = first_run(weights)
        moments.append(perf_counter())
        dvf = self._reconstruction(weights[run])()
        moments.append(perf_counter())
        frame = warp(calibration.reference, dvf, settings.warp)
        moments.append(perf_counter())
        time_s = clock.frame_s + self.horizon_s - (ahead - reached) * clock.period_s
        radii = self._radii(weights, ahead, held, on_time, lambda: dvf)  # learned from these: copies are given out
        return LiveForecast(
            name=name,
            issued_s=clock.frame_s,
            time_s=time_s,
            weights=weights,
            radius=radii.weights,
            pixels=radii.pixels,
            target_radii_mm=radii.targets_mm,
            conditions=radii.conditions,
            run=run,
            dvf=dvf,
            frame=frame,
            measured=measured,
            drift=None if self._drift is None else self._drift.shown,
            steps=StepTimes(*(1e3 * (after - before) for before, after in pairwise(moments))),
            stale=held or awaited > 0 or ahead - reached > WHOLE,
            without_history=awaited > 0,
            held=held,
            reasons=tuple(reasons),
        )


def _settings_by_horizon(
    method: str, nearest: int, settings: Settings, task: ForecastTask
) -> Callable[[int], MethodSettings]:
    """Return a function that gives the settings of the method for a horizon in frames."""
    given = method_settings(method, settings.forecast.method_settings.get(method)).loaded()
    tuned = settings_at(given, nearest, settings)
    return lambda horizon: tuned.at(replace(task, horizon=horizon))
