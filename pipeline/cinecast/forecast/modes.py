"""How many modes each method forecasts at each horizon, and with which settings."""

from __future__ import annotations

from dataclasses import replace

from cinecast.errors import SettingsError
from cinecast.settings import Settings
from cinecast_models import METHODS, MethodSettings

# As many as any of our own methods is made to forecast. They are fitted whatever methods a run has: the last bits of
# modes and weights depend on how many are fitted together, so one more method would make all others anew.
MODES_ALWAYS_FITTED = 12


def fitted_modes(settings: Settings) -> int:
    """Return how many modes the motion models of a run have, where the train span shows as many.

    That is 12, or more where more are asked for or a method is made to forecast more. Methods that are made for no
    number of their own forecast the first ones, as asked for. Where all pixels count alike, as in published tables,
    no more are fitted than the methods forecast.
    """
    made_for = [METHODS[name].modes or 0 for name in settings.forecast.methods if name in METHODS]
    always = 0 if settings.motion.pixel_weights == "uniform" else MODES_ALWAYS_FITTED
    return max(settings.motion.modes, always, *made_for)


def modes_at(method: str, horizon_frames: int, settings: Settings) -> int | None:
    """Return how many modes a method forecasts at a horizon; None for all that are fitted.

    Parameters
    ----------
    method
        Name of a method.
    horizon_frames
        The horizon in frames, by which tuned settings are found.
    settings
        Settings of the run.

    Returns
    -------
    int | None
        The number that was tuned, else as many as were asked for, or more where the method is made to forecast more.

    Raises
    ------
    SettingsError
        If the method was tuned for more modes than the run asks for.
    """
    asked, fitted = settings.motion.modes, fitted_modes(settings)
    tuned = settings.forecast.tuned_at(method, horizon_frames)
    if tuned is not None and tuned.modes > settings.motion.modes:
        raise SettingsError(
            f"forecast.tuned must forecast at most motion.modes = {settings.motion.modes} modes, got {tuned.modes} for "
            f"{method} at {horizon_frames} frames; raise motion.modes"
        )
    if tuned is not None:
        return tuned.modes
    wanted = max(asked, METHODS[method].modes or 0) if method in METHODS else asked
    return wanted if wanted < fitted else None


def settings_at(given: MethodSettings, horizon_frames: int, settings: Settings) -> MethodSettings:
    """Return the settings of a method with what was tuned for a horizon laid over them.

    Parameters
    ----------
    given
        Settings of the method for all horizons.
    horizon_frames
        The horizon in frames.
    settings
        Settings of the run, which hold what was tuned.

    Returns
    -------
    MethodSettings
        `given` itself where nothing was tuned for this horizon.

    Raises
    ------
    cinecast_models.ForecastingError
        If a tuned value is out of its range.
    """
    tuned = settings.forecast.tuned_at(given.method, horizon_frames)
    return replace(given, **tuned.settings) if tuned else given  # type: ignore[arg-type]  # the class checks them
