"""Bands that hold alike over a breath: wider where they held too seldom at a like place in it, else narrower.

A tracker holds bands to the level asked for over all forecasts, whatever their place in a breath. Here the share of
misses in excess of what is asked is summed over earlier forecasts, each counted by how near its place is, and that sum
is the logarithm of how much wider a band is, over a rate. So this sum, of any place, stays below that logarithm over
the rate: online gradient descent on the pinball loss in the space of functions of the place that a Gaussian kernel
spans ([1]_, section 2, with a kernel as in [2]_).

References
----------
.. [1] Gibbs, Candes, Adaptive conformal inference under distribution shift, NeurIPS 2021.
.. [2] Gibbs, Cherian, Candes, Conformal prediction with conditional guarantees, JRSS B 2025.
"""

from __future__ import annotations

import math

import numpy as np

from cinecast_models.forecaster import Array

# Chosen on recordings of external markers (docs/bands.md says how); none of them is a cine sequence.
RATE = 0.3
WIDTH = 0.5
MEMORY = 400
# A scale stays within this factor of 1.
LARGEST = math.e


class PlaceSteering:
    """Tell how much wider bands are at a place in a breath, from how often earlier ones held near it.

    Parameters
    ----------
    level
        Probability asked of the bands, above 0 and below 1.
    """

    def __init__(self, *, level: float) -> None:
        self._asked = 1 - level
        self._places, self._excess = np.zeros((MEMORY, 3)), np.zeros(MEMORY)
        self._count = 0

    def scale(self, place: Array) -> float:
        """Return how much wider a band is that is issued at a place, above 0.

        Parameters
        ----------
        place
            Shape (3,), as in `cinecast_models.conformal.difficulty.Conditions`; NaN where there is no forecast.
        """
        from cinecast_models.conformal.kernels import sum_near  # compiled, which a plan can do without

        kept = min(self._count, MEMORY)
        _, total = sum_near(self._places[:kept], self._excess[:kept], place, WIDTH)
        return math.exp(min(max(RATE * total, -math.log(LARGEST)), math.log(LARGEST)))

    def observe(self, place: Array, missed: float) -> None:
        """Learn from a band whose target has come.

        Parameters
        ----------
        place
            Where it was issued, shape (3,).
        missed
            Share of its components that it missed, 0 to 1; NaN where there was none, from which nothing is learned.
        """
        if math.isnan(missed) or np.isnan(place).any():
            return
        at = self._count % MEMORY
        self._places[at], self._excess[at] = place, missed - self._asked
        self._count += 1
