"""A trained population: weights of transformers, and all that is needed to use them (arXiv 2410.05882).

`train_population` of `cinecast_models.population.training` makes one, `cinecast_models.population.file` keeps it, and
the method ``population_transformer`` forecasts with it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cinecast_models.forecaster import Array
from cinecast_models.population.settings import PopulationSettings

# A run of so many samples, with so many different values, is of one recording alone; one of so many runs is kept.
_RUN, _DIFFERENT, _ONE_OF = 16, 12, np.uint64(8)
# Odd, with as many ones as zeros (Steele and Vigna, Computationally easy, spectrally good multipliers, 2021).
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)


@dataclass(frozen=True, eq=False)
class TrainingSeries:
    """One sequence to train on.

    Parameters
    ----------
    name
        Its name.
    samples
        Shape (T, K), finite, as recorded.
    rate_hz
        Its samples per second.
    digests
        What else it is known by than the digests of its components: that of the frames it was measured on, say.
    """

    name: str
    samples: Array
    rate_hz: float
    digests: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TrainedOn:
    """One sequence that a population was trained on.

    Parameters
    ----------
    name
        Its name.
    samples
        Number of its samples, as recorded.
    rate_hz
        Its samples per second, as recorded.
    digests
        What the sequence is known by when it is to be forecast: `component_digests`, and others that its source gives.
    """

    name: str
    samples: int
    rate_hz: float
    digests: frozenset[str]


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
    trained_on
        The sequences of the training.
    errors
        Mean squared error of each model over the parts held out, in standard units, shape (R,).
    persistence_error
        The same error of the newest sample as the forecast.
    """

    parameters: Array
    settings: PopulationSettings
    components: int
    target_rate: float
    trained_on: tuple[TrainedOn, ...] = ()
    errors: tuple[float, ...] = ()
    persistence_error: float = float("nan")

    def about(self) -> dict[str, Any]:
        """Return all but the weights as plain JSON values."""
        return {
            "settings": asdict(self.settings),
            "components": self.components,
            "target_rate": self.target_rate,
            "trained_on": [asdict(each) | {"digests": sorted(each.digests)} for each in self.trained_on],
            "errors": list(self.errors),
            "persistence_error": self.persistence_error,
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of weights and settings, the same wherever the population lies."""
        about = json.dumps(self.about(), sort_keys=True)
        weights = np.ascontiguousarray(self.parameters, dtype="<f8")
        return hashlib.sha256(f"{about}\n{weights.shape}\n".encode() + weights.tobytes()).hexdigest()


def component_digests(samples: Array) -> frozenset[str]:
    """Return what each component of samples is known again by, whichever are taken, in any order.

    Parameters
    ----------
    samples
        Shape (T, K), as recorded; NaN where one is lost.

    Returns
    -------
    frozenset[str]
        The SHA-256 of each component, but of constant ones, which many series share. And numbers of some runs of
        `_RUN` samples of it, chosen by their values alone: a series that was cut, or goes on, shares some.
    """
    columns = [np.ascontiguousarray(column, dtype="<f8") for column in np.asarray(samples).T]
    whole = (hashlib.sha256(column.tobytes()).hexdigest() for column in columns if (column != column[0]).any())
    return frozenset(whole).union(*map(_runs_of, columns))


def _runs_of(column: Array) -> set[str]:
    """Return numbers of the runs of a component (T,) that are chosen, in hexadecimal digits."""
    if len(column) < _RUN:
        return set()
    runs = np.lib.stride_tricks.sliding_window_view(column, _RUN)
    words = (column + 0.0).view(np.uint64)  # without the sign of zeros
    numbers = np.zeros(len(runs), dtype=np.uint64)
    for place in range(_RUN):
        numbers = (numbers ^ words[place : place + len(runs)]) * _MULTIPLIER
        numbers ^= numbers >> np.uint64(29)
    chosen = np.flatnonzero((numbers % _ONE_OF == 0) & np.isfinite(runs).all(axis=1))
    different = 1 + (np.diff(np.sort(runs[chosen], axis=1), axis=1) > 0).sum(axis=1)
    return {f"{each:016x}" for each in numbers[chosen[different >= _DIFFERENT]].tolist()}
