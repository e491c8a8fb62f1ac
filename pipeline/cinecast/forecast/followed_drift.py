"""Which forecasts are made with the mean DVF as it has drifted."""

from __future__ import annotations

from cinecast.settings import MotionSettings
from cinecast_models import METHODS


def follows_drift(method: str, settings: MotionSettings) -> bool:
    """Return whether the DVFs of a method are made with the mean DVF as it has drifted.

    Parameters
    ----------
    method
        Name of a method, or ``oracle``.
    settings
        Settings of the motion stage.

    Returns
    -------
    bool
        The same at every horizon.
    """
    if settings.drift == "made_for_it":
        return method in METHODS and METHODS[method].follows_drift
    return settings.drift == "all"
