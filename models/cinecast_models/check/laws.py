"""The laws of the contract that every forecasting method keeps, whichever package it is of.

Each takes a case and raises AssertionError where it is broken. `python -m cinecast_models.check NAME` holds a method
against all of them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cinecast_models.errors import ForecastingError
from cinecast_models.forecast_task import ForecastTask
from cinecast_models.forecaster import Array, Forecaster, Pair, State
from cinecast_models.online_driver import OnlineDriver
from cinecast_models.registry import METHODS, method_settings
from cinecast_models.series_forecast import forecast_series
from cinecast_models.settings import MethodSettings
from cinecast_models.windows import histories

FRAMES, TRAIN_END, LENGTH, HORIZON, COMPONENTS, RUNS = 70, 30, 6, 3, 2, 2
# A constant has no scale of its own, so the small random weights of a method that draws some show as they are.
_SMALL_WEIGHTS = 0.01


@dataclass(frozen=True)
class Case:
    """A method to be held against the laws.

    Parameters
    ----------
    method
        Its name.
    overrides
        Settings that make it quick; the laws do not depend on size.
    prepared
        Completes its settings with what is read from files, for a horizon and a number of components.
    """

    method: str
    overrides: Mapping[str, object]
    prepared: Callable[[MethodSettings, int, int], MethodSettings] = lambda settings, horizon, components: settings

    def settings(self, horizon: int = HORIZON, components: int = COMPONENTS) -> MethodSettings:
        """Return its settings.

        Parameters
        ----------
        horizon, components
            What is forecast.

        Returns
        -------
        MethodSettings
            With a short history.
        """
        chosen = method_settings(self.method, {"history_length": LENGTH, **self.overrides})
        return self.prepared(chosen, horizon, components).at(ForecastTask(horizon, components))

    def run(self, series: Array, *, horizon: int = HORIZON, **keywords: Any) -> Array:
        """Return its forecasts of a series, shape (R, T, K).

        Parameters
        ----------
        series
            Shape (T, K).
        horizon
            Frames ahead.
        **keywords
            Of `forecast_series`, in the place of those of the case.

        Returns
        -------
        Array
            NaN where there is no forecast yet.
        """
        own: dict[str, Any] = {
            "settings": self.settings(horizon, series.shape[1]),
            "train_end": TRAIN_END,
            "runs": RUNS,
            "seed": 5,
        }
        return forecast_series(series, method=self.method, horizon=horizon, **(own | keywords)).forecasts

    def forecaster(self, seed: int = 3) -> Forecaster:
        """Return a new forecaster that has learned nothing."""
        return METHODS[self.method].create(self.settings(), components=COMPONENTS, runs=RUNS, seed=seed)

    def driver(self, seed: int = 5) -> OnlineDriver:
        """Return a new driver of the method."""
        return OnlineDriver(
            self.method,
            self.settings(),
            components=COMPONENTS,
            horizon=HORIZON,
            train_end=TRAIN_END,
            runs=RUNS,
            seed=seed,
        )


def breathing(frames: int = FRAMES, components: int = COMPONENTS, seed: int = 1) -> Array:
    """Return a series like that of breathing, with noise.

    Parameters
    ----------
    frames, components
        Its shape (T, K).
    seed
        Of phases and noise.

    Returns
    -------
    Array
        Of mean 100 and amplitude 20 or so.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None]
    phase = rng.uniform(0, 2 * np.pi, components)
    signal = np.sin(2 * np.pi * time / 17.3 + phase) + 0.3 * np.sin(2 * np.pi * time / 7.1 + 2 * phase)
    return np.asarray(20 * signal + rng.normal(0, 1, (frames, components)) + 100)


def assert_same_bits(first: Array, second: Array) -> None:
    """Demand that two arrays are the same to the bit.

    Parameters
    ----------
    first, second
        The arrays.

    Raises
    ------
    AssertionError
        If they are not.
    """
    if first.shape != second.shape or first.tobytes() != second.tobytes():
        raise AssertionError("arrays that must be the same to the bit differ")


def assert_future_cannot_change_past(forecast: Callable[[Array], Array], series: Array, t: int, horizon: int) -> None:
    """Replace every sample after t and demand that no forecast issued up to t moves by one bit.

    Parameters
    ----------
    forecast
        Returns forecasts (R, T, K) of a series (T, K).
    series, t, horizon
        The series, the newest sample that stays, and frames ahead.

    Raises
    ------
    AssertionError
        If one moves.
    """
    changed = series.copy()
    changed[t + 1 :] += 1e6 * np.random.default_rng(t).normal(size=changed[t + 1 :].shape)
    issued_up_to_t = slice(0, t + horizon + 1)
    assert_same_bits(forecast(series)[:, issued_up_to_t], forecast(changed)[:, issued_up_to_t])


