"""SnAp-1's gradient against finite differences and against forward-mode RTRL written plainly."""

from __future__ import annotations

import numpy as np
import pytest

from cinecast_models import METHODS, method_settings
from cinecast_models.forecaster import Array, Forecaster
from helpers.pairs import pair

UNITS, LENGTH, COMPONENTS, STEPS = 5, 3, 2, 12
WIDTH = UNITS + 1 + LENGTH * COMPONENTS


def net(learning_rate: float) -> Forecaster:
    settings = method_settings(
        "snap1", {"hidden_units": UNITS, "history_length": LENGTH, "learning_rate": learning_rate}
    )
    return METHODS["snap1"].create(settings, components=COMPONENTS, runs=1, seed=0)


@pytest.fixture
def problem(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Return weights (q, q + 1 + m), read-out (p, q), histories and targets large enough to bend the tanh."""
    weights = rng.normal(0, 0.5, (UNITS, WIDTH))
    readout = rng.normal(0, 0.5, (COMPONENTS, UNITS))
    return weights, readout, rng.normal(size=(STEPS, LENGTH, COMPONENTS)), rng.normal(size=(STEPS, COMPONENTS))


def diagonal(weights: Array) -> Array:
    weights = weights.copy()
    weights[:, :UNITS] *= np.eye(UNITS)
    return weights


def last_gradients(weights: Array, readout: Array, histories: Array, targets: Array) -> tuple[Array, Array]:
    """Return the gradients of the last step's loss that SnAp-1 descends, with weights held until then."""
    # A step this small is lost in rounding, so the weights stay exactly as they are while the influence builds up.
    held, last = net(1e-200), net(1.0)
    held.restore(held.state() | {"weights": weights[None], "readout": readout[None]})
    for history, target in zip(histories[:-1], targets[:-1], strict=True):
        held.learn(pair(history, target))
    last.restore(held.state())
    last.learn(pair(histories[-1], targets[-1]))
    state = last.state()
    return weights - state["weights"][0], readout - state["readout"][0]


def states(weights: Array, histories: Array) -> list[Array]:
    hidden = [np.zeros(UNITS)]
    for history in histories:
        hidden.append(np.tanh(weights @ np.concatenate([hidden[-1], [1.0], history.ravel()])))
    return hidden


def loss(weights: Array, readout: Array, histories: Array, targets: Array) -> float:
    error = targets[-1] - readout @ states(weights, histories)[-1]
    return 0.5 * float(error @ error)


def influence_of_all_weights(weights: Array, histories: Array, kept: Array) -> Array:
    """Return d x_t / d weights by ``J <- (I + D J) * kept``, shape (q, q, q + 1 + m), every entry formed."""
    hidden = states(weights, histories)
    influence = np.zeros((UNITS, UNITS, WIDTH))
    for before, after, history in zip(hidden[:-1], hidden[1:], histories, strict=True):
        slope = 1 - after**2
        inputs = np.concatenate([before, [1.0], history.ravel()])
        immediate = np.einsum("ij,i,w->ijw", np.eye(UNITS), slope, inputs)
        dynamics = slope[:, None] * weights[:, :UNITS]
        influence = (immediate + np.einsum("ik,kjw->ijw", dynamics, influence)) * kept
    return influence


def rtrl_gradient(problem: tuple[Array, Array, Array, Array], kept: Array) -> Array:
    weights, readout, histories, targets = problem
    error = targets[-1] - readout @ states(weights, histories)[-1]
    gradient: Array = np.einsum("i,ijw->jw", -readout.T @ error, influence_of_all_weights(weights, histories, kept))
    return gradient


def test_the_gradient_is_exact_where_units_do_not_feed_each_other(problem: tuple[Array, Array, Array, Array]) -> None:
    weights, readout, histories, targets = problem
    weights = diagonal(weights)
    gradient, readout_gradient = last_gradients(weights, readout, histories, targets)
    step = 1e-6
    for parameters, computed in ((weights, gradient), (readout, readout_gradient)):
        for index in np.ndindex(parameters.shape):
            change = np.zeros_like(parameters)
            change[index] = step
            shifted = [
                loss(weights + sign * change, readout, histories, targets)
                if parameters is weights
                else loss(weights, readout + sign * change, histories, targets)
                for sign in (1, -1)
            ]
            assert computed[index] == pytest.approx((shifted[0] - shifted[1]) / (2 * step), abs=1e-8)


def test_it_equals_full_rtrl_where_units_do_not_feed_each_other(problem: tuple[Array, Array, Array, Array]) -> None:
    weights, readout, histories, targets = problem
    problem = (diagonal(weights), readout, histories, targets)
    everything = np.ones((UNITS, UNITS, 1))
    np.testing.assert_allclose(last_gradients(*problem)[0], rtrl_gradient(problem, everything), atol=1e-14)


def test_it_equals_rtrl_that_drops_influence_on_other_units(problem: tuple[Array, Array, Array, Array]) -> None:
    own_unit, everything = np.eye(UNITS)[:, :, None], np.ones((UNITS, UNITS, 1))
    gradient = last_gradients(*problem)[0]
    np.testing.assert_allclose(gradient, rtrl_gradient(problem, own_unit), atol=1e-14)
    # The approximation is one: full RTRL differs on this net.
    assert np.abs(gradient - rtrl_gradient(problem, everything)).max() > 1e-3


def test_pending_histories_are_rolled_through_with_the_newest_weights(
    problem: tuple[Array, Array, Array, Array],
) -> None:
    weights, readout, histories, _ = problem
    forecaster = net(0.1)
    forecaster.restore(forecaster.state() | {"weights": weights[None], "readout": readout[None]})
    expected = readout @ states(weights, histories)[-1]
    np.testing.assert_allclose(forecaster.predict(histories)[0], expected, atol=1e-14)


def test_the_gradient_is_clipped_jointly(problem: tuple[Array, Array, Array, Array]) -> None:
    weights, readout, histories, targets = problem
    settings = method_settings(
        "snap1", {"hidden_units": UNITS, "history_length": LENGTH, "learning_rate": 1, "clip_norm": 0.01}
    )
    forecaster = METHODS["snap1"].create(settings, components=COMPONENTS, runs=1, seed=0)
    forecaster.restore(forecaster.state() | {"weights": weights[None], "readout": readout[None]})
    forecaster.learn(pair(histories[0], targets[0]))
    state = forecaster.state()
    moved = np.hypot(np.linalg.norm(state["weights"][0] - weights), np.linalg.norm(state["readout"][0] - readout))
    assert moved == pytest.approx(0.01, rel=1e-9)
