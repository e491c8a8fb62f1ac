"""The Cholesky factor of a window of pairs that slides: the oldest goes, the newest comes, in the square of its length.

U and Z are those of `cinecast_models.kernel.cholesky_factor`, both changed in place.
"""

from __future__ import annotations

import numpy as np

from cinecast_models.compiled import compiled_loop

# How a pair is dropped: the rows that are left, with the first one below them, are turned (Givens) until the latter is
# 0. Turning keeps U^T U, has no cancellation and cannot become indefinite.


@compiled_loop
def squared_distances(inputs, newest, first, distances):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the squared distances of a history to those of a ring, the oldest first.

    Parameters
    ----------
    inputs
        Histories in the ring, shape (window, d).
    newest
        Shape (d,).
    first
        Place of the oldest.
    distances
        Written, shape (n,), n at most the window.
    """
    for i in range(len(distances)):
        row = inputs[(first + i) % inputs.shape[0]]
        total = 0.0
        for j in range(len(newest)):
            total += (row[j] - newest[j]) * (row[j] - newest[j])
        distances[i] = total


@compiled_loop
def turn(into, row, carried, cosine, sine):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Turn two rows in their plane: one is written elsewhere, the other stays where it is.

    Parameters
    ----------
    into
        Written, shape (n,).
    row
        Shape (n,).
    carried
        Changed in place, shape (n,).
    cosine, sine
        Of the angle.
    """
    for j in range(len(row)):
        value = row[j]
        into[j] = cosine * value + sine * carried[j]
        carried[j] = cosine * carried[j] - sine * value


@compiled_loop
def drop_oldest(factor, solved, filled):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Take out the oldest pair; the others move up by one.

    Parameters
    ----------
    factor, solved
        U and Z, shapes (window, window) and (window, outputs).
    filled
        Number of pairs before.
    """
    row, targets = factor[0, :filled].copy(), solved[0].copy()
    for k in range(1, filled):
        length = np.sqrt(factor[k, k] * factor[k, k] + row[k] * row[k])
        cosine, sine = factor[k, k] / length, row[k] / length
        turn(factor[k - 1, k - 1 : filled - 1], factor[k, k:filled], row[k:], cosine, sine)
        turn(solved[k - 1], solved[k], targets, cosine, sine)
