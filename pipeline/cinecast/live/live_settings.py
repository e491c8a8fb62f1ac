"""What settings a live stream can have, checked before its first frame comes."""

from __future__ import annotations

import logging
from typing import NamedTuple

from cinecast.errors import SettingsError
from cinecast.flow.other_flows import flow_source
from cinecast.forecast.modes import settings_at
from cinecast.forecast.weights import is_offline
from cinecast.horizon import horizon_seconds, whole_frames
from cinecast.live.horizon_drivers import needed_horizons
from cinecast.settings import Settings
from cinecast_models import method_settings

_LOG = logging.getLogger(__name__)


class Lookback(NamedTuple):
    """What a method looks at to learn from one frame.

    Parameters
    ----------
    history
        How many frames it looks back over.
    ahead
        How many frames after these the one lies that it learns to forecast.
    """

    history: int
    ahead: int


def lookback(settings: Settings, method: str, horizon: str, period_s: float | None = None) -> Lookback:
    """Return what a method looks at, as far as it is known before the calibration.

    Parameters
    ----------
    settings
        Settings of all stages.
    method
        Name of the method.
    horizon
        As people give it.
    period_s
        Time between frames in s; None while it is not known.

    Returns
    -------
    Lookback
        The least that it can be where the horizon is in s and the period is not known, and where a model that was
        trained beforehand has a history of its own.
    """
    given = method_settings(method, settings.forecast.method_settings.get(method))
    counted = horizon_seconds(horizon, 2.0) != horizon_seconds(horizon, 1.0)
    if period_s is None and not counted:
        tuned = (each for each in settings.forecast.tuned if each.method == method)
        histories = (settings_at(given, each.horizon_frames, settings).history_length for each in tuned)
        return Lookback(min((given.history_length, *histories)), 1)
    periods = horizon_seconds(horizon, 1.0) if period_s is None else horizon_seconds(horizon, period_s) / period_s
    nearest = max(1, whole_frames(periods, 1.0))
    return Lookback(settings_at(given, nearest, settings).history_length, needed_horizons(periods)[-1])


def check_live_settings(settings: Settings, method: str, horizon: str, calibration_frames: int) -> None:
    """Check that a stream can be forecast with these settings.

    A train end of its own, which a run would have for a method that is fitted once, is a warning.

    Parameters
    ----------
    settings
        Settings of all stages.
    method
        Name of the method.
    horizon
        As people give it.
    calibration_frames
        Number of frames to calibrate on.

    Raises
    ------
    SettingsError, cinecast_models.ForecastingError
        If it cannot.
    """
    if horizon_seconds(horizon, 1.0) <= 0:
        raise SettingsError(f"a horizon must be above 0 s, got {horizon}; ask for a longer one")
    if settings.forecast.protocol != "causal":
        raise SettingsError(
            f"live forecasting needs forecast.protocol to be causal, got {settings.forecast.protocol!r}: no system "
            "learns from frames that do not exist yet; leave it out"
        )
    if settings.flow.dvf:
        raise SettingsError(
            f"live forecasting measures the motion itself, got flow.dvf (--dvf) {settings.flow.dvf}: frames that "
            "have not come have no DVF yet; leave it out"
        )
    flow_source(settings.flow)  # said before the first frame comes
    reference = settings.flow.reference
    needed = 1 + max(1, 0 if reference == "auto" else reference, settings.motion.modes)
    if calibration_frames < needed:
        raise SettingsError(
            f"the frames to calibrate on must be {needed} or more, for the reference frame and {settings.motion.modes} "
            f"modes, got {calibration_frames}; calibrate on more frames (--calibration)"
        )
    method_settings(method, settings.forecast.method_settings.get(method)).loaded()  # a file that is missing, say
    history, ahead = lookback(settings, method, horizon)
    if calibration_frames < history + ahead:
        raise SettingsError(
            f"the frames to calibrate on must be {history + ahead} or more, for a history of {history} frames and a "
            f"horizon of {ahead}, got {calibration_frames}; calibrate on more frames (--calibration), or shorten "
            f"{method}.history_length"
        )
    _say_unused(settings, method, calibration_frames)


def _say_unused(settings: Settings, method: str, calibration_frames: int) -> None:
    own_end = settings.motion.offline_train_end
    if own_end not in (None, calibration_frames) and is_offline(method):
        _LOG.warning(
            "motion.offline_train_end = %d is not used live: %s is fitted on the %d frames to calibrate on, so its "
            "forecasts are not those of a run; calibrate on as many (--calibration)",
            *(own_end, method, calibration_frames),
        )
