"""Analogues: what the motion did after the histories most like the newest one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from cinecast_models.forecaster import Array, ArrayForecaster, Pair
from cinecast_models.settings import MethodSettings, Range


@dataclass(frozen=True)
class AnalogueSettings(MethodSettings):
    """Settings of `Analogue`.

    Parameters
    ----------
    history_length
        Number L of newest samples by which histories are compared, 1 to 100 000, default 12.
    neighbours
        Number of most similar histories that a forecast is made from, 1 to 1000, default 20.
    window
        Number of newest pairs that these are looked for in, 1 to 10 000, default 1000.
    """

    method: ClassVar[str] = "analogue"
    history_length: Annotated[int, Range(1, 100_000)] = 12
    neighbours: Annotated[int, Range(1, 1000)] = 20
    window: Annotated[int, Range(1, 10_000)] = 1000


class Analogue(ArrayForecaster):
    """Forecast ``x + sum_i w_i (y_i - x_i)``: how far the motion went from the histories most like the newest one.

    Analogues are Lorenz's (Journal of the Atmospheric Sciences 26, 1969). How far the motion went from them is added to
    the newest sample x: the locally incremental operator of Lguensat et al. (Monthly Weather Review 145, 2017). Weights
    are ``w_i ~ exp(-2 (d_i / d_k)^2)``, d_k being the distance of the least similar of the k neighbours.

    Parameters
    ----------
    settings
        Gives history length L, number of neighbours and window.
    components
        Number K of components of a sample.
    compared
        Number of leading components by which histories are compared, K unless given.

    Attributes
    ----------
    inputs
        Histories in the ring, shape (window, L * compared).
    increments
        Their targets less their newest samples, shape (window, K).
    count
        Number of pairs learned so far, shape ().
    """

    learned = ("inputs", "increments", "count")

    def __init__(self, settings: AnalogueSettings, components: int, compared: int | None = None) -> None:
        self._compared = compared or components
        self._neighbours = settings.neighbours
        self.inputs: Array = np.zeros((settings.window, settings.history_length * self._compared))
        self.increments: Array = np.zeros((settings.window, components))
        self.count = np.zeros((), dtype=np.int64)

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (1, K); its newest sample before any pair was learned."""
        from cinecast_models.kernel.sliding_factor import squared_distances  # numba, which a list of methods needs not

        filled = min(int(self.count), len(self.inputs))
        if filled == 0:
            return np.array(pending[-1, -1:])
        distances: Array = np.empty(filled)
        squared_distances(self.inputs, self._input(pending[-1]), 0, distances)
        nearest = np.argpartition(distances, min(self._neighbours, filled) - 1)[: self._neighbours]
        furthest = distances[nearest].max()
        # Where all of them are the very same history, they weigh alike.
        relative = distances[nearest] / furthest if furthest > 0 else np.zeros(len(nearest))
        weights = np.exp(-2 * relative)
        forecast: Array = pending[-1, -1:] + weights @ self.increments[nearest] / weights.sum()
        return forecast

    def learn(self, pair: Pair) -> None:
        """Put one pair in the place of the oldest."""
        slot = int(self.count) % len(self.inputs)
        self.inputs[slot] = self._input(pair.history)
        self.increments[slot] = pair.target - pair.history[-1]
        self.count += 1

    def _input(self, history: Array) -> Array:
        return np.ascontiguousarray(history[:, : self._compared]).ravel()
