"""Ranges that optuna searches, larger than the grids of the papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cinecast.errors import SettingsError

if TYPE_CHECKING:
    import optuna

_HISTORY_S = (0.5, 12.0)


class SearchRange(NamedTuple):
    """Range of one setting: whole numbers where both ends are; on a logarithmic scale."""

    low: float
    high: float


_NETWORK = {"hidden_units": SearchRange(10, 180), "learning_rate": SearchRange(0.001, 0.05)}
_SPACES: dict[str, dict[str, SearchRange]] = {
    "linear": {},
    "lms": {"learning_rate": SearchRange(1e-4, 0.3)},
    "nlms": {"learning_rate": SearchRange(0.01, 1.0)},
    "rls": {"forgetting": SearchRange(0.95, 1.0), "ridge": SearchRange(0.01, 300.0)},
    "kernel_ridge": {"relative_scale": SearchRange(0.3, 10.0), "ridge": SearchRange(1e-4, 10.0)},
    "kernel_tracker": {"ridge": SearchRange(1e-4, 10.0), "forgetting": SearchRange(0.98, 1.0)},
    "analogue": {"neighbours": SearchRange(3, 100)},
    "svr": {
        "kernel_scale": SearchRange(1.0, 1000.0),
        "epsilon": SearchRange(0.001, 0.3),
        "box": SearchRange(0.1, 1000.0),
    },
    "transformer": {
        "learning_rate": SearchRange(1e-5, 5e-3),
        "layers": SearchRange(1, 3),
        "epochs": SearchRange(20, 200),
    },
    "fixed": _NETWORK,
    "snap1": _NETWORK,
    "uoro": _NETWORK,
    "dni": _NETWORK,
    "rtrl": _NETWORK,
}


def searchable(method: str) -> bool:
    """Return whether there is a space for this method."""
    return method in _SPACES


def longest_history(rate_hz: float) -> int:
    """Return the longest history that is searched, in frames, at so many frames per second."""
    return max(1, round(_HISTORY_S[1] * rate_hz))


def suggest(trial: optuna.Trial, method: str, rate_hz: float, longest: int) -> dict[str, float | int]:
    """Return settings that optuna proposes for a method.

    Parameters
    ----------
    trial
        A trial that optuna's study was asked for; what is suggested becomes part of it.
    method
        Name of the method.
    rate_hz
        Frames per second: histories are searched from 0.5 to 12 s.
    longest
        Longest history in frames that fits.

    Returns
    -------
    Value by name of the setting, ``history_length`` in frames first.

    Raises
    ------
    SettingsError
        If there is no space for this method.
    """
    if not searchable(method):
        raise SettingsError(f"--trials searches settings of {', '.join(_SPACES)}, got {method!r}; leave out --trials")
    shortest = max(1, min(longest, round(_HISTORY_S[0] * rate_hz)))
    high = max(shortest, min(longest, longest_history(rate_hz)))
    settings: dict[str, float | int] = {"history_length": trial.suggest_int("history_length", shortest, high, log=True)}
    for name, limits in _SPACES[method].items():
        if isinstance(limits.low, int) and isinstance(limits.high, int):
            settings[name] = trial.suggest_int(name, limits.low, limits.high, log=True)
        else:
            settings[name] = trial.suggest_float(name, limits.low, limits.high, log=True)
    return settings
