"""What was tuned for a method gives way to what is asked for by option: else the option would change nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

_LOG = logging.getLogger(__name__)


def without_overruled_tuning(tables: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings whose tuned entries lack the settings of methods that are asked for anew, which is said.

    Parameters
    ----------
    tables
        Nested tables of the run, a preset and a settings file, laid over one another.
    asked
        Nested tables of the options.

    Returns
    -------
    dict[str, Any]
        The same where nothing was tuned, or the options say of it nothing, or all anew.
    """
    forecast, given = tables.get("forecast"), asked.get("forecast")
    modes = (asked.get("motion") or {}).get("modes")
    entries = forecast.get("tuned") if isinstance(forecast, Mapping) else None
    given = given if isinstance(given, Mapping) else {}
    if not isinstance(forecast, Mapping) or not isinstance(entries, list) or "tuned" in given:
        return tables
    left = [_without(entry, given.get(entry.get("method")), modes) for entry in entries if isinstance(entry, Mapping)]
    return tables if len(left) < len(entries) else tables | {"forecast": {**forecast, "tuned": left}}


def _without(entry: Mapping[str, Any], given: Any, modes: Any) -> dict[str, Any]:
    """Return a tuned entry without the settings that are given for its method."""
    method, frames, settings = entry.get("method"), entry.get("horizon_frames"), entry.get("settings")
    if modes is not None and entry.get("modes") != modes:
        _LOG.warning(
            "%s was tuned to forecast %s mode(s) at %s frame(s), and does so there whatever motion.modes is",
            *(method, entry.get("modes"), frames),
        )
    if not (isinstance(given, Mapping) and isinstance(settings, Mapping)):
        return dict(entry)
    for name in settings:
        if name in given:
            _LOG.warning(
                "forecast.%s.%s = %s counts at %s frame(s) too, where %s had been tuned",
                *(method, name, given[name], frames, settings[name]),
            )
    return {**entry, "settings": {name: value for name, value in settings.items() if name not in given}}
