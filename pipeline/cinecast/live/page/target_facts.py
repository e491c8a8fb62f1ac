"""What the page is told of targets: the gate as a word, numbers in mm, outlines to draw."""

from __future__ import annotations

import math
from typing import Any

from cinecast.live.gate import beam_state, gate_words
from cinecast.live.live_forecast import LiveForecast
from cinecast.live.page.moment import Moment
from cinecast.live.page.outline import outline
from cinecast.live.target_cells import offsets_along
from cinecast.live.target_place import TargetPlace


def target_facts(moment: Moment) -> list[dict[str, Any]]:
    """Return the facts of each target of a moment.

    Parameters
    ----------
    moment
        The moment.

    Returns
    -------
    list
        Of each target its name; the gate of the newest forecast in words and as ``on``, ``off`` or ``stale``; how far
        its centroid is from the plan's, in mm and along each axis; row and column in pixels; errors in mm; and outlines
        by picture: ``real`` (measured in the real frame), ``forecast`` (forecast for it), ``ahead`` and ``plan``. None
        for what there is not.
    """
    ahead = moment.taken.forecast
    return [_facts(moment, target.target.name, outline(target.target.mask), ahead) for target in moment.targets]


def _facts(moment: Moment, name: str, plan: str, ahead: LiveForecast | None) -> dict[str, Any]:
    newest = next((each for each in ahead.targets if each.name == name), None) if ahead else None
    gate = None
    if newest is not None and ahead is not None:
        state = "stale" if ahead.stale else beam_state(newest, ahead.stale)
        gate = {"words": gate_words(newest, ahead.stale), "state": state}
    then = next((each for each in moment.of_real.targets if each.name == name), None) if moment.of_real else None
    measured = next((each for each in moment.measured if each.name == name), None)
    return {
        "name": name,
        "gate": gate,
        "distance_mm": None if newest is None else _finite(newest.distance_mm),
        "offsets_mm": _offsets(newest, moment),
        "centroid": None if newest is None or not newest.mask.any() else newest.centroid.tolist(),
        "folded": 0 if newest is None else newest.folded,
        "error_mm": None if measured is None else _finite(measured.error_mm),
        "outlines": {"plan": plan, "real": _outline(measured), "forecast": _outline(then), "ahead": _outline(newest)},
    }


def _offsets(place: TargetPlace | None, moment: Moment) -> dict[str, float | None]:
    return {} if place is None else {axis: _finite(mm) for axis, mm in offsets_along(place, moment.axes).items()}


def _outline(place: TargetPlace | None) -> str | None:
    return None if place is None else outline(place.mask)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
