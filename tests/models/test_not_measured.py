"""Samples that were filled in or held: they stand in histories, and no method learns from them as targets."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cinecast_models import METHODS, ForecastingError, OnlineDriver, forecast_series, method_settings
from cinecast_models.check.laws import FRAMES, TRAIN_END, assert_future_cannot_change_past, breathing, through_a_file
from cinecast_models.forecaster import Array, Pair
from models.test_contract import every_method, run, small, small_forecaster

HORIZON = 3
# Three in the train span that are targets there, two of them in a row, one that is the last of it; after it two in a
# row, a single one, and more in a row than horizon and histories are long.
LONG = tuple(range(53, 62))
HELD = (15, 18, 19, TRAIN_END - 1, 40, 41, 50, *LONG)
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


def held_at(series: Array, places: tuple[int, ...]) -> Array:
    """Return a series in which the sample before stands for each of some."""
    held = series.copy()
    for t in places:
        held[t] = held[t - 1]
    return held


@every_method
def test_the_line_between_measured_samples_stands_for_two_held_ones_once_the_next_has_come(method: str) -> None:
    """The causal protocol written out plainly, as in the test of the contract."""
    series, chosen = held_at(breathing(), HELD), small(method, HORIZON)
    measured = [t for t in range(TRAIN_END) if t not in HELD]
    mean, scale = series[measured].mean(axis=0), series[measured].std(axis=0)
    if not METHODS[method].standardised:
        mean, scale = np.zeros(2), np.ones(2)
    samples, length = (series - mean) / scale, chosen.history_length
    # A single one stays; and at the end of the train span nobody knows the next one.
    samples[18], samples[19] = (2 * samples[17] + samples[20]) / 3, (samples[17] + 2 * samples[20]) / 3

    def history(end: int) -> Array:
        return np.array(samples[end - length + 1 : end + 1])

    forecaster = METHODS[method].create(chosen, components=2, runs=2, seed=5)
    # From histories that end on a line nothing is learned.
    lines = (18, 19, 40, 41, *(LONG[-length:] if length > 1 else ()))
    ends = [s for s in range(length - 1, TRAIN_END - HORIZON) if s + HORIZON not in HELD and s not in lines]
    forecaster.fit(np.array([history(s) for s in ends]), samples[[s + HORIZON for s in ends]])
    expected = np.full((forecaster.runs, FRAMES, 2), np.nan)
    taken, stand_ins = -1, list[Array]()
    for t in range(FRAMES):
        if t not in HELD or t < TRAIN_END:
            for held in range(taken + 1, t) if t - taken > 2 else ():
                share = (held - taken) / (t - taken)
                samples[held] = (1 - share) * samples[taken] + share * samples[t]
            for arrived in range(max(taken + 1, length - 1 + HORIZON), t + 1):
                pair = Pair(history(arrived - HORIZON), samples[arrived], arrived - HORIZON, arrived)
                (forecaster.skip if arrived in HELD or arrived - HORIZON in lines else forecaster.learn)(pair)
            taken = t
        if t - taken > length:  # no more wait than a history is long
            taken += 1
            forecaster.skip(Pair(history(taken - HORIZON), samples[taken], taken - HORIZON, taken))
            stand_ins.pop(0)
        if t != taken:  # what was forecast of it at a measured sample, or of the one before it, stands in
            told = t - HORIZON not in HELD and t - HORIZON >= TRAIN_END - 1 and method != "persistence"
            stand_in = (expected[:, t].mean(axis=0) - mean) / scale if told else (samples[t], *stand_ins)[-1]
            stand_ins.append(stand_in)
        else:
            stand_ins.clear()
        if TRAIN_END - 1 <= t < FRAMES - HORIZON:
            shown = samples.copy()
            if len(stand_ins) > 1:
                shown[taken + 1 : t + 1] = stand_ins
            pending = np.array([shown[s - length + 1 : s + 1] for s in range(taken - HORIZON + 1, t + 1)])
            expected[:, t + HORIZON] = forecaster.predict(pending) * scale + mean
    got = run(series, method, horizon=HORIZON, held=HELD)
    np.testing.assert_allclose(got, expected, rtol=1e-9)  # nets let what is rounded otherwise grow
    # The plain form would hide it if nothing came of the flag.
    unlike = run(series, method, horizon=HORIZON)
    assert np.array_equal(got, unlike, equal_nan=True) == (method == "persistence")


@every_method
@pytest.mark.parametrize("newest", [39, 40, 41, 42])
def test_no_later_sample_moves_a_forecast_issued_at_a_held_one_or_beside(method: str, newest: int) -> None:
    series = held_at(breathing(), HELD)
    forecast = partial(run, method=method, horizon=HORIZON, held=HELD)
    assert_future_cannot_change_past(forecast, series, newest, HORIZON)


@pytest.mark.parametrize(("method", "most"), [("linear", 1.05), ("rls", 1.15), ("mixture", 1.08)])
def test_forecasts_after_held_samples_are_about_as_good_as_others(method: str, most: float, shared: Path) -> None:
    """Three in 25 samples of recorded markers are held; errors of the forecasts issued at the six after them.

    They were 11 % (`linear`), 30 % (`rls`) and 22 % (`mixture`) larger while held samples stayed in histories.
    """
    ratios = []
    for path in sorted((shared / "data" / "markers").glob("markers-*.npz")):
        with np.load(path) as arrays:
            truth = arrays["hz_3.33"].T.astype(float)
        held = [t for start in range(75, len(truth) - 4, 25) for t in range(start, start + 3)]
        issued = [t for start in range(78, len(truth) - 10, 25) for t in range(start, start + 6)]
        own = {"method": method, "horizon": HORIZON, "train_end": 66}
        found, wanted = (
            forecast_series(held_at(truth, tuple(held)), held=held, **own).forecasts[0],
            forecast_series(truth, **own).forecasts[0],
        )
        targets = [t + HORIZON for t in issued]
        errors = [np.sqrt(((each - truth)[targets] ** 2).sum(axis=1).mean()) for each in (found, wanted)]
        ratios.append(errors[0] / errors[1])
    assert len(ratios) == 6
    assert np.mean(ratios) < most


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
@pytest.mark.parametrize("saved_after", [22, 41])
def test_a_driver_that_is_restored_knows_which_samples_were_held(method: str, saved_after: int) -> None:
    series, driver, other = breathing(), driver_of(method), driver_of(method)
    for t in range(saved_after):
        driver.push(series[t], held=t in HELD)
    other.restore(through_a_file(driver.state()))
    for t in range(saved_after, 50):
        here, there = driver.push(series[t], held=t in HELD), other.push(series[t], held=t in HELD)
        assert (here is None) == (there is None)
        if here is not None and there is not None:
            np.testing.assert_array_equal(here, there)


def test_held_samples_before_a_pause_stay_as_they_are_and_one_after_it_begins_the_history() -> None:
    """After the pause, the line from what began the history to the next measured sample stands for other held ones."""
    series, driver, plain = breathing(), driver_of("rls"), driver_of("rls")
    way = series[45] - series[42]
    assert small("rls").history_length > 3  # so that no history ends on that line
    for t in range(60):
        got = driver.push(series[t], held=40 <= t < 45, restart=t == 42)
        stands = series[42] + (t - 42) / 3 * way if t in (43, 44) else series[t]
        wanted = plain.push(stands, filled=40 <= t < 45, restart=t == 42)
        assert (got is None) == (wanted is None)
        if got is not None and wanted is not None and t not in (40, 41):
            np.testing.assert_allclose(got, wanted, rtol=1e-12)


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
        run(each, "lms", horizon=1, protocol="published", held=(60,))[0, 61:62] for each in (series, changed)
    )
    # The history that ends with it is another; what was learned before is not.
    assert not np.array_equal(first, second)
    first, second = (
        run(each, "lms", horizon=HORIZON, protocol="published", held=(60,))[0, :61] for each in (series, changed)
    )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("held", [(-1,), (FRAMES,)])
def test_a_held_sample_that_is_none_of_the_series_is_refused(held: tuple[int, ...]) -> None:
    with pytest.raises(ForecastingError, match=rf"held or lost must be 0 to {FRAMES - 1}, got {held[0]}"):
        run(breathing(), "rls", held=held)


@pytest.mark.parametrize("method", ["rls", "linear"])
@pytest.mark.parametrize("measured", [0, 5])
def test_a_train_span_without_a_measured_target_is_refused(method: str, measured: int) -> None:
    held = range(measured, TRAIN_END)
    with pytest.raises(ForecastingError, match=r"one target or more of the train span must have been measured"):
        forecast_series(breathing(), method=method, horizon=HORIZON, train_end=TRAIN_END, held=held)


def test_a_train_span_whose_histories_all_end_on_a_line_is_refused_for_that_reason() -> None:
    """Targets 3 and 4 were measured, but the histories before them end with samples 1 and 2, which were not."""
    series, settings = held_at(breathing()[:, :1], (1, 2, 5)), method_settings("rls", {"history_length": 2})
    with pytest.raises(ForecastingError, match=r"not ending on one of several faulty samples in a row, got none of 3;"):
        forecast_series(series, method="rls", settings=settings, horizon=2, train_end=6, held=(1, 2, 5))
