"""Multivariate linear regression, fitted once on the train span."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cinecast_models.forecaster import Array
from cinecast_models.linear.base import AffineForecaster
from cinecast_models.settings import MethodSettings
from cinecast_models.windows import input_vectors

_LOG = logging.getLogger(__name__)

# With about as many pairs as unknowns, a fit goes through all pairs, noise included, with huge weights: far fewer pairs
# leave small weights, far more outweigh the noise (Belkin et al. 2019, double descent). On recorded weights and markers
# of 48 to 52 frames it was 1.2 to 76 times as far off as the latest sample.
ABOUT_AS_MANY = 1.5


@dataclass(frozen=True)
class LinearSettings(MethodSettings):
    """Settings of `Linear`.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 12.
    """

    method: ClassVar[str] = "linear"


class Linear(AffineForecaster):
    """Least squares of the samples `horizon` ahead on the history, with bias, in raw units.

    Where the train span is too short to determine the weights, those of the smallest norm are taken. This equals
    the published ``A = Y X^T pinv(X X^T)`` without squaring the condition number.
    """

    def fit(self, histories: Array, targets: Array) -> None:
        """Solve the least-squares problem over the pairs of the train span.

        Parameters
        ----------
        histories, targets
            Of the train span, shapes (N, L, K) and (N, K), in the unit of the series.
        """
        pairs, unknowns = len(targets), self.weights.shape[1]
        if unknowns <= ABOUT_AS_MANY * pairs and pairs <= ABOUT_AS_MANY * unknowns:
            _LOG.warning(
                "linear is fitted to %d pairs of the train span for %d unknowns of each component: with about as many "
                "of both it follows noise and is often worse than no forecast; lengthen the train span, lower "
                "linear.history_length, or take another method",
                pairs,
                unknowns,
            )
        solution = np.linalg.lstsq(input_vectors(histories), targets, rcond=None)[0]
        self.weights[...] = solution.T
