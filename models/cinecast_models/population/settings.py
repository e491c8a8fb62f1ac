"""Settings of the training of the population transformer, apart from what needs torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from cinecast_models.settings import MethodSettings, Range


@dataclass(frozen=True)
class PopulationSettings(MethodSettings):
    """Settings of the training.

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

    method: ClassVar[str] = "population"
    horizon: Annotated[int, Range(1, 100_000)] = 6
    learning_rate: Annotated[float, Range(0, 1, above=True)] = 5e-4
    layers: Annotated[int, Range(1, 24)] = 2
    head_width: Annotated[int, Range(1, 512)] = 8
    feedforward: Annotated[int, Range(1, 100_000)] = 16
    epochs: Annotated[int, Range(1, 100_000)] = 300
    patience: Annotated[int, Range(1, 100_000)] = 30
    batch: Annotated[int, Range(1, 100_000)] = 32
    dropout: Annotated[float, Range(0, 1, below=True)] = 0.5
