"""What holds for all recurrent nets: threads, memory, and runs that diverge."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from cinecast_models import METHODS, OnlineDriver, forecast_series, method_settings
from cinecast_models.forecaster import Array, Forecaster
from cinecast_models.recurrent import threads as shared_out
from helpers.pairs import pair

NETS = ("fixed", "rtrl", "snap1", "uoro", "dni")
every_net = pytest.mark.parametrize("method", NETS)


@pytest.fixture
def series(rng: np.random.Generator) -> Array:
    return np.sin(np.arange(90) / 3)[:, None] * [1.0, 2.0] + 0.1 * rng.normal(size=(90, 2))


@every_net
def test_nets_begin_at_rest_with_small_weights_and_credit_that_keeps_its_size(method: str) -> None:
    settings = method_settings(method, {"hidden_units": 50, "weight_std": 0.03})
    state = METHODS[method].create(settings, components=2, runs=20, seed=1).state()
    drawn = {"weights": 0.03, "readout": 0.03} | ({"credit": 50**-0.5} if method == "dni" else {})
    for name, deviation in drawn.items():
        within = 5 / np.sqrt(2 * state[name].size)  # five standard errors of a standard deviation
        assert state[name].std() == pytest.approx(deviation, rel=within)
        assert abs(state[name].mean()) < 5 * deviation / np.sqrt(state[name].size)
    assert not state["hidden"].any()


@every_net
def test_no_bit_depends_on_the_number_of_threads(method: str, series: Array, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = method_settings(method, {"hidden_units": 9, "history_length": 5})
    monkeypatch.setattr(shared_out, "_WORTH_A_THREAD", 1)
    forecasts = []
    for threads in (1, 3, 7):
        monkeypatch.setattr(shared_out, "_processors", lambda threads=threads: threads)
        result = forecast_series(series, method=method, settings=settings, horizon=2, train_end=30, runs=7)
        forecasts.append(result.forecasts.tobytes())
    assert forecasts[0] == forecasts[1] == forecasts[2]


@pytest.mark.parametrize(("runs", "threads"), [(1, 4), (4, 4), (5, 3), (250, 2), (3, 1)])
def test_every_run_is_computed_once(runs: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_out, "_WORTH_A_THREAD", 1)
    monkeypatch.setattr(shared_out, "_processors", lambda: threads)
    counted = np.zeros(runs)

    def work(first: int, last: int, amount: float) -> None:
        counted[first:last] += amount

    shared_out.over_runs(work, runs, 1000, 2.0)
    assert counted.tolist() == [2.0] * runs


def test_there_is_at_least_one_processor() -> None:
    assert shared_out._processors() >= 1


@every_net
def test_memory_does_not_grow_with_time(method: str, series: Array) -> None:
    settings = method_settings(method, {"hidden_units": 9, "history_length": 5})
    forecaster = METHODS[method].create(settings, components=2, runs=2, seed=0)

    def learn(steps: int) -> int:
        for step in range(steps):
            forecaster.learn(pair(series[step % 80 : step % 80 + 5], series[step % 80 + 5]))
        return tracemalloc.get_traced_memory()[0] + sum(array.nbytes for array in forecaster.state().values())

    tracemalloc.start()
    try:
        early = learn(200)
        late = learn(2000)
    finally:
        tracemalloc.stop()
    # Eight bytes kept per step would be 16 000.
    assert late - early < 8_000


def damaged(forecaster: Forecaster) -> None:
    """Make the read-out of the first run so large that its forecasts leave all bounds."""
    state = forecaster.state()
    state["readout"][0] *= 1e110
    forecaster.restore(state)


@every_net
def test_a_run_that_diverges_is_reported_at_that_frame_and_the_others_go_on(method: str, series: Array) -> None:
    def driver() -> OnlineDriver:
        settings = method_settings(method, {"hidden_units": 9, "history_length": 5, "clip_norm": 1e300})
        return OnlineDriver(method, settings, components=2, horizon=2, train_end=30, runs=3, seed=4)

    sound, hurt = driver(), driver()
    for frame, sample in enumerate(series):
        if frame == 50:
            damaged(hurt._engine.forecaster)
        expected, got = sound.push(sample), hurt.push(sample)
        assert hurt.diverged.tolist() == [frame >= 50, False, False]
        if expected is not None and got is not None:
            assert np.isnan(got[0]).all() == (frame >= 50)
            assert got[1:].tobytes() == expected[1:].tobytes()


def test_a_run_that_diverged_stays_out_also_if_its_forecasts_come_back(series: Array) -> None:
    settings = method_settings("fixed", {"hidden_units": 9, "history_length": 5})
    driver = OnlineDriver("fixed", settings, components=2, horizon=2, train_end=30, runs=2, seed=4)
    for frame, sample in enumerate(series):
        if frame == 50:
            sound = driver._engine.forecaster.state()
            damaged(driver._engine.forecaster)
        if frame == 51:
            driver._engine.forecaster.restore(sound)
        got = driver.push(sample)
        if got is not None:
            assert np.isnan(got[0]).all() == (frame >= 50)
            assert np.isfinite(got[1]).all()
    assert driver.diverged.tolist() == [True, False]


@every_net
def test_a_gradient_too_large_for_a_number_ends_a_run_and_does_not_freeze_it(method: str, series: Array) -> None:
    settings = method_settings(method, {"hidden_units": 9, "history_length": 5})
    net = METHODS[method].create(settings, components=2, runs=2, seed=4)
    learned = [pair(series[step : step + 5], series[step + 5]) for step in range(4)]
    for each in learned[:3]:
        net.learn(each)
    state = net.state()
    state["readout"][0] *= 1e200  # its square, and with it the norm of the gradient, is infinite
    net.restore(state)
    net.learn(learned[3])
    forecast = net.predict(learned[3].history[np.newaxis])
    assert np.isnan(forecast[0]).all()
    assert np.isfinite(forecast[1]).all()
