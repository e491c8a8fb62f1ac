"""Forecasting of (T, K) series: what a sample will be `horizon` frames from now, learned causally as samples arrive."""

from cinecast_models.driver import Protocol as Protocol
from cinecast_models.driver import SeriesForecast as SeriesForecast
from cinecast_models.driver import forecast_series as forecast_series
from cinecast_models.errors import DivergenceError as DivergenceError
from cinecast_models.errors import ForecastingError as ForecastingError
from cinecast_models.forecaster import Forecaster as Forecaster
from cinecast_models.metrics import half_range_95 as half_range_95
from cinecast_models.metrics import jitter as jitter
from cinecast_models.metrics import mae as mae
from cinecast_models.metrics import maximum_error as maximum_error
from cinecast_models.metrics import nrmse as nrmse
from cinecast_models.metrics import rmse as rmse
from cinecast_models.online import OnlineDriver as OnlineDriver
from cinecast_models.registry import METHODS as METHODS
from cinecast_models.registry import Method as Method
from cinecast_models.registry import method_settings as method_settings
from cinecast_models.settings import FilePath as FilePath
from cinecast_models.settings import MethodSettings as MethodSettings
from cinecast_models.settings import Range as Range
from cinecast_models.settings import setting_ranges as setting_ranges
from cinecast_models.target import Target as Target
