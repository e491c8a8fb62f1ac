"""Training of the population transformer. This module needs torch; import it late."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import torch
from scipy.signal import resample_poly  # type: ignore[import-untyped]  # scipy ships no types

from cinecast_models.augmentation import augment
from cinecast_models.engine import checked_samples
from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.population import Population
from cinecast_models.population_network import new_network
from cinecast_models.population_settings import PopulationSettings
from cinecast_models.randomness import run_generators
from cinecast_models.standardisation import Standardisation
from cinecast_models.transformer_network import (
    descend_once,
    fastest_device,
    lay_parameters_into,
    seeded,
)
from cinecast_models.windows import histories

_Pairs = tuple[Array, Array]


def train_population(
    series: Sequence[Array],
    rates: Sequence[float],
    *,
    target_rate: float,
    settings: PopulationSettings | None = None,
    seed: int = 0,
    runs: int = 1,
) -> Population:
    """Train a transformer on several sequences, for others that it will not see before it forecasts them.

    Each sequence is resampled to `target_rate` and split 4 to 1 in time. The first parts, standardised by their
    pooled mean and deviation and augmented anew in every pass, are learned from; the pass with the smallest squared
    error over the last parts is kept.

    Parameters
    ----------
    series
        Sequences, each of shape (T, K), with the same K.
    rates
        Samples per second of each.
    target_rate
        Samples per second of the sequences to forecast.
    settings
        Settings of the training; None for the defaults.
    seed
        Of initial weights, order, augmentation and dropout, 0 or more. On the CPU the same seed gives the same bits.
    runs
        Number of models R.

    Raises
    ------
    ForecastingError
        If there is no sequence, numbers of components differ, a sample is not finite, a rate is missing or not
        positive, or no sequence is long enough.
    """
    own = PopulationSettings() if settings is None else settings
    _check(series, rates, target_rate)
    resampled = [
        resample(checked_samples(samples, 0), rate, target_rate) for samples, rate in zip(series, rates, strict=True)
    ]
    parts = [np.split(samples, [int(0.8 * len(samples))]) for samples in resampled]
    scaling = Standardisation.of(np.concatenate([first for first, _ in parts]))
    learned = _pairs([scaling.apply(first) for first, _ in parts], own)
    held_out = _pairs([scaling.apply(last) for _, last in parts], own)
    rows = [_trained(learned, held_out, own, generator) for generator in run_generators(seed, runs)]
    return Population(np.stack(rows), own, resampled[0].shape[1], float(target_rate))


def resample(samples: Array, rate: float, target_rate: float) -> Array:
    """Return samples (T, K) at another rate, low-pass filtered by a polyphase filter.

    The ends continue along the line through the first and the last sample: with zeros beyond them, as is the default
    of the filter, a sequence far from 0 would bend towards it.
    """
    ratio = Fraction(target_rate / rate).limit_denominator(1000)
    resampled: Array = resample_poly(samples, ratio.numerator, ratio.denominator, axis=0, padtype="line")
    return resampled


def _trained(learned: _Pairs, held_out: _Pairs, settings: PopulationSettings, generator: np.random.Generator) -> Array:
    """Return the weights, shape (P,), of the pass with the smallest error over the pairs held out."""
    with seeded(int(generator.integers(2**63))):
        network = new_network(settings, learned[1].shape[1])
        weights: Array = np.empty(sum(parameter.numel() for parameter in network.parameters()))
        lay_parameters_into(network, weights)
        with fastest_device(network) as device:
            descent = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
            judged_inputs, judged = (torch.from_numpy(array).to(device) for array in held_out)
            smallest, best, since = np.inf, network.state_dict(), 0
            for _ in range(settings.epochs):
                inputs, wanted = augment(*learned, settings.horizon, generator)
                descend_once(
                    network,
                    descent,
                    torch.from_numpy(inputs).to(device),
                    torch.from_numpy(wanted).to(device),
                    settings.batch,
                )
                with torch.no_grad():
                    error = float(((network.eval()(judged_inputs) - judged) ** 2).mean())
                since += 1
                if error < smallest:
                    smallest, since = error, 0
                    best = {name: tensor.clone() for name, tensor in network.state_dict().items()}
                if since >= settings.patience:
                    break
            network.load_state_dict(best)
    return weights


def _pairs(series: Sequence[Array], settings: PopulationSettings) -> _Pairs:
    """Return the pairs that lie wholly in one of the sequences, shapes (N, L, K) and (N, K)."""
    needed = settings.history_length + settings.horizon
    long_enough = [samples for samples in series if len(samples) >= needed]
    if not long_enough:
        longest = max(len(samples) for samples in series)
        raise ForecastingError(
            f"history_length + horizon must fit into a fifth of some sequence, got {needed} frames for {longest}; give "
            "longer sequences or a shorter history"
        )
    windows = [histories(s, settings.history_length)[: -settings.horizon] for s in long_enough]
    return np.concatenate(windows), np.concatenate([s[needed - 1 :] for s in long_enough])


def _check(series: Sequence[Array], rates: Sequence[float], target_rate: float) -> None:
    if not series or len(series) != len(rates):
        raise ForecastingError(
            f"a population needs one sequence or more and a rate for each, got {len(series)} and {len(rates)}; give "
            "as many rates as sequences"
        )
    if any(not 0 < rate < np.inf for rate in (*rates, target_rate)):
        raise ForecastingError(
            f"rates must be positive, got {list(rates)} and a target_rate of {target_rate}; give samples per second"
        )
    shapes = [np.shape(samples) for samples in series]
    if any(len(shape) != 2 or shape[1] != shapes[0][1] for shape in shapes):
        raise ForecastingError(
            f"sequences of a population must have shape (T, K) with one K, got {shapes}; give all the same components"
        )
