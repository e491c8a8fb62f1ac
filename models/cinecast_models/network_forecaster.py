"""What the transformers share: forecasts of networks whose weights lie in one plain array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cinecast_models.forecaster import Array, ArrayState

if TYPE_CHECKING:
    from cinecast_models.transformer_network import TransformerNetwork


class NetworkForecaster(ArrayState):
    """Forecast with one network per run; it learns nothing online.

    Parameters
    ----------
    networks
        One per run, all of the same size, on the CPU.

    Attributes
    ----------
    parameters
        All P weights of each run, in the order of the network's own list, shape (R, P). The networks read them here.
    """

    learned: ClassVar[tuple[str, ...]] = ("parameters",)

    def __init__(self, networks: Sequence[TransformerNetwork]) -> None:
        from cinecast_models.transformer_network import lay_parameters_into

        self.runs = len(networks)
        self.parameters: Array = np.empty((self.runs, sum(p.numel() for p in networks[0].parameters())))
        self._networks = networks
        for network, row in zip(networks, self.parameters, strict=True):
            lay_parameters_into(network, row)

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (R, K)."""
        import torch

        from cinecast_models.transformer_network import single_thread

        history = torch.from_numpy(np.array(pending[-1:]))
        with single_thread(), torch.inference_mode():
            return np.concatenate([network(history).numpy() for network in self._networks])

    def learn(self, history: Array, target: Array) -> None:
        """Learn nothing after the fit."""
