"""One step of recursive least squares with the root of the covariance (Potter's form), compiled."""

from __future__ import annotations

import numpy as np

from cinecast_models.compiled import add, compiled_loop, dot


@compiled_loop
def observe(weights, root, inputs, target, forgetting):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Weigh in one pair.

    Parameters
    ----------
    weights
        Changed in place, shape (outputs, n).
    root
        S with ``P = S S^T``, changed in place, shape (n, n).
    inputs, target
        Shapes (n,) and (outputs,).
    forgetting
        Weight of what was learned before.
    """
    size = len(inputs)
    projected, gain = np.zeros(size), np.empty(size)
    for i in range(size):
        add(projected, inputs[i], root[i])
    spread = forgetting + dot(projected, projected)
    for i in range(size):
        gain[i] = dot(root[i], projected) / spread
    for k in range(weights.shape[0]):
        add(weights[k], target[k] - dot(weights[k], inputs), gain)
    share = spread / (spread + np.sqrt(forgetting * spread))
    grown = 1.0 / np.sqrt(forgetting)
    for i in range(size):
        add(root[i], -gain[i] * share, projected)
        if grown != 1.0:
            for j in range(size):
                root[i, j] *= grown
