"""What all recurrent nets share: random weights, forward step, rolling forward, runs side by side.

The net is ``x_t = tanh(W_a x_{t-1} + W_b u_t)``, ``y_t = W_c x_t`` with ``u_t = [1, oldest ... newest sample]`` and
loss ``|target - y_t|^2 / 2``. The methods differ only in how they estimate the gradient with respect to W_a and W_b.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from cinecast_models.forecaster import Array, ArrayForecaster, Pair
from cinecast_models.recurrent.kernels import roll
from cinecast_models.recurrent.settings import RecurrentSettings
from cinecast_models.recurrent.threads import over_runs
from cinecast_models.windows import input_vector, input_vectors


class RecurrentForecaster(ArrayForecaster, ABC):
    """A recurrent net that learns online; all runs advance together and none sees another.

    A method adds `_learn_runs`, and to `learned` what its estimate of the gradient keeps from step to step. Memory
    does not grow with the number of steps.

    Parameters
    ----------
    settings
        Sizes and rates.
    components
        Number K of components of a sample.
    generators
        One generator per random run.

    Attributes
    ----------
    weights
        ``[W_a, W_b]`` side by side, shape (R, q, q + 1 + L * K).
    readout
        W_c, shape (R, K, q).
    hidden
        State after the newest learned history, shape (R, q), 0 at the start.
    """

    learned: ClassVar[tuple[str, ...]] = ("weights", "readout", "hidden")

    def __init__(self, settings: RecurrentSettings, components: int, generators: Sequence[np.random.Generator]) -> None:
        units = settings.hidden_units
        width = units + 1 + settings.history_length * components
        self.runs = len(generators)
        self.hidden: Array = np.zeros((self.runs, units))
        self.weights: Array = np.empty((self.runs, units, width))
        self.readout: Array = np.empty((self.runs, components, units))
        for run, generator in enumerate(generators):
            self.weights[run] = generator.normal(0.0, settings.weight_std, (units, width))
            self.readout[run] = generator.normal(0.0, settings.weight_std, (components, units))
        self._rate = settings.learning_rate
        self._clip_norm = settings.clip_norm

    def predict(self, pending: Array) -> Array:
        """Roll the lagging state through all pending histories with the newest weights, shape (R, K)."""
        outputs: Array = np.empty(self.readout.shape[:2])
        net = (self.weights, self.readout, self.hidden)
        over_runs(roll, self.runs, self.weights.size, *net, input_vectors(pending), outputs)
        return outputs

    def learn(self, pair: Pair) -> None:
        """Advance the state by one history and descend the gradient of its error."""
        self._advance(pair, 1.0)

    def skip(self, pair: Pair) -> None:
        """Advance the state by one history, and all that is kept for later gradients, without a step down."""
        self._advance(pair, 0.0)

    def restart(self) -> None:
        """Set the state to zeros, as before the first history.

        A state from before the gap stands for a phase of breathing that has passed by an unknown amount. The net has
        learned to start from zeros and forgets its start within few steps; a state at the wrong phase would be carried
        on as if it were seen.
        """
        self.hidden[...] = 0.0

    def _advance(self, pair: Pair, share: float) -> None:
        # A fresh array: compiled code would be compiled once more for one that cannot be written.
        drive, target = input_vector(pair.history), np.array(pair.target)
        over_runs(self._learn_runs, self.runs, self.weights.size, drive, target, share)

    @abstractmethod
    def _learn_runs(self, first: int, last: int, drive: Array, target: Array, share: float) -> None:
        """Let runs first to last - 1 learn ``drive = u`` (1 + L * K,) and its target (K,), each alone.

        All rates of learning are multiplied by `share`, which is 1, or 0 for a target to learn nothing from.
        """
