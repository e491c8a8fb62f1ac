"""Guards of the driver, what it reports, and what happens to runs that diverge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cinecast_models import METHODS, ForecastingError, Method, OnlineDriver, forecast_series, method_settings
from cinecast_models.forecaster import Array, ArrayForecaster, ArrayState, Pair
from cinecast_models.settings import MethodSettings
from cinecast_models.standardisation import Standardisation

FRAMES, TRAIN_END, HORIZON = 60, 30, 4


@pytest.fixture
def series(rng: np.random.Generator) -> Array:
    return rng.normal(size=(FRAMES, 2)).cumsum(axis=0)


def forecast(series: Any, **changes: Any) -> Any:
    arguments: dict[str, Any] = {"method": "rls", "horizon": HORIZON, "train_end": TRAIN_END}
    return forecast_series(series, **(arguments | changes))


def driver(**changes: Any) -> OnlineDriver:
    arguments: dict[str, Any] = {"components": 2, "horizon": HORIZON, "train_end": TRAIN_END}
    return OnlineDriver("rls", **(arguments | changes))


@pytest.mark.parametrize(("protocol", "first"), [("causal", TRAIN_END - 1 + HORIZON), ("published", TRAIN_END)])
def test_what_a_forecast_reports(series: Array, protocol: str, first: int) -> None:
    result = forecast(series, protocol=protocol)
    identity = ("rls", protocol, HORIZON, TRAIN_END)
    assert (result.method, result.protocol, result.horizon, result.train_end) == identity
    assert (result.runs, result.diverged_runs, result.forecasts.dtype) == (1, 0, np.float64)
    issued = np.isfinite(result.forecasts).all(axis=(0, 2))
    assert issued.tolist() == [t >= first for t in range(FRAMES)]


@pytest.mark.parametrize("protocol", ["causal", "published"])
def test_steps_are_timed_from_the_first_after_calibration(series: Array, protocol: str) -> None:
    result = forecast(series, protocol=protocol)
    assert np.isnan(result.step_time_ms[:TRAIN_END]).all()
    assert (result.step_time_ms[TRAIN_END:] > 0).all()
    assert result.calibration_ms > result.step_time_ms[TRAIN_END:].min()


def test_the_shortest_series_gives_one_forecast(series: Array) -> None:
    result = forecast(series[: 12 + 2 * HORIZON], train_end=12 + HORIZON)
    assert np.isfinite(result.forecasts).all(axis=(0, 2)).sum() == 1


def test_the_published_protocol_learns_earlier(series: Array) -> None:
    causal, published = forecast(series).forecasts, forecast(series, protocol="published").forecasts
    first = TRAIN_END - 1 + HORIZON
    assert not np.array_equal(causal[:, first:], published[:, first:])


@pytest.mark.parametrize("protocol", ["causal", "published"])
@pytest.mark.parametrize("horizon", [0, -2])
def test_horizon_must_be_positive(series: Array, horizon: int, protocol: str) -> None:
    with pytest.raises(ForecastingError, match=f"horizon must be 1 frame or more, got {horizon}"):
        forecast(series, horizon=horizon, protocol=protocol)


@pytest.mark.parametrize("protocol", ["causal", "published"])
def test_the_train_span_must_hold_a_pair(series: Array, protocol: str) -> None:
    sentence = r"got 12 \+ 4 = 16 frames for a train span of 15; shorten rls.history_length or the horizon"
    with pytest.raises(ForecastingError, match=sentence):
        forecast(series, train_end=15, protocol=protocol)


def test_the_series_must_hold_a_forecast_after_the_train_span(series: Array) -> None:
    with pytest.raises(ForecastingError, match=r"got 57 \+ 4 = 61 for 60 frames; shorten the train span"):
        forecast(series, train_end=57)


@pytest.mark.parametrize("shape", [(FRAMES,), (FRAMES, 2, 2)])
def test_a_series_must_have_two_axes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ForecastingError, match=r"a series must have shape \(T, K\), got \(60,"):
        forecast(np.zeros(shape))


def test_a_series_must_have_a_component() -> None:
    with pytest.raises(ForecastingError, match="a sample must have 1 component or more, got 0"):
        forecast(np.zeros((FRAMES, 0)))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e101])
def test_samples_must_be_finite_and_of_ordinary_size(series: Array, value: float) -> None:
    series[41, 1] = value
    with pytest.raises(ForecastingError, match=r"samples must be finite .* in component 1 of frame 41; mend"):
        forecast(series)


@pytest.mark.parametrize(
    ("name", "value"), [("horizon", 2.5), ("horizon", True), ("horizon", "2"), ("train_end", 40.5), ("seed", 1.5)]
)
def test_counts_must_be_whole_numbers(series: Array, name: str, value: object) -> None:
    given: dict[str, Any] = {"horizon": 2, "train_end": 40, name: value}
    with pytest.raises(ForecastingError, match=f"{name} must be a whole number, got {value!r}; give it without"):
        forecast_series(series, method="rls", **given)


def test_a_masked_sample_is_one_that_was_not_measured(series: Array) -> None:
    """Under a mask there are numbers, which would pass for measured ones."""
    masked = np.ma.masked_array(series, mask=np.zeros(series.shape, dtype=bool))
    whole = forecast_series(masked, method="rls", horizon=2, train_end=40)
    plain = forecast_series(series, method="rls", horizon=2, train_end=40)
    np.testing.assert_array_equal(whole.forecasts, plain.forecasts)
    masked[45] = np.ma.masked
    with pytest.raises(ForecastingError, match="got nan in component 0 of frame 45"):
        forecast_series(masked, method="rls", horizon=2, train_end=40)
    driver = OnlineDriver("rls", components=2, horizon=2, train_end=40)
    with pytest.raises(ForecastingError, match="got nan in component 1 of frame 0"):
        driver.push(np.ma.masked_array([1.0, 2.0], mask=[False, True]))


def test_samples_must_be_real(series: Array) -> None:
    with pytest.raises(ForecastingError, match="samples must be real numbers, got complex ones"):
        forecast_series(series + 1j, method="rls", horizon=2, train_end=40)
    # A mask took the imaginary parts off before anybody saw them.
    with pytest.raises(ForecastingError, match="samples must be real numbers, got complex ones"):
        forecast_series(np.ma.masked_array(series + 1j), method="rls", horizon=2, train_end=40)


def test_a_protocol_must_be_known(series: Array) -> None:
    with pytest.raises(ForecastingError, match="protocol must be causal or published, got 'live'"):
        forecast(series, protocol="live")


def test_a_method_must_be_known(series: Array) -> None:
    with pytest.raises(ForecastingError, match="a method must be one of persistence, linear"):
        forecast(series, method="crystal ball")


def test_a_stream_takes_one_frame_at_a_time() -> None:
    with pytest.raises(ForecastingError, match=r"a sample must have shape \(2,\), got \(2, 2\)"):
        driver().push(np.zeros((2, 2)))


def test_a_stream_refuses_nan_and_stays_usable(series: Array) -> None:
    stream, other = driver(), driver()
    for sample in series[:40]:
        stream.push(sample)
        other.push(sample)
    with pytest.raises(ForecastingError, match="in component 0 of frame 40"):
        stream.push([np.nan, 0.0])
    np.testing.assert_array_equal(stream.push(series[40]), other.push(series[40]))


def test_a_stream_takes_lists_and_keeps_no_hold_of_arrays(series: Array) -> None:
    stream, other = driver(), driver()
    for sample in series[:-1]:
        passed = sample.copy()
        other.push(sample.tolist())
        stream.push(passed)
        passed[:] = np.nan
    np.testing.assert_array_equal(stream.push(series[-1]), other.push(series[-1].tolist()))


@pytest.mark.parametrize(
    "change",
    [
        {"horizon": 3},
        {"train_end": 31},
        {"components": 3},
        {"settings": method_settings("rls", {"forgetting": 0.9})},
    ],
)
def test_a_stream_is_restored_only_with_its_own_settings(change: dict[str, Any]) -> None:
    with pytest.raises(ForecastingError, match="a driver must be restored with the settings it was saved with"):
        driver(**change).restore(driver().state())


def test_a_damaged_save_is_refused() -> None:
    state = driver().state()
    del state["scale"]
    with pytest.raises(ForecastingError, match=r"a saved driver must hold .* got none of the name scale"):
        driver().restore(state)


# Divergence


class Doubling(ArrayState):
    """Keeps the contract, and forecasts 0 while the chosen runs grow without end."""

    learned = ("value",)

    def __init__(self, settings: MethodSettings, components: int, generators: list[np.random.Generator]) -> None:
        self.runs = len(generators)
        self.value: Array = np.zeros((self.runs, components))
        # Every other run starts to grow; with one run only, that one does.
        self.value[:: 2 if self.runs > 1 else 1] = 1e80

    def fit(self, histories: Array, targets: Array) -> None:
        pass

    def predict(self, pending: Array) -> Array:
        return self.value.copy()

    def learn(self, pair: Pair) -> None:
        self.value *= 10


class DoublingSettings(MethodSettings):
    method = "doubling"


@pytest.fixture
def doubling(monkeypatch: pytest.MonkeyPatch) -> str:
    method = Method("Doubling", DoublingSettings, Doubling, deterministic=False, offline=False, standardised=False)
    monkeypatch.setitem(METHODS, method.name, method)
    return method.name


@pytest.mark.parametrize("protocol", ["causal", "published"])
def test_a_diverged_run_is_nan_from_then_on_and_counted(doubling: str, series: Array, protocol: str) -> None:
    result = forecast(series, method=doubling, runs=4, protocol=protocol, train_end=17)
    assert result.diverged.tolist() == [True, False, True, False]
    assert result.diverged_runs == 2
    finite = np.isfinite(result.forecasts[:, 16 + HORIZON :]).all(axis=2)
    assert finite[1::2].all()
    for run in finite[::2]:
        assert run[0]
        assert not run[-1]
        assert (np.diff(run.astype(int)) <= 0).all()


def test_a_diverged_run_stays_nan_when_saved_and_restored(doubling: str, series: Array) -> None:
    def make() -> OnlineDriver:
        return OnlineDriver(doubling, components=2, horizon=HORIZON, train_end=17, runs=2)

    first, second = make(), make()
    for sample in series[:50]:
        first.push(sample)
    second.restore(first.state())
    assert second.diverged.tolist() == [True, False]
    np.testing.assert_array_equal(first.push(series[50]), second.push(series[50]))


def test_divergence_of_all_runs_is_an_error(doubling: str, series: Array) -> None:
    with pytest.raises(ForecastingError, match=r"forecasts of doubling must stay below.*look for outliers"):
        forecast(series, method=doubling, train_end=17)


@pytest.mark.parametrize("method", ["lms", "fixed", "rtrl", "snap1", "uoro", "dni"])
@pytest.mark.parametrize("protocol", ["causal", "published"])
def test_divergence_of_a_descent_asks_for_smaller_steps(series: Array, method: str, protocol: str) -> None:
    settings = method_settings(method, {"learning_rate": 10, "clip_norm": 1e300})
    with pytest.raises(
        ForecastingError, match=rf"{method} must stay below.*by frame \d+; give a learning_rate below 10"
    ):
        forecast(np.tile(series, (20, 1)), method=method, settings=settings, protocol=protocol)


# What a method of somebody else may forecast


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Array], object]) -> str:
    """Register a method that forecasts what a function makes of the newest sample, in standard units."""

    class Answering(ArrayForecaster):
        def __init__(self, settings: MethodSettings, components: int) -> None:
            pass

        def predict(self, pending: Array) -> Any:
            return answer(pending[-1, -1])

    settings = type("AnsweringSettings", (MethodSettings,), {"method": "answering"})
    method = Method("Answering", settings, Answering, deterministic=True, offline=True, standardised=True)
    monkeypatch.setitem(METHODS, "answering", method)
    return "answering"


@pytest.mark.parametrize(
    "answer",
    [lambda newest: newest, lambda newest: newest[np.newaxis, :1], lambda newest: 0.0, lambda newest: [newest, newest]],
)
def test_a_forecast_of_another_shape_is_refused(
    monkeypatch: pytest.MonkeyPatch, series: Array, answer: Callable[[Array], object]
) -> None:
    """Of one number for two components, both were forecast to be the same in standard units."""
    name = answering(monkeypatch, answer)
    with pytest.raises(ForecastingError, match=r"each component, here \(1, 2\), got shape \(.*\) from answering"):
        forecast(series, method=name)


def test_a_forecast_in_complex_numbers_is_refused(monkeypatch: pytest.MonkeyPatch, series: Array) -> None:
    with pytest.raises(ForecastingError, match="must be of real numbers, got complex ones from answering"):
        forecast(series, method=answering(monkeypatch, lambda newest: (1 + 1j) * newest[np.newaxis]))


def test_a_masked_number_of_a_forecast_is_none(monkeypatch: pytest.MonkeyPatch, series: Array) -> None:
    name = answering(monkeypatch, lambda newest: np.ma.masked_array(newest[np.newaxis], [[False, True]]))
    with pytest.raises(ForecastingError, match="a divergence of every run"):
        forecast(series, method=name)


# Scaling


def test_scaling_is_by_mean_and_population_deviation() -> None:
    scaling = Standardisation.of(np.array([[1.0, 5.0], [3.0, 5.0]]))
    np.testing.assert_array_equal(scaling.mean, [2.0, 5.0])
    np.testing.assert_array_equal(scaling.scale, [1.0, 1.0])
    np.testing.assert_array_equal(scaling.invert(scaling.apply(np.array([7.0, 8.0]))), [7.0, 8.0])


def test_a_constant_component_has_scale_1_whatever_rounding_says() -> None:
    train = np.full((7, 1), 0.1)
    assert train.std() > 0
    np.testing.assert_array_equal(Standardisation.of(train).scale, [1.0])
    np.testing.assert_array_equal(Standardisation.of(train).mean, [0.1])


def test_a_deviation_that_underflows_has_scale_1() -> None:
    np.testing.assert_array_equal(Standardisation.of(np.array([[0.0], [1e-200]])).scale, [1.0])
