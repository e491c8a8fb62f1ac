"""Live forecasting: the forecast frame before the next frame arrives."""

from cinecast.live.forecaster import LiveForecaster as LiveForecaster
from cinecast.live.result import LiveForecast as LiveForecast
from cinecast.live.result import StepTimes as StepTimes

__all__ = ["LiveForecast", "LiveForecaster", "StepTimes"]
