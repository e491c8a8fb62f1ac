"""What the linear family shares: a forecast that is an affine map of the history."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from cinecast_models.forecaster import Array, ArrayForecaster
from cinecast_models.settings import MethodSettings
from cinecast_models.windows import input_vector


class AffineForecaster(ArrayForecaster):
    """Forecast ``weights @ [1, oldest ... newest sample]``; how the weights are learned is up to the method.

    Parameters
    ----------
    settings
        Gives the history length L.
    components
        Number K of components of a sample.
    outputs
        Number of components of a target, K unless given.

    Attributes
    ----------
    weights
        Shape (outputs, 1 + L * K), bias first, 0 at the start.
    """

    learned: ClassVar[tuple[str, ...]] = ("weights",)

    def __init__(self, settings: MethodSettings, components: int, outputs: int | None = None) -> None:
        self.weights: Array = np.zeros((outputs or components, 1 + settings.history_length * components))

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (1, K)."""
        return (self.weights @ input_vector(pending[-1]))[np.newaxis]
