"""Training of the population transformer. This module needs torch; import it late."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import torch
from scipy.signal import resample_poly  # type: ignore[import-untyped]  # scipy ships no types

from cinecast_models.engine import checked_samples
from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.population.augmentation import augment
from cinecast_models.population.choice import RATE_TOLERANCE
from cinecast_models.population.network import new_network
from cinecast_models.population.population import Population, TrainedOn, TrainingSeries, component_digests
from cinecast_models.population.settings import PopulationSettings
from cinecast_models.randomness import run_generators
from cinecast_models.real_samples import real_samples
from cinecast_models.standardisation import Standardisation
from cinecast_models.transformer.network import (
    descend_once,
    fastest_device,
    lay_parameters_into,
    seeded,
)
from cinecast_models.windows import histories

_LOG = logging.getLogger(__name__)

# Rates further apart are a mistake, such as a period for a rate; a ratio below 1 over this is none that can be kept.
_LARGEST_RATIO = 1000

_Pairs = tuple[Array, Array]


def train_population(
    series: Sequence[TrainingSeries],
    *,
    target_rate: float,
    settings: PopulationSettings | None = None,
    seed: int = 0,
    runs: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> Population:
    """Train a transformer on several sequences, for others that it will not see before it forecasts them.

    Each sequence is resampled to `target_rate` and split 4 to 1 in time. The first parts, standardised by their
    pooled mean and deviation and augmented anew in every pass, are learned from; the pass with the smallest squared
    error over the last parts is kept. A sequence with a part too short for a pair is left out of these parts, with a
    warning.

    Parameters
    ----------
    series
        The sequences, all of the same number K of components.
    target_rate
        Samples per second of the sequences to forecast.
    settings
        Settings of the training; None for the defaults.
    seed
        Of initial weights, order, augmentation and dropout, 0 or more. On the CPU the same seed gives the same bits.
    runs
        Number of models R.
    advance
        Called after each model.

    Returns
    -------
    Population
        Of R models.

    Raises
    ------
    ForecastingError
        If there is no sequence, numbers of components differ, a sample is not finite, a rate is not positive or more
        than 1000 times another, or no sequence is long enough.
    """
    own = PopulationSettings() if settings is None else settings
    _check(series, target_rate)
    resampled = [
        resample_to_rate(checked_samples(real_samples(each.samples), 0), each.rate_hz, target_rate) for each in series
    ]
    parts = [np.split(samples, [int(0.8 * len(samples))]) for samples in resampled]
    _warn_of_short(series, parts, own)
    scaling = Standardisation.of(np.concatenate([first for first, _ in parts]))
    learned = _pairs([scaling.apply(first) for first, _ in parts], own)
    held_out = _pairs([scaling.apply(last) for _, last in parts], own)
    rows, errors = [], []
    for generator in run_generators(seed, runs):
        weights, error = _trained(learned, held_out, own, generator)
        rows.append(weights)
        errors.append(error)
        advance()
    return Population(
        np.stack(rows),
        own,
        resampled[0].shape[1],
        float(target_rate),
        tuple(_trained_on(each, target_rate) for each in series),
        tuple(errors),
        float(((held_out[0][:, -1] - held_out[1]) ** 2).mean()),
    )


def _trained_on(series: TrainingSeries, target_rate: float) -> TrainedOn:
    digests = component_digests(series.samples) | series.digests
    # A file with every n-th sample of it is the same recording, and may be what is to be forecast.
    every = round(series.rate_hz / target_rate)
    if every > 1 and abs(series.rate_hz / every / target_rate - 1) <= RATE_TOLERANCE:
        digests = digests.union(*(component_digests(series.samples[first::every]) for first in range(every)))
    return TrainedOn(series.name, len(series.samples), float(series.rate_hz), digests)


def resample_to_rate(samples: Array, rate: float, target_rate: float) -> Array:
    """Return samples at another rate, low-pass filtered by a polyphase filter.

    The ends continue along the line through the first and the last sample: with zeros beyond them, as is the default
    of the filter, a sequence far from 0 would bend towards it.

    Parameters
    ----------
    samples
        Shape (T, K).
    rate, target_rate
        Samples per second, of what is given and of what is wanted.

    Returns
    -------
    Array
        Shape (ceil(T * ratio), K), with the ratio of the rates as a fraction of denominator 1000 or less.
    """
    ratio = Fraction(target_rate / rate).limit_denominator(_LARGEST_RATIO)
    if ratio == 1:
        return samples
    # Between samples the filter has a ripple of a thousandth, of which that of an offset would be the most part.
    middle = Standardisation.of(samples).mean
    resampled: Array = resample_poly(samples - middle, ratio.numerator, ratio.denominator, axis=0, padtype="line")
    return resampled + middle


def _trained(
    learned: _Pairs, held_out: _Pairs, settings: PopulationSettings, generator: np.random.Generator
) -> tuple[Array, float]:
    """Return the weights, shape (P,), of the pass with the smallest error over the pairs held out, and that error."""
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
    return weights, float(smallest)


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


def _warn_of_short(series: Sequence[TrainingSeries], parts: Sequence[Sequence[Array]], own: PopulationSettings) -> None:
    needed = own.history_length + own.horizon
    for each, (first, last) in zip(series, parts, strict=True):
        if len(last) < needed:
            _LOG.warning(
                "%s is too short at the rate of the target for histories and horizons of %d samples: %s; nothing is "
                "learned from %s",
                each.name,
                needed,
                f"{len(first)} to learn from and {len(last)} to judge by",
                "it" if len(first) < needed else "its end",
            )


def _check(series: Sequence[TrainingSeries], target_rate: float) -> None:
    if not series:
        raise ForecastingError("a population needs one sequence or more, got none; give recorded sequences")
    for name, rate in (*((each.name, each.rate_hz) for each in series), ("the target", target_rate)):
        if not 0 < rate < np.inf:
            raise ForecastingError(f"a rate must be positive, got {rate} Hz for {name}; give samples per second")
    for each in series:
        if max(target_rate / each.rate_hz, each.rate_hz / target_rate) > _LARGEST_RATIO:
            raise ForecastingError(
                f"the rate of the target must be at most {_LARGEST_RATIO} times that of each sequence, and as many "
                f"times less, got {target_rate:g} Hz for {each.rate_hz:g} Hz of {each.name}; give samples per second"
            )
    shapes = {each.name: np.shape(each.samples) for each in series}
    if any(len(shape) != 2 or shape[1] != np.shape(series[0].samples)[1] for shape in shapes.values()):
        listed = ", ".join(f"{shape} of {name}" for name, shape in shapes.items())
        raise ForecastingError(
            f"sequences of a population must have shape (T, K) with one K, got {listed}; give all the same components"
        )
