"""The population transformer: trained on other sequences, used on one it has never seen (arXiv 2410.05882).

`train_population` of `cinecast_models.population_training` makes a `Population`, `cinecast_models.population_file`
keeps it, and after `use_population` the method ``"population_transformer"`` forecasts with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.network_forecaster import NetworkForecaster
from cinecast_models.registry import METHODS, Method
from cinecast_models.settings import MethodSettings, Range
from cinecast_models.torch_extra import require_torch


@dataclass(frozen=True)
class PopulationSettings(MethodSettings):
    """Settings of the training, which are those of the forecaster, too.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 12.
    horizon
        Frames between the newest sample and the forecast one, 1 to 100 000, default 6: one model per horizon.
    learning_rate
        Step size of Adam, above 0 to 1, default 0.0005.
    layers
        Layers of the encoder, 1 to 24, default 2.
    head_width
        Numbers per sample inside the encoder for each of its two heads, 1 to 512, default 8.
    feedforward
        Hidden units of each layer of the encoder, 1 to 100 000, default 16.
    epochs
        Largest number of passes over the sequences, 1 to 100 000, default 300.
    patience
        Passes without a smaller error over the last fifths of the sequences, after which training ends, 1 to 100 000,
        default 30.
    batch
        Pairs per step of Adam, 1 to 100 000, default 32.
    dropout
        Share of the numbers in the encoder that are dropped while training, from 0 to below 1, default 0.5.
    """

    method: ClassVar[str] = "population_transformer"
    horizon: Annotated[int, Range(1, 100_000)] = 6
    learning_rate: Annotated[float, Range(0, 1, above=True)] = 5e-4
    layers: Annotated[int, Range(1, 24)] = 2
    head_width: Annotated[int, Range(1, 512)] = 8
    feedforward: Annotated[int, Range(1, 100_000)] = 16
    epochs: Annotated[int, Range(1, 100_000)] = 300
    patience: Annotated[int, Range(1, 100_000)] = 30
    batch: Annotated[int, Range(1, 100_000)] = 32
    dropout: Annotated[float, Range(0, 1, below=True)] = 0.5


@dataclass(frozen=True, eq=False)
class Population:
    """Trained weights and all that is needed to use them.

    Parameters
    ----------
    parameters
        One row of P weights per model, shape (R, P).
    settings
        Settings of the training.
    components
        Number K of components of a sample.
    target_rate
        Samples per second of the sequences that the weights are for.
    """

    parameters: Array
    settings: PopulationSettings
    components: int
    target_rate: float


class PopulationTransformer(NetworkForecaster):
    """Forecast with the weights of a population; the train span only scales the samples.

    Parameters
    ----------
    population
        One run for each of its models.
    """

    def __init__(self, population: Population) -> None:
        require_torch(PopulationSettings.method)
        from cinecast_models.population_training import new_network

        super().__init__([new_network(population.settings, population.components) for _ in population.parameters])
        self.parameters[...] = population.parameters
        self._horizon = population.settings.horizon

    def fit(self, histories: Array, targets: Array) -> None:
        """Check that the horizon is that of the training, which shows as targets that are later samples.

        Raises
        ------
        ForecastingError
            If it is another.
        """
        later = histories[self._horizon :, -1]
        if not np.array_equal(targets[: len(later)], later):
            raise ForecastingError(
                f"population_transformer must forecast {self._horizon} frames ahead as in its training, got another "
                "horizon; train or load the weights for that one"
            )


def use_population(population: Population) -> None:
    """Make ``"population_transformer"`` a method that forecasts with these weights, in place of any before.

    Parameters
    ----------
    population
        From `train_population` or `load_population`. Forecast with ``settings=population.settings``, and sequences of
        ``population.target_rate`` and ``population.components`` only.
    """

    def make(settings: PopulationSettings, components: int) -> PopulationTransformer:
        if (settings, components) != (population.settings, population.components):
            raise ForecastingError(
                f"population_transformer must be used as it was trained, with {population.components} components and "
                f"{population.settings}, got {components} and {settings}; give its own settings"
            )
        return PopulationTransformer(population)

    METHODS[PopulationSettings.method] = Method(
        "Transformer, trained on other sequences",
        PopulationSettings,
        make,
        deterministic=True,
        offline=True,
        standardised=True,
    )
