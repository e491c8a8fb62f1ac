"""What a run is made of: a method at a horizon, and one artifact to make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cinecast.horizon import Horizon
from cinecast.store import artifacts as art
from cinecast_models import METHODS, MethodSettings


@dataclass(frozen=True)
class Task:
    """One method at one horizon, with the motion model it forecasts.

    Parameters
    ----------
    method
        Name of the method.
    horizon
        The horizon; 0 frames for the oracle, which is the same at all of them.
    train_end
        Train end in frames of the motion model and of the method.
    modes
        Number of modes that are forecast, the first ones of the motion model; None for all.
    own
        Settings of the method for this horizon; None for the oracle, which has none.
    compared_history
        The longest history of all methods at this horizon, in instants of the clock, where frames are missing: after a
        gap, frames are scored once all of them have a forecast. 0 where none is missing.
    follows_drift
        Whether forecasts are made with the mean DVF as it has drifted.
    beside
        Of the oracle, where frames are missing: horizon and longest history of the methods that it stands beside, both
        in instants of the clock. At each horizon it is scored on their frames.
    """

    method: str
    horizon: Horizon
    train_end: int
    modes: int | None = None
    own: MethodSettings | None = None
    compared_history: int = 0
    follows_drift: bool = False
    beside: tuple[tuple[int, int], ...] = ()

    @property
    def has_random_runs(self) -> bool:
        """Whether there are several runs of it, so that there is more to do."""
        return self.method in METHODS and not METHODS[self.method].deterministic

    def key(self, stage: str) -> str:
        """Return the key of this task's artifact of a stage."""
        return art.method_key(stage, self.method, self.horizon.frames)


@dataclass(frozen=True)
class Step:
    """One artifact to make.

    Parameters
    ----------
    stage, key
        Stage and artifact.
    settings
        Settings that the result depends on, as plain values.
    inputs
        Files that the result depends on, as pairs of artifact key and file name.
    task
        Method and horizon, for the stages that have them.
    """

    stage: str
    key: str
    settings: Mapping[str, Any]
    inputs: tuple[tuple[str, str], ...]
    task: Task | None = None
