"""The population transformer: trained on other sequences, used on one it has never seen (arXiv 2410.05882)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Self

import numpy as np

from cinecast_models.errors import ForecastingError
from cinecast_models.forecast_task import ForecastTask
from cinecast_models.forecaster import Array
from cinecast_models.population.choice import choose_population
from cinecast_models.population.population import Population
from cinecast_models.settings import FilePath, MethodSettings, Range
from cinecast_models.transformer.base import NetworkForecaster
from cinecast_models.transformer.torch_extra import require_torch


@dataclass(frozen=True)
class PopulationTransformerSettings(MethodSettings):
    """Settings of `PopulationTransformer`.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from (0: that of the model), 0 to 100 000, default 0. Any
        other than 0 chooses among models with different ones.
    model
        What `cinecast population` wrote, default none. It must hold one model for each horizon to forecast.
    fine_tune_epochs
        Passes over the train span that training goes on for, 0 to 100 000, default 0: none.
    fine_tune_learning_rate
        Step size of Adam in these passes, above 0 to 1, default 0.0001.
    populations
        What `model` holds, once it is read (see `loaded`), or populations that are in memory already.
    """

    method: ClassVar[str] = "population_transformer"
    history_length: Annotated[int, Range(0, 100_000)] = 0
    model: Annotated[str, FilePath("a model file, a folder of them or a pattern such as models/*.safetensors")] = ""
    fine_tune_epochs: Annotated[int, Range(0, 100_000)] = 0
    fine_tune_learning_rate: Annotated[float, Range(0, 1, above=True)] = 1e-4
    populations: tuple[Population, ...] = field(default=(), repr=False)

    def loaded(self) -> Self:
        """Return the settings with the populations that `model` names, read anew."""
        if not self.model and not self.populations:
            raise ForecastingError(
                "population_transformer needs a trained model, got none; train one with 'cinecast population' and name "
                "it with --set forecast.population_transformer.model=FILE"
            )
        if not self.model:
            return self
        from cinecast_models.population.file import load_populations

        return replace(self, populations=load_populations(self.model))

    def at(self, task: ForecastTask) -> Self:
        """Return the settings with the one population, and its history length, that a task is to be done with."""
        if not self.populations:
            raise ForecastingError(
                f"population_transformer must be used with its model read, got {self.model!r}; call loaded() of its "
                "settings first"
            )
        chosen = choose_population(
            self.populations, task, history_length=self.history_length, where=self.model or "memory"
        )
        return replace(self, history_length=chosen.settings.history_length, populations=(chosen,))

    def values(self) -> dict[str, int | float | str]:
        """Return the settings with the digest of the populations in place of their path."""
        return self.given() | {"model": " ".join(each.digest for each in self.populations)}


class PopulationTransformer(NetworkForecaster):
    """Forecast of a transformer that was trained on other sequences (arXiv 2410.05882), one per run.

    The train span scales the samples; with ``fine_tune_epochs`` the training goes on over its pairs. Run r begins with
    model r of the population, and again with the first after the last; without fine-tuning there are no more runs
    than models. On the CPU the same seed gives the same bits.

    Parameters
    ----------
    settings
        With one population.
    components
        Number K of components of a sample.
    generators
        One per random run; each gives the seed of the fine-tuning.

    Raises
    ------
    ForecastingError
        If torch is not installed, or the weights are not those of the network of the population's settings.
    """

    def __init__(
        self, settings: PopulationTransformerSettings, components: int, generators: Sequence[np.random.Generator]
    ) -> None:
        require_torch(settings.method)
        from cinecast_models.population.network import new_network

        (population,) = settings.populations
        if settings.history_length not in (0, population.settings.history_length):
            raise ForecastingError(
                f"history_length must be that of the model, {population.settings.history_length}, got "
                f"{settings.history_length}; choose another model"
            )
        models = len(population.parameters)
        own = generators if settings.fine_tune_epochs else generators[:models]
        super().__init__([new_network(population.settings, components) for _ in own], own)
        if self.parameters.shape[1] != population.parameters.shape[1]:
            raise ForecastingError(
                f"a model of {components} components and {population.settings} must have {self.parameters.shape[1]} "
                f"weights, got {population.parameters.shape[1]}; train it again"
            )
        self.parameters[...] = population.parameters[np.arange(self.runs) % models]
        self._settings, self._batch = settings, population.settings.batch

    def fit(self, histories: Array, targets: Array) -> None:
        """Go on with the training over the pairs of the train span, if so asked.

        Parameters
        ----------
        histories, targets
            Of the train span, shapes (N, L, K) and (N, K), in standard units.
        """
        own = self._settings
        self.train(
            histories,
            targets,
            learning_rate=own.fine_tune_learning_rate,
            epochs=own.fine_tune_epochs,
            batch=self._batch,
        )
