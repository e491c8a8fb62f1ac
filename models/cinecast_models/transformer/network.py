"""The encoder-only transformer of arXiv 2410.05882 and its training. This module needs torch; import it late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from threading import RLock

import numpy as np
import torch
from torch import Tensor, nn

from cinecast_models.forecaster import Array

HEADS = 2
# torch has one generator for the whole program.
_DRAWING = RLock()


class TransformerNetwork(nn.Module):
    """Map histories (B, L, K) to forecasts (B, K), in double precision.

    A sample becomes ``width`` numbers, to which the sinusoidal code of its place in the history is added; after the
    encoder (post-norm, ReLU) all places together enter a net with one hidden layer of ``int(sqrt(L width K))`` units.

    Parameters
    ----------
    history_length, components
        L and K.
    width
        Numbers per sample inside the encoder, even.
    layers
        Layers of the encoder.
    feedforward
        Hidden units of each layer of the encoder.
    dropout
        Share of the numbers in the encoder that are dropped while training.
    """

    places: Tensor

    def __init__(
        self, history_length: int, components: int, *, width: int, layers: int, feedforward: int, dropout: float
    ) -> None:
        super().__init__()
        self.embedding = nn.Linear(components, width)
        self.register_buffer("places", torch.from_numpy(sinusoidal_places(history_length, width)), persistent=False)
        layer = nn.TransformerEncoderLayer(width, HEADS, feedforward, dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        hidden = int(np.sqrt(history_length * width * components))
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(history_length * width, hidden), nn.ReLU(), nn.Linear(hidden, components)
        )
        self.double()

    def settle_constants(self, histories: Array, targets: Array) -> None:
        """Forecast exactly the components that never change in the train span.

        Gradient descent only comes near the weights that do so, and a constant has no scale by which near is near.

        Parameters
        ----------
        histories, targets
            Of the train span, shapes (N, L, K) and (N, K).
        """
        # Of the histories too: a single target is no constant.
        still = torch.from_numpy((targets == targets[0]).all(axis=0) & (histories == targets[0]).all(axis=(0, 1)))
        output = self.head[-1]
        assert isinstance(output, nn.Linear)
        output.weight.data[still] = 0
        output.bias.data[still] = torch.from_numpy(np.array(targets[0]))[still]

    def forward(self, histories: Tensor) -> Tensor:
        """Forecast from histories (B, L, K), oldest sample first: (B, K)."""
        forecast: Tensor = self.head(self.encoder(self.embedding(histories) + self.places))
        return forecast


def sinusoidal_places(length: int, width: int) -> Array:
    """Return the code of each place: sines in even columns, cosines in odd ones.

    The wavelengths grow from 2 pi to 20000 pi places (Vaswani et al. 2017, arXiv 1706.03762, section 3.5).

    Parameters
    ----------
    length
        Number of places.
    width
        Numbers per place, even.

    Returns
    -------
    Array
        Shape (length, width).
    """
    angle = np.arange(length)[:, np.newaxis] / 10_000.0 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(length, width)


@contextmanager
def single_thread() -> Iterator[None]:
    """Let torch compute on one thread, so that bits do not depend on the machine; small nets are faster on one, too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let torch draw from `seed`, on one thread; afterwards its own generators continue as they would have.

    Other threads of the program that ask for a seed wait meanwhile: they would draw from the same generators.
    """
    with _DRAWING, single_thread(), torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


def lay_parameters_into(network: nn.Module, vector: Array) -> None:
    """Make the parameters of a network views of one vector, which then is the network.

    Parameters
    ----------
    network
        Of P parameters in all, in double precision, on the CPU.
    vector
        Shape (P,), contiguous; takes over the values that the network has.
    """
    memory = torch.from_numpy(vector)
    parameters = list(network.parameters())
    memory.copy_(nn.utils.parameters_to_vector(parameters).detach())
    ends = np.cumsum([0, *(parameter.numel() for parameter in parameters)]).tolist()
    for parameter, (start, end) in zip(parameters, pairwise(ends), strict=True):
        parameter.data = memory[start:end].view_as(parameter)


def train(
    network: TransformerNetwork, histories: Array, targets: Array, *, learning_rate: float, epochs: int, batch: int
) -> None:
    """Lower the mean squared error by Adam over shuffled batches, on the GPU when there is one, in place.

    Parameters
    ----------
    network
        Its parameters stay where they lie in memory.
    histories, targets
        Shapes (N, L, K) and (N, K), standardised.
    learning_rate
        Step size of Adam.
    epochs
        Passes over all pairs.
    batch
        Pairs per step.

    Notes
    -----
    Draws from torch's global generator: call it within `seeded`.
    """
    with fastest_device(network) as device:
        inputs, wanted = (torch.from_numpy(np.array(array)).to(device) for array in (histories, targets))
        descent = torch.optim.Adam(network.parameters(), lr=learning_rate)
        for _ in range(epochs):
            descend_once(network, descent, inputs, wanted, batch)


@contextmanager
def fastest_device(network: nn.Module) -> Iterator[torch.device]:
    """Take a network to the GPU when there is one; its parameters are back where they lay in memory afterwards."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    at_home = [parameter.data for parameter in network.parameters()]
    network.to(device)
    yield device
    network.to("cpu").eval()
    for parameter, home in zip(network.parameters(), at_home, strict=True):
        home.copy_(parameter.data)
        parameter.data = home


def descend_once(
    network: nn.Module, descent: torch.optim.Optimizer, inputs: Tensor, wanted: Tensor, batch: int
) -> None:
    """Pass once over all pairs in random order, drawn from torch's global generator.

    Parameters
    ----------
    network
        Changed in place; left in the state for training.
    descent
        Over the parameters of the network.
    inputs, wanted
        Shapes (N, L, K) and (N, K), on the device of the network.
    batch
        Pairs per step.
    """
    network.train()
    order = torch.randperm(len(inputs)).to(inputs.device)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        descent.zero_grad()
        loss = nn.functional.mse_loss(network(inputs[chosen]), wanted[chosen])
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        descent.step()
