"""The gradient of every recurrent net against torch's automatic differentiation, in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from cinecast_models import METHODS, ForecastingError, method_settings
from cinecast_models.forecaster import Array, Forecaster
from helpers.pairs import pair
from helpers.rtrl_forward import ForwardRtrl

UNITS, LENGTH, COMPONENTS, STEPS = 5, 3, 2, 12
WIDTH = UNITS + 1 + LENGTH * COMPONENTS

Problem = tuple[Array, Array, Array, Array]


def net(method: str, learning_rate: float, runs: int = 1, **settings: Any) -> Forecaster:
    sizes = {"hidden_units": UNITS, "history_length": LENGTH, "clip_norm": 1e300}
    chosen = method_settings(method, {**sizes, "learning_rate": learning_rate, **settings})
    return METHODS[method].create(chosen, components=COMPONENTS, runs=runs, seed=0)


@pytest.fixture
def problem(rng: np.random.Generator) -> Problem:
    """Return weights (q, q + 1 + m), read-out (p, q), histories and targets large enough to bend the tanh."""
    weights = rng.normal(0, 0.5, (UNITS, WIDTH))
    readout = rng.normal(0, 0.5, (COMPONENTS, UNITS))
    return weights, readout, rng.normal(size=(STEPS, LENGTH, COMPONENTS)), rng.normal(size=(STEPS, COMPONENTS))


def changes_of_the_last_step(
    method: str, problem: Problem, runs: int = 1, clip_norm: float = 1e300
) -> tuple[Array, Array]:
    """Return what the last step descends, by weights (R, ...) and read-out, with weights held until then."""
    weights, readout, histories, targets = problem
    # A step this small is lost in rounding, so the weights stay exactly as they are while the estimate builds up.
    held, last = net(method, 1e-200, runs), net(method, 1.0, runs, clip_norm=clip_norm)
    start = {"weights": np.tile(weights, (runs, 1, 1)), "readout": np.tile(readout, (runs, 1, 1))}
    held.restore(held.state() | start)
    for history, target in zip(histories[:-1], targets[:-1], strict=True):
        held.learn(pair(history, target))
    last.restore(held.state())
    last.learn(pair(histories[-1], targets[-1]))
    state = last.state()
    return weights - state["weights"], readout - state["readout"]


def torch_gradients(problem: Problem) -> tuple[Array, Array]:
    """Return the gradients of the last step's loss through all steps."""
    weights, readout = (torch.tensor(array, requires_grad=True) for array in problem[:2])
    hidden = torch.zeros(UNITS, dtype=torch.float64)
    for history in torch.tensor(problem[2]):
        hidden = torch.tanh(weights @ torch.cat([hidden, torch.ones(1, dtype=torch.float64), history.ravel()]))
    loss = 0.5 * ((torch.tensor(problem[3][-1]) - readout @ hidden) ** 2).sum()
    gradients = torch.autograd.grad(loss, (weights, readout))
    return gradients[0].numpy(), gradients[1].numpy()


def with_diagonal_recurrence(problem: Problem) -> Problem:
    weights = problem[0].copy()
    weights[:, :UNITS] *= np.eye(UNITS)
    return weights, *problem[1:]


def test_rtrl_is_exact(problem: Problem) -> None:
    (gradient,), (readout_gradient,) = changes_of_the_last_step("rtrl", problem)
    expected, expected_readout = torch_gradients(problem)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(readout_gradient, expected_readout, rtol=0, atol=1e-14)


@pytest.mark.parametrize("method", ["fixed", "rtrl", "snap1", "uoro", "dni"])
def test_the_gradients_of_all_weights_are_clipped_together(method: str, problem: Problem) -> None:
    free = changes_of_the_last_step(method, problem, runs=3)
    norms = np.sqrt(sum((part**2).sum(axis=(1, 2)) for part in free))
    limit = float(np.sort(norms)[1]) * 0.999  # some are within it where runs differ
    clipped = changes_of_the_last_step(method, problem, runs=3, clip_norm=limit)
    share = np.minimum(1, limit / norms)[:, np.newaxis, np.newaxis]
    assert share.min() < 1
    for before, after in zip(free, clipped, strict=True):
        np.testing.assert_allclose(after, share * before, rtol=1e-12, atol=1e-14)


def test_the_forward_form_that_rtrl_is_compared_with_is_exact(problem: Problem) -> None:
    weights, readout, histories, targets = problem
    textbook = ForwardRtrl(weights, readout, learning_rate=0.0, clip_norm=1e300)
    for history, target in zip(histories, targets, strict=True):
        textbook.learn(history, target)
    error = targets[-1] - readout @ textbook.hidden
    gradient = -((error @ readout) @ textbook.influence).reshape(weights.shape)
    np.testing.assert_allclose(gradient, torch_gradients(problem)[0], rtol=0, atol=1e-14)


