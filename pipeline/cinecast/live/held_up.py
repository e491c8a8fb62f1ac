"""Notices that a session does not go on: a forecast must not stand while nobody looks after it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Lock, Thread
from time import perf_counter
from typing import Self

from cinecast.live.live_forecast import LiveForecast
from cinecast.live.overdue import longest_wait_s
from cinecast.live.session import LiveSession

_LOG = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.05


class HeldUp:
    """Makes the newest forecast stale where the thread that takes frames does not come back in time.

    `cinecast.live.overdue.Overdue` is asked by that thread. Where that itself is held up, as by a disk
    that hangs for long, a gate would stay on for as long. So a thread of its own looks after it, while the ``with``
    statement lasts. At its end gates are off.

    Parameters
    ----------
    session
        The session, whose `announce` is set already.
    show
        Called with the newest forecast, marked stale, and the reason; None for nobody.
    """

    def __init__(self, session: LiveSession, show: Callable[[LiveForecast, str], None] | None = None) -> None:
        self._session, self._show, self._announce = session, show, session.announce
        self._newest: LiveForecast | None = None
        self._back_s, self._said = perf_counter(), False
        self._stop, self._turn = Event(), Lock()
        self._thread = Thread(target=self._look_after, name="cinecast held up", daemon=True)

    def __enter__(self) -> Self:
        self._session.announce = self._pass_on
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._session.announce = self._announce
        # What is left to do after the last frame may take its time.
        if self._announce is not None and self._newest is not None and not self._newest.stale:
            self._announce(replace(self._newest, stale=True, reasons=("the stream has ended",)), True)

    def come_back(self) -> None:
        """Take in that the session goes on."""
        self._back_s, self._said = perf_counter(), False

    def _pass_on(self, forecast: LiveForecast, skipped: bool) -> None:
        with self._turn:
            self.come_back()
            self._newest = forecast
            if self._announce is not None:
                self._announce(forecast, skipped)

    def _look_after(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_S):
            newest, held_s = self._newest, perf_counter() - self._back_s
            if self._said or newest is None or newest.stale:
                continue
            if held_s > longest_wait_s(newest.time_s - newest.issued_s, self._session.forecaster.period_s):
                self._make_stale(newest, held_s)

    def _make_stale(self, newest: LiveForecast, held_s: float) -> None:
        reason = f"the session has been held up for {held_s:.2f} s"
        stale = replace(newest, stale=True, reasons=(reason,))
        with self._turn:
            if self._newest is not newest:  # another one has just been announced: the session goes on
                return
            self._newest, self._said = stale, True
            if self._announce is not None:
                self._announce(stale, True)
            if self._show is not None:  # before the next one, which is shown once it has been announced
                self._show(stale, reason)
        _LOG.warning("after %s: %s: the forecast is stale until it goes on", newest.name, reason)
