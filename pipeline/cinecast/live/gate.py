"""The gate: whether the beam may be on for a forecast target."""

from __future__ import annotations

import logging
import math

import numpy as np
from numpy.typing import NDArray

from cinecast.live.target_place import ForecastTarget
from cinecast.rounding import within
from cinecast.settings import GateByRadius, ScoreSettings

_LOG = logging.getLogger(__name__)

# How far a target may be from where it was planned, in mm, where nobody says.
DEFAULT_MARGIN_MM = ScoreSettings().margin_mm


def beam_is_on(
    offset_mm: NDArray[np.float64],
    margin_mm: float,
    radius_mm: float = math.nan,
    by_radius: GateByRadius = "ignore",
) -> bool:
    """Return whether a target's centroid lies within the margin of the plan's, as `cinecast.score.gating` has it.

    Parameters
    ----------
    offset_mm
        Forecast less planned centroid in mm, shape (2,); NaN for a target that is nowhere.
    margin_mm
        The margin in mm.
    radius_mm
        How far off the forecast centroid may be, in mm; NaN where nobody knows.
    by_radius
        What the radius does to the margin: see ``gate_by_radius`` of `cinecast.settings.ScoreSettings`.

    Returns
    -------
    bool
        False for a target that is nowhere.
    """
    distance_mm = math.hypot(*offset_mm)
    if by_radius == "narrow":
        return bool(within(distance_mm + radius_mm, margin_mm))  # never so without a radius
    wider_mm = radius_mm if by_radius == "widen" and not math.isnan(radius_mm) else 0.0
    return bool(within(distance_mm, margin_mm + wider_mm))


def warn_of_latency(latency_s: float | None, horizon_s: float, period_s: float) -> None:
    """Warn where a beam acts later than at the instant that is forecast: the gate is of that instant alone.

    Parameters
    ----------
    latency_s
        Time in s from a frame to the beam that acts on it; None: the horizon.
    horizon_s
        How far ahead is forecast, in s.
    period_s
        Time between frames in s: less than half of it makes no difference, as in a run.
    """
    if latency_s is not None and latency_s - horizon_s >= period_s / 2:
        _LOG.warning(
            "the gate is of the instant that is forecast, %g s after a frame, got score.latency_s of %g s, which has "
            "no effect in a live session: a beam that acts so late needs --horizon %gs",
            horizon_s,
            latency_s,
            latency_s,
        )


def beam_state(place: ForecastTarget, stale: bool) -> str:
    """Return ``on`` or ``off``: a beam follows no forecast that is stale, wherever that puts the target.

    Parameters
    ----------
    place
        Where it is forecast to be.
    stale
        Whether the forecast is less than a regular one from the newest frame.

    Returns
    -------
    str
        ``on`` only for a regular forecast within the margin.
    """
    return "on" if place.beam_on and not stale else "off"


def gate_words(place: ForecastTarget, stale: bool) -> str:
    """Return the gate of a target in words.

    Parameters
    ----------
    place
        Where it is forecast to be.
    stale
        Whether the forecast is less than a regular one from the newest frame.

    Returns
    -------
    str
        Such as "beam on".
    """
    words = f"beam {beam_state(place, stale)}"
    return f"{words}: the forecast is stale" if stale else words
