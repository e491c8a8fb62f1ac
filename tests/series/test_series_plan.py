"""Markers out of columns, spans and horizons that fit, and the papers' metrics by their formulas."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from cinecast.errors import SettingsError
from cinecast.series import Spans, Trace, group_columns, plan_series, run_task
from cinecast.series.plan import SeriesPlan
from cinecast.settings import ForecastSettings
from cinecast_models import METHODS, Method, MethodSettings, half_range_95
from cinecast_models.ensemble import ensemble_mean
from cinecast_models.forecaster import ArrayState, Pair
from cinecast_models.linear.persistence import Persistence, PersistenceSettings
from helpers.blas_threads import openblas_threads

NINE = ("x1", "x2", "x3", "y1", "y2", "y3", "z1", "z2", "z3")
COUNTED = tuple(f"c{k}" for k in range(9))


def _trace(rng: np.random.Generator, samples: int = 90, columns: tuple[str, ...] = NINE) -> Trace:
    times = np.arange(samples) / 10
    waves = np.sin(times[:, np.newaxis] * 1.6 + rng.uniform(0, 6, len(columns))) * rng.uniform(1, 9, len(columns))
    return Trace("markers", columns, waves + rng.normal(0, 0.1, waves.shape), times)


def _plan(trace: Trace, *, group: str = "auto", spans: Spans | None = None, **settings: object) -> SeriesPlan:
    forecast = ForecastSettings(**({"methods": ("rls", "snap1"), "horizons": ("3",)} | settings))  # type: ignore[arg-type]
    return plan_series(trace, group_columns(trace.columns, group), forecast, spans)  # type: ignore[arg-type]


@pytest.mark.parametrize("group", ["auto", "3d"])
def test_coordinates_make_markers(group: str) -> None:
    objects = group_columns(NINE, group)  # type: ignore[arg-type]
    assert objects.members == (0, 1, 2) * 3
    assert str(objects) == "3 marker(s) in 3D: marker 1, marker 2, marker 3"


def test_other_names_and_orders() -> None:
    objects = group_columns(("chest_x", "belly_y", "chest_y", "belly_x", "belly_z", "chest_z"))
    assert objects.names == ("chest", "belly")
    assert objects.members == (0, 1, 0, 1, 1, 0)
    assert group_columns(("Z_2", "X_2", "Y_2")).members == (0, 0, 0)


@pytest.mark.parametrize("columns", [("x1", "y1"), ("x1", "y1", "z2"), ("x1", "y1", "z1", "belt"), ("x1", "x_1", "z1")])
def test_anything_else_is_scored_column_by_column(columns: tuple[str, ...]) -> None:
    objects = group_columns(columns)
    assert objects.members == tuple(range(len(columns)))
    assert str(objects) == f"{len(columns)} column(s), each scored by itself"


def test_no_grouping_where_none_is_wanted() -> None:
    assert group_columns(NINE, "none").members == tuple(range(9))


@pytest.mark.parametrize(("columns", "taken"), [(COUNTED, "x1 to x3, y1 to y3, z1 to z3"), (COUNTED[:3], "x1, y1, z1")])
def test_in_which_order_columns_without_names_are_taken_is_said(columns: tuple[str, ...], taken: str) -> None:
    objects = group_columns(columns, "3d", named=False)
    assert str(objects).endswith(f"; the columns have no names and are taken as {taken}")
    assert "no names" not in str(group_columns(objects.columns, "3d"))


def test_columns_without_names_are_markers_only_when_asked() -> None:
    assert group_columns(COUNTED, named=False).members == tuple(range(9))
    objects = group_columns(COUNTED, "3d", named=False)
    assert (objects.members, objects.columns) == ((0, 1, 2) * 3, NINE)


def test_named_columns_that_are_no_markers() -> None:
    with pytest.raises(SettingsError, match=r"--group 3d needs columns x, y and z of each marker, .* got a, b, c"):
        group_columns(("a", "b", "c"), "3d")


def test_a_number_of_columns_that_is_no_markers() -> None:
    with pytest.raises(SettingsError, match="three coordinates of each marker, got 4 columns"):
        group_columns(COUNTED[:4], "3d", named=False)


def test_an_unknown_grouping() -> None:
    with pytest.raises(SettingsError, match="--group must be one of auto, 3d, none, got '2d'"):
        group_columns(NINE, "2d")  # type: ignore[arg-type]


def test_persistence_stands_beside_every_method(rng: np.random.Generator) -> None:
    plan = _plan(_trace(rng), methods=("rls", "persistence", "rls"), horizons=("0.5s", "2", "2"))
    assert [(task.method, task.horizon.frames) for task in plan.tasks] == [
        ("persistence", 2),
        ("rls", 2),
        ("persistence", 5),
        ("rls", 5),
    ]


def test_offline_methods_have_a_train_end_of_their_own(rng: np.random.Generator) -> None:
    plan = _plan(_trace(rng), methods=("linear", "rls"), spans=Spans(30, 60, 50))
    assert {task.method: task.train_end for task in plan.tasks} == {"persistence": 30, "linear": 50, "rls": 30}


@pytest.mark.parametrize("group", ["auto", "none"])
def test_scores_are_the_papers_formulas(rng: np.random.Generator, group: str) -> None:
    plan = _plan(_trace(rng), group=group, runs=4)
    task = plan.tasks[-1]
    result = run_task(plan, task)
    scores = {score.metric: score for score in result.scores}
    test = slice(60, 90)
    y, runs = plan.trace.samples[test], result.forecast.forecasts[:, test]

    def distance(difference: np.ndarray) -> np.ndarray:
        # Rows x1 x2 x3 y1 y2 y3 z1 z2 z3: marker i is rows i, i + 3, i + 6.
        return np.abs(difference) if group == "none" else np.linalg.norm(difference.reshape(-1, 3, 3), axis=1)

    delta = [distance(run - y) for run in runs]
    spread = ((y - y.mean(axis=0)) ** 2).sum()
    expected = {
        "rmse": [np.sqrt((each**2).mean()) for each in delta],
        "mae": [each.mean() for each in delta],
        "max_error": [each.max() for each in delta],
        "nrmse": [np.sqrt((each**2).sum() / spread) for each in delta],
        "jitter": [distance(run[1:] - run[:-1]).mean() for run in runs],
    }
    for metric, values in expected.items():
        assert scores[metric].value == pytest.approx(np.mean(values), rel=1e-12), metric
        half_range = 1.96 * np.std(values, ddof=1) / 2
        assert scores[metric].half_range_95 == pytest.approx(half_range, rel=1e-9), metric
        assert (scores[metric].region, scores[metric].runs) == ("series", 4)
    assert scores["step_time_ms"].value > 0


def test_the_future_of_the_trace_changes_no_forecast(rng: np.random.Generator) -> None:
    trace = _trace(rng)
    later = Trace("markers", NINE, trace.samples.copy(), trace.times_s)
    later.samples[75:] += rng.normal(0, 50, (15, 9))
    for task in _plan(trace).tasks:
        one, other = run_task(_plan(trace), task), run_task(_plan(later), task)
        np.testing.assert_array_equal(one.forecast.forecasts[:, : 75 + 3], other.forecast.forecasts[:, : 75 + 3])
        assert (one.forecast.forecasts[:, 78:] != other.forecast.forecasts[:, 78:]).all()


class _GrowingSettings(MethodSettings):
    method = "growing"


class _Growing(ArrayState):
    """Persistence in even runs; in odd ones it grows a millionfold with every pair, and is beyond bounds at last."""

    learned = ("factors",)

    def __init__(self, settings: MethodSettings, components: int, generators: Sequence[np.random.Generator]) -> None:
        self.runs = len(generators)
        self.factors = np.ones(self.runs)

    def fit(self, histories: np.ndarray, targets: np.ndarray) -> None:
        """Learn online only."""

    def predict(self, pending: np.ndarray) -> np.ndarray:
        return np.asarray(self.factors[:, np.newaxis] * pending[-1, -1])

    def learn(self, pair: Pair) -> None:
        self.factors[1::2] *= 1.4e3


class _WatchingSettings(PersistenceSettings):
    method = "watching"


class _Watching(Persistence):
    """Persistence that looks at how many threads numpy and scipy have."""

    seen: ClassVar[set[int]] = set()

    def predict(self, pending: np.ndarray) -> np.ndarray:
        self.seen.update(openblas_threads())
        return super().predict(pending)


def test_a_series_is_forecast_with_one_thread_and_the_program_keeps_its_own(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = Method("Watching", _WatchingSettings, _Watching, deterministic=True, offline=True, standardised=False)
    monkeypatch.setitem(METHODS, "watching", method)
    plan = _plan(_trace(rng), methods=("watching",))
    with threadpool_limits(2):
        run_task(plan, plan.tasks[1])
        assert _Watching.seen == {1}
        assert openblas_threads() == {2}


@pytest.mark.parametrize(("samples", "finite"), [(90, False), (47, True)])
def test_runs_that_diverge_are_reported_and_left_out(
    rng: np.random.Generator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    samples: int,
    finite: bool,
) -> None:
    method = Method("Growing", _GrowingSettings, _Growing, deterministic=False, offline=False, standardised=True)
    monkeypatch.setitem(METHODS, "growing", method)
    # With 47 samples a run goes out of bounds where there is nothing left to forecast.
    plan = _plan(_trace(rng, samples), methods=("growing",), runs=4, spans=Spans(30, 45))
    persistence, growing = (run_task(plan, task) for task in plan.tasks)
    assert growing.forecast.diverged.tolist() == [False, True, False, True]
    assert np.isfinite(growing.forecast.forecasts[1, 45:]).all() == finite
    assert "2 of 4 runs of growing at horizon 3 diverged and are left out of its scores" in caplog.text
    for score, expected in zip(growing.scores[:5], persistence.scores, strict=False):
        assert (score.metric, score.runs) == (expected.metric, 2)
        assert score.value == pytest.approx(expected.value, rel=1e-9)
        assert score.half_range_95 == pytest.approx(0, abs=1e-9)


def test_a_constant_column_is_accepted_with_a_warning(
    rng: np.random.Generator, caplog: pytest.LogCaptureFixture
) -> None:
    trace = _trace(rng)
    trace.samples[:, 4] = 0.1
    with caplog.at_level(logging.WARNING):
        plan = _plan(trace)
    assert "column(s) y2 never change: they add nothing to the nRMSE" in caplog.text
    for task in plan.tasks:
        result = run_task(plan, task)
        assert all(np.isfinite(score.value) for score in result.scores)
        if task.method == "persistence":
            moving = [k for k in range(9) if k != 4]
            y, forecast = trace.samples[60:, moving], result.forecast.forecasts[0, 60:][:, moving]
            expected = np.sqrt(((forecast - y) ** 2).sum() / ((y - y.mean(axis=0)) ** 2).sum())
            assert {score.metric: score.value for score in result.scores}["nrmse"] == pytest.approx(expected)


def test_a_clock_among_the_columns_is_named(rng: np.random.Generator, caplog: pytest.LogCaptureFixture) -> None:
    # Two clocks in a file: one gives the times, the other was forecast as a signal, with an nRMSE of next to nothing.
    trace = _trace(rng, columns=("y", "timestamp", "whole_seconds", "falling"))
    with caplog.at_level(logging.WARNING):
        _plan(trace)
    assert "never fall" not in caplog.text
    count = np.arange(len(trace.samples))
    trace.samples[:, 1], trace.samples[:, 2], trace.samples[:, 3] = 100 * count, count // 10, -count
    with caplog.at_level(logging.WARNING):
        _plan(trace)
    assert "column(s) timestamp, whole_seconds never fall, as clocks and counters do" in caplog.text


def test_a_column_that_moves_only_after_the_train_span_is_named(
    rng: np.random.Generator, caplog: pytest.LogCaptureFixture
) -> None:
    trace = _trace(rng)
    offline_end = _plan(trace).offline_train_end
    trace.samples[:offline_end, 4] = 0.1
    with caplog.at_level(logging.WARNING):
        _plan(trace)
    assert f"column(s) y2 stand still in the train span of {offline_end} samples and move later" in caplog.text
    assert "never change" not in caplog.text
    caplog.clear()
    trace.samples[offline_end - 1, 4] = 0.2
    _plan(trace)
    assert not caplog.text


def test_a_series_that_stands_still_in_its_test_span(rng: np.random.Generator) -> None:
    trace = _trace(rng)
    trace.samples[60:] = 1.5
    with pytest.raises(SettingsError, match="must vary in its test span, got 30 equal samples from sample 60 on"):
        _plan(trace)


@pytest.mark.parametrize("spans", [Spans(1), Spans(50, 40), Spans(30, 89), Spans(30, 200), Spans(-5, 60)])
def test_spans_that_do_not_fit(rng: np.random.Generator, spans: Spans) -> None:
    trace = _trace(rng)
    with pytest.raises(SettingsError, match="spans must satisfy 2 <= train end <= validation end <= 88"):
        _plan(trace, spans=spans)


@pytest.mark.parametrize("end", [1, 61])
def test_an_offline_train_end_that_does_not_fit(rng: np.random.Generator, end: int) -> None:
    trace = _trace(rng)
    with pytest.raises(SettingsError, match="--offline-train-end must be from 2 to the validation end 60"):
        _plan(trace, spans=Spans(30, 60, end))


def test_a_series_of_two_samples(rng: np.random.Generator) -> None:
    trace = _trace(rng, samples=2)
    with pytest.raises(SettingsError, match=r"spans must satisfy .* or give a longer series"):
        _plan(trace)


def test_a_series_shorter_than_history_and_horizon(rng: np.random.Generator) -> None:
    trace = _trace(rng, samples=42)
    with pytest.raises(SettingsError, match=r"history and horizon of rls must fit .* got 12 \+ 3 = 15 samples for 14"):
        _plan(trace)


def test_a_horizon_that_reaches_over_the_validation_span(rng: np.random.Generator) -> None:
    trace = _trace(rng)
    with pytest.raises(SettingsError, match=r"a horizon must be at most 6 samples, .* test sample \(45\) .* got 7"):
        _plan(trace, horizons=("7",), spans=Spans(40, 45))


def test_a_horizon_of_nothing(rng: np.random.Generator) -> None:
    trace = _trace(rng)
    with pytest.raises(SettingsError, match="a horizon must be at least one frame"):
        _plan(trace, horizons=("0",))


def test_ensemble_mean_and_half_range(rng: np.random.Generator) -> None:
    forecasts = rng.normal(size=(5, 7, 2))
    forecasts[:, 0] = np.nan
    forecasts[1, 3:] = np.nan
    forecasts[2:, 5], forecasts[1:, 6] = np.nan, np.nan
    forecasts[1, 5] = 2.0
    mean, half_range, runs = ensemble_mean(forecasts)
    assert runs.tolist() == [0, 5, 5, 4, 4, 2, 1]
    assert np.isnan(mean[0]).all()
    assert np.isnan(half_range[[0, 6]]).all()
    for t in range(1, 7):
        for k in range(2):
            values = forecasts[:, t, k][np.isfinite(forecasts[:, t, k])]
            assert mean[t, k] == pytest.approx(values.mean(), rel=1e-12)
            if len(values) > 1:
                assert half_range[t, k] == pytest.approx(half_range_95(values), rel=1e-12)
