"""RTRL as in the textbook, with the influence of every weight on every unit: what the history form is compared with."""

from __future__ import annotations

import numpy as np

from cinecast_models.forecaster import Array


class ForwardRtrl:
    """One net; `weights` is ``[W_a, W_b]`` (q, q + 1 + m), `influence` is d x_t / d weights (q, q * (q + 1 + m))."""

    def __init__(self, weights: Array, readout: Array, *, learning_rate: float, clip_norm: float = 100.0) -> None:
        self.weights, self.readout = weights.copy(), readout.copy()
        self.hidden = np.zeros(len(weights))
        self.influence = np.zeros((len(weights), weights.size))
        self._learning_rate, self._clip_norm = learning_rate, clip_norm

    def predict(self, history: Array) -> Array:
        inputs = np.concatenate([self.hidden, [1.0], history.ravel()])
        forecast: Array = self.readout @ np.tanh(self.weights @ inputs)
        return forecast

    def learn(self, history: Array, target: Array) -> None:
        units, width = self.weights.shape
        inputs = np.concatenate([self.hidden, [1.0], history.ravel()])
        hidden = np.tanh(self.weights @ inputs)
        slope = 1 - hidden**2
        error = target - self.readout @ hidden
        # J <- D J + I; the immediate part of unit i is slope_i [x, u] at its own weights.
        self.influence = (slope[:, None] * self.weights[:, :units]) @ self.influence
        own = np.arange(units)
        self.influence.reshape(units, units, width)[own, own] += np.outer(slope, inputs)
        gradient = -((error @ self.readout) @ self.influence).reshape(units, width)
        readout_gradient = -np.outer(error, hidden)
        norm = np.sqrt((gradient**2).sum() + (readout_gradient**2).sum())
        step = self._learning_rate * min(1.0, self._clip_norm / norm)
        self.weights -= step * gradient
        self.readout -= step * readout_gradient
        self.hidden = hidden
