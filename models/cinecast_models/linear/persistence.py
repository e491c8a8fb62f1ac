"""Persistence: the latest sample stays. The baseline that every forecaster must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from cinecast_models.forecaster import Array, ArrayForecaster
from cinecast_models.settings import MethodSettings, Range


@dataclass(frozen=True)
class PersistenceSettings(MethodSettings):
    """Settings of `Persistence`.

    Parameters
    ----------
    history_length
        Number L of newest samples seen, 1 to 100 000, default 1: only the newest is used.
    """

    method: ClassVar[str] = "persistence"
    history_length: Annotated[int, Range(1, 100_000)] = 1


class Persistence(ArrayForecaster):
    """Forecast every horizon with the newest sample.

    Parameters
    ----------
    settings, components
        Not looked at: there is nothing to set.
    """

    def __init__(self, settings: PersistenceSettings, components: int) -> None:
        pass

    def predict(self, pending: Array) -> Array:
        """Return the newest sample, shape (1, K)."""
        return pending[-1, -1:].copy()
