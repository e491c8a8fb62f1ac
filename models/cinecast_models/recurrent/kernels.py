"""The inner loops that all recurrent nets share, compiled; every function handles one run.

The passes over the weights bound the speed, so they are fused where they can be and everything else is done between
them.
"""

from __future__ import annotations

import numpy as np

from cinecast_models.compiled import add as add
from cinecast_models.compiled import compiled_loop as compiled_loop
from cinecast_models.compiled import copy as copy
from cinecast_models.compiled import dot as dot


@compiled_loop
def decay_and_add(row, decay, factor, other):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Replace a row by ``decay * row + factor * other``.

    Parameters
    ----------
    row
        Changed in place, shape (n,).
    decay, factor
        Numbers.
    other
        Shape (n,).
    """
    for j in range(len(row)):
        row[j] = decay * row[j] + factor * other[j]


@compiled_loop
def square(vector):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the squared Euclidean norm."""
    return dot(vector, vector)


@compiled_loop
def advance(weights, inputs, hidden):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write ``tanh([W_a, W_b] [x, u])`` into `hidden`.

    Parameters
    ----------
    weights
        ``[W_a, W_b]``, shape (q, q + 1 + L * K).
    inputs
        ``[x, u]``, shape (q + 1 + L * K,).
    hidden
        Written, shape (q,); not a part of `inputs`.
    """
    for i in range(weights.shape[0]):
        hidden[i] = np.tanh(dot(weights[i], inputs))


@compiled_loop
def forward(weights, readout, hidden, inputs, target, slope, error, state_gradient):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Take one step and compute its error.

    Parameters
    ----------
    weights, readout
        ``[W_a, W_b]`` and W_c, shapes (q, q + 1 + L * K) and (K, q).
    hidden
        Goes from x_{t-1} to x_t, shape (q,).
    inputs
        Comes with u_t in place and leaves as ``[x_{t-1}, u_t]``, shape (q + 1 + L * K,).
    target
        Shape (K,).
    slope
        Written: the derivative of tanh at each unit, shape (q,).
    error
        Written: target minus output, shape (K,).
    state_gradient
        Written: the derivative of half the squared error by x_t, shape (q,).
    """
    copy(inputs[: len(hidden)], hidden)
    advance(weights, inputs, hidden)
    state_gradient[:] = 0.0
    for i in range(len(hidden)):
        slope[i] = 1.0 - hidden[i] * hidden[i]
    for k in range(readout.shape[0]):
        error[k] = target[k] - dot(readout[k], hidden)
        add(state_gradient, -error[k], readout[k])


@compiled_loop
def descend_readout(readout, hidden, error, gradient_square, rate, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Clip jointly and move the read-out against its gradient, ``-error hidden^T``.

    Where the norm overflows, the run has diverged, and its weights become NaN.

    Parameters
    ----------
    readout
        W_c, changed in place, shape (K, q).
    hidden, error
        x_t and target minus output, shapes (q,) and (K,).
    gradient_square
        Squared norm of the gradient of all other weights.
    rate, limit
        Size of a step, and the largest norm of the gradient over all weights together.

    Returns
    -------
    float
        The step to take against the gradient of the other weights.
    """
    norm = np.sqrt(gradient_square + square(error) * square(hidden))
    step = rate * (limit / norm) if norm > limit else rate
    if norm == np.inf:
        # Clipped to nothing, it would leave a net that learns no more and looks sound.
        step = np.nan
    for k in range(readout.shape[0]):
        add(readout[k], step * error[k], hidden)
    return step


@compiled_loop
def descend(weights, rows, columns, step):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Move the weights against a gradient of rank one, ``rows columns^T``.

    Parameters
    ----------
    weights
        Changed in place, shape (n, m).
    rows, columns
        Shapes (n,) and (m,).
    step
        A number.
    """
    for i in range(weights.shape[0]):
        add(weights[i], -step * rows[i], columns)


@compiled_loop
def roll(first, last, weights, readout, hidden, drives, outputs):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the outputs after rolling copies of the states through all drives.

    Parameters
    ----------
    first, last
        Runs first to last - 1 are computed.
    weights, readout, hidden
        Of all runs, shapes (R, q, q + 1 + L * K), (R, K, q) and (R, q); not changed.
    drives
        u of each step, shape (n, 1 + L * K).
    outputs
        Written, shape (R, K).
    """
    units = weights.shape[1]
    inputs, state = np.empty(weights.shape[2]), np.empty(units)
    for run in range(first, last):
        copy(state, hidden[run])
        for n in range(drives.shape[0]):
            copy(inputs[:units], state)
            copy(inputs[units:], drives[n])
            advance(weights[run], inputs, state)
        for k in range(readout.shape[1]):
            outputs[run, k] = dot(readout[run, k], state)
