"""What the tables of a live folder say of targets, column by column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.live.gate import beam_state
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.session import LiveSession
from cinecast.live.target_place import MeasuredTarget, TargetPlace
from cinecast.store.tables import Cell

Axes = Mapping[str, NDArray[np.float64]]


def forecast_cells(session: LiveSession, forecast: LiveForecast, axes: Axes) -> list[dict[str, Cell]]:
    """Return the cells of a forecast, a set for each target that was asked for.

    Parameters
    ----------
    session
        The session.
    forecast
        The forecast.
    axes
        From `cinecast.score.patient_axes.axes_of_plane`.

    Returns
    -------
    list
        By column: name, centroid in pixels, how far it is from the plan's along each axis and in all, in mm, number of
        pixels and of folded ones, and the beam, ``on`` or ``off``. Empty for a target that has not come in.
    """
    found = {each.number: each for each in forecast.targets}
    return [_cells(found.get(number), axes, forecast.stale) for number in range(1, _slots(session) + 1)]


def _cells(place: Any, axes: Axes, stale: bool) -> dict[str, Cell]:
    names = (
        "name",
        "row",
        "column",
        *(f"{axis}_mm" for axis in axes),
        "distance_mm",
        "pixels",
        "folded_pixels",
        "beam",
    )
    if place is None:
        return dict.fromkeys(names)
    parts = offsets_along(place, axes).values()
    sizes = int(place.mask.sum()), place.folded
    values = place.name, *place.centroid.tolist(), *parts, place.distance_mm, *sizes, beam_state(place, stale)
    return dict(zip(names, values, strict=True))


def measured_cells(session: LiveSession, measured: tuple[MeasuredTarget, ...]) -> list[Cell]:
    """Return the cells of a frame: of each target its centroid along the measured motion, and the forecast's error.

    Parameters
    ----------
    session
        The session.
    measured
        From `LiveSession.follow_up`.

    Returns
    -------
    list
        Three cells for each target that was asked for: row and column in pixels, and mm.
    """
    named = {each.name: each for each in measured}
    cells: list[Cell] = []
    names = {each.number: each.target.name for each in session.forecaster.targets}
    for number in range(1, _slots(session) + 1):
        each = named.get(names.get(number, ""))
        cells += [None] * 3 if each is None else [*each.centroid.tolist(), each.error_mm]
    return cells


def offsets_along(place: TargetPlace, axes: Axes) -> dict[str, float]:
    """Return how far a target's centroid is from the plan's along each axis, in mm.

    Parameters
    ----------
    place
        Where it is.
    axes
        From `cinecast.score.patient_axes.axes_of_plane`.

    Returns
    -------
    dict
        By axis; NaN for a target that has left the image.
    """
    return {axis: float(place.offset_mm[::-1] @ direction) for axis, direction in axes.items()}


def target_summaries(session: LiveSession) -> list[dict[str, Any]]:
    """Return the figures of each target of a session: its frame, the gate, how often the beam was on, and the error.

    Distances are in mm; None for a figure that there is not yet.
    """
    summaries = []
    for each in session.forecaster.targets:
        figures = session.target_errors.figures(each) if session.target_errors else None
        if figures is not None:
            summaries.append(
                {
                    "name": each.target.name,
                    "frame": each.target.frame,
                    "margin_mm": each.margin_mm,
                    "forecasts": figures.forecasts,
                    "beam_on": figures.beam_on,
                    "centroid_error_mm": None if math.isnan(figures.error_mm) else figures.error_mm,
                    "centroid_error_forecasts": figures.scored,
                    "missed": figures.missed,
                }
            )
    return summaries


def _slots(session: LiveSession) -> int:
    return 0 if session.intake is None else session.intake.slots
