"""Instants of a series at which nothing was measured: filled in, lost for a moment, or unknown for good."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast_models.engine import checked_samples
from cinecast_models.errors import ForecastingError
from cinecast_models.forecaster import Array
from cinecast_models.real_samples import is_whole


class Gaps(NamedTuple):
    """What is not measured in a series of T samples.

    Parameters
    ----------
    filled
        Samples that are no targets, shape (T,): held or interpolated.
    held
        Samples that the one before stood for when they came, shape (T,).
    lost
        Instants that no sample came for, shape (T,): no forecast is issued at them.
    unknown
        Those of them that nothing stands for, shape (T,): no history reaches across them.
    """

    filled: NDArray[np.bool_]
    held: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    unknown: NDArray[np.bool_]

    def crossed(self, horizon: int) -> NDArray[np.bool_]:
        """Return the samples, shape (T,), between which and the one `horizon` before there is an unknown instant."""
        passed = np.concatenate([[0], np.cumsum(self.unknown)])
        crossed = np.zeros(len(self.unknown), dtype=bool)
        crossed[horizon:] = passed[horizon + 1 :] > passed[: -horizon - 1]
        return crossed


def checked_gaps(samples: Array, held: Collection[int], lost: Collection[int]) -> Gaps:
    """Return the gaps of a series after checking that all other samples can be forecast from.

    Parameters
    ----------
    samples
        Shape (T, K), any unit.
    held, lost
        Indices as `forecast_series` takes them.

    Returns
    -------
    Gaps
        What is no target, what came not at all, and what stays unknown.

    Raises
    ------
    ForecastingError
        If an index is no whole number or none of the series, or a sample is not finite that is not lost, or lost and
        known in part.
    """
    stood_for, absent = (_marked(indices, len(samples)) for indices in (held, lost))
    unknown = absent & np.isnan(samples).all(axis=1)
    checked_samples(np.where(unknown[:, np.newaxis], 0.0, samples), 0)
    return Gaps((stood_for | absent) & ~unknown, stood_for & ~unknown, absent, unknown)


def _marked(indices: Collection[int], frames: int) -> NDArray[np.bool_]:
    odd = [t for t in indices if not is_whole(t)]
    if odd:
        raise ForecastingError(
            f"samples that were held or lost must be given by whole numbers, got {odd[0]!r}; of a mask take "
            "numpy.flatnonzero"
        )
    outside = sorted(t for t in indices if not 0 <= t < frames)
    if outside:
        raise ForecastingError(
            f"samples that were held or lost must be 0 to {frames - 1}, got {outside[0]}; name samples of the series"
        )
    marked: NDArray[np.bool_] = np.zeros(frames, dtype=bool)
    marked[list(indices)] = True
    return marked
