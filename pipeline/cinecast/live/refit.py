"""A motion model and forecasters fitted anew from recent frames, beside a stream that goes on meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from cinecast.errors import CinecastError
from cinecast.live.calibrated_forecaster import CalibratedForecaster
from cinecast.live.calibration import Calibration
from cinecast.live.motion_change import residual_threshold_px
from cinecast.live.recent_motion import RecentMotion
from cinecast.motion import fit_motion_model
from cinecast.motion.held import without_held
from cinecast_models import ForecastingError

# A thread that computes in Python holds back the one that forecasts for so many seconds at most, each time that it
# wants to go on; the interpreter's own 5 ms would add up to more than a frame period.
_SWITCH_S = 2e-4

MakeForecaster = Callable[[Calibration], CalibratedForecaster]


class Refit:
    """Fits a successor to a forecaster in a thread of its own.

    The reference frame stays: what is forecast keeps its meaning. Only the motion model and the forecasters are made
    anew, as the calibration made them.

    Parameters
    ----------
    before
        The forecaster that goes on meanwhile.
    recent
        The motion of recent instants.
    make
        Makes a forecaster from a calibration.
    modes
        Number of modes.

    Attributes
    ----------
    fault
        Why there is no successor, in a sentence.
    threshold_px
        Residual in pixels above which the successor does not explain a frame.
    """

    def __init__(self, before: CalibratedForecaster, recent: RecentMotion, make: MakeForecaster, modes: int) -> None:
        self.fault: str | None = None
        self.threshold_px = np.inf
        self._make, self._modes = make, modes
        self._old, self._period_s = before.calibration, before.period_s
        self._successor: CalibratedForecaster | None = None
        self._thread = Thread(
            target=self._fit, args=(recent.copy(), before.instant_s), name="cinecast refit", daemon=True
        )
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Wait for the thread to end."""
        self._thread.join()

    def successor(
        self, before: CalibratedForecaster, missed: RecentMotion, newest: NDArray[np.float32]
    ) -> CalibratedForecaster | None:
        """Return the new forecaster, brought up to date once the thread has ended.

        Parameters
        ----------
        before
            The forecaster that went on meanwhile.
        missed
            The motion of the instants since the fit began.
        newest
            DVF of the newest frame, shape (H, W, 2), pixels.

        Returns
        -------
        The forecaster to go on with; None where the fit failed, and `fault` says why.
        """
        if self._successor is not None:
            self._successor.take_over(before, missed, newest)
        return self._successor

    def _fit(self, recent: RecentMotion, instant_s: float) -> None:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        try:
            dvf, held = np.stack(recent.fields), frozenset(np.flatnonzero(recent.held).tolist())
            # The reference frame stays, and so does what of it can be trusted.
            measured = without_held(dvf, held)
            model = fit_motion_model(measured, self._modes, pixel_weights=self._old.model.pixel_weights)
            times_s = instant_s + self._period_s * np.arange(1 - len(dvf), 1, dtype=np.float64)
            weights = model.project(dvf)
            calibration = replace(self._old, model=model, dvf=dvf, weights=weights, times_s=times_s, held=held)
            self.threshold_px = residual_threshold_px(calibration)
            self._successor = self._make(calibration)
        except (CinecastError, ForecastingError) as error:
            self.fault = str(error)
        finally:
            sys.setswitchinterval(interval)
