"""The Cholesky factor of a kernel: to solve by it, to add a pair to it, to forecast from it.

A factor U is upper triangular with ``U^T U = kernel + ridge I``, pairs oldest first. Beside it goes
``Z = U^-T targets``, so that a forecast needs one triangular solution. Both are changed in place.
"""

from __future__ import annotations

import numpy as np

from cinecast_models.compiled import add, compiled_loop, copy, dot


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
