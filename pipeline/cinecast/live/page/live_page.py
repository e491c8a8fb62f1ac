"""The page of one session, from its first arrival to its end."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import count
from threading import Thread
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from cinecast.frames.streamed import Streamed, StreamedFrame
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.page.drawing import Drawing
from cinecast.live.page.model_words import ModelWords
from cinecast.live.page.moment import Budget, Moment, Notes, Pairing, budget_of
from cinecast.live.page.newest import Newest
from cinecast.live.page.server import PageServer
from cinecast.live.page.trace import Traces
from cinecast.live.recording import summary_of
from cinecast.live.session import LiveSession
from cinecast.live.sources import FrameSource
from cinecast.live.taken import Taken
from cinecast.live.target_place import MeasuredTarget

# How often the server looks whether it is to end, in s.
_LOOK_EVERY_S = 0.1


class LivePage:
    """Shows a session in browsers on this machine, until its ``with`` statement ends.

    The stream only leaves a reference to the newest moment; pictures are made in the threads that answer browsers,
    when these ask. So the stream waits for no browser, and one that is slow sees fewer frames.

    Parameters
    ----------
    port
        The port, 1 to 65535; 0 for any that is free.
    name, method, horizon
        Of the sequence, and what is forecast, as people gave it.

    Raises
    ------
    SettingsError
        If the port is none, or cannot be had.
    """

    def __init__(self, port: int, name: str, method: str, horizon: str) -> None:
        self._method, self._horizon = method, horizon
        self._title = f"{name}, {method} {horizon} ahead"
        self._newest, self._drawing = Newest(), Drawing()
        self._pairing, self._notes = Pairing(), Notes()
        self._traces, self._model = Traces(), ModelWords()
        self._budget: Budget | None = None
        self._numbers = count()
        self._real: NDArray[Any] | None = None
        self._real_s = math.nan
        self._of_real: LiveForecast | None = None
        self._measured: tuple[MeasuredTarget, ...] = ()
        self._spacing_mm = (1.0, 1.0)
        self._server = PageServer(port, self._newest, self._drawing)
        self._thread = Thread(target=self._server.serve_forever, args=(_LOOK_EVERY_S,), name="live page", daemon=True)

    @property
    def url(self) -> str:
        """Where a browser finds the page."""
        return self._server.url

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._newest.end()
        self._server.shutdown()
        self._server.server_close()

    def show(self, arrived: Streamed | None, taken: Taken, session: LiveSession, source: FrameSource) -> None:
        """Show what has arrived; makes no picture and waits for no browser.

        Parameters
        ----------
        arrived, taken
            What arrived, and what became of it; None where nothing did, and the session has waited for too long.
        session, source
            The session that took it, and where it came from.
        """
        if isinstance(arrived, StreamedFrame) and taken.state != "skipped":
            self._real, self._real_s, self._spacing_mm = arrived.frame, arrived.time_s, source.spacing_mm()
            self._of_real = self._pairing.observe(arrived.time_s, session.forecaster.period_s)
            # In a frame that was passed over none is measured: the session has those of the frame before it.
            self._measured = () if taken.state == "passed over" else session.measured_targets
            if taken.forecast is None:
                self._drawing.see(arrived.frame)
            elif not taken.forecast.without_history:  # the newest motion stands in its place, and is no forecast
                self._pairing.add(taken.forecast)
        way_s = arrived.way_s if isinstance(arrived, StreamedFrame) else None
        clock = getattr(getattr(source, "clock", None), "choice", "acquisition")  # streams alone have one
        self._budget = budget_of(taken, session.forecaster.period_s, way_s, clock) or self._budget
        learned, targets = session.forecaster.calibration, session.forecaster.targets
        moment = Moment(
            title=self._title,
            number=next(self._numbers),
            taken=taken,
            real=self._real,
            real_s=self._real_s,
            of_real=self._of_real,
            spacing_mm=self._spacing_mm,
            reference=None if learned is None else learned.reference,
            collected=session.forecaster.collected,
            notes=self._notes.add(taken),
            figures=summary_of(session, self._method, self._horizon) | {"calibration_frames": source.train_end},
            targets=targets,
            measured=self._measured,
            axes=source.axes() if targets else {},
            traces=() if learned is None else self._traces.observe(taken, session, source.axes(), self._spacing_mm),
            budget=self._budget,
            model=self._model.after(taken, session, source.train_end),
        )
        self._newest.put(moment)

    def hold(self, stale: LiveForecast, reason: str) -> None:
        """Show that the session is held up, from another thread than that which shows the rest.

        Parameters
        ----------
        stale
            The newest forecast, marked stale.
        reason
            For how long, in words.
        """
        if (newest := self._newest.moment) is None:
            return
        taken = replace(newest.taken, state="overdue", reason=reason, forecast=stale)
        self._newest.put(replace(newest, number=next(self._numbers), taken=taken))
