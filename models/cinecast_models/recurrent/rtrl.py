"""RTRL: the exact gradient of a recurrent net that learns online, from its history."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cinecast_models.forecaster import Array, Pair
from cinecast_models.recurrent.base import RecurrentForecaster
from cinecast_models.recurrent.kernels import add, compiled_loop, copy, descend_readout, forward, square
from cinecast_models.recurrent.settings import RtrlSettings

_LOG = logging.getLogger(__name__)
# Terms below half a unit in the last place of the largest one are lost in the sum.
_ROUNDING = 2.0**-53


class Rtrl(RecurrentForecaster):
    """Recurrent net trained with its exact gradient (Williams and Zipser 1989), without the influence matrix.

    The influence matrix of the textbook carries what every past step did to every weight. The same gradient is the sum
    over past steps s of ``(d_s * slope_s) [x_{s-1}, u_s]^T`` with ``d_{s-1} = (d_s * slope_s) W_a,s``, starting from
    the derivative d_t of the loss by x_t; W_a,s are the weights as they were at step s. The walk ends where a term
    falls below rounding. O(q^2) per past step instead of O(q^3 (q + L K)).

    Parameters
    ----------
    settings, components, generators
        As in `RecurrentForecaster`.

    Attributes
    ----------
    past_weights, past_inputs, past_slopes
        W_a, ``[x_{s-1}, u_s]`` and slopes of the newest steps, rings of shapes (R, depth, q, q),
        (R, depth, q + 1 + L * K) and (R, depth, q).
    count
        Number of steps since the start or the newest `restart`, shape ().
    walked
        Past steps that the newest gradient was summed over, shape (R,).
    cut_off_error
        Largest norm so far of what a cut left out of a gradient, over the norm of that gradient, shape (R,). It is
        bounded from the size of the first term left out and its mean decay per step so far, on the assumption that
        older steps decay no slower; infinite where they did not decay.
    exhausted
        Whether a gradient ever needed more than `depth` past steps, shape (R,); such a gradient is not exact.
    """

    learned = (
        *RecurrentForecaster.learned,
        *("past_weights", "past_inputs", "past_slopes", "count", "walked", "cut_off_error", "exhausted"),
    )

    def __init__(self, settings: RtrlSettings, components: int, generators: Sequence[np.random.Generator]) -> None:
        super().__init__(settings, components, generators)
        units, width = self.weights.shape[1:]
        self.past_weights: Array = np.zeros((self.runs, settings.depth, units, units))
        self.past_inputs: Array = np.zeros((self.runs, settings.depth, width))
        self.past_slopes: Array = np.zeros((self.runs, settings.depth, units))
        self.count: NDArray[np.int64] = np.zeros((), dtype=np.int64)
        self.walked: NDArray[np.int64] = np.zeros(self.runs, dtype=np.int64)
        self.cut_off_error: Array = np.zeros(self.runs)
        self.exhausted: NDArray[np.bool_] = np.zeros(self.runs, dtype=bool)
        self._warned = False

    def restart(self) -> None:
        """Set the state to zeros, and let no gradient reach back behind this moment."""
        super().restart()
        self.count[...] = 0

    def _advance(self, pair: Pair, share: float) -> None:
        super()._advance(pair, share)
        self.count += 1
        if not self._warned and self.exhausted.any():
            self._warned = True
            _LOG.warning(
                "rtrl: after %d steps the gradient still reaches back further than rtrl.depth = %d steps (run %d): the "
                "net is expansive or nearly so, and from here on its gradient is not exact; lower rtrl.learning_rate "
                "or raise rtrl.depth",
                *(self.count, self.past_slopes.shape[1], np.flatnonzero(self.exhausted)[0]),
            )

    def _learn_runs(self, first: int, last: int, drive: Array, target: Array, share: float) -> None:
        net = (self.weights, self.readout, self.hidden)
        past = (self.past_weights, self.past_inputs, self.past_slopes)
        report = (self.walked, self.cut_off_error, self.exhausted)
        _learn(first, last, net, past, int(self.count), report, drive, target, share * self._rate, self._clip_norm)


@compiled_loop
def _learn(first, last, net, past, count, report, drive, target, rate, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    weights, readout, hidden = net
    past_weights, past_inputs, past_slopes = past
    walked, cut_off_error, exhausted = report
    units, width = weights.shape[1:]
    depth = past_slopes.shape[1]
    newest = count % depth
    inputs, slope, state_gradient = np.empty(width), np.empty(units), np.empty(units)
    error, gradient, terms = np.empty(len(target)), np.empty((units, width)), np.empty((depth, units))
    copy(inputs[units:], drive)
    for run in range(first, last):
        forward(weights[run], readout[run], hidden[run], inputs, target, slope, error, state_gradient)
        for i in range(units):
            copy(past_weights[run, newest, i], weights[run, i, :units])
        copy(past_inputs[run, newest], inputs)
        copy(past_slopes[run, newest], slope)
        walked[run], left_out = _walk(
            past_weights[run], past_inputs[run], past_slopes[run], count, state_gradient, terms
        )
        gradient_square = _sum(terms, past_inputs[run], newest, walked[run], gradient)
        if left_out > 0.0:
            cut_off_error[run] = max(cut_off_error[run], left_out / np.sqrt(gradient_square))
        exhausted[run] |= walked[run] == depth and left_out > 0.0
        step = descend_readout(readout[run], hidden[run], error, gradient_square, rate, limit)
        for i in range(units):
            add(weights[run, i], -step, gradient[i])


@compiled_loop
def _walk(past_weights, past_inputs, past_slopes, count, state_gradient, terms):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write ``d_s * slope_s`` of the newest steps into `terms`; return their number and a bound of what is left out."""
    depth, units = past_slopes.shape
    back = state_gradient.copy()
    largest, start = 0.0, 0.0
    for k in range(count + 1):
        place = (count - k) % depth
        if k == depth:
            # The ring is overwritten here; inputs of the oldest step that is left stand for those that are lost.
            size, length = np.sqrt(square(back)), np.sqrt(square(past_inputs[(place + 1) % depth]))
            return depth, _bound(size, length, start, depth)
        for i in range(units):
            terms[k, i] = back[i] * past_slopes[place, i]
        size, length = np.sqrt(square(terms[k])), np.sqrt(square(past_inputs[place]))
        if k == 0:
            start = size
        largest = max(largest, size * length)
        # Written so that NaN, of a run that has diverged, ends the walk, too.
        if not size * length > _ROUNDING * largest:
            return k + (size != size), _bound(size, length, start, k)
        back[:] = 0.0
        for i in range(units):
            add(back, terms[k, i], past_weights[place, i])
    return count + 1, 0.0


