"""The first model of a stream is fitted beside it; what arrives meanwhile is learned from before forecasts begin."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from cinecast.live.supervision import Supervision
from cinecast.single_thread import one_thread

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


class Waiting(NamedTuple):
    """A frame that arrived while the model was fitted.

    Parameters
    ----------
    frame
        Grey values, shape (H, W), which nobody writes on later.
    time_s
        Its time in s.
    name
        What it is called in reports.
    """

    frame: NDArray[Any]
    time_s: float
    name: str


class FirstFit:
    """Calibrates, and has the result learn from the frames that arrive meanwhile.

    They are learned from in their order, so that what is learned is what it would be without a wait. Only the newest
    is forecast from: forecasts of the others would come too late.

    Parameters
    ----------
    make
        Calibrates and makes what forecasts.
    threads
        Pools that are held to one thread meanwhile.
    beside
        Whether it does so in a thread of its own.

    Attributes
    ----------
    seconds
        How long it took to calibrate and to catch up, in s; NaN until it has ended.
    """

    def __init__(self, make: Callable[[], Supervision], threads: ThreadpoolController, *, beside: bool) -> None:
        self._make, self._threads = make, threads
        self._waiting: deque[Waiting] = deque()
        self._made: Supervision | None = None
        self._error: BaseException | None = None
        self.seconds = math.nan
        self._thread: Thread | None = None
        if beside:
            self._thread = Thread(target=self._run, name="cinecast calibration", daemon=True)
            self._thread.start()
        else:
            self._run()

    @property
    def done(self) -> bool:
        """Whether it has ended, apart from frames that came too fast."""
        return self._thread is None or not self._thread.is_alive()

    def add(self, waiting: Waiting) -> None:
        """Keep a frame that is to be learned from."""
        self._waiting.append(waiting)

    def result(self, *, newer: bool = False) -> Supervision:
        """Return what forecasts from now on, once it has learned from all frames that waited.

        Parameters
        ----------
        newer
            Whether a newer frame than these has come, which is forecast from next: then none of them is.

        Returns
        -------
        Supervision
            Its latest forecast is that of the newest frame that waited.

        Raises
        ------
        ReadError, SettingsError, cinecast_models.ForecastingError
            If the frames cannot be calibrated on.
        """
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._made is not None  # the thread has ended without an error
        with one_thread(self._threads):
            self._learn(self._made, len(self._waiting), newer=newer)
        return self._made

    def _run(self) -> None:
        start = perf_counter()
        try:
            with one_thread(self._threads):
                self._made = self._make()
                self._catch_up(self._made)
        except BaseException as error:  # raised again where the next frame is pushed
            self._error = error
        self.seconds = perf_counter() - start

    def _catch_up(self, made: Supervision) -> None:
        """Learn in rounds from what has come, as long as each round has fewer frames than the one before.

        Where frames come faster than they can be learned from there is no end to it: `result` learns the rest, and
        holds back whoever pushes.
        """
        before = math.inf
        while 0 < (count := len(self._waiting)) < before:
            self._learn(made, count)
            before = count

    def _learn(self, made: Supervision, count: int, *, newer: bool = False) -> None:
        for _ in range(count):
            made.push(*self._waiting.popleft(), passed_over=newer or bool(self._waiting))
