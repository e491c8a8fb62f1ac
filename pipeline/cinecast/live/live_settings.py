"""What settings a live stream can have, checked before its first frame comes."""

from __future__ import annotations

import logging

from cinecast.errors import SettingsError
from cinecast.flow.other_flows import flow_source
from cinecast.forecast.weights import is_offline
from cinecast.horizon import horizon_seconds
from cinecast.settings import Settings

_LOG = logging.getLogger(__name__)


def check_live_settings(settings: Settings, method: str, horizon: str, calibration_frames: int) -> None:
    """Check that a stream can be forecast with these settings.

    What a run would take into account and a stream does not is a warning: a latency beyond the horizon, and a train end
    of its own for a method that is fitted once.

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
    SettingsError
        If it cannot.
    """
    if horizon_seconds(horizon, 1.0) <= 0:
        raise SettingsError(f"a horizon must be above 0 s, got {horizon}; ask for a longer one")
    latency_s = settings.score.latency_s
    if latency_s is not None and latency_s > horizon_seconds(horizon, 0.0):
        _LOG.warning(
            "score.latency_s = %g s is not used live: a gate is of the instant that is forecast, %s after the frame; "
            "ask for a horizon as long as the latency of the beam",
            *(latency_s, horizon if horizon.strip().endswith("s") else f"{horizon} frame(s)"),
        )
    own_end = settings.motion.offline_train_end
    if own_end not in (None, calibration_frames) and is_offline(method):
        _LOG.warning(
            "motion.offline_train_end = %d is not used live: %s is fitted on the %d frames to calibrate on, so its "
            "forecasts are not those of a run; calibrate on as many (--calibration)",
            *(own_end, method, calibration_frames),
        )
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
