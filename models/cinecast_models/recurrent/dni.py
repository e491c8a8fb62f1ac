"""DNI: a learned, linear forecast of the credit that each hidden unit deserves, with the corrected gradient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cinecast_models.forecaster import Array
from cinecast_models.recurrent.base import RecurrentForecaster
from cinecast_models.recurrent.kernels import add, compiled_loop, copy, descend, descend_readout, dot, forward, square
from cinecast_models.recurrent.settings import DniSettings


class Dni(RecurrentForecaster):
    """Recurrent net whose gradient comes from a learned, linear credit assignment (decoupled neural interface).

    The derivative of this and all later losses by the state x_t is forecast as ``c_t = s_{t-1} A`` from
    ``s_t = [x_t, target, 1]``. A descends half the squared residual f of the recursion that the true credit obeys,
    ``c_t = dL_t/dx_t + c_{t+1} D_t`` with ``D_t = diag(slope) W_a`` (Jaderberg et al. 2017; Marschall et al. 2020 for
    recurrent nets), by its full gradient ``s_{t-1}^T f - s_t^T (f D_t^T)`` (arXiv 2403.01607), not its first term
    alone. O(q^2) time and memory.

    Parameters
    ----------
    settings, components, generators
        As in `RecurrentForecaster`.

    Attributes
    ----------
    credit
        A, shape (R, q + K + 1, q), drawn with standard deviation 1 / sqrt(q).
    signal
        s of the step before, shape (R, q + K + 1), ``[0, ..., 0, 1]`` at the start.
    """

    learned = (*RecurrentForecaster.learned, "credit", "signal")

    def __init__(self, settings: DniSettings, components: int, generators: Sequence[np.random.Generator]) -> None:
        super().__init__(settings, components, generators)
        units = settings.hidden_units
        self.signal: Array = np.zeros((self.runs, units + components + 1))
        self.signal[:, -1] = 1.0
        self.credit: Array = np.empty((self.runs, units + components + 1, units))
        for run, generator in enumerate(generators):
            self.credit[run] = generator.normal(0.0, units**-0.5, self.credit.shape[1:])
        self._rates = (settings.learning_rate, settings.credit_learning_rate)

    def restart(self) -> None:
        """Set state and signal as at the start: the credit of a step across the gap is none."""
        super().restart()
        self.signal[...] = 0.0
        self.signal[:, -1] = 1.0

    def _learn_runs(self, first: int, last: int, drive: Array, target: Array, share: float) -> None:
        net = (self.weights, self.readout, self.hidden, self.credit, self.signal)
        rate, credit_rate = self._rates
        _learn(first, last, *net, drive, target, share * rate, share * credit_rate, self._clip_norm)


@compiled_loop
def _learn(first, last, weights, readout, hidden, credit, signal, drive, target, rate, credit_rate, limit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    units, width = weights.shape[1:]
    inputs, slope, state_gradient = np.empty(width), np.empty(units), np.empty(units)
    error, assigned, new_signal = np.empty(len(target)), np.empty(units), np.empty(signal.shape[1])
    copy(inputs[units:], drive)
    copy(new_signal[units:-1], target)
    new_signal[-1] = 1.0
    for run in range(first, last):
        forward(weights[run], readout[run], hidden[run], inputs, target, slope, error, state_gradient)
        copy(new_signal[:units], hidden[run])
        _assign(weights[run], credit[run], signal[run], new_signal, slope, state_gradient, assigned, credit_rate)
        copy(signal[run], new_signal)
        assigned *= slope
        gradient_square = square(assigned) * square(inputs)
        step = descend_readout(readout[run], hidden[run], error, gradient_square, rate, limit)
        descend(weights[run], assigned, inputs, step)


@compiled_loop
def _assign(weights, credit, signal, new_signal, slope, state_gradient, assigned, credit_rate):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Let A learn from this step, then write ``s_{t-1} A`` with the new A into `assigned`."""
    units = len(slope)
    assigned[:] = 0.0
    ahead, residual, back = np.zeros(units), np.zeros(units), np.empty(units)
    for i in range(len(signal)):
        add(assigned, signal[i], credit[i])
        add(ahead, new_signal[i], credit[i])
    for i in range(units):
        add(residual, -ahead[i] * slope[i], weights[i, :units])
    residual += assigned - state_gradient
    for i in range(units):
        back[i] = slope[i] * dot(weights[i, :units], residual)
    for i in range(len(signal)):
        _descend_credit(credit[i], credit_rate * signal[i], residual, credit_rate * new_signal[i], back)
    # What the change of A changes, without one more product with it.
    add(assigned, -credit_rate * square(signal), residual)
    add(assigned, credit_rate * dot(signal, new_signal), back)


@compiled_loop
def _descend_credit(row, first, residual, second, back):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    for j in range(len(row)):
        row[j] -= first * residual[j] - second * back[j]
