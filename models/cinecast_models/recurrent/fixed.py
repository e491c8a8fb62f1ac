"""Fixed read-in: the recurrent net keeps its random weights and learns the read-out only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from cinecast_models.forecaster import Array
from cinecast_models.recurrent.base import RecurrentForecaster, RecurrentSettings
from cinecast_models.recurrent.kernels import compiled, descend_readout, forward
from cinecast_models.settings import Range


@dataclass(frozen=True)
class FixedSettings(RecurrentSettings):
    """Settings of `Fixed`.

    Parameters
    ----------
    history_length
        Number L of newest samples that enter the net at each step, 1 to 100 000, default 12.
    hidden_units
        Number q of hidden units, 1 to 10 000, default 110.
    learning_rate
        Size of a step of gradient descent, above 0 to 10, default 0.02.
    weight_std
        Standard deviation of the random initial weights, from 0 to 10, default 0.02.
    clip_norm
        Largest norm of the gradient over all weights together, above 0 to 1e300 (none), default 100.

    Notes
    -----
    With nothing but the read-out to learn, more units and a larger rate than those of the other nets do better.
    """

    method: ClassVar[str] = "fixed"
    hidden_units: Annotated[int, Range(1, 10_000)] = 110
    learning_rate: Annotated[float, Range(0, 10, above=True)] = 0.02


class Fixed(RecurrentForecaster):
    """Recurrent net whose W_a and W_b stay as drawn: what online learning of the others has to be better than.

    A reservoir in the sense of Jaeger (2001), trained by plain stochastic gradient descent; O(q (q + L K)) per step.
    """

    def _learn_runs(self, first: int, last: int, drive: Array, target: Array) -> None:
        _learn(first, last, self.weights, self.readout, self.hidden, drive, target, self._rate, self._clip_norm)


@compiled
def _learn(first, last, weights, readout, hidden, drive, target, rate, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    units, width = weights.shape[1:]
    inputs, slope, state_gradient = np.empty(width), np.empty(units), np.empty(units)
    error = np.empty(len(target))
    inputs[units:] = drive
    for run in range(first, last):
        forward(weights[run], readout[run], hidden[run], inputs, target, slope, error, state_gradient)
        descend_readout(readout[run], hidden[run], error, 0.0, rate, limit)
