"""What a setting is judged by, and what is kept of a choice: frames and numbers written by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from cinecast.settings import Settings, TunedSettings
from cinecast.tuning.result import ValidationErrors, read_choice, read_errors, tuned_settings, write_choice
from cinecast.tuning.search import SearchResult
from cinecast.tuning.trial import Evaluation, Series, Trial, judge
from cinecast_models import ForecastingError, forecast_series, method_settings

TRAIN, HORIZON, COUNT = 8, 3, 20


def judged(
    protocol: str = "causal", *, filled: tuple[int, ...] = (), lost: tuple[int, ...] = (), unknown: tuple[int, ...] = ()
) -> list[int]:
    samples = np.arange(float(COUNT))[:, np.newaxis]
    samples[list(unknown)] = np.nan
    series = Series(samples, TRAIN, HORIZON, frozenset(filled), frozenset((*lost, *unknown)), compared_history=2)
    return series.judged(protocol)  # type: ignore[arg-type]


def test_the_first_frame_that_is_judged_is_forecast_after_the_train_span_but_for_the_published_protocol() -> None:
    assert judged() == list(range(TRAIN - 1 + HORIZON, COUNT))
    assert judged("published") == list(range(TRAIN, COUNT))


@pytest.mark.parametrize(
    ("missing", "left"),
    [
        ({"filled": (12,)}, {12}),
        ({"lost": (12,)}, {12, 12 + HORIZON}),  # nothing is known of it, and nothing is issued at it
        # The history of two, issued at 3 before, begins 4 before: up to frame 16 it reaches to frame 12 or beyond.
        ({"unknown": (12,)}, {12, 13, 14, 15, 16}),
    ],
)
def test_no_setting_is_judged_by_what_was_not_measured_or_forecast(
    missing: dict[str, tuple[int, ...]], left: set[int]
) -> None:
    assert judged(**missing) == [t for t in range(10, COUNT) if t not in left]  # type: ignore[arg-type]


def test_the_longest_history_leaves_a_pair_to_learn_from() -> None:
    assert Series(np.zeros((COUNT, 1)), TRAIN, HORIZON).longest_history == 5


@pytest.mark.parametrize(
    ("filled", "lost", "unknown", "longest"),
    [
        ((), (), (), 27),
        ((29,), (), (), 26),
        ((27,), (28, 29), (), 24),
        ((), (), (12,), 14),
        ((29,), (28,), (12,), 12),
        ((), (), (0, 20), 16),
        ((9,), (), (10, 19, 20), 6),
        ((), (), (31,), 27),
    ],
)
def test_the_longest_history_is_the_longest_that_can_be_learned_from(
    filled: tuple[int, ...], lost: tuple[int, ...], unknown: tuple[int, ...], longest: int
) -> None:
    samples = np.sin(np.arange(60.0))[:, np.newaxis]
    samples[list(unknown)] = np.nan
    series = Series(samples, 30, HORIZON, frozenset(filled), frozenset((*lost, *unknown)))
    assert series.longest_history == longest
    for length, fits in ((longest, True), (longest + 1, False)):
        try:
            judge(series, "rls", {"history_length": length}, Evaluation())
        except ForecastingError:
            assert not fits
        else:
            assert fits


@pytest.mark.parametrize(("default", "gain"), [(0.5, 0.4), (0.2, -0.5), (math.nan, math.nan)])
def test_a_choice_is_kept_with_its_error_and_that_of_the_defaults(tmp_path: Path, default: float, gain: float) -> None:
    trials = [Trial(4, {"ridge": 0.5, "history_length": 12}, 0.3, 0.01, 0), Trial(2, {"ridge": 2.0}, 0.4, math.nan, 1)]
    write_choice(tmp_path, SearchResult(trials[0], {4: 0.7, 2: 0.9}, trials), default)
    assert read_choice(tmp_path, "rls", 7) == TunedSettings("rls", 7, 4, {"ridge": 0.5, "history_length": 12})
    assert read_errors(tmp_path) == pytest.approx((0.3, default), nan_ok=True)
    assert read_errors(tmp_path).gain == pytest.approx(gain, nan_ok=True)
    assert (tmp_path / "trials.csv").read_text().splitlines() == [
        "modes,history_length,ridge,nrmse,half_range_95,diverged",
        "4,12,0.5,0.3,0.01,0",
        "2,,2.0,0.4,,1",
    ]
    content = json.loads((tmp_path / "choice.json").read_text())
    assert content["registration_nrmse"] == {"4": 0.7, "2": 0.9}
    assert content["default_nrmse"] == (None if math.isnan(default) else default)


def test_where_the_defaults_have_no_error_nothing_is_gained() -> None:
    assert math.isnan(ValidationErrors(0.1, 0.0).gain)


def test_what_was_chosen_is_forecast_in_order_with_what_stays_as_it_is_behind_it() -> None:
    chosen = [TunedSettings("rls", 9, 3, {}), TunedSettings("lms", 5, 4, {}), TunedSettings("rls", 2, 5, {})]
    forecast = tuned_settings(Settings(), chosen, ["linear", "lms"]).forecast
    assert forecast.methods == ("lms", "rls", "linear")
    assert forecast.horizons == ("2", "5", "9")
    assert forecast.tuned == (chosen[1], chosen[2], chosen[0])


@pytest.mark.parametrize("protocol", ["causal", "published"])
@pytest.mark.parametrize(("method", "own"), [("rls", {}), ("snap1", {"hidden_units": 4})])
def test_a_setting_is_judged_by_the_error_of_its_forecasts_in_each_run(
    protocol: Literal["causal", "published"], method: str, own: dict[str, int], rng: np.random.Generator
) -> None:
    samples = np.sin(np.arange(90) / 3)[:, np.newaxis] * [1.0, 2.0] + rng.normal(0, 0.1, (90, 2))
    own = {"history_length": 5, **own}
    found = judge(Series(samples, 40, HORIZON), method, own, Evaluation(protocol, runs=3, seed=11))
    forecasts = forecast_series(
        samples,
        method=method,
        settings=method_settings(method, own),
        horizon=HORIZON,
        train_end=40,
        protocol=protocol,
        runs=3,
        seed=11,
    ).forecasts
    first = 40 if protocol == "published" else 42
    away = samples[first:] - samples[first:].mean(axis=0)
    errors = [np.linalg.norm(run[first:] - samples[first:]) / np.linalg.norm(away) for run in forecasts]
    assert len(errors) == (1 if method == "rls" else 3)
    assert (found.modes, found.diverged) == (2, 0)
    assert found.nrmse == pytest.approx(np.mean(errors), rel=1e-12)
    if method == "snap1":
        assert found.half_range_95 == pytest.approx(1.96 * np.std(errors, ddof=1) / math.sqrt(3), rel=1e-9)
        assert len(set(errors)) == 3
