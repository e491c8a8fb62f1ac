"""Live forecasting: the forecast frame before the next frame arrives."""

from cinecast.live.forecaster import LiveForecaster as LiveForecaster
from cinecast.live.live_forecast import LiveForecast as LiveForecast
from cinecast.live.live_forecast import StepTimes as StepTimes
from cinecast.live.recording import record as record
from cinecast.live.recording import summary_of as summary_of
from cinecast.live.session import LiveSession as LiveSession
from cinecast.live.session import Taken as Taken
from cinecast.live.sources import FrameSource as FrameSource
from cinecast.live.sources import RecordedSource as RecordedSource
from cinecast.live.sources import WatchedSource as WatchedSource

__all__ = [
    "FrameSource",
    "LiveForecast",
    "LiveForecaster",
    "LiveSession",
    "RecordedSource",
    "StepTimes",
    "Taken",
    "WatchedSource",
    "record",
    "summary_of",
]
