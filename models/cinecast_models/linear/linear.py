"""Multivariate linear regression, fitted once on the train span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cinecast_models.forecaster import Array
from cinecast_models.linear.base import AffineForecaster
from cinecast_models.settings import MethodSettings
from cinecast_models.windows import input_vectors


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
        solution = np.linalg.lstsq(input_vectors(histories), targets, rcond=None)[0]
        self.weights[...] = solution.T
