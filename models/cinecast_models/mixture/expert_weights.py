"""Weights of experts by their past losses, which become known late."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.forecaster import Array, ArrayState


class ExpertWeights(ArrayState):
    """Exponentially weighted average with discounted losses.

    ``w_i ~ exp(-rate * sum_s discount^(t - s) loss_i(s) / scale)`` over the losses known so far, where ``scale`` is the
    mean, discounted likewise, of the experts' median loss: so the unit of the losses does not matter.

    Without discount, the regret against the best of E experts grows as the root of ``(delay + 1) * steps * ln E`` for
    bounded losses: the bound of exponential weights (Cesa-Bianchi and Lugosi, Prediction, Learning, and Games, 2006,
    theorem 2.2), and what losses known late add to it (Joulani, Gyorgy and Szepesvari, ICML 2013, theorem 1 and table
    1). With discount it holds against the best expert of the last ``1 / (1 - discount)`` steps (section 2.11 there).

    Parameters
    ----------
    experts
        Number E of experts.
    rate
        How strongly losses weigh.
    discount
        Weight of a loss relative to the one after it.

    Attributes
    ----------
    losses
        Discounted sums, shape (E,).
    typical
        Discounted sum of median losses, shape ().
    count
        Discounted number of losses, shape ().
    """

    learned = ("losses", "typical", "count")

    def __init__(self, experts: int, rate: float, discount: float) -> None:
        self.losses: Array = np.zeros(experts)
        self.typical: Array = np.zeros(())
        self.count: Array = np.zeros(())
        self._rate, self._discount = rate, discount

    def observe(self, losses: Array) -> None:
        """Take in one loss of each expert, shape (E,); a loss that is not finite counts as the largest that is."""
        finite = np.isfinite(losses)
        if not finite.any():
            return
        losses = np.where(finite, losses, losses[finite].max())
        self.losses[...] = self._discount * self.losses + losses
        self.typical[...] = self._discount * self.typical + median(losses)
        self.count[...] = self._discount * self.count + 1

    def weights(self, among: NDArray[np.bool_] | None = None) -> Array:
        """Return the weights, shape (E,), of sum 1; equal ones before any loss is known.

        Parameters
        ----------
        among
            Which experts count, shape (E,), one of them or more, once losses are known; None: all.
        """
        if not self.typical > 0:
            return np.full(len(self.losses), 1 / len(self.losses))
        losses = self.losses if among is None else np.where(among, self.losses, np.inf)
        exponents = -self._rate * (losses - losses.min()) * (self.count / self.typical)
        weights: Array = np.exp(exponents)
        weights /= weights.sum()
        return weights


def median(numbers: Array) -> float:
    """Return the median of a few numbers, of which none is NaN: `numpy.median` takes twenty times as long.

    Parameters
    ----------
    numbers
        Shape (N,), N at least 1.

    Returns
    -------
    float
        In their unit.
    """
    ordered, middle = np.sort(numbers), len(numbers) // 2
    return float(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)