def through_a_file(state: State) -> dict[str, Any]:
    """Return a state as it comes back from a file that is read without unpickling."""
    file = io.BytesIO()
    np.savez(file, **state)  # type: ignore[arg-type]  # numpy's stub takes the arrays for its own flag
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def training_pairs(case: Case) -> tuple[Array, Array]:
    """Return histories (N, L, K) and targets (N, K) in standard units."""
    series, length = (breathing() - 100) / 15, case.settings().history_length
    return histories(series, length)[:-HORIZON], series[length - 1 + HORIZON :]


def the_future_cannot_change_the_past(case: Case) -> None:
    """Demand that samples after the newest move no forecast."""
    for horizon in (1, 4):
        for t in (10, TRAIN_END - 2, TRAIN_END - 1, TRAIN_END, TRAIN_END + 11, FRAMES - 2):
            assert_future_cannot_change_past(lambda s, h=horizon: case.run(s, horizon=h), breathing(), t, horizon)  # type: ignore[misc]


def forecasts_depend_on_what_has_arrived(case: Case) -> None:
    """Demand that forecasts are there as soon as the train span has come, and follow the newest samples."""
    changed, issued = breathing(), TRAIN_END + HORIZON + 2
    changed[issued:] += 50
    before, after = case.run(breathing()), case.run(changed)
    assert np.isfinite(before[:, TRAIN_END + HORIZON - 1 :]).all(), "a forecast is missing or not finite"
    assert not np.array_equal(before[:, issued + HORIZON], after[:, issued + HORIZON]), "the newest sample counts not"


def one_frame_ahead_both_protocols_agree(case: Case) -> None:
    """Demand that one frame ahead no target is handed over early."""
    assert_same_bits(case.run(breathing(), horizon=1), case.run(breathing(), horizon=1, protocol="published"))


def a_stream_gives_what_a_batch_gives(case: Case) -> None:
    """Demand that samples that come one at a time are forecast as those of a whole series."""
    driver, batch = case.driver(), case.run(breathing())
    for t, sample in enumerate(breathing()):
        forecast = driver.push(sample)
        assert (forecast is None) == (t < TRAIN_END - 1), f"frame {t} has no forecast, or has one too early"
        if forecast is not None and t + HORIZON < FRAMES:
            assert_same_bits(forecast, batch[:, t + HORIZON].copy())


def equal_seeds_give_equal_forecasts(case: Case) -> None:
    """Demand that the same seed gives the same bits."""
    assert_same_bits(case.run(breathing()), case.run(breathing()))


def runs_are_as_many_as_it_says_and_independent(case: Case) -> None:
    """Demand that a deterministic method has one run; random runs differ, and none depends on another."""
    forecasts = case.run(breathing(), runs=3)
    if METHODS[case.method].deterministic:
        assert len(forecasts) == 1, f"it is deterministic and has {len(forecasts)} runs"
        return
    assert len(forecasts) == 3, f"3 runs were asked for, it has {len(forecasts)}"
    alone, other = case.run(breathing(), runs=1), case.run(breathing(), runs=1, seed=6)
    assert np.nanmax(np.abs(forecasts[0] - forecasts[1])) > 0, "random runs are equal"
    assert np.nanmax(np.abs(alone - other)) > 0, "seeds change nothing"
    np.testing.assert_allclose(forecasts[0], alone[0], rtol=1e-12, atol=0)


def the_series_is_not_changed(case: Case) -> None:
    """Demand that what comes in stays as it is."""
    for protocol in ("causal", "published"):
        series = breathing()
        case.run(series, protocol=protocol)
        assert_same_bits(series, breathing())


def arrays_need_not_be_writable(case: Case) -> None:
    """Demand that histories and targets may be read-only."""
    windows, targets = (array.copy() for array in training_pairs(case))
    windows.flags.writeable = targets.flags.writeable = False
    forecaster = case.forecaster()
    forecaster.fit(windows[:20], targets[:20])
    forecaster.learn(_pair(windows, targets, 20))
    assert forecaster.predict(windows[21:24]).shape == (forecaster.runs, COMPONENTS), "a forecast has another shape"


def predicting_changes_nothing(case: Case) -> None:
    """Demand that a forecaster that is asked learns as one that is not, and what it hands out may be changed."""
    windows, targets = training_pairs(case)
    quiet, asked = case.forecaster(), case.forecaster()
    for forecaster in (quiet, asked):
        forecaster.fit(windows[:20], targets[:20])
    for i in range(20, 40):
        for n in (1, 3):
            first = asked.predict(windows[i : i + n])
            kept = first.copy()
            first += 1e3
            assert_same_bits(asked.predict(windows[i : i + n]), kept)
        quiet.learn(_pair(windows, targets, i))
        asked.learn(_pair(windows, targets, i))
    assert_same_bits(quiet.predict(windows[40:43]), asked.predict(windows[40:43]))


