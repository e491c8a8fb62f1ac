"""Pairs for forecasters that are fed without a driver."""

from __future__ import annotations

from cinecast_models.forecaster import Array, Pair


def pair(history: Array, target: Array, issued: int = 0, horizon: int = 1) -> Pair:
    """Return a pair whose history ends with sample `issued`; few methods look at indices."""
    return Pair(history, target, issued, issued + horizon)
