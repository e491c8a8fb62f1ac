"""Histories cut from a series, and the input vector made of a history."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cinecast_models.forecaster import Array


def histories(series: Array, length: int) -> Array:
    """Return every run of `length` consecutive samples, as a read-only view.

    Parameters
    ----------
    series
        Samples, shape (T, K).
    length
        History length L, at most T.

    Returns
    -------
    Array
        Shape (T - L + 1, L, K), oldest first; the i-th history ends with sample i + L - 1.
    """
    frames, components = series.shape
    # sliding_window_view says the same, but takes longer than a recurrent net takes to learn.
    shape, strides = (frames - length + 1, length, components), (series.strides[0], *series.strides)
    return as_strided(series, shape, strides, writeable=False)


def input_vectors(windows: Array) -> Array:
    """Return ``[1, oldest sample ... newest sample]`` for each history: (N, L, K) to (N, 1 + L * K)."""
    flat = windows.reshape(len(windows), -1)
    return np.concatenate([np.ones((len(windows), 1)), flat], axis=1)


def input_vector(history: Array) -> Array:
    """Return ``[1, oldest sample ... newest sample]`` of one history: (L, K) to (1 + L * K,)."""
    vector = np.empty(1 + history.size)  # half the time of joining two arrays
    vector[0] = 1.0
    vector[1:] = history.ravel()
    return vector
