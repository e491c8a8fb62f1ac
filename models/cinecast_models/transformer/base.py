"""What the transformers share: networks whose weights lie in one plain array, their training and their forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cinecast_models.forecaster import Array, ArrayForecaster

if TYPE_CHECKING:
    from cinecast_models.transformer.network import TransformerNetwork

SEED_LIMIT = 2**63


class NetworkForecaster(ArrayForecaster):
    """Forecast with one network per run; it learns nothing online.

    Parameters
    ----------
    networks
        One per run, all of the same size, on the CPU.
    generators
        One per run; each gives the seed of the training.

    Attributes
    ----------
    parameters
        All P weights of each run, in the order of the network's own list, shape (R, P). The networks read them here.
    seeds
        Seed of the shuffling and the dropout of each run, shape (R,).
    """

    learned: ClassVar[tuple[str, ...]] = ("parameters", "seeds")

    def __init__(self, networks: Sequence[TransformerNetwork], generators: Sequence[np.random.Generator]) -> None:
        from cinecast_models.transformer.network import lay_parameters_into

        self.runs = len(networks)
        self.parameters: Array = np.empty((self.runs, sum(p.numel() for p in networks[0].parameters())))
        self.seeds = np.array([generator.integers(SEED_LIMIT) for generator in generators])
        self._networks = networks
        for network, row in zip(networks, self.parameters, strict=True):
            lay_parameters_into(network, row)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Lay the networks of a copy, or of what was pickled, into its own array: copied apart, they part from it."""
        from cinecast_models.transformer.network import lay_parameters_into

        vars(self).update(state)
        for network, row in zip(self._networks, self.parameters, strict=True):
            lay_parameters_into(network, row)

    def train(self, histories: Array, targets: Array, *, learning_rate: float, epochs: int, batch: int) -> None:
        """Train the network of each run on pairs, from the weights that it has.

        Parameters
        ----------
        histories, targets
            Shapes (N, L, K) and (N, K), in standard units.
        learning_rate, epochs, batch
            As in `cinecast_models.transformer.network.train`.
        """
        from cinecast_models.transformer.network import seeded, train

        for network, seed in zip(self._networks, self.seeds, strict=True):
            with seeded(int(seed)):
                train(network, histories, targets, learning_rate=learning_rate, epochs=epochs, batch=batch)
            network.settle_constants(histories, targets)

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (R, K)."""
        import torch

        from cinecast_models.transformer.network import single_thread

        history = torch.from_numpy(np.array(pending[-1:]))
        with single_thread(), torch.inference_mode():
            return np.concatenate([network(history).numpy() for network in self._networks])
