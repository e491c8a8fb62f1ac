"""SnAp-1: real-time recurrent learning that keeps only the influence entries non-zero after one step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cinecast_models.forecaster import Array
from cinecast_models.recurrent.base import RecurrentForecaster
from cinecast_models.recurrent.kernels import add, compiled_loop, copy, decay_and_add, descend_readout, forward, square
from cinecast_models.recurrent.settings import Snap1Settings


class Snap1(RecurrentForecaster):
    """Recurrent net trained with the sparse one-step approximation (Menick et al. 2020, arXiv 2006.07232).

    A weight into unit i reaches unit i at once, and other units only a step later: their entries are dropped. So
    the influence is one row per unit. Exact where W_a is diagonal; O(q (q + L K)) time and memory.

    Parameters
    ----------
    settings, components, generators
        As in `RecurrentForecaster`.

    Attributes
    ----------
    influence
        Derivative of hidden unit i by the weights into it, shape (R, q, q + 1 + L * K), 0 at the start.
    """

    learned = (*RecurrentForecaster.learned, "influence")

    def __init__(self, settings: Snap1Settings, components: int, generators: Sequence[np.random.Generator]) -> None:
        super().__init__(settings, components, generators)
        self.influence: Array = np.zeros_like(self.weights)

    def restart(self) -> None:
        """Set state and influence to zeros: no weight had a part in a state of zeros."""
        super().restart()
        self.influence[...] = 0.0

    def _learn_runs(self, first: int, last: int, drive: Array, target: Array, share: float) -> None:
        net = (self.weights, self.readout, self.hidden, self.influence)
        _learn(first, last, *net, drive, target, share * self._rate, self._clip_norm)


@compiled_loop
def _learn(first, last, weights, readout, hidden, influence, drive, target, rate, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    units, width = weights.shape[1:]
    inputs, slope, state_gradient = np.empty(width), np.empty(units), np.empty(units)
    error = np.empty(len(target))
    copy(inputs[units:], drive)
    for run in range(first, last):
        forward(weights[run], readout[run], hidden[run], inputs, target, slope, error, state_gradient)
        gradient_square = 0.0
        for i in range(units):
            decay_and_add(influence[run, i], slope[i] * weights[run, i, i], slope[i], inputs)
            gradient_square += state_gradient[i] * state_gradient[i] * square(influence[run, i])
        step = descend_readout(readout[run], hidden[run], error, gradient_square, rate, limit)
        for i in range(units):
            add(weights[run, i], -step * state_gradient[i], influence[run, i])