def a_restored_forecaster_continues_to_the_bit(case: Case) -> None:
    """Demand that what is restored goes on as if nothing had happened, and that learning on does not reach the copy."""
    windows, targets = training_pairs(case)
    first, second, third = case.forecaster(), case.forecaster(seed=99), case.forecaster()
    first.fit(windows[:20], targets[:20])
    for i in range(20, 30):
        first.learn(_pair(windows, targets, i))
    kept = first.state()
    state = through_a_file(kept)
    second.restore(state)
    for i in range(30, 45):
        assert_same_bits(first.predict(windows[i : i + 3]), second.predict(windows[i : i + 3]))
        first.learn(_pair(windows, targets, i))
        second.learn(_pair(windows, targets, i))
    for name, array in through_a_file(kept).items():
        assert array.tobytes() == state[name].tobytes(), f"{name} of a saved state is no copy"
    third.restore(state)
    for name, array in through_a_file(third.state()).items():
        assert array.tobytes() == state[name].tobytes(), f"{name} is not restored"


def a_restored_driver_continues_to_the_bit(case: Case) -> None:
    """Demand the same of a stream, before calibration, in it and after it."""
    series = breathing()
    for saved_after in (0, 12, TRAIN_END - 1, TRAIN_END, TRAIN_END + 9):
        first, second = case.driver(1), case.driver(2)
        for sample in series[:saved_after]:
            first.push(sample)
        second.restore(through_a_file(first.state()))
        for sample in series[saved_after:]:
            expected, got = first.push(sample), second.push(sample)
            assert (expected is None) == (got is None), "a restored stream has forecasts at other times"
            if expected is not None and got is not None:
                assert_same_bits(expected, got)


def the_state_of_another_method_is_refused(case: Case) -> None:
    """Demand that a state that is not its own is refused with a `ForecastingError`."""
    try:
        case.forecaster().restore({"nonsense": np.zeros(1)})
    except ForecastingError:
        return
    raise AssertionError("a state of something else is taken")


def forecasts_are_finite_and_do_not_depend_on_the_unit(case: Case) -> None:
    """Demand that series of any scale are forecast, in any unit alike."""
    for scale in (1e-12, 1e-3, 1e9):
        assert np.isfinite(case.run(scale * breathing())[:, TRAIN_END + 2 :]).all(), f"not finite at scale {scale:g}"
    np.testing.assert_allclose(case.run(1.818 * breathing()), 1.818 * case.run(breathing()), rtol=1e-6)


def a_constant_is_forecast_as_itself(case: Case) -> None:
    """Demand that a series that does not move is forecast not to, and one that begins to move later stays finite."""
    tolerance = 1e-12 if METHODS[case.method].deterministic else _SMALL_WEIGHTS
    for value in (0.0, 0.1, -1e9, 1e-300):
        forecasts = case.run(np.full((FRAMES, COMPONENTS), value))
        np.testing.assert_allclose(forecasts[:, TRAIN_END + 2 :], value, rtol=1e-9, atol=tolerance)
    series = np.full((FRAMES, COMPONENTS), 7.0)
    series[TRAIN_END + 5 :] = breathing()[TRAIN_END + 5 :]
    assert np.isfinite(case.run(series)[:, TRAIN_END + 2 :]).all(), "not finite once a constant begins to move"


def any_number_of_components_is_forecast(case: Case) -> None:
    """Demand that one component is forecast, and five."""
    for components in (1, 5):
        forecasts = case.run(breathing(components=components))
        assert np.isfinite(forecasts[:, TRAIN_END + 2 :]).all(), f"not finite for {components} component(s)"
        assert forecasts.shape[1:] == (FRAMES, components), f"another shape for {components} component(s)"


def _pair(windows: Array, targets: Array, i: int) -> Pair:
    """Return a history and its target; places of the first pairs do not matter, but that they follow one another."""
    issued = LENGTH - 1 + i
    return Pair(windows[i], targets[i], issued, issued + HORIZON)


LAWS: tuple[Callable[[Case], None], ...] = (
    the_future_cannot_change_the_past,
    forecasts_depend_on_what_has_arrived,
    one_frame_ahead_both_protocols_agree,
    a_stream_gives_what_a_batch_gives,
    equal_seeds_give_equal_forecasts,
    runs_are_as_many_as_it_says_and_independent,
    the_series_is_not_changed,
    arrays_need_not_be_writable,
    predicting_changes_nothing,
    a_restored_forecaster_continues_to_the_bit,
    a_restored_driver_continues_to_the_bit,
    the_state_of_another_method_is_refused,
    forecasts_are_finite_and_do_not_depend_on_the_unit,
    a_constant_is_forecast_as_itself,
    any_number_of_components_is_forecast,
)
