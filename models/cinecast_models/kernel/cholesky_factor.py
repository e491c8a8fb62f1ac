"""The Cholesky factor of a kernel: to solve by it, to add a pair to it, to forecast from it.

A factor U is upper triangular with ``U^T U = kernel + ridge I``, pairs oldest first. Beside it goes
``Z = U^-T targets``, so that a forecast needs one triangular solution. Both are changed in place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cinecast_models.compiled import add, compiled, compiled_loop, copy, dot
from cinecast_models.forecaster import Array

# Rows of the factor that are subtracted together.
_ROWS = 4


@compiled(error_model="numpy")  # sums in the order in which they are written: the same bits whatever is done already
def solve_on(factor: Array, right: Array, done: Any) -> None:  # pragma: no cover - compiled
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
    # Unsigned: of other numbers it is asked at each index whether they are below 0, and that loop is no vector code.
    n, solved, one = np.uint64(len(right)), np.uint64(done), np.uint64(1)
    for start in range(np.uint64(0), n, np.uint64(_ROWS)):
        end = min(start + np.uint64(_ROWS), n)
        for k in range(start, end):
            if k >= solved:
                right[k] /= factor[k, k]
            for later in range(max(k + one, solved), end):
                right[later] -= right[k] * factor[k, later]
        first = max(end, solved)
        if first < n:  # read and written once for all four rows
            second, third, fourth = start + one, start + np.uint64(2), start + np.uint64(3)
            a, b, c, d = right[start], right[second], right[third], right[fourth]
            for i in range(first, n):
                of_two = (right[i] - a * factor[start, i]) - b * factor[second, i]
                right[i] = (of_two - c * factor[third, i]) - d * factor[fourth, i]


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
