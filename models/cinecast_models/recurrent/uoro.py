"""UORO: real-time recurrent learning with an unbiased estimate of rank one of the influence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast_models.forecaster import Array, Pair, State
from cinecast_models.randomness import pcg64_words, set_pcg64_words
from cinecast_models.recurrent.base import RecurrentForecaster
from cinecast_models.recurrent.kernels import (
    add,
    advance,
    compiled_loop,
    copy,
    decay_and_add,
    descend_readout,
    dot,
    forward,
    square,
)
from cinecast_models.recurrent.settings import UoroSettings

# Step of the finite difference and floor of the scales, as published.
_TINY = 1e-7
_SIGNS = np.array([-1.0, 1.0])


class Uoro(RecurrentForecaster):
    """Recurrent net trained with an unbiased estimate of rank one (Tallec and Ollivier 2018, arXiv 1702.05043).

    The influence of all weights on the state is kept as one product ``x~ theta~^T``, right on average over random
    signs. The terms are in closed form and in the order of the published code (arXiv 2106.01100): the gradient at a
    step uses the estimate of the step before, and x~ advances by a finite difference. O(q (q + L K)) time and memory.

    Parameters
    ----------
    settings, components, generators
        As in `RecurrentForecaster`.

    Attributes
    ----------
    state_influence
        x~, shape (R, q), 0 at the start.
    weight_influence
        theta~ over W_a and W_b, shape (R, q, q + 1 + L * K), 0 at the start; over W_c it is always 0.
    generator_state
        State of each run's PCG64 generator of signs when `state` was called last, shape (R, 6), 64 bits each.
    """

    learned = (*RecurrentForecaster.learned, "state_influence", "weight_influence", "generator_state")

    def __init__(self, settings: UoroSettings, components: int, generators: Sequence[np.random.Generator]) -> None:
        super().__init__(settings, components, generators)
        self.state_influence: Array = np.zeros_like(self.hidden)
        self.weight_influence: Array = np.zeros_like(self.weights)
        self.generator_state: NDArray[np.uint64] = np.zeros((self.runs, 6), dtype=np.uint64)
        self._generators = list(generators)
        self._drawn: Array = np.empty_like(self.hidden)

    def signs(self) -> Array:
        """Draw the random signs of one step, -1 or 1, shape (R, q)."""
        units = self.hidden.shape[1]
        words = np.array([g.bit_generator.random_raw(-(-units // 64)) for g in self._generators], dtype="<u8")
        bits = np.unpackbits(words.view(np.uint8), axis=1, count=units, bitorder="little")
        return _SIGNS[bits]

    def restart(self) -> None:
        """Set state and influence to zeros: no weight had a part in a state of zeros."""
        super().restart()
        self.state_influence[...] = 0.0
        self.weight_influence[...] = 0.0

    def _advance(self, pair: Pair, share: float) -> None:
        self._drawn[...] = self.signs()
        super()._advance(pair, share)

    def state(self) -> State:
        """Return copies of all arrays in `learned`, the generators' state among them."""
        self.generator_state[...] = [pcg64_words(generator) for generator in self._generators]
        return super().state()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Copy the arrays of `state` into this forecaster and set its generators."""
        super().restore(state)
        for generator, words in zip(self._generators, self.generator_state, strict=True):
            set_pcg64_words(generator, words)

    def _learn_runs(self, first: int, last: int, drive: Array, target: Array, share: float) -> None:
        net = (self.weights, self.readout, self.hidden, self.state_influence, self.weight_influence)
        _learn(first, last, *net, self._drawn, drive, target, share * self._rate, self._clip_norm)


@compiled_loop
def _learn(first, last, weights, readout, hidden, states, influences, signs, drive, target, rate, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    units, width = weights.shape[1:]
    inputs, slope, state_gradient = np.empty(width), np.empty(units), np.empty(units)
    error, direct = np.empty(len(target)), np.empty(units)
    copy(inputs[units:], drive)
    for run in range(first, last):
        forward(weights[run], readout[run], hidden[run], inputs, target, slope, error, state_gradient)
        along = dot(state_gradient, states[run])
        for i in range(units):
            direct[i] = signs[run, i] * slope[i]
        kept_square = _square(influences[run])
        _push(weights[run], inputs, hidden[run], states[run])
        kept = np.sqrt(np.sqrt(kept_square) / (np.sqrt(square(states[run])) + _TINY)) + _TINY
        direct_norm = np.sqrt(square(direct) * square(inputs))
        added = np.sqrt(direct_norm / (np.sqrt(square(signs[run])) + _TINY)) + _TINY
        for i in range(units):
            states[run, i] = kept * states[run, i] + added * signs[run, i]
        step = along * descend_readout(readout[run], hidden[run], error, along * along * kept_square, rate, limit)
        for i in range(units):
            add(weights[run, i], -step, influences[run, i])
            decay_and_add(influences[run, i], 1.0 / kept, direct[i] / added, inputs)


@compiled_loop
def _square(matrix):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    total = 0.0
    for i in range(matrix.shape[0]):
        total += square(matrix[i])
    return total


@compiled_loop
def _push(weights, inputs, hidden, state):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Advance x~ through the step by a finite difference; `inputs` and `hidden` are those of the step itself."""
    units = len(hidden)
    shifted = inputs.copy()
    for i in range(units):
        shifted[i] += _TINY * state[i]
    advance(weights, shifted, state)
    for i in range(units):
        state[i] = (state[i] - hidden[i]) / _TINY
