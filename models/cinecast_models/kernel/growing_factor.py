"""The Cholesky factor of all pairs so far: one comes in the square of their number, and the oldest go many at a time.

As in `cinecast_models.kernel.sliding_factor`, a factor U is upper triangular with ``U^T U = kernel + ridge I``, pairs
oldest first, and beside it goes ``Z = U^-T targets``. Below the diagonal of the array that holds U is the kernel, from
which the factor is made anew.
"""

from __future__ import annotations

import numpy as np

from cinecast_models.compiled import add, compiled_loop, copy, dot
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


@compiled_loop
def solve_on(factor, right, done):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Replace b by the solution y of ``U^T y = b``, of which the first numbers are y already.

    Parameters
    ----------
    factor
        U, shape (window, window).
    right
        First y, then b, shape (n,): the first n pairs are looked at.
    done
        How many are y: solving for all, or for the rest later, gives the same bits.
    """
    n = len(right)
    for k in range(n):
        if k >= done:
            right[k] /= factor[k, k]
        first = max(k + 1, done)
        add(right[first:], -right[k], factor[k, first:n])


@compiled_loop
def append_solved(factor, solved, answer, target, ridge):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Add a pair behind the others.

    Parameters
    ----------
    factor, solved
        U and Z, shapes (window, window) and (window, outputs).
    answer
        ``U^-T k``, k being the kernel between its history and those of the n others, shape (n,).
    target
        Shape (outputs,).
    ridge
        Penalty; the kernel of a history with itself is 1.
    """
    n = len(answer)
    # What is left is never less than the ridge but by rounding.
    last = np.sqrt(max(1.0 + ridge - dot(answer, answer), ridge))
    factor[n, n] = last
    copy(solved[n], target)
    for i in range(n):
        factor[i, n] = answer[i]
        add(solved[n], -answer[i], solved[i])
    for j in range(solved.shape[1]):
        solved[n, j] /= last


@compiled_loop
def combine(solved, answer, forecast):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write ``k (kernel + ridge I)^-1 targets``.

    Parameters
    ----------
    solved
        Z, shape (window, outputs).
    answer
        ``U^-T k``, k being the kernel between a history and those of the n pairs, shape (n,).
    forecast
        Written, shape (outputs,).
    """
    forecast[:] = 0.0
    for i in range(len(answer)):
        add(forecast, answer[i], solved[i])


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
    lower = np.linalg.cholesky(matrix)  # which looks at nothing above the diagonal
    factor[...] = np.tril(factor, -1) + lower.T
    solved[...] = solve_triangular(lower, targets, lower=True, check_finite=False)
