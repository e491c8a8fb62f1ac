"""Support vector regression: the arrays that are kept forecast what scikit-learn forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.svm import SVR

from cinecast_models import METHODS, ForecastingError, method_settings
from cinecast_models.forecaster import Array
from cinecast_models.kernel.svr import Svr
from cinecast_models.windows import histories

LENGTH, HORIZON = 4, 3


def svr(components: int = 2, **overrides: object) -> Svr:
    settings = method_settings("svr", {"history_length": LENGTH, **overrides})
    forecaster = METHODS["svr"].create(settings, components=components, runs=1, seed=0)
    assert isinstance(forecaster, Svr)
    return forecaster


def pairs(rng: np.random.Generator, frames: int = 120, components: int = 2) -> tuple[Array, Array]:
    periods = np.linspace(3, 5, components)
    series = np.sin(np.arange(frames)[:, None] / periods) + 0.2 * rng.normal(size=(frames, components))
    return histories(series, LENGTH)[:-HORIZON], series[LENGTH - 1 + HORIZON :]


@pytest.mark.parametrize(("scale", "epsilon", "box"), [(2.0, 0.05, 1.0), (20.0, 0.2, 100.0), (0.5, 0.0, 3.0)])
def test_it_forecasts_what_scikit_learn_does(
    rng: np.random.Generator, scale: float, epsilon: float, box: float
) -> None:
    windows, targets = pairs(rng)
    forecaster = svr(kernel_scale=scale, epsilon=epsilon, box=box)
    forecaster.fit(windows[:80], targets[:80])
    flat = windows.reshape(len(windows), -1)
    forecasts = np.array([forecaster.predict(windows[i : i + 1])[0] for i in range(80, len(windows))])
    for component in range(2):
        gamma: Any = 1 / scale**2  # scikit-learn's own annotation says str
        oracle = SVR(kernel="rbf", gamma=gamma, C=box, epsilon=epsilon, tol=1e-8)
        oracle.fit(flat[:80], targets[:80, component])
        np.testing.assert_allclose(forecasts[:, component], oracle.predict(flat[80:]), rtol=1e-9, atol=1e-9)


def test_kernel_scale_is_the_distance_at_which_a_history_counts_a_factor_e_less() -> None:
    forecaster = svr(components=1, kernel_scale=7.0)
    forecaster.restore(
        {"vectors": np.zeros((1, LENGTH)), "coefficients": np.ones((1, 1)), "intercept": np.array([2.0])}
    )
    history = np.zeros((1, LENGTH, 1))
    assert forecaster.predict(history)[0, 0] == pytest.approx(3.0)
    history[0, 2, 0] = 7.0
    assert forecaster.predict(history)[0, 0] == pytest.approx(2 + np.exp(-1))


def test_errors_within_epsilon_cost_nothing_and_need_no_support_vector(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    narrow, wide = svr(epsilon=0.1), svr(epsilon=5)
    narrow.fit(windows, targets)
    wide.fit(windows, targets)
    assert 0 < len(narrow.vectors) < len(windows)
    assert len(wide.vectors) == 0
    assert np.abs(wide.predict(windows[:1])).max() < 2


def test_no_coefficient_exceeds_the_box(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    forecaster = svr(box=0.7)
    forecaster.fit(windows, targets)
    assert np.abs(forecaster.coefficients).max() == pytest.approx(0.7)


def test_a_fitted_state_goes_into_a_new_forecaster_and_any_other_leaves_it_as_it_was(rng: np.random.Generator) -> None:
    windows, targets = pairs(rng)
    fitted, fresh = svr(), svr()
    fitted.fit(windows, targets)
    state = fitted.state()
    with pytest.raises(ForecastingError, match="`coefficients` of Svr must be"):
        fresh.restore(state | {"coefficients": state["coefficients"][1:]})
    assert len(fresh.vectors) == len(fresh.coefficients) == 0
    fresh.restore(state)
    assert fresh.predict(windows[:1]).tobytes() == fitted.predict(windows[:1]).tobytes()
    state["vectors"] += 1
    assert fresh.predict(windows[:1]).tobytes() == fitted.predict(windows[:1]).tobytes()
