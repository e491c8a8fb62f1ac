"""Normalised least mean squares: least mean squares whose step does not depend on the size of the inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from cinecast_models.forecaster import Pair
from cinecast_models.linear.base import AffineForecaster
from cinecast_models.settings import MethodSettings, Range
from cinecast_models.windows import input_vector


@dataclass(frozen=True)
class NlmsSettings(MethodSettings):
    """Settings of `Nlms`.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 12.
    learning_rate
        Share of the error of a pair that a step removes, above 0 to below 2, default 0.2: 1 removes all of it, more
        overshoots, and from 2 on errors would grow. 0.2 has the lowest nRMSE over the validation spans of two weight
        series at horizons of 0.3 to 2 s.
    """

    method: ClassVar[str] = "nlms"
    learning_rate: Annotated[float, Range(0, 2, above=True, below=True)] = 0.2


class Nlms(AffineForecaster):
    """Online linear forecast, ``weights += learning_rate * error * inputs / |inputs|^2`` (Nagumo and Noda, 1967).

    The inputs hold the bias 1, so their energy is at least 1 and needs no regularisation.

    Parameters
    ----------
    settings, components
        As in `AffineForecaster`.
    """

    def __init__(self, settings: NlmsSettings, components: int) -> None:
        super().__init__(settings, components)
        self._rate = settings.learning_rate

    def learn(self, pair: Pair) -> None:
        """Remove a share of the error of this pair."""
        inputs = input_vector(pair.history)
        error = pair.target - self.weights @ inputs
        self.weights += np.outer(error, (self._rate / (inputs @ inputs)) * inputs)
