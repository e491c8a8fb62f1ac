"""Long gaps: the history begins anew, what was learned stays, and no history, pair or state reaches across."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cinecast_models import METHODS, ForecastingError, OnlineDriver, forecast_series
from cinecast_models.check.laws import LENGTH, assert_same_bits, breathing, through_a_file
from cinecast_models.forecaster import Array, Pair
from models.test_contract import every_method, run, small, small_forecaster
from models.test_not_measured import learned

FRAMES, TRAIN_END, HORIZON = 110, 45, 3
# Instants that nothing is known of: in the train span, at its end, after it, and one alone.
UNKNOWN = (20, 21, *range(43, 48), *range(70, 78), 101)
# Instants that were interpolated once the sample after them had come.
INTERPOLATED = (10, 35, 60, 61, 90)
NETS = [name for name in METHODS if hasattr(small_forecaster(name), "hidden")]


def gappy(frames: int = FRAMES) -> Array:
    series = breathing(frames)
    series[[t for t in UNKNOWN if t < frames]] = np.nan
    return series


def forecast(series: Array, method: str, horizon: int = HORIZON, **keywords: Any) -> Array:
    lost = [t for t in (*UNKNOWN, *INTERPOLATED) if t < len(series)]
    return run(series, method, horizon=horizon, train_end=TRAIN_END, lost=lost, **keywords)


def driver_of(method: str, train_end: int, horizon: int = HORIZON) -> OnlineDriver:
    return OnlineDriver(
        method, small(method, horizon), components=2, horizon=horizon, train_end=train_end, runs=2, seed=5
    )


@every_method
@pytest.mark.parametrize("horizon", [1, HORIZON])
def test_no_history_and_no_pair_reaches_across_a_long_gap(method: str, horizon: int) -> None:
    """The causal protocol written out plainly, instant by instant, with its gaps."""
    series, chosen = gappy(), small(method, horizon)
    lost, length = {*UNKNOWN, *INTERPOLATED}, chosen.history_length
    measured = [t for t in range(TRAIN_END) if t not in lost]
    mean, scale = series[measured].mean(axis=0), series[measured].std(axis=0)
    if not METHODS[method].standardised:
        mean, scale = np.zeros(2), np.ones(2)
    samples = (series - mean) / scale
    pushed = np.cumsum([t not in UNKNOWN for t in range(FRAMES)]) - 1

    def known(first: int, last: int) -> bool:
        return first >= 0 and not any(t in UNKNOWN for t in range(first, last + 1))

    def history(end: int) -> Array:
        return np.array(samples[end - length + 1 : end + 1])

    forecaster = METHODS[method].create(chosen, components=2, runs=2, seed=5)
    targets = [t for t in range(TRAIN_END) if t not in lost and known(t - horizon - length + 1, t)]
    forecaster.fit(np.array([history(t - horizon) for t in targets]), samples[targets])
    calibrated = max(t for t in range(TRAIN_END) if t not in UNKNOWN)
    expected = np.full((forecaster.runs, FRAMES, 2), np.nan)
    for t in range(FRAMES):
        if t in UNKNOWN:
            continue
        if t - 1 in UNKNOWN:
            forecaster.restart()
        if known(t - horizon - length + 1, t):
            # Indices are those of a driver, for which a long gap counts for none: by them the mixture knows which
            # forecast a target answers, and a kernel how old a pair is.
            pair = Pair(history(t - horizon), samples[t], int(pushed[t - horizon]), int(pushed[t]))
            (forecaster.skip if t in lost else forecaster.learn)(pair)
        ends = [s for s in range(t - horizon + 1, t + 1) if known(s - length + 1, t)]
        if t >= calibrated and t not in lost and ends and t + horizon < FRAMES and known(t, t + horizon):
            issued = forecaster.predict(np.array([history(s) for s in ends]))
            expected[:, t + horizon] = issued * scale + mean
    got = forecast(series, method, horizon)
    np.testing.assert_allclose(got, expected, rtol=1e-11)
    # Some forecasts are there after each gap, and some are missing.
    for first, last in ((48, 69), (78, 100), (102, FRAMES - 1)):
        complete = np.isfinite(got[:, first : last + 1]).all(axis=(0, 2))
        assert complete.any() == (last - first >= length + horizon)
        assert not complete[: length - 1 + horizon].any()


@every_method
def test_batch_equals_stream_across_a_long_gap(method: str) -> None:
    series, batch = gappy(), forecast(gappy(), method)
    driver = driver_of(method, sum(t not in UNKNOWN for t in range(TRAIN_END)))
    for t in range(FRAMES):
        if t in UNKNOWN:
            continue
        streamed = driver.push(series[t], filled=t in INTERPOLATED, restart=t - 1 in UNKNOWN)
        crossed = any(s in UNKNOWN for s in range(t, t + HORIZON + 1))
        if t + HORIZON >= FRAMES or t in INTERPOLATED or crossed:
            continue
        if streamed is None:
            assert np.isnan(batch[:, t + HORIZON]).all()
        else:
            assert_same_bits(streamed, batch[:, t + HORIZON].copy())


@every_method
@pytest.mark.parametrize("saved_after", [20, 22, 25, 69, 78, 80, 90])
def test_a_driver_is_restored_across_a_long_gap(method: str, saved_after: int) -> None:
    series, known = gappy(), sum(t not in UNKNOWN for t in range(TRAIN_END))
    first, second = driver_of(method, known), driver_of(method, known)

    def push(driver: OnlineDriver, t: int) -> Array | None:
        return driver.push(series[t], filled=t in INTERPOLATED, restart=t - 1 in UNKNOWN)

    for t in range(saved_after + 1):
        if t not in UNKNOWN:
            push(first, t)
    second.restore(through_a_file(first.state()))
    for t in range(saved_after + 1, FRAMES):
        if t in UNKNOWN:
            continue
        expected, got = push(first, t), push(second, t)
        assert (expected is None) == (got is None)
        if expected is not None and got is not None:
            assert_same_bits(expected, got)


@every_method
@pytest.mark.parametrize("t", [12, 22, 42, 48, 66, 69, 78, 84, 89, 96])
def test_later_samples_change_no_forecast_issued_before(method: str, t: int) -> None:
    """Also those that decide how lost instants are filled in: what is interpolated is made from the changed ones."""

    def filled_in(series: Array) -> Array:
        series = series.copy()
        for first, last in ((10, 10), (35, 35), (60, 61), (90, 90)):
            for gap in range(first, last + 1):
                share = (gap - first + 1) / (last - first + 2)
                series[gap] = (1 - share) * series[first - 1] + share * series[last + 1]
        return series

    series, changed = gappy(), gappy()
    changed[t + 1 :] += 1e6 * np.random.default_rng(t).normal(size=changed[t + 1 :].shape)
    before, after = forecast(filled_in(series), method), forecast(filled_in(changed), method)
    assert_same_bits(before[:, : t + HORIZON + 1].copy(), after[:, : t + HORIZON + 1].copy())
    assert not np.array_equal(before, after, equal_nan=True)


@pytest.mark.parametrize("method", [m.name for m in METHODS.values() if m.offline or m.name == "persistence"])
def test_what_was_before_a_gap_is_in_no_history_after_it(method: str) -> None:
    series, changed = gappy(), gappy()
    changed[48:70] += 5
    before, after = forecast(series, method), forecast(changed, method)
    assert not np.array_equal(before[:, 60:70], after[:, 60:70], equal_nan=True)
    assert_same_bits(before[:, 78:].copy(), after[:, 78:].copy())


@every_method
def test_what_was_learned_stays(method: str) -> None:
    driver, series = driver_of(method, TRAIN_END), breathing(FRAMES)
    for sample in series[:60]:
        driver.push(sample)
    before = learned(driver)
    assert driver.push(series[70], restart=True) is None or small(method).history_length == 1
    after = learned(driver)
    assert set(before) == set(after)
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)


@pytest.mark.parametrize("method", NETS)
def test_a_net_goes_on_as_one_that_begins_with_its_weights(method: str) -> None:
    """Whatever a net keeps from step to step is gone, so its gradients are those of a net that saw nothing before."""
    rng = np.random.default_rng(4)
    net, fresh = small_forecaster(method), small_forecaster(method, seed=8)
    pairs = [Pair(rng.normal(size=(LENGTH, 2)), rng.normal(size=2), t, t + 1) for t in range(60)]
    for pair in pairs[:30]:
        net.learn(pair)
    net.restart()
    kept = {"weights", "readout", "credit", "generator_state"}
    state = net.state()
    assert np.abs(state["hidden"]).max() == 0
    fresh.restore({name: state[name] if name in kept else array for name, array in fresh.state().items()})
    for pair in pairs[30:]:
        pending = pair.history[np.newaxis]
        np.testing.assert_array_equal(net.predict(pending), fresh.predict(pending))
        net.learn(pair)
        fresh.learn(pair)
    for name in kept & set(state):
        np.testing.assert_array_equal(net.state()[name], fresh.state()[name])


@pytest.mark.parametrize("method", NETS)
def test_a_net_that_kept_its_state_would_forecast_otherwise(method: str) -> None:
    """Else the test above would hold of a net that keeps nothing in the first place."""
    rng = np.random.default_rng(4)
    kept, restarted = small_forecaster(method), small_forecaster(method)
    for t in range(30):
        pair = Pair(rng.normal(size=(LENGTH, 2)), rng.normal(size=2), t, t + 1)
        kept.learn(pair)
        restarted.learn(pair)
    restarted.restart()
    pending = rng.normal(size=(1, LENGTH, 2))
    assert not np.array_equal(kept.predict(pending), restarted.predict(pending))


def test_the_mixture_judges_no_forecast_from_before_the_gap() -> None:
    driver, series = driver_of("mixture", TRAIN_END), breathing(FRAMES)
    for sample in series[:70]:
        driver.push(sample)
    weights = driver.state()["forecaster.weights losses"]
    assert len(driver.state()["forecaster.waiting issued"]) == HORIZON
    driver.push(series[78], restart=True)
    assert len(driver.state()["forecaster.waiting issued"]) == 0
    for sample in series[79 : 78 + LENGTH + HORIZON]:
        driver.push(sample + 1000)
    np.testing.assert_array_equal(driver.state()["forecaster.weights losses"], weights)


def test_the_time_of_a_step_counts_what_was_filled_in_before_it() -> None:
    result = forecast_series(
        gappy(),
        method="rls",
        horizon=HORIZON,
        train_end=TRAIN_END,
        lost=[*UNKNOWN, *INTERPOLATED],
        settings=small("rls"),
    )
    timed = np.isfinite(result.step_time_ms)
    issued = np.isfinite(result.forecasts[0, :, 0])
    assert not timed[[*UNKNOWN, *INTERPOLATED]].any()
    assert not timed[78 : 78 + LENGTH - 1].any()
    assert timed[[59, 62, 78 + LENGTH - 1]].all()
    for t in range(TRAIN_END, FRAMES - HORIZON):
        assert issued[t + HORIZON] <= timed[t]


# Guards


def test_the_published_protocol_passes_over_no_gap() -> None:
    with pytest.raises(ForecastingError, match="published protocol needs a series without gaps, got 21 lost samples"):
        forecast(gappy(), "rls", protocol="published")


def test_a_sample_that_is_not_lost_must_be_finite() -> None:
    series = gappy()
    series[55] = np.nan
    with pytest.raises(ForecastingError, match=r"samples must be finite .* in component 0 of frame 55"):
        forecast(series, "rls")


def test_a_lost_sample_known_in_part_is_refused() -> None:
    series = gappy()
    series[70, 1] = 3.0
    with pytest.raises(ForecastingError, match=r"samples must be finite .* in component 0 of frame 70"):
        forecast(series, "rls")


@pytest.mark.parametrize("lost", [(-1,), (FRAMES,)])
def test_a_lost_sample_that_is_none_of_the_series_is_refused(lost: tuple[int, ...]) -> None:
    with pytest.raises(ForecastingError, match=rf"held or lost must be 0 to {FRAMES - 1}, got {lost[0]}"):
        run(breathing(FRAMES), "rls", lost=lost)


def test_a_train_span_with_gaps_in_every_pair_is_refused() -> None:
    series = breathing(FRAMES)
    unknown = list(range(5, TRAIN_END, LENGTH + HORIZON - 1))
    series[unknown] = np.nan
    with pytest.raises(ForecastingError, match=r"with history and horizon free of long gaps .* got none of"):
        run(series, "rls", horizon=HORIZON, train_end=TRAIN_END, lost=unknown)
