"""How many levels the pyramid of the flow has."""

from __future__ import annotations

import math

from cinecast.errors import SettingsError
from cinecast.settings import FlowSettings
from cinecast.settings.flow_settings import OWN_FLOW

# The coarsest level of a pyramid has at least so many pixels along each side, and so many where nobody says how many
# levels there are.
SMALLEST_LEVEL, COARSEST = 4, 8


def pyramid_levels(shape: tuple[int, ...], settings: FlowSettings) -> int:
    """Return the number of levels of the pyramid.

    Levels that the motion does not need cost a tenth of a millisecond and move no vector, so ``auto`` takes as many as
    the size of the frames allows, whatever the motion is like.

    Parameters
    ----------
    shape
        Rows and columns of the frames.
    settings
        Settings of the stage.

    Returns
    -------
    int
        1 or more.

    Raises
    ------
    SettingsError
        If the coarsest level would be smaller than 4 pixels.
    """
    smallest = min(shape)
    if settings.levels == "auto":
        return max(1, int(math.log2(max(1.0, smallest / COARSEST))) + 1)
    if smallest >> (settings.levels - 1) < SMALLEST_LEVEL:
        raise SettingsError(
            f"flow.levels must leave 4 pixels or more on the coarsest level, got {settings.levels} levels for frames "
            f"of {shape[0]} x {shape[1]}; lower flow.levels"
        )
    return settings.levels


def unexplained_advice(shape: tuple[int, ...], settings: FlowSettings) -> str:
    """Return what can be done about frames whose motion is not explained; nothing that the settings do not allow.

    Parameters
    ----------
    shape
        Rows and columns of the frames.
    settings
        Settings of the stage.

    Returns
    -------
    str
        The end of a sentence.

    Raises
    ------
    SettingsError
        If `pyramid_levels` raises it.
    """
    trust = "trust errors in mm there only where you have seen the motion to be right"
    if settings.dvf or settings.estimator != OWN_FLOW:
        return trust
    most, levels = pyramid_levels(shape, FlowSettings(levels="auto")), pyramid_levels(shape, settings)
    if levels < most:
        return (
            f"where motion is too large for a pyramid of {levels} level{'s' * (levels > 1)}, a larger flow.levels "
            f'helps ("auto" takes {most} here), where tissue leaves the plane nothing does'
        )
    return f"{trust}; more levels of the pyramid than the {levels} that were used do not help"
