"""Fixed read-in: the recurrent net keeps its random weights and learns the read-out only."""

from __future__ import annotations

import numpy as np

from cinecast_models.forecaster import Array
from cinecast_models.recurrent.base import RecurrentForecaster
from cinecast_models.recurrent.kernels import compiled_loop, copy, descend_readout, forward


class Fixed(RecurrentForecaster):
    """Recurrent net whose W_a and W_b stay as drawn: what online learning of the others has to be better than.

    A reservoir in the sense of Jaeger (2001), trained by plain stochastic gradient descent; O(q (q + L K)) per step.
    """

    def _learn_runs(self, first: int, last: int, drive: Array, target: Array, share: float) -> None:
        net = (self.weights, self.readout, self.hidden)
        _learn(first, last, *net, drive, target, share * self._rate, self._clip_norm)


@compiled_loop
def _learn(first, last, weights, readout, hidden, drive, target, rate, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    units, width = weights.shape[1:]
    inputs, slope, state_gradient = np.empty(width), np.empty(units), np.empty(units)
    error = np.empty(len(target))
    copy(inputs[units:], drive)
    for run in range(first, last):
        forward(weights[run], readout[run], hidden[run], inputs, target, slope, error, state_gradient)
        descend_readout(readout[run], hidden[run], error, 0.0, rate, limit)
