"""The live forecaster: calibrates on the first frames of a stream, then forecasts from every frame."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cinecast.errors import SettingsError
from cinecast.horizon import horizon_seconds
from cinecast.live.admission import Admission
from cinecast.live.calibrated_forecaster import CalibratedForecaster
from cinecast.live.calibration import Calibration, calibrate
from cinecast.live.first_fit import FirstFit, Waiting
from cinecast.live.first_frames import FirstFrames, FrameLabel
from cinecast.live.gate import DEFAULT_MARGIN_MM, warn_of_latency
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.live_settings import check_live_settings, lookback
from cinecast.live.live_target import LiveTarget
from cinecast.live.spacing import Spacing, spacing_source
from cinecast.live.supervision import Supervision
from cinecast.settings import Settings
from cinecast.single_thread import one_thread, thread_pools

if TYPE_CHECKING:
    from cinecast.frames.masks import Target

_LOG = logging.getLogger(__name__)


class LiveForecaster:
    """Forecasts the frame of ``time + horizon`` as soon as the frame of ``time`` has arrived.

    It is calibrated on the first frames of a stream, as a run is on its train span; from then on every frame pushed
    brings a forecast. Weights, DVF and frame are those of a run, bit for bit, with the settings of the run, as many
    frames to calibrate on as its train span has, and a horizon of whole frames.

    Threads and signal handling of the program that it is part of stay as they are: BLAS is held to one thread during
    `push`, and while a calibration goes on beside the stream. OpenCV is not touched.

    Parameters
    ----------
    settings
        Settings of all stages; of ``forecast``, methods and horizons are not used, of ``frames`` nothing.
    method
        Name of the method.
    horizon
        As people give it: ``"0.5s"``, interpolated between frame instants, or ``"3"`` frames.
    calibration_frames
        Number of frames to calibrate on, 2 or more.
    recalibrate
        Whether motion model and method are fitted anew, beside the stream, from recent frames when the motion is no
        longer explained; that it is not explained is said in any case.
    beside
        Whether the calibration goes on in a thread while frames are pushed, as it takes seconds; else the `push` of its
        last frame takes as long. A frame that is pushed meanwhile has no forecast and is learned from. Once it has
        ended, the next `push` brings the first forecast, or `finish_calibration` that of the newest frame.
    digests
        Gives the digests that a recorded sequence is known by, for models that must not have been trained on it.
    spacing_mm
        Pixel spacing along (rows, columns) in mm, or what gives it, in any thread; None: pixels have no radius.

    Attributes
    ----------
    collected
        Number of frames to calibrate on that have come and are still of use.
    arrived
        Number of frames that were pushed.
    latest
        The newest forecast; None until calibration.
    fault
        What was wrong with what arrived last, in words; None if nothing was.
    calibrating
        Whether the calibration goes on beside the stream.
    calibration_s
        How long the calibration took, in s, with the frames that were pushed meanwhile; NaN until it has ended.
    refitting
        Whether motion model and method are being fitted anew beside the stream.
    settings
        Settings of all stages, ``forecast.methods`` with the method among them.
    targets
        The targets that were set, in the order of their numbers.

    Raises
    ------
    SettingsError, cinecast_models.ForecastingError
        If a setting, the method or the horizon breaks a rule.

    Examples
    --------
    >>> import numpy as np
    >>> from cinecast import LiveForecaster
    >>> from cinecast.phantom import PhantomSettings, make_phantom
    >>> from cinecast.settings import Settings
    >>> small = PhantomSettings(rows=48, columns=40, pixel_spacing_mm=(6, 6), frame_count=40, frame_period_s=0.25)
    >>> recorded = make_phantom(small).sequence
    >>> live = LiveForecaster(Settings(), method="linear", horizon="0.5s", calibration_frames=30)
    >>> for time_s, frame in zip(recorded.times_s, recorded.frames):
    ...     forecast = live.push(frame, float(time_s))
    >>> forecast.time_s, forecast.frame.shape, forecast.weights.shape
    (10.25, (48, 40), (1, 3))
    """

    def __init__(
        self,
        settings: Settings,
        *,
        method: str,
        horizon: str,
        calibration_frames: int,
        recalibrate: bool = False,
        beside: bool = False,
        digests: Callable[[], frozenset[str]] = frozenset,
        spacing_mm: Spacing | None = None,
    ) -> None:
        # As in a run of these settings: its motion model has as many modes as the most demanding of its methods wants.
        settings = settings.with_methods((*settings.forecast.methods, method))
        check_live_settings(settings, method, horizon, calibration_frames)
        self.settings, self._method, self._horizon, self._digests = settings, method, horizon, digests
        self._first = FirstFrames(calibration_frames, lambda period_s: lookback(settings, method, horizon, period_s))
        self._recalibrate, self._beside, self._spacing_mm = recalibrate, beside, spacing_source(spacing_mm)
        self._fit: FirstFit | None = None
        self._supervision: Supervision | None = None
        self.targets: tuple[LiveTarget, ...] = ()
        self._admission = Admission()
        self.fault: str | None = None
        self.arrived, self.calibration_s = 0, math.nan
        self._threads = thread_pools()  # as in a run

    @property
    def collected(self) -> int:
        """Number of frames to calibrate on that have come and are still of use."""
        return len(self._first)

    @property
    def calibrating(self) -> bool:
        """Whether the calibration goes on beside the stream, or has ended there since the newest frame came."""
        return self._fit is not None

    @property
    def refitting(self) -> bool:
        """Whether motion model and method are being fitted anew beside the stream."""
        return self._supervision is not None and self._supervision.refit is not None

    @property
    def latest(self) -> LiveForecast | None:
        """The newest forecast; None until calibration."""
        return self._supervision.latest if self._supervision else None

    @property
    def _calibrated(self) -> CalibratedForecaster | None:
        return self._supervision.forecaster if self._supervision else None

    @property
    def calibration(self) -> Calibration | None:
        """What was learned from the first frames, or from recent ones since; None until then."""
        return self._calibrated.calibration if self._calibrated else None

    @property
    def first_calibration(self) -> Calibration | None:
        """What was learned from the first frames; None until then."""
        return self._supervision.first if self._supervision else None

    @property
    def period_s(self) -> float:
        """Time between frames in s, NaN until calibration."""
        return self._calibrated.period_s if self._calibrated else math.nan

    def push(
        self, frame: ArrayLike, time_s: float, name: str = "", *, passed_over: bool = False
    ) -> LiveForecast | None:
        """Take in the next frame.

        Parameters
        ----------
        frame
            Grey values, shape (H, W), as large as the frames before it.
        time_s
            Its time in s, on any clock.
        name
            What it is called in reports; its time by default.
        passed_over
            Whether a newer frame has come already. Then all is learned from this one, and the latest forecast comes
            back, marked stale; no later forecast moves by a bit.

        Returns
        -------
        LiveForecast or None
            Of ``time_s`` + horizon; None until the last frame of the calibration, and while that goes on. A frame that
            cannot be used (another size, no image, NaN, from the past) is skipped: the latest forecast comes back,
            marked stale. After a faulty one (frozen, nearly black, flipped) the motion of the frame before is held;
            stale as well.

        Raises
        ------
        ReadError, SettingsError, cinecast_models.ForecastingError
            By the last frame of the calibration alone, or the first once it has ended beside the stream: if what came
            cannot be calibrated on with these settings.
        """
        name = name or f"the frame at {time_s:.4f} s"
        self.arrived += 1
        # A mask that is dropped is not seen.
        frame = np.asanyarray(frame) if np.ma.is_masked(frame) else np.asarray(frame)
        fault = self._admission.fault(frame, time_s)
        if fault is not None and not self._accept_change(frame, time_s, name):
            return self.skip(name, time_s, fault)
        self._admission.admit(frame, time_s)
        self.fault = None
        if self._fit is not None and self._fit.done and not passed_over:  # else it is one more to catch up with
            self._end_fit(self._fit, newer=True)
        if self._supervision is None:
            return self._before_forecasts(frame, time_s, name)
        with one_thread(self._threads):
            self._supervision.targets = self.targets
            return self._supervision.push(frame, time_s, name, passed_over=passed_over)

    def settle(self, *, wait: bool = False) -> None:
        """Do what only later forecasts need, while no frame waits; else the next `push` does it first.

        No forecast moves by a bit. It is to be called by the thread that pushes, once the forecast has been used.
        With `wait` a fit anew beside the stream is waited for: the next frame has the new model, on any machine.
        """
        if self._supervision is not None:
            with one_thread(self._threads):
                self._supervision.settle(wait=wait)

    def finish_calibration(self, *, wait: bool = True) -> LiveForecast | None:
        """End a calibration that goes on beside the stream, so that no further frame is needed for the first forecast.

        Parameters
        ----------
        wait
            Whether to wait for it; else nothing is done while it goes on.

        Returns
        -------
        LiveForecast or None
            The first forecast, of the newest frame that has come; None where there is no calibration to end.

        Raises
        ------
        ReadError, SettingsError, cinecast_models.ForecastingError
            If what came cannot be calibrated on with these settings.
        """
        if self._fit is None or not (wait or self._fit.done):
            return None
        self._end_fit(self._fit, newer=False)
        return self.latest

    def _end_fit(self, fit: FirstFit, *, newer: bool) -> None:
        self._supervision = fit.result(newer=newer)
        self.calibration_s, self._fit = fit.seconds, None
        self._first = self._first.anew()

    def set_target(
        self,
        target: Target,
        *,
        spacing_mm: tuple[float, float],
        margin_mm: float = DEFAULT_MARGIN_MM,
        number: int | None = None,
    ) -> LiveTarget:
        """Follow a target in all forecasts from the next frame on; another thread than that of `push` may call this.

        Parameters
        ----------
        target
            Its mask, shape (H, W), and the number of its frame in the stream, which must be one that was calibrated on;
            `cinecast.frames.masks.make_target` makes one. It takes the place of one of the same name or number.
        spacing_mm
            Pixel spacing along (rows, columns) in mm.
        margin_mm
            How far the forecast centroid may be from that of the mask while the beam is on, in mm.
        number
            Its number among the targets, from 1, by which tables and messages tell them apart. None: that of the one of
            its name, else the next one.

        Returns
        -------
        LiveTarget
            What carries it.

        Raises
        ------
        SettingsError
            If there is no calibration yet, or the target does not fit it.
        """
        if self.first_calibration is None:
            raise SettingsError(
                f"a target can be set once the stream is calibrated, got {target.name!r} after {self.collected} of "
                f"{self._first.wanted} frames; push the others first"
            )
        horizon_s = horizon_seconds(self._horizon, self.period_s)
        warn_of_latency(self.settings.score.latency_s, horizon_s, self.period_s)
        if number is None:
            numbers = {each.target.name: each.number for each in self.targets}
            number = numbers.get(target.name, max(numbers.values(), default=0) + 1)
        made = LiveTarget(
            target,
            self.first_calibration,
            spacing_mm=spacing_mm,
            margin_mm=margin_mm,
            by_radius=self.settings.score.gate_by_radius,
            number=number,
        )
        others = (each for each in self.targets if each.number != number and each.target.name != target.name)
        self.targets = tuple(sorted((*others, made), key=lambda each: each.number))
        return made

    def skip(self, name: str, time_s: float, fault: str) -> LiveForecast | None:
        """Report something that arrived and is no frame to forecast from.

        Parameters
        ----------
        name, time_s
            What arrived, and when in s; NaN where that is unknown.
        fault
            What is wrong with it, in words.

        Returns
        -------
        LiveForecast or None
            The latest forecast, marked stale; None until calibration.
        """
        self.fault, when = fault, f" ({time_s:.4f} s)" if math.isfinite(time_s) else ""
        _LOG.warning("%s%s is skipped: %s", name, when, fault)
        return self.mark_stale(f"{name} was skipped: {fault}")

    def begin_anew(self, why: str) -> None:
        """Give up the frames that were collected so far; nothing once the calibration has begun.

        Parameters
        ----------
        why
            What has become of the frames, in words.
        """
        if self._supervision is None and not self.calibrating:
            _LOG.warning("%s; collecting begins anew", why)
            self._first, self._admission.shape = self._first.anew(), None

    def mark_stale(self, *reasons: str) -> LiveForecast | None:
        """Return the latest forecast, marked stale for these reasons; None until calibration."""
        return self._supervision.mark_stale(*reasons) if self._supervision else None

    def _accept_change(self, frame: NDArray[Any], time_s: float, name: str) -> bool:
        """Return whether a frame is right that contradicts those before it; of another size, collecting begins anew."""
        may_resize = self._supervision is None and not self.calibrating
        change = self._admission.what_changed(frame, time_s, may_resize=may_resize)
        if change is None:
            return False
        if frame.shape != self._admission.shape:
            self.begin_anew(f"{name}: {change}")
        else:
            _LOG.warning("%s: %s", name, change)
        return True

    def _before_forecasts(self, frame: NDArray[Any], time_s: float, name: str) -> LiveForecast | None:
        """Take in a frame to calibrate on, or one that comes while that goes on."""
        own = np.array(frame)  # a caller may write on it
        if self._fit is not None:
            self._fit.add(Waiting(own, time_s, name))
            return None
        self._first.add(own, time_s, FrameLabel(self.arrived - 1, name))
        if len(self._first) < self._first.wanted:
            return None
        self._fit = FirstFit(self._calibrated_on(self._first), self._threads, beside=self._beside)
        if not self._beside:
            self.finish_calibration()
        return self.latest

    def _calibrated_on(self, first: FirstFrames) -> Callable[[], Supervision]:
        def make() -> Supervision:
            calibration = calibrate(first.frames, first.times_s, self.settings, first.labels)
            return Supervision(self._made(calibration), self._made, self._recalibrate, self._threads)

        return make

    def _made(self, calibration: Calibration) -> CalibratedForecaster:
        return CalibratedForecaster(
            calibration,
            self.settings,
            method=self._method,
            horizon_s=horizon_seconds(self._horizon, calibration.period_s),
            digests=self._digests,
            spacing_mm=self._spacing_mm and self._spacing_mm(),
        )
