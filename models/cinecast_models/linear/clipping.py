"""Clipping of gradients, shared by all methods that descend one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cinecast_models.forecaster import Array


def clip_factor(gradients: Sequence[Array], limit: float) -> Array:
    """Return, per run, the factor that brings the joint norm of several gradients down to `limit`.

    Parameters
    ----------
    gradients
        Parts of one gradient, each of shape (R, rows, columns).
    limit
        Largest Euclidean norm allowed over all parts together.

    Returns
    -------
    Array
        Shape (R,): 1 where the norm is within the limit.
    """
    norm = np.sqrt(sum(np.einsum("rij,rij->r", part, part) for part in gradients))
    return np.where(norm > limit, limit / np.maximum(norm, limit), 1.0)
