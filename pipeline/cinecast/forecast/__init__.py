"""Stage 4, forecast: weights ahead in time, by each method at each horizon.

In: weights, shape (T, K), pixels; the end of the train span and the horizon h in frames.
Out: forecast weights, shape (R, T, K) with R random runs: those of frame t were issued at frame t - h, from what had
arrived by then. NaN where none was issued, and for a run that diverged. Milliseconds of each step, shape (T,).
The oracle has the measured weights themselves.
"""

from cinecast.forecast.modes import fitted_modes as fitted_modes
from cinecast.forecast.modes import modes_at as modes_at
from cinecast.forecast.modes import settings_at as settings_at
from cinecast.forecast.weights import WeightForecast as WeightForecast
from cinecast.forecast.weights import check_horizon as check_horizon
from cinecast.forecast.weights import forecast_weights as forecast_weights
from cinecast.forecast.weights import is_offline as is_offline
from cinecast.forecast.weights import load_method_settings as load_method_settings
