"""The Cholesky factor of all pairs so far: one comes in the square of their number, and the oldest go many at a time.

U and Z are those of `cinecast_models.kernel.cholesky_factor`. Below the diagonal of the array that holds U is the
kernel, from which the factor is made anew.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from cinecast_models.compiled import compiled_loop
from cinecast_models.forecaster import Array
from cinecast_models.single_thread import one_thread, thread_pools

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@compiled_loop
def similarities(inputs, times, newest, time, scale, forgetting, done, similarity):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the similarity of a history to each of the pairs.

    Parameters
    ----------
    inputs, times
        Histories of the pairs, and the indices of their newest samples, shapes (window, d) and (window,).
    newest, time
        The same of the history, shapes (d,) and ().
    scale
        Distance at which similarity has fallen to a half.
    forgetting
        Factor of similarity for each frame between them.
    done
        How many are there already.
    similarity
        Written from there on, shape (n,), n at most the window.
    """
    for i in range(done, len(similarity)):
        row = inputs[i]
        total = 0.0
        for j in range(len(newest)):
            total += (row[j] - newest[j]) * (row[j] - newest[j])
        similarity[i] = 1.0 / (1.0 + total / (scale * scale))
    if forgetting < 1.0:
        for i in range(done, len(similarity)):
            similarity[i] *= forgetting ** float(time - times[i])


def factorise(factor: Array, solved: Array, targets: Array, ridge: float) -> None:
    """Make the factor of n pairs anew from their kernel.

    Parameters
    ----------
    factor
        The kernel below the diagonal, where it stays; on and above it U is written. Shape (n, n).
    solved
        Z, written, shape (n, outputs).
    targets
        Shape (n, outputs).
    ridge
        Penalty; the kernel of a history with itself is 1.
    """
    from scipy.linalg import solve_triangular  # type: ignore[import-untyped]  # scipy ships no types

    matrix = factor.copy()
    matrix[np.diag_indices_from(matrix)] = 1.0 + ridge
    with one_thread(_pools()):
        lower = np.linalg.cholesky(matrix)  # which looks at nothing above the diagonal
        solved[...] = solve_triangular(lower, targets, lower=True, check_finite=False)
    factor[...] = np.tril(factor, -1) + lower.T


@cache
def _pools() -> ThreadpoolController:
    """Return numpy's and scipy's threads, looked for once: that takes longer than to factorise."""
    return thread_pools()
