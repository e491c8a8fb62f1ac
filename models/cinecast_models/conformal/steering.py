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

import numpy as np

from cinecast_models.conformal.parameters import STEERING_MEMORY, stride
from cinecast_models.forecaster import Array


class PlaceSteering:
    """Tell how much wider bands are at a place in a breath, from how often earlier ones held near it.

    Parameters
    ----------
    level
        Probability asked of the bands, above 0 and below 1.
    horizon
        Frames between a forecast and its target, 1 or more.
    """

    def __init__(self, *, level: float, horizon: int) -> None:
        self._asked, self._stride = 1 - level, stride(horizon)
        self._places, self._excess = room_for_places()
        self._count = 0

    def scale(self, place: Array) -> float:
        """Return how much wider a band is that is issued at a place, above 0.

        Parameters
        ----------
        place
            Shape (3,), as in `cinecast_models.conformal.difficulty.Conditions`; NaN where there is no forecast.
        """
        from cinecast_models.conformal.steering_kernels import (  # compiled, which a plan can do without
            kept_of,
            steering_scale,
        )

        kept = kept_of(self._count, self._stride, STEERING_MEMORY)
        return float(steering_scale(self._places[:kept], self._excess[:kept], place))

    def observe(self, place: Array, missed: float) -> None:
        """Learn from a band whose target has come.

        Parameters
        ----------
        place
            Where it was issued, shape (3,).
        missed
            Share of its components that it missed, 0 to 1; NaN where there was none, from which nothing is learned.
        """
        from cinecast_models.conformal.steering_kernels import remember_miss  # compiled, which a plan can do without

        self._count = remember_miss(self._places, self._excess, self._count, self._stride, place, missed - self._asked)


def room_for_places() -> tuple[Array, Array]:
    """Return room for the places of bands, shape (M, 3), and for how much more than asked they missed, shape (M,)."""
    return np.zeros((STEERING_MEMORY, 3)), np.zeros(STEERING_MEMORY)
