"""RTRL from its history against the textbook's forward form, and what it says when it cannot reach back far enough."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from cinecast_models import METHODS, ForecastingError, method_settings
from cinecast_models.forecaster import Array
from cinecast_models.recurrent.rtrl import Rtrl
from helpers.pairs import pair
from helpers.rtrl_forward import ForwardRtrl

LENGTH, COMPONENTS = 4, 2


def net(units: int, **settings: Any) -> Rtrl:
    chosen = method_settings("rtrl", {"hidden_units": units, "history_length": LENGTH, **settings})
    forecaster = METHODS["rtrl"].create(chosen, components=COMPONENTS, runs=1, seed=2)
    assert isinstance(forecaster, Rtrl)
    return forecaster


def pairs(steps: int) -> tuple[Array, Array]:
    time = np.arange(steps + LENGTH)[:, None]
    series = np.sin(time / np.array([3.1, 4.7])) + 0.1 * np.random.default_rng(8).normal(size=(steps + LENGTH, 2))
    histories = np.array([series[t : t + LENGTH] for t in range(steps)])
    return histories, series[LENGTH:]


def forward_form(forecaster: Rtrl, learning_rate: float) -> ForwardRtrl:
    return ForwardRtrl(forecaster.weights[0], forecaster.readout[0], learning_rate=learning_rate)


def test_predictions_equal_those_of_the_forward_form_over_a_long_run() -> None:
    history_form = net(15, learning_rate=0.01)
    textbook = forward_form(history_form, learning_rate=0.01)
    for history, target in zip(*pairs(2000), strict=True):
        np.testing.assert_allclose(history_form.predict(history[None])[0], textbook.predict(history), atol=1e-12)
        history_form.learn(pair(history, target))
        textbook.learn(history, target)
    # The net has learned: its weights are far from those drawn, and each gradient reaches back many steps.
    assert np.abs(history_form.weights).max() > 0.2
    assert history_form.walked[0] > 15
    assert not history_form.exhausted[0]
    assert 0 < history_form.cut_off_error[0] < 1e-14


def test_the_reported_error_bounds_what_the_cut_leaves_out() -> None:
    histories, targets = pairs(60)
    for depth in (2, 4, 8):
        full, short = net(8, weight_std=0.2, depth=100), net(8, weight_std=0.2, depth=depth)
        for history, target in zip(histories[:-1], targets[:-1], strict=True):
            full.learn(pair(history, target))
        # The same past for both, of which the short one has the newest steps only.
        newest = (np.arange(59 - depth, 59)) % 100
        place = (np.arange(59 - depth, 59)) % depth
        state = short.state() | {name: full.state()[name] for name in ("weights", "readout", "hidden", "count")}
        for name in ("past_weights", "past_inputs", "past_slopes"):
            state[name][:, place] = full.state()[name][:, newest]
        short.restore(state)
        before = full.weights.copy()
        full.learn(pair(histories[-1], targets[-1]))
        short.learn(pair(histories[-1], targets[-1]))
        left_out = np.linalg.norm(full.weights - short.weights) / np.linalg.norm(short.weights - before)
        assert 0 < left_out <= short.cut_off_error[0]
        assert short.exhausted[0]
        # It is no idle bound either.
        assert short.cut_off_error[0] < 100 * left_out


def test_the_reported_error_is_that_of_its_formula_and_the_largest_so_far() -> None:
    """Written out from the weights as they were: the first term left out, and as much less for each before it."""
    depth, forecaster = 3, net(8, weight_std=0.3, depth=3, learning_rate=0.05, clip_norm=1e300)
    steps: list[tuple[Array, Array, Array]] = []  # W_a, [x, u] and slopes of each
    expected, largest = [], 0.0
    for history, target in zip(*pairs(30), strict=True):
        recurrent, readout = forecaster.weights[0, :, :8].copy(), forecaster.readout[0].copy()
        inputs = np.concatenate([forecaster.hidden[0], [1.0], history.ravel()])
        forecaster.learn(pair(history, target))
        hidden = forecaster.hidden[0]
        steps.append((recurrent, inputs, 1 - hidden**2))
        back, gradient, first = -(target - readout @ hidden) @ readout, np.zeros_like(forecaster.weights[0]), 0.0
        for past, (past_recurrent, past_inputs, slope) in enumerate(reversed(steps[-depth:])):
            term = back * slope
            gradient += np.outer(term, past_inputs)
            back = term @ past_recurrent
            first = np.linalg.norm(term) if past == 0 else first
        size = float(np.linalg.norm(back))
        if len(steps) > depth:
            left_out = size * np.linalg.norm(steps[-depth][1]) / (1 - (size / first) ** (1 / depth))
            largest = max(largest, float(left_out / np.linalg.norm(gradient)))
        expected.append(largest)
        assert forecaster.cut_off_error[0] == pytest.approx(expected[-1], rel=1e-9)
        assert forecaster.walked[0] == min(len(steps), depth)
        assert forecaster.exhausted[0] == (len(steps) > depth)
    # It went down in between, which the largest so far does not.
    assert 0 < expected[depth] < expected[-1]
    assert len(set(expected)) < len(expected) - depth


def test_an_expansive_net_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    expansive = net(10, weight_std=1.0, depth=16, learning_rate=1e-6)
    with caplog.at_level(logging.WARNING):
        for history, target in zip(*pairs(40), strict=True):
            expansive.learn(pair(history, target))
    (record,) = caplog.records
    assert "further than rtrl.depth = 16 steps (run 0)" in record.getMessage()
    assert "lower rtrl.learning_rate or raise rtrl.depth" in record.getMessage()
    assert expansive.exhausted.tolist() == [True]
    assert expansive.cut_off_error[0] > 1e-6


@pytest.mark.parametrize("depth", [40, 41])
def test_a_net_as_young_as_its_depth_leaves_nothing_out(depth: int) -> None:
    expansive = net(10, weight_std=1.0, depth=depth, learning_rate=1e-6)
    for history, target in zip(*pairs(40), strict=True):
        expansive.learn(pair(history, target))
    assert not expansive.exhausted[0]
    assert expansive.cut_off_error[0] < 1e-12


def test_a_net_without_a_gradient_leaves_nothing_out() -> None:
    still = net(10, weight_std=0.0)
    for history, target in zip(*pairs(5), strict=True):
        still.learn(pair(history, target))
    assert (still.cut_off_error[0], still.walked[0], still.exhausted[0]) == (0, 0, False)


def test_a_calm_net_warns_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    calm = net(10)
    for history, target in zip(*pairs(200), strict=True):
        calm.learn(pair(history, target))
    assert not caplog.records


@pytest.mark.parametrize("depth", [0, 10_001, 2.5])
def test_depth_must_be_in_range(depth: float) -> None:
    with pytest.raises(ForecastingError, match=r"rtrl.depth must be a whole number from 1 to 10000, got"):
        method_settings("rtrl", {"depth": depth})
