"""Random changes of pairs of a history and its target, from which one signal becomes many (arXiv 2410.05882)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cinecast_models.forecaster import Array


def augment(histories: Array, targets: Array, horizon: int, generator: np.random.Generator) -> tuple[Array, Array]:
    """Change each pair at random; its history and its target change alike.

    Parameters
    ----------
    histories, targets
        Shapes (N, L, K) and (N, K), standardised; they are not changed.
    horizon
        Frames between the newest sample of a history and its target.
    generator
        Draws what is changed.

    Returns
    -------
    tuple of Array
        Histories and targets of the same shapes. With probability 0.8 every component of a pair is multiplied by a
        factor of its own from 0.8 to 1.2, with 0.5 the components change places, with 0.3 each is shifted by up to 0.2
        of its range, and with 0.3 each gets a drift that reaches up to 0.05 of its range at the newest sample, in
        either direction. The range is that from the 5th to the 95th percentile of the component over the history.
    """
    pairs, length, components = histories.shape
    order = np.tile(np.arange(components), (pairs, 1))
    permuted = _chosen(pairs, 0.5, generator)
    order[permuted] = generator.permuted(order[permuted], axis=1)
    histories, targets = (
        np.take_along_axis(histories, order[:, np.newaxis], axis=2),
        np.take_along_axis(targets, order, axis=1),
    )
    factor = np.where(
        _chosen(pairs, 0.8, generator)[:, np.newaxis], generator.uniform(0.8, 1.2, (pairs, components)), 1.0
    )
    low, high = np.percentile(histories, [5, 95], axis=1)
    shift, drift = (
        (high - low)
        * share
        * _chosen(pairs, 0.3, generator)[:, np.newaxis]
        * generator.uniform(-1, 1, (pairs, components))
        for share in (0.2, 0.05)
    )
    # Time in histories: 0 at the oldest sample, 1 at the newest.
    time = np.arange(length) / max(length - 1, 1)
    ahead = (length - 1 + horizon) / max(length - 1, 1)
    moved = histories * factor[:, np.newaxis] + shift[:, np.newaxis] + drift[:, np.newaxis] * time[:, np.newaxis]
    return moved, targets * factor + shift + drift * ahead


def _chosen(pairs: int, probability: float, generator: np.random.Generator) -> NDArray[np.bool_]:
    return generator.random(pairs) < probability
