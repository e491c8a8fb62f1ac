"""The population transformer: trained on other sequences, used on one it has never seen (arXiv 2410.05882).

`train_population` of `cinecast_models.population_training` makes a `Population`, `cinecast_models.population_file`
keeps it, and after `use_population` the method ``"population_transformer"`` forecasts with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.network_forecaster import NetworkForecaster
from cinecast_models.population_settings import PopulationSettings
from cinecast_models.registry import METHODS, Method
from cinecast_models.torch_extra import require_torch


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
        from cinecast_models.population_network import new_network

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
