"""Says when motion or frame rate of a stream are no longer those of its calibration, and replaces the model then."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from cinecast.live.calibrated_forecaster import CalibratedForecaster, PushResult
from cinecast.live.frame_rate import FrameRate
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.live_target import LiveTarget
from cinecast.live.motion_change import MotionChangeDetector, residual_px, residual_threshold_px
from cinecast.live.recent_motion import RecentMotion
from cinecast.live.refit import MakeForecaster, Refit

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_LOG = logging.getLogger(__name__)


class Supervision:
    """Pushes frames to a forecaster from its calibration on, and watches whether its motion model fits them.

    Parameters
    ----------
    forecaster
        The forecaster, just calibrated.
    make
        Makes another one from a calibration.
    recalibrate
        Whether it is replaced when the motion has changed; else that is only said.
    threads
        Pools that are held to one thread while another one is fitted.

    Attributes
    ----------
    forecaster
        The one that forecasts now.
    first
        What was learned from the first frames, whatever has taken its place since.
    latest
        The newest forecast; at first the one issued at the last frame of the calibration.
    refit
        The fit that goes on, or None.
    targets
        The targets of the stream, whose radii are wanted.
    """

    def __init__(
        self, forecaster: CalibratedForecaster, make: MakeForecaster, recalibrate: bool, threads: ThreadpoolController
    ) -> None:
        self.forecaster, self._make, self._recalibrate = forecaster, make, recalibrate
        self.first, self._threads = forecaster.calibration, threads
        self._give_out(forecaster.initial)
        frames, self._modes = len(forecaster.calibration.dvf), len(forecaster.calibration.model.modes)
        self._detector = MotionChangeDetector(residual_threshold_px(forecaster.calibration))
        self._needed = max(frames // 2, self._modes + 2, forecaster.shortest_train_span)
        self._rate = FrameRate(forecaster.period_s)
        # Enough of what is kept is measured even where every other frame is lost.
        self._recent = RecentMotion(max(frames, 2 * self._needed))
        self.refit: Refit | None = None
        self.targets: tuple[LiveTarget, ...] = ()

    def push(self, frame: NDArray[Any], time_s: float, name: str, *, passed_over: bool = False) -> LiveForecast:
        """Take in the next frame, a usable one, later than all before it or of a clock that was set back.

        Parameters
        ----------
        frame
            Grey values, shape (H, W), as large as the frames before it.
        time_s
            Its time in s, on the clock of the calibration.
        name
            What it is called in reports.
        passed_over
            Whether a newer frame has come already: it is learned from, and the forecast before comes back.

        Returns
        -------
        The forecast issued at the frame, stale also where the motion or the frame rate is not that of the calibration.
        """
        judge = self.forecaster.calibration.judge
        fault = judge.observe(frame) if judge else None
        self._replace_forecaster()
        stands = self._kept if passed_over else None
        result = self.forecaster.push(frame, time_s, name, fault, stands=stands, targets=self.targets)
        if fault is None:
            self._detect_change(result, time_s, name)
        if self._recalibrate:
            self._collect(result)
        self._rate.observe(name, time_s, result.arrival)
        lasting = ["the motion is not explained by the motion model"] if self._detector.changed else []
        lasting += filter(None, [self._rate.reason])
        forecast = result.forecast
        if lasting:
            forecast = replace(forecast, stale=True, reasons=(*lasting, *forecast.reasons))
        if self.targets and not passed_over:
            forecast = replace(forecast, targets=tuple(each.forecast(forecast) for each in self.targets))
        return self._give_out(forecast)

    def settle(self, *, wait: bool = False) -> None:
        """Do what later forecasts alone need, and wait for a fit that goes on, where that is wanted."""
        self.forecaster.settle()
        if wait and self.refit is not None:
            self.refit.wait()

    def mark_stale(self, *reasons: str) -> LiveForecast:
        """Return the latest forecast, marked stale for these reasons."""
        return self._give_out(replace(self._kept, stale=True, reasons=reasons))

    def _give_out(self, forecast: LiveForecast) -> LiveForecast:
        """Return a copy: what is done to it reaches no later one, nor this one where it stands for more frames."""
        self._kept, self.latest = forecast, forecast.copied()
        return self.latest

    def _replace_forecaster(self) -> None:
        """Put the successor in place, if it is ready: between two frames, and in less time than one of them takes."""
        if self.refit is None or not self.refit.done:
            return
        refit, self.refit = self.refit, None
        successor = refit.successor(self.forecaster, self._kept.measured)
        if successor is None:
            _LOG.warning("the motion model could not be fitted anew, the old one stays: %s", refit.fault)
        else:
            _LOG.warning("the motion model and %s were fitted anew from recent frames", self.forecaster.method)
            self.forecaster = successor
            self._detector = MotionChangeDetector(refit.threshold_px)
        self._recent.clear()

    def _detect_change(self, result: PushResult, time_s: float, name: str) -> None:
        model = self.forecaster.calibration.model
        change = self._detector.observe(residual_px(model, result.weights, result.squared))
        if change == "changed":
            _LOG.warning(
                "%s (%.4f s): the motion model has stopped explaining the frames: it leaves more than %.3g pixels of "
                "their motion",
                name,
                time_s,
                self._detector.threshold_px,
            )
        elif change == "returned":
            _LOG.warning("%s (%.4f s): the motion model explains the frames again", name, time_s)

    def _collect(self, result: PushResult) -> None:
        """Keep the motion since it changed, and fit a successor once there is enough of it."""
        forecast = result.forecast
        if self.refit is not None:
            self.refit.add(result.arrival, forecast.measured, held=forecast.held)
        self._recent.add(result.arrival, forecast.measured, held=forecast.held)
        if not (self._detector.changed or self._detector.above):
            self._recent.clear()
        if self._detector.changed and self.refit is None and self._recent.measured >= self._needed:
            own = self._make, self._modes, self._threads, self.targets
            self.refit = Refit(self.forecaster, self._recent, *own)
