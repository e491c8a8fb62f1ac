"""Live forecasting: the forecast frame before the next frame arrives.

In: grey frames of one size, (H, W), one at a time, each with its time in s on any clock. The first of them are
calibrated on, as a run is on its train span.
Out: after each frame since, the forecast of its time + horizon: weights of every random run, (R, K); DVF, (H, W, 2),
pixels; frame, (H, W). With the settings of a run they are those of the run, bit for bit.
Targets that were set come with each forecast: mask, (H, W), centroid, and whether the beam may be on.
A frame that cannot be used brings the latest forecast again, marked stale, with the reason. Once calibrated, nothing
that arrives raises.

`LiveForecaster` needs arrays alone. What reads frames and what records sessions is loaded when it is first asked for:
the libraries of the readers take longer to load than the forecaster.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cinecast.live.forecaster import LiveForecaster as LiveForecaster
from cinecast.live.live_forecast import LiveForecast as LiveForecast
from cinecast.live.live_forecast import StepTimes as StepTimes
from cinecast.live.target_place import ForecastTarget as ForecastTarget

if TYPE_CHECKING:
    from cinecast.live.recording import record_arrivals as record_arrivals
    from cinecast.live.recording import record_forecast as record_forecast
    from cinecast.live.recording import summary_of as summary_of
    from cinecast.live.session import LiveSession as LiveSession
    from cinecast.live.sources import FrameSource as FrameSource
    from cinecast.live.sources import RecordedSource as RecordedSource
    from cinecast.live.sources import WatchedSource as WatchedSource
    from cinecast.live.taken import Taken as Taken

__all__ = [
    "ForecastTarget",
    "FrameSource",
    "LiveForecast",
    "LiveForecaster",
    "LiveSession",
    "RecordedSource",
    "StepTimes",
    "Taken",
    "WatchedSource",
    "record_arrivals",
    "record_forecast",
    "summary_of",
]

_MODULES = {
    "FrameSource": "sources",
    "LiveSession": "session",
    "RecordedSource": "sources",
    "Taken": "taken",
    "WatchedSource": "sources",
    "record_arrivals": "recording",
    "record_forecast": "recording",
    "summary_of": "recording",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
