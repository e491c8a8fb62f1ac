"""Kernel ridge regression on a sliding window of the pairs seen last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from cinecast_models.forecaster import Array, ArrayForecaster, Pair
from cinecast_models.settings import MethodSettings, Range

# Histories of the train span whose distances are measured, evenly spaced: all pairs of a long one would be too many.
_MOST_COMPARED = 1024


@dataclass(frozen=True)
class KernelRidgeSettings(MethodSettings):
    """Settings of `KernelRidge`.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 6.
    window
        Number of newest pairs that a forecast is made from, 1 to 2000, default 250. Time grows with its square.
    relative_scale
        Scale of the kernel over the median distance of two histories of the train span, from 1e-6 to 1000,
        default 2.
    ridge
        Penalty on the squared norm of the forecast function, in standard units, from 1e-8 to 1e6, default 0.1.

    Notes
    -----
    The defaults have the lowest nRMSE over the validation spans (never the test spans) of two weight series at
    horizons of 0.3 to 2 s: 0.769 on average, 0.782 with 12 samples.
    """

    method: ClassVar[str] = "kernel_ridge"
    history_length: Annotated[int, Range(1, 100_000)] = 6
    window: Annotated[int, Range(1, 2000)] = 250
    relative_scale: Annotated[float, Range(1e-6, 1000)] = 2.0
    ridge: Annotated[float, Range(1e-8, 1e6)] = 0.1


class KernelRidge(ArrayForecaster):
    """Forecast ``sum_i c_i exp(-|x - x_i|^2 / scale^2)`` with ``(kernel + ridge I) c = y`` over the window.

    The pairs lie in a ring: a new one takes the place of the oldest. A Cholesky factor of the matrix slides with them.
    It is made anew from the kernel whenever the ring has gone round, so that rounding adds up over one window at most.
    Where nothing like the newest history is in the window, the forecast is the mean of the train span.

    Parameters
    ----------
    settings
        Gives history length L, window, scale and ridge.
    components
        Number K of components of a sample.
    outputs
        Number of components of a target, K unless given.

    Attributes
    ----------
    scale
        Of the kernel, shape (), in standard units.
    inputs
        Histories in the ring, shape (window, L * K).
    targets
        Their targets, shape (window, outputs).
    kernel
        Kernel between each history in the ring and those that were there when it came, shape (window, window). When
        the ring has gone round, what lies below the diagonal is that of the pairs that are there now.
    factor, solved
        See `cinecast_models.kernel.cholesky_factor`; shapes (window, window) and (window, outputs), oldest pair first.
    count
        Number of pairs learned so far, shape ().
    """

    learned = ("scale", "inputs", "targets", "kernel", "factor", "solved", "count")

    def __init__(self, settings: KernelRidgeSettings, components: int, outputs: int | None = None) -> None:
        size = settings.history_length * components
        # The root mean squared distance of unrelated standardised histories, until the train span gives a better one.
        self.scale: Array = np.array(settings.relative_scale * np.sqrt(2 * size))
        self.inputs: Array = np.zeros((settings.window, size))
        self.targets: Array = np.zeros((settings.window, outputs or components))
        self.kernel: Array = np.zeros((settings.window, settings.window))
        self.factor: Array = np.zeros((settings.window, settings.window))
        self.solved: Array = np.zeros(self.targets.shape)
        self.count = np.zeros((), dtype=np.int64)
        self._settings = settings

    def fit(self, histories: Array, targets: Array) -> None:
        """Set the scale of the kernel by the train span; the pairs themselves are learned one by one.

        Parameters
        ----------
        histories, targets
            Of the train span, shapes (N, L, K) and (N, K), in standard units;
            the targets are not looked at.
        """
        # scipy takes longer to load than all else here, which those who only list the methods should not pay
        from scipy.spatial.distance import pdist  # type: ignore[import-untyped]  # scipy ships no types

        from cinecast_models.kernel.sliding_factor import drop_oldest

        # Compiled here, as the window first slides in the middle of a stream, where it would hold up a frame.
        drop_oldest(np.eye(2), np.zeros((2, 1)), 2)
        flat = histories.reshape(len(histories), -1)
        if len(flat) > _MOST_COMPARED:
            flat = flat[np.linspace(0, len(flat) - 1, _MOST_COMPARED).round().astype(int)]
        distance = np.median(pdist(flat)) if len(flat) > 1 else 0.0
        # A train span that stands still has no scale of its own.
        if distance > 0:
            self.scale[...] = self._settings.relative_scale * distance

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (1, K); 0 before any pair was learned."""
        # numba takes longer to load than all else here, which those who only list the methods should not pay
        from cinecast_models.kernel.cholesky_factor import combine, solve_on

        forecast = np.zeros((1, self.targets.shape[1]))
        similarity = self._similarity(np.ascontiguousarray(pending[-1]).ravel(), min(int(self.count), len(self.inputs)))
        solve_on(self.factor, similarity, 0)
        combine(self.solved, similarity, forecast[0])
        return forecast

    def learn(self, pair: Pair) -> None:
        """Put one pair in the place of the oldest."""
        from cinecast_models.kernel.cholesky_factor import append_solved, solve_on
        from cinecast_models.kernel.sliding_factor import drop_oldest

        window = len(self.inputs)
        filled, slot = min(int(self.count), window), int(self.count) % window
        if filled == window:
            drop_oldest(self.factor, self.solved, window)
        self.inputs[slot] = pair.history.ravel()
        self.targets[slot] = pair.target
        self.count += 1
        # The newest is the last of those from the oldest on, wherever in the ring that lies.
        similarity = self._similarity(self.inputs[slot], min(filled + 1, window))
        self._note(slot, similarity)
        answer = similarity[:-1]
        solve_on(self.factor, answer, 0)
        append_solved(self.factor, self.solved, answer, self.targets[slot], self._settings.ridge)
        if int(self.count) % window == 0:
            self._factorise()

    def _note(self, slot: int, similarity: Array) -> None:
        """Write the row of a place of the ring, from similarities to the oldest pair and so on."""
        row = np.roll(similarity, slot + 1 - len(similarity)) if len(similarity) == len(self.inputs) else similarity
        self.kernel[slot, : len(row)] = row

    def _factorise(self) -> None:
        """Make the factor anew, when the oldest pair lies in the first place."""
        # Of which only what lies below the diagonal is looked at.
        matrix = self.kernel + self._settings.ridge * np.eye(len(self.kernel))
        self.factor[...] = np.linalg.cholesky(matrix).T
        self.solved[...] = np.linalg.solve(self.factor.T, self.targets)

    def _similarity(self, inputs: Array, filled: int) -> Array:
        """Return the kernel between `inputs` and so many pairs, the oldest first."""
        from cinecast_models.kernel.sliding_factor import squared_distances

        first = int(self.count) % len(self.inputs) if filled == len(self.inputs) else 0
        similarity: Array = np.empty(filled)
        squared_distances(self.inputs, inputs, first, similarity)
        similarity /= -(self.scale**2)
        return np.exp(similarity, out=similarity)
