"""Encoder-only transformer, trained once on the train span of the very sequence it forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.settings import MethodSettings, Range
from cinecast_models.transformer.base import SEED_LIMIT, NetworkForecaster
from cinecast_models.transformer.torch_extra import require_torch

if TYPE_CHECKING:
    from cinecast_models.transformer.network import TransformerNetwork


@dataclass(frozen=True)
class TransformerSettings(MethodSettings):
    """Settings of `Transformer`.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 12.
    learning_rate
        Step size of Adam, above 0 to 1, default 0.0005.
    layers
        Layers of the encoder, 1 to 24, default 1.
    model_width
        Numbers per sample inside the encoder, even, 2 to 1024, default 16.
    epochs
        Passes over the train span, 1 to 100 000, default 50.
    batch
        Pairs per step of Adam, 1 to 100 000, default 32.
    dropout
        Share of the numbers in the encoder that are dropped while training, from 0 to below 1, default 0.5.

    Notes
    -----
    Epochs, batch and dropout are the published ones. Rate and layers are those of the published grid (1e-4 and 5e-4, 1
    and 2) with the lowest nRMSE, by one seed, over the validation spans (never the test spans) of two weight series;
    the width is the larger of the published two.
    """

    method: ClassVar[str] = "transformer"
    learning_rate: Annotated[float, Range(0, 1, above=True)] = 5e-4
    layers: Annotated[int, Range(1, 24)] = 1
    model_width: Annotated[int, Range(2, 1024)] = 16
    epochs: Annotated[int, Range(1, 100_000)] = 50
    batch: Annotated[int, Range(1, 100_000)] = 32
    dropout: Annotated[float, Range(0, 1, below=True)] = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.model_width % 2:
            raise ForecastingError(
                f"{self.method}.model_width must be even, got {self.model_width}; each of two heads takes one half"
            )


class Transformer(NetworkForecaster):
    """Forecast of a transformer trained offline, one for each random run (arXiv 2410.05882).

    Training takes the GPU when there is one; forecasting, of a single history, is faster on the CPU. On the CPU the
    same seed gives the same bits.

    Parameters
    ----------
    settings
        Gives history length L, sizes and training.
    components
        Number K of components of a sample.
    generators
        One per random run; each gives the initial weights and the seed of the training.

    Raises
    ------
    ForecastingError
        If torch is not installed.
    """

    def __init__(
        self, settings: TransformerSettings, components: int, generators: Sequence[np.random.Generator]
    ) -> None:
        require_torch(settings.method)
        super().__init__([_new_network(settings, components, generator) for generator in generators], generators)
        self._settings = settings

    def fit(self, histories: Array, targets: Array) -> None:
        """Train the network of each run on the pairs of the train span.

        Parameters
        ----------
        histories, targets
            Of the train span, shapes (N, L, K) and (N, K), in standard units.
        """
        own = self._settings
        self.train(histories, targets, learning_rate=own.learning_rate, epochs=own.epochs, batch=own.batch)


def _new_network(settings: TransformerSettings, components: int, generator: np.random.Generator) -> TransformerNetwork:
    from cinecast_models.transformer.network import TransformerNetwork, seeded

    with seeded(int(generator.integers(SEED_LIMIT))):
        network = TransformerNetwork(
            settings.history_length,
            components,
            width=settings.model_width,
            layers=settings.layers,
            feedforward=2 * settings.model_width,
            dropout=settings.dropout,
        )
    network.eval()
    return network
