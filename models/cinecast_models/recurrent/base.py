"""What all recurrent nets share: random weights, forward step, rolling forward, runs side by side.

The net is ``x_t = tanh(W_a x_{t-1} + W_b u_t)``, ``y_t = W_c x_t`` with ``u_t = [1, oldest ... newest sample]`` and
loss ``|target - y_t|^2 / 2``. The methods differ only in how they estimate the gradient with respect to W_a and W_b.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from cinecast_models.forecaster import Array, ArrayState
from cinecast_models.recurrent.kernels import roll
from cinecast_models.recurrent.threads import over_runs
from cinecast_models.settings import MethodSettings, Range
from cinecast_models.windows import input_vector, input_vectors


@dataclass(frozen=True)
class RecurrentSettings(MethodSettings):
    """Settings of every recurrent net.

    Parameters
    ----------
    history_length
        Number L of newest samples that enter the net at each step, 1 to 100 000, default 12.
    hidden_units
        Number q of hidden units, 1 to 10 000, default 60.
    learning_rate
        Size of a step of gradient descent, above 0 to 10, default 0.01.
    weight_std
        Standard deviation of the random initial weights, from 0 to 10, default 0.02.
    clip_norm
        Largest norm of the gradient over all weights together, above 0 to 1e300 (none), default 100.

    Notes
    -----
    Sizes and rates are of the published grids. Over the validation spans (never the test spans) of six weight series
    and six marker recordings, causally, 60 units at a rate of 0.01 had the lowest or nearly the lowest nRMSE for every
    method that learns its read-in; at 110 units and 0.02, the largest of the grids, `dni` and `uoro` did worse than
    the mean of the series.
    """

    hidden_units: Annotated[int, Range(1, 10_000)] = 60
    learning_rate: Annotated[float, Range(0, 10, above=True)] = 0.01
    weight_std: Annotated[float, Range(0, 10)] = 0.02
    clip_norm: Annotated[float, Range(0, 1e300, above=True)] = 100.0


class RecurrentForecaster(ArrayState, ABC):
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

    def fit(self, histories: Array, targets: Array) -> None:
        """Do nothing: the net learns online."""

    def predict(self, pending: Array) -> Array:
        """Roll the lagging state through all pending histories with the newest weights, shape (R, K)."""
        outputs: Array = np.empty(self.readout.shape[:2])
        net = (self.weights, self.readout, self.hidden)
        over_runs(roll, self.runs, self.weights.size, *net, input_vectors(pending), outputs)
        return outputs

    def learn(self, history: Array, target: Array) -> None:
        """Advance the state by one history and descend the gradient of its error."""
        # A fresh array: compiled code would be compiled once more for one that cannot be written.
        over_runs(self._learn_runs, self.runs, self.weights.size, input_vector(history), np.array(target))

    @abstractmethod
    def _learn_runs(self, first: int, last: int, drive: Array, target: Array) -> None:
        """Let runs first to last - 1 learn ``drive = u`` (1 + L * K,) and its target (K,), each alone."""
