"""What became of one arrival."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cinecast.live.live_forecast import LiveForecast
from cinecast.live.target_place import MeasuredTarget

if TYPE_CHECKING:
    from cinecast.live.inspection import Inspected

State = Literal["collected", "passed over", "calibrated", "recalibrated", "forecast", "stale", "skipped", "overdue"]


@dataclass(frozen=True, eq=False)
class Taken:
    """What became of one arrival.

    Parameters
    ----------
    name, time_s
        What arrived, and its time in s; NaN where it has none.
    state
        ``collected`` for calibration, ``passed over`` where it came while that went on, or where a newer frame had
        come: learned from, not forecast from; ``calibrated`` by the last frame of it, or where it is the first that is
        forecast from after that; ``forecast``; ``recalibrated`` where it is the first of a model fitted anew, ``stale``
        where it is less than a regular one, ``skipped`` where it is the one before; ``overdue`` where nothing arrived
        for too long.
    reason
        What was unusual.
    forecast
        The newest forecast; None before there is one.
    latency_ms
        From the frame being seen to its forecast; NaN where there is none.
    error_mm
        Error of the forecast whose time came with this frame; NaN where there is none.
    number
        How many frames of the stream came before it; of what is no frame, that of the next one.
    inspected
        What was found of it after the forecast was out; None before that, and where nothing is inspected.
    measured_targets
        Where the measured motion has the targets, likewise; none in a faulty frame.
    """

    name: str
    time_s: float
    state: State
    reason: str = ""
    forecast: LiveForecast | None = None
    latency_ms: float = math.nan
    error_mm: float = math.nan
    number: int = 0
    inspected: Inspected | None = None
    measured_targets: tuple[MeasuredTarget, ...] = ()

    def is_of(self, other: Taken) -> bool:
        """Return whether both are of the same arrival, the one before and the other after it was inspected."""
        return (self.name, self.number, self.state) == (other.name, other.number, other.state)
