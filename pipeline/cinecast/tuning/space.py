"""Ranges that optuna searches, larger than the grids of the papers."""

from __future__ import annotations

from typing import NamedTuple

import optuna

from cinecast.errors import SettingsError

_HISTORY_S = (0.5, 12.0)


class Span(NamedTuple):
    """Range of one setting: whole numbers where both ends are; on a logarithmic scale."""

    low: float
    high: float


_RATES = {"hidden_units": Span(10, 180), "learning_rate": Span(0.001, 0.05)}
_SPACES: dict[str, dict[str, Span]] = {
    "linear": {},
    "lms": {"learning_rate": Span(1e-4, 0.3)},
    "nlms": {"learning_rate": Span(0.01, 1.0)},
    "rls": {"forgetting": Span(0.95, 1.0), "ridge": Span(0.01, 300.0)},
    "kernel_ridge": {"relative_scale": Span(0.3, 10.0), "ridge": Span(1e-4, 10.0)},
    "svr": {"kernel_scale": Span(1.0, 1000.0), "epsilon": Span(0.001, 0.3), "box": Span(0.1, 1000.0)},
    "transformer": {"learning_rate": Span(1e-5, 5e-3), "layers": Span(1, 3), "epochs": Span(20, 200)},
    "fixed": _RATES,
    "snap1": _RATES,
    "uoro": _RATES,
    "dni": _RATES,
    "rtrl": _RATES,
}


def searchable(method: str) -> bool:
    """Return whether there is a space for this method."""
    return method in _SPACES


def suggest(trial: optuna.Trial, method: str, rate_hz: float, longest: int) -> dict[str, float | int]:
    """Return settings that optuna proposes for a method.

    Parameters
    ----------
    trial
        The proposal.
    method
        Name of the method.
    rate_hz
        Frames per second: histories are searched from 0.5 to 12 s.
    longest
        Longest history in frames that fits.

    Raises
    ------
    SettingsError
        If there is no space for this method.
    """
    if not searchable(method):
        raise SettingsError(f"--trials searches settings of {', '.join(_SPACES)}, got {method!r}; leave out --trials")
    shortest = max(1, min(longest, round(_HISTORY_S[0] * rate_hz)))
    high = max(shortest, min(longest, round(_HISTORY_S[1] * rate_hz)))
    settings: dict[str, float | int] = {"history_length": trial.suggest_int("history_length", shortest, high, log=True)}
    for name, span in _SPACES[method].items():
        if isinstance(span.low, int) and isinstance(span.high, int):
            settings[name] = trial.suggest_int(name, span.low, span.high, log=True)
        else:
            settings[name] = trial.suggest_float(name, span.low, span.high, log=True)
    return settings
