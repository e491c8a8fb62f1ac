"""The Cholesky factor of all pairs so far: one comes in the square of their number, and the oldest go many at a time.

As in `cinecast_models.kernel.sliding_factor`, a factor U is upper triangular with ``U^T U = kernel + ridge I``, pairs
oldest first, and beside it goes ``Z = U^-T targets``.
"""

from __future__ import annotations

import numpy as np

from cinecast_models.compiled import compiled_loop
from cinecast_models.forecaster import Array


@compiled_loop
def similarities(inputs, ages, newest, scale, forgetting, similarity):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the similarity of a history to each of the pairs.

    Parameters
    ----------
    inputs
        Histories of the pairs, shape (window, d).
    ages
        How many frames before the history each of them is, shape (window,).
    newest
        The history, shape (d,).
    scale
        Distance at which similarity has fallen to a half.
    forgetting
        Factor of similarity for each frame of age.
    similarity
        Written, shape (n,), n at most the window.
    """
    for i in range(len(similarity)):
        row = inputs[i]
        total = 0.0
        for j in range(len(newest)):
            total += (row[j] - newest[j]) * (row[j] - newest[j])
        similarity[i] = 1.0 / (1.0 + total / (scale * scale))
    if forgetting < 1.0:
        for i in range(len(similarity)):
            similarity[i] *= forgetting ** ages[i]


def factorise(kernel: Array, targets: Array, ridge: float, factor: Array, solved: Array) -> None:
    """Write the factor of n pairs, made from their kernel.

    Parameters
    ----------
    kernel
        Shape (n, n); only what lies below the diagonal is looked at, which itself is 1.
    targets
        Shape (n, outputs).
    ridge
        Penalty.
    factor, solved
        U and Z, written, shapes (n, n) and (n, outputs).
    """
    from scipy.linalg import solve_triangular  # type: ignore[import-untyped]  # scipy ships no types

    matrix = np.tril(kernel, -1)
    matrix[np.diag_indices_from(matrix)] = 1.0 + ridge
    lower = np.linalg.cholesky(matrix)
    factor[...] = lower.T
    solved[...] = solve_triangular(lower, targets, lower=True, check_finite=False)
