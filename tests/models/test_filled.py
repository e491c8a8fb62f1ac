"""Samples that were filled in, not measured: they stand in histories, and no method learns from them as targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cinecast_models import METHODS, ForecastingError, OnlineDriver, forecast_series
from cinecast_models.check.laws import FRAMES, TRAIN_END, breathing, through_a_file
from cinecast_models.forecaster import Array, Pair
from models.test_contract import every_method, run, small, small_forecaster

HORIZON = 3
# One in the train span that is a target there, one that is the last of it, two in a row after it.
FILLED = (18, TRAIN_END - 1, 40, 41)
# What keeps track of the series rather than being learned from targets: states, influences, rings, what waits.
FOLLOWS = (
    "hidden",
    "influence",
    "past_",
    "count",
    "clock",
    "walked",
    "cut_off_error",
    "signal",
    "newest",
    "waiting",
    "generator",
)


def learned(driver: OnlineDriver) -> dict[str, Any]:
    state = driver.state()
    return {
        name: array
        for name, array in state.items()
        if name.startswith("forecaster.") and not any(part in name for part in FOLLOWS)
    }


def driver_of(method: str) -> OnlineDriver:
    return OnlineDriver(method, small(method), components=2, horizon=HORIZON, train_end=TRAIN_END, runs=2, seed=5)


@every_method
def test_nothing_is_learned_from_a_filled_sample(method: str) -> None:
    driver, series = driver_of(method), breathing()
    for sample in series[:40]:
        driver.push(sample)
    before = learned(driver)
    driver.push(series[40] + 50, filled=True)
    after = learned(driver)
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)
    driver.push(series[41])
    if before and not METHODS[method].offline and method not in ("persistence",):
        assert any(not np.array_equal(learned(driver)[name], array) for name, array in before.items())


@every_method
def test_filled_samples_stand_in_histories_and_are_no_targets(method: str) -> None:
    """The causal protocol written out plainly, as in the test of the contract."""
    series, chosen = breathing(), small(method, HORIZON)
    measured = [t for t in range(TRAIN_END) if t not in FILLED]
    mean, scale = series[measured].mean(axis=0), series[measured].std(axis=0)
    if not METHODS[method].standardised:
        mean, scale = np.zeros(2), np.ones(2)
    samples, length = (series - mean) / scale, chosen.history_length

    def history(end: int) -> Array:
        return np.array(samples[end - length + 1 : end + 1])

    forecaster = METHODS[method].create(chosen, components=2, runs=2, seed=5)
    ends = [s for s in range(length - 1, TRAIN_END - HORIZON) if s + HORIZON not in FILLED]
    forecaster.fit(np.array([history(s) for s in ends]), samples[[s + HORIZON for s in ends]])
    expected = np.full((forecaster.runs, FRAMES, 2), np.nan)
    for t in range(FRAMES):
        if t - HORIZON >= length - 1:
            pair = Pair(history(t - HORIZON), samples[t], t - HORIZON, t)
            (forecaster.skip if t in FILLED else forecaster.learn)(pair)
        if TRAIN_END - 1 <= t < FRAMES - HORIZON:
            pending = np.array([history(s) for s in range(t - HORIZON + 1, t + 1)])
            expected[:, t + HORIZON] = forecaster.predict(pending) * scale + mean
    got = run(series, method, horizon=HORIZON, filled=FILLED)
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    # The plain form would hide it if nothing came of the flag.
    unlike = run(series, method, horizon=HORIZON)
    assert np.array_equal(got, unlike, equal_nan=True) == (method == "persistence")


@pytest.mark.parametrize("method", [name for name in METHODS if hasattr(small_forecaster(name), "hidden")])
def test_a_net_goes_on_with_a_filled_sample_as_a_net_that_learns_nothing(method: str) -> None:
    skipping, learning = small_forecaster(method), small_forecaster(method)
    rng = np.random.default_rng(2)
    for t in range(20):
        pair = Pair(rng.normal(size=(6, 2)), rng.normal(size=2), t, t + 1)
        before = {name: skipping.state()[name] for name in ("weights", "readout")}
        skipping.skip(pair)
        learning.learn(pair)
        for name, array in before.items():
            np.testing.assert_array_equal(skipping.state()[name], array)
        if t == 0:  # both have the same weights until the first is learned
            np.testing.assert_array_equal(skipping.state()["hidden"], learning.state()["hidden"])
    assert not np.array_equal(skipping.state()["weights"], learning.state()["weights"]) or method == "fixed"
    assert np.abs(skipping.state()["hidden"]).max() > 0


@every_method
def test_a_driver_that_is_restored_knows_which_samples_were_filled_in(method: str) -> None:
    series, driver, other = breathing(), driver_of(method), driver_of(method)
    for t in range(22):
        driver.push(series[t], filled=t in FILLED)
    other.restore(through_a_file(driver.state()))
    for t in range(22, 50):
        here, there = driver.push(series[t], filled=t in FILLED), other.push(series[t], filled=t in FILLED)
        assert (here is None) == (there is None)
        if here is not None and there is not None:
            np.testing.assert_array_equal(here, there)


def test_the_mixture_keeps_no_forecast_of_a_filled_sample() -> None:
    driver, series = driver_of("mixture"), breathing()
    for t, sample in enumerate(series[:60]):
        driver.push(sample, filled=t >= 40 and t % 3 != 0)
        if t >= TRAIN_END:
            assert driver.state()["forecaster.waiting issued"].tolist() == list(range(t - HORIZON + 1, t + 1))


def test_the_published_protocol_learns_nothing_from_them_either() -> None:
    series = breathing()
    changed = series.copy()
    changed[60] += 1000
    first, second = (
        run(each, "lms", horizon=1, protocol="published", filled=(60,))[0, 61:62] for each in (series, changed)
    )
    # The history that ends with it is another; what was learned before is not.
    assert not np.array_equal(first, second)
    first, second = (
        run(each, "lms", horizon=HORIZON, protocol="published", filled=(60,))[0, :61] for each in (series, changed)
    )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("filled", [(-1,), (FRAMES,)])
def test_a_filled_sample_that_is_none_of_the_series_is_refused(filled: tuple[int, ...]) -> None:
    with pytest.raises(ForecastingError, match=rf"filled in or lost must be 0 to {FRAMES - 1}, got {filled[0]}"):
        run(breathing(), "rls", filled=filled)


@pytest.mark.parametrize("method", ["rls", "linear"])
@pytest.mark.parametrize("measured", [0, 5])
def test_a_train_span_without_a_measured_target_is_refused(method: str, measured: int) -> None:
    filled = range(measured, TRAIN_END)
    with pytest.raises(ForecastingError, match=r"one target or more of the train span must have been measured"):
        forecast_series(breathing(), method=method, horizon=HORIZON, train_end=TRAIN_END, filled=filled)
