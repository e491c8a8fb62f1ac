"""Kernel regression on all pairs seen so far, in which older pairs count less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cinecast_models.forecaster import Array, ArrayForecaster, Pair
from cinecast_models.settings import MethodSettings, Range

# So many histories of the train span, evenly spread, tell how far apart two of them are.
_LOOKED_AT = 500
# The share of the pairs that goes at once where there is no room for more: few enough to be felt by no forecast, and
# many enough for the factor to be made anew seldom.
_SHARE_DROPPED = 0.2


@dataclass(frozen=True)
class KernelTrackerSettings(MethodSettings):
    """Settings of `KernelTracker`.

    Parameters
    ----------
    history_length
        Number L of newest samples that a forecast is made from, 1 to 100 000, default 8.
    window
        Number of pairs that are kept at most, 1 to 2000, default 500. Where there are more, the oldest fifth goes.
    relative_scale
        Distance at which similarity has fallen to a half, over the median distance of two histories of the train span,
        from 1e-6 to 1000, default 2.
    ridge
        Penalty on the squared norm of the forecast function, in standard units, from 1e-8 to 1e6, default 0.03.
    lag_decay
        Weight of a sample of a history, squared differences being summed, relative to the one after it, above 0 to 1,
        default 0.8.
    forgetting
        Factor of the similarity of two histories for each frame between them, above 0.5 to 1, default 1: nothing is
        forgotten.
    """

    method: ClassVar[str] = "kernel_tracker"
    history_length: Annotated[int, Range(1, 100_000)] = 8
    window: Annotated[int, Range(1, 2000)] = 500
    relative_scale: Annotated[float, Range(1e-6, 1000)] = 2.0
    ridge: Annotated[float, Range(1e-8, 1e6)] = 0.03
    lag_decay: Annotated[float, Range(0, 1, above=True)] = 0.8
    forgetting: Annotated[float, Range(0.5, 1, above=True)] = 1.0


class KernelTracker(ArrayForecaster):
    """Forecast ``sum_i c_i k(x, x_i)`` with ``(kernel + ridge I) c = y`` over all pairs so far.

    The mean of a Gaussian process in the history x and the time t (Rasmussen and Williams, Gaussian Processes for
    Machine Learning, 2006, equation 2.25) with the covariance ``forgetting^|t - t'| / (1 + |x - x'|^2 / scale^2)``. The
    second factor is the rational quadratic one of order 1 (equation 4.19 there): a mixture of Gaussian kernels of all
    scales. The first has what was learned fade back to the prior, step by step: the tracker of Van Vaerenbergh,
    Santamaria and Lazaro-Gredilla (MLSP 2012), who show that it is such a process.

    Where nothing like the newest history was seen, the forecast is the mean of the train span.

    Parameters
    ----------
    settings
        Gives history length L, window, scale, ridge, decay and forgetting.
    components
        Number K of components of a sample.
    outputs
        Number of components of a target, K unless given.

    Attributes
    ----------
    scale
        Of the kernel, shape (), in standard units.
    inputs
        Histories of the pairs, oldest first, their samples weighted, shape (window, L * K).
    targets
        Their targets, shape (window, outputs).
    times
        Index of the newest sample of each history, shape (window,).
    factor, solved
        See `cinecast_models.kernel.cholesky_factor`; shapes (window, window) and (window, outputs).
    count
        Number of pairs kept, shape ().
    clock
        Index of the newest target, shape ().
    """

    learned = ("scale", "inputs", "targets", "times", "factor", "solved", "count", "clock")

    def __init__(self, settings: KernelTrackerSettings, components: int, outputs: int | None = None) -> None:
        size, window = settings.history_length * components, settings.window
        ages = np.arange(settings.history_length)[::-1]
        self._roots: Array = np.repeat(settings.lag_decay ** (ages / 2), components)
        # The root mean squared distance of unrelated standardised histories, until the train span gives a better one.
        self.scale: Array = np.array(settings.relative_scale * np.sqrt(2 * (self._roots**2).sum()))
        self.inputs: Array = np.zeros((window, size))
        self.targets: Array = np.zeros((window, outputs or components))
        self.times = np.zeros(window, dtype=np.int64)
        self.factor: Array = np.zeros((window, window))
        self.solved: Array = np.zeros(self.targets.shape)
        self.count = np.zeros((), dtype=np.int64)
        self.clock = np.zeros((), dtype=np.int64)
        self._settings = settings
        # By the index of a history that was forecast from: its similarities to the pairs known then, and what they
        # solve to, shape (2, n). When its target comes, only the pairs since are left, which halves the time of a step.
        self._answers: dict[int, tuple[Array, Array]] = {}

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

        spread = histories[:: -(-len(histories) // _LOOKED_AT)]
        flat = spread.reshape(len(spread), -1) * self._roots
        distance = np.median(pdist(flat)) if len(flat) > 1 else 0.0
        # A train span that stands still has no scale of its own.
        if distance > 0:
            self.scale[...] = self._settings.relative_scale * distance

    def predict(self, pending: Array) -> Array:
        """Forecast from the newest history, shape (1, K); 0 before any pair was learned."""
        # numba takes longer to load than all else here, which those who only list the methods should not pay
        from cinecast_models.kernel.cholesky_factor import combine

        inputs, time = pending[-1].ravel() * self._roots, int(self.clock)
        known = self._known(inputs, time)
        self._answers[time] = inputs, known
        forecast: Array = np.empty((1, self.targets.shape[1]))
        combine(self.solved, known[1], forecast[0])
        return forecast

    def learn(self, pair: Pair) -> None:
        """Put one pair behind the others, where the oldest have made room for it."""
        from cinecast_models.kernel.cholesky_factor import append_solved

        if int(self.count) == len(self.inputs):
            self._drop_oldest()
        n, inputs = int(self.count), pair.history.ravel() * self._roots
        asked = self._answers.get(pair.issued)
        self._drop_answers(pair.issued)
        first = asked[1] if asked is not None and asked[0].tobytes() == inputs.tobytes() else None
        known = self._known(inputs, pair.issued, first)
        self.inputs[n], self.targets[n], self.times[n] = inputs, pair.target, pair.issued
        self.factor[n, :n] = known[0]
        append_solved(self.factor, self.solved, known[1], self.targets[n], self._settings.ridge)
        self.count += 1
        self.clock[...] = pair.arrived

    def _known(self, inputs: Array, time: int, first: Array | None = None) -> Array:
        """Return the kernel between a weighted history, whose newest sample has an index, and all pairs kept.

        Beside it stands what it solves to; shape (2, n). What is known of the first pairs already is taken over.
        """
        from cinecast_models.kernel.cholesky_factor import solve_on
        from cinecast_models.kernel.growing_factor import similarities

        known: Array = np.empty((2, int(self.count)))
        done = 0 if first is None else first.shape[1]
        if first is not None:
            known[:, :done] = first
        similarity, answer = known
        scale, forgetting = float(self.scale), self._settings.forgetting
        similarities(self.inputs, self.times, inputs, time, scale, forgetting, done, similarity)
        answer[done:] = similarity[done:]
        solve_on(self.factor, answer, done)
        return known

    def skip(self, pair: Pair) -> None:
        """Let time pass."""
        self.clock[...] = pair.arrived
        self._drop_answers(pair.issued)

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `state` returned, after checking names, shapes and types."""
        super().restore(state)
        self._answers.clear()

    def _drop_answers(self, time: int) -> None:
        """Forget what forecasts up to an index were made from: their targets have come."""
        self._answers = {later: kept for later, kept in self._answers.items() if later > time}

    def _drop_oldest(self) -> None:
        """Forget the oldest pairs, and make the factor of the others anew, which the rounding of the old one leaves."""
        from cinecast_models.kernel.growing_factor import factorise

        dropped = max(1, int(_SHARE_DROPPED * len(self.inputs)))
        n = len(self.inputs) - dropped
        for kept in (self.inputs, self.targets, self.times):
            kept[:n] = kept[dropped:].copy()
        self.factor[:n, :n] = self.factor[dropped:, dropped:].copy()
        factorise(self.factor[:n, :n], self.solved[:n], self.targets[:n], self._settings.ridge)
        self.count[...] = n
        self._answers.clear()