def test_snap1_is_exact_where_units_do_not_feed_each_other(problem: Problem) -> None:
    problem = with_diagonal_recurrence(problem)
    (gradient,), (readout_gradient,) = changes_of_the_last_step("snap1", problem)
    # Torch also differentiates by the recurrent weights that are 0 here; SnAp-1 has them exact as well.
    expected, expected_readout = torch_gradients(problem)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(readout_gradient, expected_readout, rtol=0, atol=1e-14)


def test_fixed_moves_the_read_out_only(problem: Problem) -> None:
    (gradient,), (readout_gradient,) = changes_of_the_last_step("fixed", problem)
    assert not gradient.any()
    np.testing.assert_allclose(readout_gradient, torch_gradients(problem)[1], rtol=0, atol=1e-14)


def test_dni_descends_the_full_gradient_of_its_residual_and_uses_the_credit(problem: Problem) -> None:
    weights, readout, histories, targets = problem
    before, after = net("dni", 1e-200, credit_learning_rate=0.05), net("dni", 1.0, credit_learning_rate=0.05)
    before.restore(before.state() | {"weights": weights[None], "readout": readout[None]})
    for history, target in zip(histories[:-1], targets[:-1], strict=True):
        before.learn(pair(history, target))
    old = {name: torch.tensor(array[0]) for name, array in before.state().items()}
    after.restore(before.state())
    after.learn(pair(histories[-1], targets[-1]))
    new = {name: torch.tensor(array[0]) for name, array in after.state().items()}

    inputs = torch.cat([old["hidden"], torch.tensor([1.0, *histories[-1].ravel()], dtype=torch.float64)])
    hidden, target = torch.tanh(old["weights"] @ inputs), torch.tensor(targets[-1])
    slope = 1 - hidden**2
    state_gradient = -(target - old["readout"] @ hidden) @ old["readout"]
    signal = torch.cat([hidden, target, torch.ones(1, dtype=torch.float64)])
    credit = old["credit"].clone().requires_grad_()
    dynamics = slope[:, None] * old["weights"][:, :UNITS]
    residual = old["signal"] @ credit - state_gradient - (signal @ credit) @ dynamics
    (gradient,) = torch.autograd.grad(0.5 * (residual**2).sum(), credit)
    np.testing.assert_allclose(new["credit"], old["credit"] - 0.05 * gradient, rtol=0, atol=1e-14)
    np.testing.assert_allclose(new["signal"], signal, rtol=0, atol=1e-15)
    # The credit stands for the derivative of the loss by the state, the rest is the chain rule.
    assigned = old["signal"] @ new["credit"]
    leaf = old["weights"].clone().requires_grad_()
    (expected,) = torch.autograd.grad((assigned * torch.tanh(leaf @ inputs)).sum(), leaf)
    np.testing.assert_allclose(old["weights"] - new["weights"], expected, rtol=0, atol=1e-14)


def test_uoro_is_unbiased(problem: Problem) -> None:
    """Over 20 000 draws every entry lies within 5 standard errors; that chance alone fails one is below 1e-4."""
    runs = 20_000
    weights, readout, histories, targets = problem
    draws, readout_draws = changes_of_the_last_step("uoro", problem, runs)
    textbook = ForwardRtrl(weights, readout, learning_rate=0.0, clip_norm=1e300)
    for history, target in zip(histories[:-1], targets[:-1], strict=True):
        textbook.learn(history, target)
    # As published, the gradient of a step uses the influence on the state before it.
    hidden = np.tanh(weights @ np.concatenate([textbook.hidden, [1.0], histories[-1].ravel()]))
    error = targets[-1] - readout @ hidden
    expected = -((error @ readout) @ textbook.influence).reshape(weights.shape)
    standard_error = draws.std(axis=0) / np.sqrt(runs)
    assert (np.abs(draws.mean(axis=0) - expected) < 5 * standard_error).all()
    # The law has teeth: errors are small beside the gradient.
    assert standard_error.max() < 0.1 * np.abs(expected).max()
    np.testing.assert_allclose(readout_draws, np.tile(-np.outer(error, hidden), (runs, 1, 1)), rtol=0, atol=1e-14)


def test_signs_are_fair_and_differ_between_steps_and_runs() -> None:
    forecaster: Any = net("uoro", 0.1, runs=50, hidden_units=100)
    drawn = np.array([forecaster.signs() for _ in range(40)])
    assert set(np.unique(drawn)) == {-1.0, 1.0}
    assert np.abs(drawn.mean(axis=(0, 1))).max() < 5 / np.sqrt(40 * 50)
    assert np.abs(np.einsum("sri,sti->rt", drawn, drawn) / 4000 - np.eye(50)).max() < 5 / np.sqrt(4000)


@pytest.mark.parametrize("rate", [-0.1, 11])
def test_the_rate_of_the_credit_must_be_in_range(rate: float) -> None:
    with pytest.raises(ForecastingError, match=r"dni.credit_learning_rate must be a number from 0 to 10, got"):
        method_settings("dni", {"credit_learning_rate": rate})
