"""Methods and horizons that are taken out of a run: out of its settings, and their results off the disk."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace

from cinecast.errors import SettingsError
from cinecast.horizon import horizon_seconds, whole_frames
from cinecast.references import REFERENCES
from cinecast.run.plan import Plan
from cinecast.settings import ForecastSettings
from cinecast.settings.names import check_names
from cinecast.store import RunFolder
from cinecast.store.kept_results import kept_results

_LOG = logging.getLogger(__name__)
# Where earlier versions kept predicted frames.
_WARP = "warp"


def without_dropped(
    forecast: ForecastSettings, drop: tuple[str, ...], kept: Collection[str] = (), period_s: float | None = None
) -> ForecastSettings:
    """Return settings without the methods and horizons that are dropped.

    Parameters
    ----------
    forecast
        Settings with methods and horizons.
    drop
        Names of methods, and horizons as people give them.
    kept
        Methods that have results, although they are no longer among those of the settings.
    period_s
        Time between two frames in s, by which horizons of as many frames are the same. None where sequences have
        periods of their own: horizons are then the same by number and unit.

    Returns
    -------
    ForecastSettings
        What is left, in its order.

    Raises
    ------
    SettingsError
        If something is not there, stands beside all forecasts, or is the last of its kind.
    """
    methods, horizons = forecast.methods, forecast.horizons
    others = [name for name in kept if name not in REFERENCES]
    for text in drop:
        if text in REFERENCES:
            raise SettingsError(f"--drop must name a forecaster, got {text}, which stands beside all; leave it out")
        if _is_horizon(text):
            same = [each for each in horizons if _same(each, text, period_s)]
            check_names("what --drop takes out", [] if same else [text], (*methods, *horizons))
            horizons = tuple(each for each in horizons if each not in same)
        else:
            check_names("what --drop takes out", [text], dict.fromkeys((*methods, *others, *horizons)))
            methods = tuple(each for each in methods if each != text)
    for option, left in (("method", methods), ("horizon", horizons)):
        if not left:
            raise SettingsError(f"--drop must leave one {option} or more, got all of them; add one with --{option}")
    return replace(forecast, methods=methods, horizons=horizons)


def remove_dropped(store: RunFolder, plan: Plan, drop: tuple[str, ...], period_s: float) -> None:
    """Remove the results of dropped methods and horizons from a run, but for those that its plan still holds.

    Parameters
    ----------
    store
        The run folder, whose settings must be saved without them by now: a kill then leaves nothing that is missed.
    plan
        The steps that are left.
    drop
        Names of methods, and horizons as people give them.
    period_s
        Time between two frames in s.

    Raises
    ------
    cinecast.errors.StoreError
        If the disk cannot be written.
    """
    methods = {text for text in drop if not _is_horizon(text)}
    frames = {whole_frames(horizon_seconds(text, period_s), period_s) for text in drop if _is_horizon(text)}
    planned = {step.key for step in plan.steps()}
    for result in kept_results(store.root):
        if (result.method in methods or result.horizon_frames in frames - {0}) and result.key not in planned:
            store.remove(result.key)


def remove_kept_frames(store: RunFolder) -> None:
    """Remove the predicted frames that runs kept once, and say so; nothing reads them any more.

    Raises
    ------
    cinecast.errors.StoreError
        If the disk cannot be written.
    """
    kept = [result.key for result in kept_results(store.root) if result.key.startswith(f"{_WARP}/")]
    for key in kept:
        store.remove(key)
    if kept:
        _LOG.warning(
            "the predicted frames that an earlier version kept in %s are removed: they are made when they are needed, "
            "and 'cinecast export' writes them",
            _WARP,
        )


def _is_horizon(text: str) -> bool:
    return text.strip()[:1] in set("0123456789.")


def _same(first: str, second: str, period_s: float | None) -> bool:
    if period_s is not None:
        return len({whole_frames(horizon_seconds(text, period_s), period_s) for text in (first, second)}) == 1
    unit = {text.strip().endswith("s") for text in (first, second)}
    return len(unit) == 1 and horizon_seconds(first, 1.0) == horizon_seconds(second, 1.0)
