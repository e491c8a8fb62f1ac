"""What a page shows of one moment of a session: references to arrays and figures, nothing that takes time to make."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.live.live_forecast import LiveForecast
from cinecast.live.live_target import LiveTarget
from cinecast.live.once_per_wording import NUMBERS
from cinecast.live.page.trace import Trace
from cinecast.live.taken import Taken
from cinecast.live.target_place import MeasuredTarget

# Forecasts further than this from a frame, in periods, are of another one. On a regular stream the nearest lies within
# half a period, whatever the horizon.
_SAME = 0.75
_NOTES = 20


class Note(NamedTuple):
    """Something unusual about an arrival.

    It begins with when it was noted, in s since 1970, and with the time of the frame in s, None where it has none.
    """

    noted_s: float
    time_s: float | None
    name: str
    state: str
    reason: str


class Budget(NamedTuple):
    """What a forecast took, in ms, and what there is.

    Parameters
    ----------
    parts
        Names and ms of the steps in their order, from where it begins to the forecast.
    next_ms
        When the next frame comes, from where it begins.
    horizon_ms
        From the time of the frame to the time that is forecast.
    begins
        Where it begins: ``acquisition``, the time stamp of the ``message``, or ``arrival``.
    """

    parts: tuple[tuple[str, float], ...]
    next_ms: float
    horizon_ms: float
    begins: str = "arrival"


@dataclass(frozen=True, eq=False)
class Moment:
    """One moment of a session.

    Parameters
    ----------
    title
        What is forecast, for people.
    number
        How many arrivals there were before it.
    taken
        What arrived last, and the newest forecast.
    real, real_s
        The newest frame (H, W) that could be used and its time in s; None before there is one.
    of_real
        The forecast of that frame, made before it came: the one whose time is nearest; None where there is none.
    spacing_mm
        Pixel spacing along (rows, columns) in mm.
    reference
        The reference frame (H, W); None until calibration.
    collected
        Number of frames collected for calibration.
    notes
        What was unusual lately, the newest last.
    figures
        By name, as `cinecast.live.summary_of` gives them.
    targets
        The targets of the stream.
    measured
        Where the measured motion has them in the real frame.
    axes
        Along which their places are told: `cinecast.score.patient_axes.axes_of_plane`.
    traces
        Where targets, or the best landmark, were and were forecast to be.
    budget
        What the newest forecast took; None before there is one.
    model
        The state of the motion model, in a sentence.
    """

    title: str
    number: int
    taken: Taken
    real: NDArray[Any] | None
    real_s: float
    of_real: LiveForecast | None
    spacing_mm: tuple[float, float]
    reference: NDArray[Any] | None
    collected: int
    notes: tuple[Note, ...]
    figures: Mapping[str, Any]
    targets: tuple[LiveTarget, ...] = ()
    measured: tuple[MeasuredTarget, ...] = ()
    axes: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    traces: tuple[Trace, ...] = ()
    budget: Budget | None = None
    model: str = ""


def budget_of(taken: Taken, period_s: float, way_s: float | None = None, clock: str = "acquisition") -> Budget | None:
    """Say what the forecast of an arrival took.

    Parameters
    ----------
    taken
        What became of the arrival.
    period_s
        Time between frames in s.
    way_s
        How long the frame was on its way, in s; None where that is unknown: then it begins at arrival.
    clock
        The clock that says so, ``acquisition`` or ``message``.

    Returns
    -------
    Budget or None
        None where no forecast was made, or its latency says nothing.
    """
    forecast = taken.forecast
    if forecast is None or math.isnan(taken.latency_ms):
        return None
    steps = forecast.steps._asdict()
    # Waiting, reading, and looking at whether the frame is a good one and its motion explained.
    parts = {"receiving and checks": max(0.0, taken.latency_ms - forecast.steps.total), **steps}
    horizon_ms, way_ms = 1e3 * (forecast.time_s - forecast.issued_s), 1e3 * (way_s or 0.0)
    if way_s is None:
        return Budget(tuple(parts.items()), 1e3 * period_s, horizon_ms)
    return Budget(tuple({"way": way_ms, **parts}.items()), way_ms + 1e3 * period_s, horizon_ms, clock)


class Pairing:
    """Finds the forecast of each frame among those made before it came."""

    def __init__(self) -> None:
        self._made: deque[LiveForecast] = deque()
        self._newest_s = float("-inf")

    def observe(self, time_s: float, period_s: float) -> LiveForecast | None:
        """Return the forecast whose time is nearest to a frame's, None if that is a forecast of another frame.

        Parameters
        ----------
        time_s
            Time of the frame in s.
        period_s
            Time between frames in s; NaN until calibration.

        Returns
        -------
        The forecast, made before the frame came; None also before there is any.
        """
        if time_s < self._newest_s:  # the clock was set back: the time of those forecasts never comes
            self._made.clear()
        self._newest_s = time_s
        while len(self._made) > 1 and self._made[1].time_s <= time_s:
            self._made.popleft()
        # Of two equally near ones (but for rounding) the earlier, whose error is known now.
        near = min(self._made, key=lambda forecast: round(abs(forecast.time_s - time_s), 6), default=None)
        return near if near is not None and abs(near.time_s - time_s) <= _SAME * period_s else None

    def add(self, forecast: LiveForecast) -> None:
        """Remember a forecast until its time has come."""
        self._made.append(forecast)


class Notes:
    """The newest unusual arrivals; the same thing said of one frame after another, numbers apart, is one note."""

    def __init__(self) -> None:
        self._notes: deque[Note] = deque(maxlen=_NOTES)
        self._last: Note | None = None

    def add(self, taken: Taken) -> tuple[Note, ...]:
        """Return the notes after an arrival."""
        unusual = (bool(taken.reason) and taken.state != "passed over") or taken.state == "recalibrated"
        time_s = float(taken.time_s) if math.isfinite(taken.time_s) else None
        note = Note(time.time(), time_s, taken.name, taken.state, taken.reason) if unusual else None
        goes_on = note is not None and self._last is not None and _wording(note) == _wording(self._last)
        if note is not None and not goes_on:
            self._notes.append(note)
        self._last = note
        return tuple(self._notes)


def _wording(note: Note) -> tuple[str, str]:
    """Return state and reason without the numbers: a count-down is one note, too."""
    return note.state, NUMBERS.sub("#", note.reason)
