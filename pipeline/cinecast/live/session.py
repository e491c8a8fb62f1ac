"""A whole live session: frames are collected, calibrated on, forecast from, inspected, and their forecasts scored."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cinecast.frames.frame_faults import faults_text
from cinecast.frames.streamed import Streamed, StreamedFault, StreamedFrame
from cinecast.landmarks import Landmarks
from cinecast.live.awaited_rows import AwaitedRows, Newest
from cinecast.live.calibration import Calibration
from cinecast.live.follow_up import FollowUp
from cinecast.live.forecaster import LiveForecaster
from cinecast.live.inspection import Inspection
from cinecast.live.latency import Latencies
from cinecast.live.lead_time import LeadTime
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.overdue import Overdue
from cinecast.live.running_error import RunningError
from cinecast.live.taken import State, Taken
from cinecast.live.target_errors import TargetErrors
from cinecast.live.target_place import MeasuredTarget

if TYPE_CHECKING:
    from cinecast.live.target_intake import TargetIntake

_LOG = logging.getLogger(__name__)

OwnLandmarks = Callable[[int], Landmarks | None]


def no_own_landmarks(reference: int) -> None:
    """Return nothing: landmarks are found.

    Parameters
    ----------
    reference
        Number of the reference frame in the stream.
    """
    del reference


class LiveSession:
    """Takes arrivals one by one and keeps the figures of them.

    Parameters
    ----------
    forecaster
        Not yet calibrated.
    spacing_mm
        Gives the pixel spacing along (rows, columns) in mm once frames have come.
    own_landmarks
        Gives a user's own landmarks in a stream whose reference frame has the number given, or None.
    hurried
        Whether frames come in their own time: then none waits for landmarks to be found, and the first ones are
        inspected when they have been; nor for a fit anew. And a forecast that is out after its instant is stale.
    intake
        Awaits targets; None where none was asked for.

    Attributes
    ----------
    forecasts
        How many forecasts were made.
    latencies
        Of all of these, but not of a first one whose frame has waited for the calibration.
    lead
        What is left of the horizon when a forecast is out, and how long frames were on their way.
    late
        How many came later than the next frame was due.
    skipped
        How many arrivals were no usable frame.
    passed_over
        How many frames were learned from without a forecast, because they came during the calibration beside the
        stream, or because a newer one had come.
    errors
        The running error; None until calibration.
    target_errors
        Those of the targets; None until calibration.
    measured_targets
        Where the measured motion has the targets in the newest frame that was forecast from; none where it is faulty.
    calibration
        What was learned from the first frames; None until then.
    overdue
        Notices that frames have stopped coming.
    announce
        Called with each forecast as soon as it is made, before anything is scored, and whether it is only the one
        before because a frame could not be used; None for nobody.
    """

    def __init__(
        self,
        forecaster: LiveForecaster,
        spacing_mm: Callable[[], tuple[float, float]],
        own_landmarks: OwnLandmarks = no_own_landmarks,
        *,
        hurried: bool = False,
        intake: TargetIntake | None = None,
    ) -> None:
        self.forecaster, self._spacing_mm = forecaster, spacing_mm
        self._own_landmarks, self._hurried = own_landmarks, hurried
        self.intake = intake
        self._instances: dict[int, str] = {}
        self.errors: RunningError | None = None
        self.target_errors: TargetErrors | None = None
        self.measured_targets: tuple[MeasuredTarget, ...] = ()
        self.latencies, self.lead = Latencies(), LeadTime()
        self.forecasts = self.late = self.skipped = self.passed_over = 0
        self.calibration: Calibration | None = None
        self.overdue = Overdue()
        self.announce: Callable[[LiveForecast, bool], None] | None = None
        self._learned: Calibration | None = None  # what the newest forecast was made with
        self._before: NDArray[Any] | None = None
        self._follow_up: FollowUp | None = None
        self._newest: Newest | None = None
        self._awaited = AwaitedRows()

    @property
    def inspection(self) -> Inspection | None:
        """What frames are inspected with; None until calibration and until landmarks have been found."""
        return self._follow_up.inspection if self._follow_up else None

    def take(self, arrived: Streamed) -> Taken:
        """Take in what has arrived, as far as its forecast; `follow_up` comes after that is out.

        Raises
        ------
        ReadError, SettingsError, cinecast_models.ForecastingError
            If the stream cannot be calibrated on; afterwards nothing that arrives raises.
        """
        self.overdue.came(arrived)
        if isinstance(arrived, StreamedFrame) and arrived.begins_anew:
            self.forecaster.begin_anew(f"{arrived.name}: {arrived.begins_anew}")
        before, beside = self.forecaster.latest, self.forecaster.calibrating
        if isinstance(arrived, StreamedFault):
            latest = self.forecaster.skip(arrived.name, math.nan, arrived.fault)
        else:
            latest = self.forecaster.push(arrived.frame, arrived.time_s, arrived.name, passed_over=arrived.passed_over)
        latency_ms = 1e3 * (perf_counter() - arrived.seen_s) if isinstance(arrived, StreamedFrame) else math.nan
        skipped = self.forecaster.fault is not None
        if self._hurried and (before is not None or beside) and not skipped and not _passed_over(arrived):
            latest = self._stale_if_past(latency_ms / 1e3)
        if latest is not None and self.announce is not None and (skipped or not _passed_over(arrived)):
            self.announce(latest, skipped)
        if skipped:
            self.skipped += 1
            return self._taken(arrived, "skipped", self.forecaster.fault or "", latest)
        assert isinstance(arrived, StreamedFrame)  # anything else is a fault
        if before is None and self.intake is not None:
            self._instances[self.forecaster.arrived - 1] = arrived.instance
        if latest is None:
            return self._before_forecasts(arrived, beside)
        if before is None:
            if not beside:  # this frame has waited for the calibration: that is no latency of a forecast
                latency_ms = math.nan
            self._count(latency_ms)
            return self._taken(arrived, "calibrated", self._begin(latest), latest, latency_ms)
        if arrived.passed_over:
            return self._pass_over(arrived, latest)
        renewed, self._learned = self.forecaster.calibration is not self._learned, self.forecaster.calibration
        return self._score(arrived, latest, latency_ms, "recalibrated" if renewed else "forecast")

    def follow_up(self, arrived: Streamed, taken: Taken) -> list[Taken]:
        """Inspect a frame once its forecast is out; to be called after every `take`.

        Parameters
        ----------
        arrived, taken
            What arrived, and what became of it.

        Returns
        -------
        list[Taken]
            The arrivals of which all is known now, in their order. While landmarks are found there is none; later ones
            come with those that waited.
        """
        if self.forecaster.calibrating:
            return self._awaited.add(taken)
        self.forecaster.settle(wait=not self._hurried)
        earlier, later = self._awaited.released(taken)
        before = self._before
        if isinstance(arrived, StreamedFrame):
            self._before = np.array(arrived.frame)  # a caller may write on it
        if self._follow_up is None:
            return [*earlier, taken]
        inspected = taken.state in ("forecast", "recalibrated", "stale")
        if inspected and taken.forecast is not None and self.target_errors is not None:
            measured = self.target_errors.observe(self.forecaster.targets, taken.forecast)
            self.measured_targets = measured
            taken = replace(taken, measured_targets=measured)
        anew = self._learned if taken.state == "recalibrated" else None
        known = self._follow_up.take(taken, self._before if inspected else None, before, anew)
        return [*earlier, *known, *(each for other in later for each in self._follow_up.take(other, None, None))]

    def first_forecast(self, *, wait: bool = False) -> tuple[StreamedFrame, Taken] | None:
        """Give the first forecast once a calibration beside the stream has ended, though no further frame has come.

        Parameters
        ----------
        wait
            Whether to wait for that: after the end of the stream.

        Returns
        -------
        tuple of StreamedFrame and Taken, or None
            The newest frame and what became of it, to be handed to `follow_up`; None where no calibration has ended.

        Raises
        ------
        ReadError, SettingsError, cinecast_models.ForecastingError
            If the stream cannot be calibrated on.
        """
        latest, newest = self.forecaster.finish_calibration(wait=wait), self._newest
        if latest is None or newest is None:
            return None
        waited_s = perf_counter() - newest.arrived.seen_s
        if waited_s > self.forecaster.period_s:
            latest = self.forecaster.mark_stale(*latest.reasons, f"it waited {waited_s:.2f} s for the calibration")
            assert latest is not None  # it is the one just made
        if self.announce is not None:
            self.announce(latest, False)
        self.passed_over -= newest.taken.state == "passed over"
        self._count(math.nan)
        return newest.arrived, replace(newest.taken, state="calibrated", reason=self._begin(latest), forecast=latest)

    def wait_longer(self) -> Taken | None:
        """Take in that nothing has come, which is to be said now and then: in a pause, the forecast becomes stale.

        Returns
        -------
        Taken or None
            The newest forecast, once in each pause; None otherwise. It has no row of its own.
        """
        latest = self.forecaster.latest
        if latest is None or (reason := self.overdue.reason(latest, self.forecaster.period_s)) is None:
            return None
        stale = self.forecaster.mark_stale(reason, *(latest.reasons if latest.stale else ()))
        assert stale is not None  # there was one before
        if self.announce is not None:
            self.announce(stale, True)
        _LOG.warning("after %s: %s: the forecast is stale until one comes", latest.name, reason)
        return Taken(stale.name, math.nan, "overdue", reason, stale, number=self.forecaster.arrived)

    def finish(self) -> list[Taken]:
        """Return the arrivals that are left when the stream has ended, inspected like all others.

        Raises
        ------
        ReadError, SettingsError, cinecast_models.ForecastingError
            If the stream has ended during the calibration, and cannot be calibrated on.
        """
        self.forecaster.finish_calibration()
        if self.intake is not None:
            self.intake.finish()
        known = self._follow_up.finish() if self._follow_up else []
        return [*self._awaited.rest(), *known]

    def _begin(self, latest: LiveForecast) -> str:
        """Begin to score, and have made what frames are inspected with; return what was unusual in the calibration."""
        calibration, spacing_mm = self.forecaster.first_calibration, self._spacing_mm()
        assert calibration is not None  # there is a forecast
        own = self._own_landmarks(calibration.reference_label.number)
        self.errors = RunningError(spacing_mm, self.forecaster.period_s)
        if not latest.without_history:
            self.errors.add(latest)
        self.target_errors = TargetErrors(self.forecaster.period_s)
        self.calibration, self._learned = calibration, self.forecaster.calibration
        settings, learned = self.forecaster.settings, self._learned
        self._follow_up = FollowUp(
            lambda: Inspection(calibration, latest, spacing_mm, settings, own, learned), wait=not self._hurried
        )
        if self.intake is not None:
            self.intake.begin(self.forecaster, calibration, spacing_mm, self._instances)
        faults = {calibration.labels[t].number: fault for t, fault in calibration.faults.items()}
        return "; ".join(filter(None, (f"calibration: {faults_text(faults)}" if faults else "", *latest.reasons)))

    def _before_forecasts(self, arrived: StreamedFrame, beside: bool) -> Taken:
        if not beside:
            if self.forecaster.calibrating:
                self._spacing_mm()  # what lacks is said before the calibration, not after it
            taken = self._taken(arrived, "collected")
        else:
            self.passed_over += 1
            reason = "it came during the calibration: learned from, not forecast from"
            taken = self._taken(arrived, "passed over", reason)
        self._newest = Newest(arrived, taken)
        return taken

    def _pass_over(self, arrived: StreamedFrame, latest: LiveForecast) -> Taken:
        """Score the forecasts whose time has come with a frame that nothing is forecast from."""
        assert self.errors is not None  # made by the calibration
        self.passed_over += 1
        error_mm = self.errors.observe(arrived.time_s, None if latest.held else latest.measured)
        return self._taken(arrived, "passed over", "; ".join(latest.reasons), latest, error_mm=error_mm)

    def _stale_if_past(self, latency_s: float) -> LiveForecast | None:
        """Return the newest forecast: stale where its instant has passed while it was made, by this clock alone."""
        latest = self.forecaster.latest
        if latest is None or not latency_s > latest.time_s - latest.issued_s:
            return latest
        reason = f"it was out {latency_s:.2f} s after its frame had come: the instant that it is of has passed"
        return self.forecaster.mark_stale(*latest.reasons, reason)

    def _count(self, latency_ms: float) -> None:
        self.forecasts += 1
        if math.isnan(latency_ms):
            return
        self.latencies.add(latency_ms)
        self.late += latency_ms > 1e3 * self.forecaster.period_s

    def _score(self, arrived: StreamedFrame, latest: LiveForecast, latency_ms: float, state: State) -> Taken:
        assert self.errors is not None  # made by the calibration
        self._count(latency_ms)
        self.lead.observe(arrived.name, latest.time_s - latest.issued_s, arrived.way_s, latency_ms / 1e3)
        error_mm = self.errors.observe(arrived.time_s, None if latest.held else latest.measured)
        if not latest.without_history:
            self.errors.add(latest)
        state = "stale" if latest.stale and state == "forecast" else state
        return self._taken(arrived, state, "; ".join(latest.reasons), latest, latency_ms, error_mm)

    def _taken(
        self,
        arrived: Streamed,
        state: State,
        reason: str = "",
        forecast: LiveForecast | None = None,
        latency_ms: float = math.nan,
        error_mm: float = math.nan,
    ) -> Taken:
        time_s = arrived.time_s if isinstance(arrived, StreamedFrame) else math.nan
        number = self.forecaster.arrived - isinstance(arrived, StreamedFrame)
        return Taken(arrived.name, time_s, state, reason, forecast, latency_ms, error_mm, number)


def _passed_over(arrived: Streamed) -> bool:
    return isinstance(arrived, StreamedFrame) and arrived.passed_over
