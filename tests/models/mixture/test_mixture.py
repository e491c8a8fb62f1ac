"""The mixture against itself written out plainly, and the weights of its experts against their formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinecast_models import ForecastingError, OnlineDriver, forecast_series, method_settings, nrmse
from cinecast_models.forecaster import Array, Pair
from cinecast_models.mixture.expert_weights import ExpertWeights
from cinecast_models.mixture.experts import RunningMean, make_experts
from cinecast_models.mixture.mixture import Mixture

LENGTH, TRAIN_END = 5, 40


def coupled_oscillators(frames: int, components: int, seed: int) -> Array:
    """Simulated breathing: every component is a mixture of the same two waves, whose rate drifts, and noise."""
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * np.cumsum(1 / 18 + rng.normal(0, 0.003, frames))
    waves = np.stack([np.sin(phase), np.cos(phase), 0.3 * np.sin(2 * phase)], axis=1)
    return waves @ rng.normal(size=(3, components)) + rng.normal(0, 0.1, (frames, components))


def turned_mixture(series: Array, horizon: int) -> Array:
    """Every expert alone through the whole series, with its forecasts kept in one table, then their mixture."""
    train = series[:TRAIN_END]
    seen = np.concatenate([train[:LENGTH], train[LENGTH - 1 + horizon :]])
    mean = seen.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov((seen - mean).T, bias=True))
    axes, scale = axes[:, ::-1].T, np.sqrt(variances[-1])
    samples = (series - mean) @ axes.T / scale
    experts = make_experts(LENGTH, series.shape[1])
    windows = np.array([samples[t - LENGTH + 1 : t + 1] for t in range(LENGTH - 1, TRAIN_END - horizon)])
    targets = samples[LENGTH - 1 + horizon : TRAIN_END]
    table = np.full((len(experts), *samples.shape), np.nan)
    for row, expert in enumerate(experts):
        asleep, seen = expert.history_length > LENGTH, max(expert.history_length, LENGTH)
        # So many samples are known from the pairs once the targets between their histories and the newest have come.
        first = max(LENGTH - 1 + horizon + min(seen, horizon) - 1, seen - 1)
        if not asleep:
            expert.forecaster.fit(expert.view(windows), targets)
        for now in range(LENGTH - 1 + horizon, len(samples)):
            then = now - horizon
            # One that looks further back learns from what the mixture itself remembered when it forecast.
            if not asleep or then >= first:
                expert.forecaster.learn(Pair(expert.view(samples[: then + 1]), samples[now], then, now))
            if now >= first and now + horizon < len(samples):
                history = expert.view(samples[: now + 1])[np.newaxis]
                table[row, now + horizon] = expert.forecaster.predict(history)[0]
    losses = np.linalg.norm(table - samples, axis=2)
    losses = np.where(np.isnan(losses), np.nanmedian(losses, axis=0), losses)
    mixed = np.full_like(samples, np.nan)
    for now in range(TRAIN_END - 1, len(samples) - horizon):
        known = losses[:, : now + 1][:, ~np.isnan(losses[0, : now + 1])]
        ages = 0.99 ** np.arange(known.shape[1])[::-1]
        exponents = -0.1 * (known @ ages) * ages.sum() / (np.median(known, axis=0) @ ages)
        weights = np.exp(exponents - exponents.max())
        awake = np.isfinite(table[:, now + horizon, 0])
        mixed[now + horizon] = weights[awake] / weights[awake].sum() @ table[awake, now + horizon]
    return mixed @ axes * scale + mean


@pytest.mark.parametrize("horizon", [1, 4, LENGTH + 2, 2 * LENGTH + 2])  # longer than histories, and than what is kept
def test_it_equals_experts_run_alone_and_weighted_by_losses_that_had_arrived(horizon: int) -> None:
    series = 10 * coupled_oscillators(120, 3, seed=2) + 5
    got = forecast_series(
        series,
        method="mixture",
        settings=method_settings("mixture", {"history_length": LENGTH}),
        horizon=horizon,
        train_end=TRAIN_END,
    )
    expected = turned_mixture(series, horizon)
    np.testing.assert_allclose(got.forecasts[0], expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("hold", [slice(0, 25), slice(60, 85)])
def test_forecasts_from_equal_histories_are_told_apart(hold: slice) -> None:
    # Held breath gives the same samples again and again: which forecast a target answers is a matter of time alone.
    series = 10 * coupled_oscillators(120, 3, seed=2) + 5
    series[hold] = series[hold.stop]
    got = forecast_series(
        series,
        method="mixture",
        settings=method_settings("mixture", {"history_length": LENGTH}),
        horizon=4,
        train_end=TRAIN_END,
    )
    np.testing.assert_allclose(got.forecasts[0], turned_mixture(series, 4), rtol=1e-7, atol=1e-7)


def test_a_turned_series_has_turned_forecasts() -> None:
    series = coupled_oscillators(150, 3, seed=3)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    straight, turned = (
        forecast_series(s, method="mixture", horizon=3, train_end=60).forecasts[0]
        for s in (series, 7 * series @ turn + 2)
    )
    np.testing.assert_allclose(turned, 7 * straight @ turn + 2, rtol=1e-6, atol=1e-6)


def test_it_is_nearly_as_good_as_the_best_of_its_kind() -> None:
    series = coupled_oscillators(400, 4, seed=4)
    errors = {
        method: nrmse(forecast_series(series, method=method, horizon=5, train_end=150).forecasts[0, 200:], series[200:])
        for method in ("mixture", "persistence", "rls", "kernel_ridge")
    }
    assert errors["mixture"] < 1.05 * min(errors.values())


@pytest.mark.parametrize(("train_end", "horizon"), [(14, 2), (13, 1), (20, 6)])
def test_a_train_span_of_a_few_pairs_is_enough(train_end: int, horizon: int) -> None:
    # As few as `linear` needs: experts that fit too much are found out as soon as their forecasts are answered.
    series, first = coupled_oscillators(3 * train_end + 20, 12, seed=6), train_end - 1 + horizon
    errors = {
        method: nrmse(
            forecast_series(series, method=method, horizon=horizon, train_end=train_end).forecasts[0, first:],
            series[first:],
        )
        for method in ("mixture", "persistence")
    }
    assert errors["mixture"] < 0.8 * errors["persistence"]


@pytest.mark.parametrize("components", [1, 200])
def test_any_number_of_components_is_forecast(components: int) -> None:
    series = coupled_oscillators(160, components, seed=7)
    errors = {
        method: nrmse(forecast_series(series, method=method, horizon=4, train_end=60).forecasts[0, 80:], series[80:])
        for method in ("mixture", "persistence")
    }
    assert errors["mixture"] < 0.6 * errors["persistence"]


def test_a_baseline_that_jumps_is_followed() -> None:
    series = coupled_oscillators(300, 3, seed=8)
    series[150:] += 30.0
    errors = {
        method: np.abs(forecast_series(series, method=method, horizon=4, train_end=90).forecasts[0] - series)
        for method in ("mixture", "persistence")
    }
    assert errors["mixture"][200:].mean() < 0.6 * errors["persistence"][200:].mean()


def test_a_constant_series_is_forecast_as_it_is() -> None:
    series = np.full((80, 2), 3.5)
    forecasts = forecast_series(series, method="mixture", horizon=2, train_end=40).forecasts
    np.testing.assert_allclose(forecasts[0, 41:], 3.5)


@pytest.mark.parametrize("stands_at", [0.1, 1 / 3, -417.3])
def test_a_train_span_that_stands_still_has_no_scale_wherever_it_stands(stands_at: float) -> None:
    series = coupled_oscillators(160, 3, seed=10)
    series[:50] = 0.0  # of which mean and variance have no rounding
    at_zero, elsewhere = (
        forecast_series(place + series, method="mixture", horizon=3, train_end=40).forecasts[0, 43:] - place
        for place in (0.0, stands_at)
    )
    np.testing.assert_allclose(elsewhere, at_zero, atol=1e-9)


def test_an_expert_that_looks_far_back_sleeps_until_its_samples_have_come_after_a_gap() -> None:
    series, gap, horizon = coupled_oscillators(220, 3, seed=9), 150, 3
    experts = make_experts(12, 3)
    (far,) = (i for i, expert in enumerate(experts) if expert.history_length > 12)
    driver, asleep = OnlineDriver("mixture", components=3, horizon=horizon, train_end=60), []
    for t, sample in enumerate(series):
        forecast = driver.push(sample, restart=t == gap)
        issued = driver.state()["forecaster.waiting forecasts"]
        assert forecast is None or np.isfinite(forecast).all()
        assert not np.isnan(np.delete(issued, far, axis=1)).any()
        if len(issued) and np.isnan(issued[-1, far]).all():
            asleep.append(t)
    # From the first forecasts that a target will answer until there are 24 samples since the gap.
    assert asleep == list(range(gap + 12 + 2 * horizon - 2, gap + 23))


def test_at_a_high_rate_the_best_that_is_awake_forecasts_where_the_best_of_all_sleeps(rng: np.random.Generator) -> None:
    """A sample follows from that 21 before it, which one expert alone looks at; beside it the others weigh 0."""
    series, gap = rng.standard_normal((420, 2)), 400
    for t in range(24, len(series)):
        series[t] = 0.98 * series[t - 21] + 0.05 * series[t]
    settings = method_settings("mixture", {"rate": 100.0, "discount": 1.0})
    driver = OnlineDriver("mixture", settings, components=2, horizon=3, train_end=150)
    for t, sample in enumerate(series):
        forecast = driver.push(sample, restart=t == gap)
    state = driver.state()
    losses = state["forecaster.weights losses"]
    far, best = np.argsort(losses)[:2]
    assert make_experts(12, 2)[far].history_length == 24
    issued = state["forecaster.waiting forecasts"][-1]
    assert np.isnan(issued[far]).all()
    mean, axes, scale = (state[f"forecaster.{name}"] for name in ("mean", "axes", "scale"))
    assert forecast is not None
    np.testing.assert_allclose(forecast[0], issued[best] @ axes * scale + mean, rtol=1e-9)


@pytest.mark.parametrize("new", [1, 2, 5, 11, 12])
def test_samples_that_are_not_handed_over_yet_are_seen_after_those_that_were(
    new: int, rng: np.random.Generator
) -> None:
    """As while samples are held; where a history has none of those, nobody knows what lies before it."""
    driver = OnlineDriver("mixture", components=3, horizon=3, train_end=60)
    for sample in coupled_oscillators(120, 3, seed=4):
        driver.push(sample)
    mixture = driver._engine.forecaster
    assert isinstance(mixture, Mixture)
    samples = np.concatenate([mixture.newest, rng.standard_normal((new, 3))])
    turned = (samples - mixture.mean) @ mixture.axes.T / mixture.scale
    known = 12 if new == 12 else 24
    mixed, total = np.zeros(3), 0.0
    for weight, expert in zip(mixture._weights.weights(), mixture._experts, strict=True):
        if expert.history_length <= known:
            mixed += weight * expert.forecaster.predict(expert.view(turned)[np.newaxis])[0]
            total += weight
    expected = mixed / total @ mixture.axes * mixture.scale + mixture.mean
    np.testing.assert_allclose(mixture.predict(samples[np.newaxis, -12:])[0], expected, rtol=1e-9)


def test_a_queue_of_other_samples_is_refused() -> None:
    def driver(components: int) -> OnlineDriver:
        return OnlineDriver("mixture", components=components, horizon=2, train_end=60)

    state = driver(2).state()
    state["forecaster.waiting issued"] = np.zeros(1, dtype=np.int64)
    state["forecaster.waiting forecasts"] = np.zeros((1, 14, 3))
    with pytest.raises(ForecastingError, match="`waiting forecasts` of Mixture must be float64"):
        driver(2).restore(state)


def test_the_running_mean_weighs_each_target_by_its_age(rng: np.random.Generator) -> None:
    expert, targets = RunningMean(0.9, 2), rng.normal(size=(30, 2))
    np.testing.assert_array_equal(expert.predict(np.zeros((1, 1, 2))), [[0, 0]])
    for t, target in enumerate(targets):
        expert.learn(Pair(np.zeros((1, 2)), target, t, t + 1))
    weights = 0.9 ** np.arange(30)[::-1]
    np.testing.assert_allclose(expert.predict(np.zeros((1, 1, 2)))[0], weights @ targets / weights.sum(), rtol=1e-12)


# Weights of experts


@given(st.data())
def test_weights_follow_their_formula(data: st.DataObject) -> None:
    experts, steps = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 20))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    unit = 10.0 ** data.draw(st.integers(-9, 9))
    losses = unit * rng.exponential(size=(steps, experts))
    tracker = ExpertWeights(experts, 0.7, 0.9)
    for each in losses:
        tracker.observe(each)
    ages = 0.9 ** np.arange(steps)[::-1]
    scale = ages @ np.median(losses, axis=1) / ages.sum()
    expected = np.exp(-0.7 * (ages @ losses) / scale)
    np.testing.assert_allclose(tracker.weights(), expected / expected.sum(), rtol=1e-9, atol=1e-300)


def test_a_loss_that_is_no_number_counts_as_the_largest() -> None:
    tracker, finite = ExpertWeights(3, 1.0, 0.9), ExpertWeights(3, 1.0, 0.9)
    tracker.observe(np.array([1.0, np.inf, 2.0]))
    finite.observe(np.array([1.0, 2.0, 2.0]))
    np.testing.assert_array_equal(tracker.weights(), finite.weights())
    tracker.observe(np.array([np.inf, np.nan, np.inf]))  # which says nothing of any
    np.testing.assert_array_equal(tracker.weights(), finite.weights())


def test_without_losses_all_experts_weigh_the_same() -> None:
    tracker = ExpertWeights(4, 1.0, 0.9)
    np.testing.assert_array_equal(tracker.weights(), 0.25)
    tracker.observe(np.zeros(4))
    np.testing.assert_array_equal(tracker.weights(), 0.25)


def test_the_regret_keeps_its_bound_although_losses_come_late() -> None:
    # Exponential weights without discount, losses in [0, 1] and of median 1/2: regret below the bound for this rate.
    rng = np.random.default_rng(5)
    steps, delay, experts = 2000, 7, 6
    losses = np.clip(rng.uniform(size=(steps, experts)), 0, 1)
    losses[:, 2] *= 0.8
    rate = np.sqrt(np.log(experts) / (steps * (delay + 1)))
    tracker, own = ExpertWeights(experts, rate, 1.0), 0.0
    for step in range(steps):
        if step > delay:
            tracker.observe(losses[step - delay - 1])
        own += tracker.weights() @ losses[step]
    regret = own - losses.sum(axis=0).min()
    assert 0 < regret < 2 * np.sqrt(steps * (delay + 1) * np.log(experts))
