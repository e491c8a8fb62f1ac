"""A motion model and forecasters fitted anew from recent frames, beside a stream that goes on meanwhile."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.regular_clock import Arrival
from cinecast.errors import CinecastError
from cinecast.live.calibrated_forecaster import CalibratedForecaster
from cinecast.live.calibration import Calibration
from cinecast.live.live_target import LiveTarget
from cinecast.live.motion_change import residual_threshold_px
from cinecast.live.recent_motion import RecentMotion
from cinecast.motion import fit_motion_model
from cinecast.motion.held import without_held
from cinecast.single_thread import one_thread
from cinecast_models import ForecastingError

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

MakeForecaster = Callable[[Calibration], CalibratedForecaster]


class _Missed(NamedTuple):
    arrival: Arrival
    dvf: NDArray[np.float32]
    held: bool


class Refit:
    """Fits a successor to a forecaster in a thread of its own.

    The reference frame stays: what is forecast keeps its meaning. Only the motion model and the forecasters are made
    anew, as the calibration made them. The thread also has the successor learn from the frames that arrive meanwhile.

    A thread that computes in Python holds back the one that forecasts, for `sys.getswitchinterval` each time that it
    wants to go on. Whoever owns the process may want to shorten that.

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
    threads
        Pools that are held to one thread meanwhile.
    targets
        The targets of the stream, whose radii are learned, too.

    Attributes
    ----------
    fault
        Why there is no successor, in a sentence.
    threshold_px
        Residual in pixels above which the successor does not explain a frame.
    """

    def __init__(
        self,
        before: CalibratedForecaster,
        recent: RecentMotion,
        make: MakeForecaster,
        modes: int,
        threads: ThreadpoolController,
        targets: tuple[LiveTarget, ...] = (),
    ) -> None:
        self.fault: str | None = None
        self.threshold_px = np.inf
        self._make, self._modes, self._threads, self._targets = make, modes, threads, targets
        self._old, self._period_s = before.calibration, before.period_s
        self._successor: CalibratedForecaster | None = None
        self._waiting: deque[_Missed] = deque()
        self._missed = recent.copy()
        self._missed.clear()
        self._thread = Thread(
            target=self._run, args=(recent.copy(), before.instant_s), name="cinecast refit", daemon=True
        )
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Wait for the thread to end."""
        self._thread.join()

    def add(self, arrival: Arrival, dvf: NDArray[np.float32], *, held: bool) -> None:
        """Keep the motion of a frame that the successor has to learn from.

        Parameters
        ----------
        arrival
            What the frame means for the regular clock.
        dvf
            Its DVF, shape (H, W, 2), pixels.
        held
            Whether that is the DVF of the frame before.
        """
        self._waiting.append(_Missed(arrival, dvf, held))

    def successor(self, before: CalibratedForecaster, newest: NDArray[np.float32]) -> CalibratedForecaster | None:
        """Return the new forecaster, brought up to date once the thread has ended.

        Parameters
        ----------
        before
            The forecaster that went on meanwhile.
        newest
            DVF of the newest frame, shape (H, W, 2), pixels.

        Returns
        -------
        The forecaster to go on with; None where the fit failed, and `fault` says why.
        """
        if self._successor is not None:
            self._learn(self._successor, len(self._waiting))
            self._successor.take_over(before, newest)
        return self._successor

    def _run(self, recent: RecentMotion, instant_s: float) -> None:
        with one_thread(self._threads):
            self._fit(recent, instant_s)

    def _fit(self, recent: RecentMotion, instant_s: float) -> None:
        try:
            dvf = np.stack(recent.fields)
            held, filled, unmeasured = map(_indices, (recent.held, recent.filled, recent.unmeasured))
            # The reference frame stays, and so does what of it can be trusted.
            measured = without_held(dvf, unmeasured)
            model = fit_motion_model(measured, self._modes, pixel_weights=self._old.model.pixel_weights)
            times_s = instant_s + self._period_s * np.arange(1 - len(dvf), 1, dtype=np.float64)
            weights = model.project(dvf)
            calibration = replace(
                self._old, model=model, dvf=dvf, weights=weights, times_s=times_s, held=held, filled=filled
            )
            self.threshold_px = residual_threshold_px(calibration)
            successor = self._make(calibration)
            successor.follow(self._targets)
            self._catch_up(successor)
            self._successor = successor
        except (CinecastError, ForecastingError) as error:
            self.fault = str(error)

    def _catch_up(self, successor: CalibratedForecaster) -> None:
        """Learn in rounds from what has come, as long as each round has fewer frames than the one before."""
        before = math.inf
        while 0 < (count := len(self._waiting)) < before:
            self._learn(successor, count)
            before = count
        successor.settle()  # else the stream has to, when the successor takes over

    def _learn(self, successor: CalibratedForecaster, count: int) -> None:
        for _ in range(count):
            arrival, dvf, held = self._waiting.popleft()
            if arrival.jump:  # what came before it is learned from, too
                self._learn_missed(successor)
            self._missed.add(arrival, dvf, held=held)
            if not arrival.on_time:  # at no instant, and yet the drift moves with it
                self._learn_missed(successor, (dvf, held))
        self._learn_missed(successor)

    def _learn_missed(
        self, successor: CalibratedForecaster, between: tuple[NDArray[np.float32], bool] | None = None
    ) -> None:
        successor.learn_missed(self._missed, between)
        self._missed.clear()


def _indices(flags: list[bool]) -> frozenset[int]:
    return frozenset(np.flatnonzero(flags).tolist())
