"""Recursive least squares with forgetting and a ridge that is never forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from cinecast_models.forecaster import Array, Pair
from cinecast_models.linear.base import AffineForecaster
from cinecast_models.settings import MethodSettings, Range
from cinecast_models.windows import input_vector


@dataclass(frozen=True)
class RlsSettings(MethodSettings):
    """Settings of `Rls`.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 12.
    forgetting
        Weight of a pair relative to the one after it, above 0.5 to 1, default 0.995: a memory of 200 frames.
    ridge
        Penalty on the squared weights, in standard units, above 0 to 1e12, default 3.

    Notes
    -----
    The defaults have the lowest nRMSE, within 1 %, over the validation spans (never the test spans) of two weight
    series and three marker series at horizons of 0.3 to 2.2 s.
    """

    method: ClassVar[str] = "rls"
    forgetting: Annotated[float, Range(0.5, 1, above=True)] = 0.995
    ridge: Annotated[float, Range(0, 1e12, above=True)] = 3.0


class Rls(AffineForecaster):
    """Online least squares over all pairs so far, weighted by ``forgetting ** age``, one covariance for all outputs.

    The covariance P is kept as a root S, ``P = S S^T`` (Potter's form), so rounding cannot make it indefinite. With
    forgetting alone P would grow without bound along directions that the signal no longer excites (a breath hold);
    each step therefore also learns a pseudo-observation "this weight is 0" for one weight in turn, of the strength
    that keeps the ridge at its value.

    Parameters
    ----------
    settings, components, outputs
        As in `AffineForecaster`.

    Attributes
    ----------
    root
        S, shape (1 + L * K, 1 + L * K).
    turn
        Index of the weight whose ridge is renewed next.
    """

    learned = ("weights", "root", "turn")

    def __init__(self, settings: RlsSettings, components: int, outputs: int | None = None) -> None:
        super().__init__(settings, components, outputs)
        size = self.weights.shape[1]
        self.root: Array = np.eye(size) / np.sqrt(settings.ridge)
        self.turn = np.zeros((), dtype=np.int64)
        self._forgetting = settings.forgetting
        self._nothing: Array = np.zeros(len(self.weights))
        self._renewal = np.sqrt(settings.ridge * (1 - settings.forgetting**size))

    def learn(self, pair: Pair) -> None:
        """Weigh in one pair, then renew the ridge of one weight."""
        self._observe(input_vector(pair.history), pair.target, self._forgetting)
        unit = np.zeros(len(self.root))
        unit[self.turn] = self._renewal
        self._observe(unit, self._nothing, 1.0)
        self.turn[...] = (self.turn + 1) % len(self.root)

    def _observe(self, inputs: Array, target: Array, forgetting: float) -> None:
        projected = inputs @ self.root
        spread = forgetting + projected @ projected
        gain = self.root @ projected / spread
        self.weights += np.outer(target - self.weights @ inputs, gain)
        self.root -= np.outer(gain, projected * (spread / (spread + np.sqrt(forgetting * spread))))
        self.root /= np.sqrt(forgetting)


class CompiledRls(Rls):
    """The same with compiled steps: several times as fast, and another rounding.

    `Rls` itself keeps its rounding: published settings give the same bits for ever.
    """

    def _observe(self, inputs: Array, target: Array, forgetting: float) -> None:
        from cinecast_models.linear.potter import observe  # numba, which those who only list the methods do not need

        observe(self.weights, self.root, inputs, target, forgetting)