@compiled_loop
def _bound(size, length, start, steps):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Bound the sum of terms from one of norm `size * length` on, by their mean decay over the steps so far."""
    if size == 0.0:
        return 0.0
    decay = (size / start) ** (1.0 / steps) if steps > 0 else 1.0
    return size * length / (1.0 - decay) if decay < 1.0 else np.inf


@compiled_loop
def _sum(terms, past_inputs, newest, number, gradient):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write the gradient, the sum of ``term inputs^T`` over the newest steps; return its squared norm."""
    depth, width = past_inputs.shape
    total = 0.0
    for i in range(gradient.shape[0]):
        gradient[i] = 0.0
        # Four at a time: a row of the gradient is then read and written a quarter as often.
        for k in range(0, number - 3, 4):
            a, b, c, d = terms[k, i], terms[k + 1, i], terms[k + 2, i], terms[k + 3, i]
            place, place_b = (newest - k) % depth, (newest - k - 1) % depth
            place_c, place_d = (newest - k - 2) % depth, (newest - k - 3) % depth
            for j in range(width):
                early = a * past_inputs[place, j] + b * past_inputs[place_b, j]
                gradient[i, j] += early + (c * past_inputs[place_c, j] + d * past_inputs[place_d, j])
        for k in range(number - number % 4, number):
            place = (newest - k) % depth
            add(gradient[i], terms[k, i], past_inputs[place])
        total += square(gradient[i])
    return total
