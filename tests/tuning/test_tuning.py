"""Grids, trials and the choice of settings: the papers' rules, and nothing seen beyond the validation span."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage  # type: ignore[import-untyped]

from cinecast.errors import SettingsError
from cinecast.motion import fit_motion_model
from cinecast.tuning.grid import Grid, paper_grid
from cinecast.tuning.result import read_choice, write_choice
from cinecast.tuning.search import Problem, Search, choose, grid_search, optuna_search, search_settings
from cinecast.tuning.search_task import SearchSpan, SearchTask
from cinecast.tuning.space import suggest
from cinecast.tuning.trial import Evaluation, Series, Trial, best_trial, judge, validation_forecasts
from cinecast_models import METHODS, forecast_series, method_settings
from cinecast_models.forecaster import Array
from helpers.synthetic import grid as pixels
from helpers.synthetic import moved, sinusoid, texture, translation

LEARNERS = [name for name in METHODS if name not in ("persistence", "population_transformer", "mixture")]


@pytest.fixture
def series(rng: np.random.Generator) -> Array:
    time = np.arange(160)[:, None] / 3
    return np.sin(time * [1.0, 1.1, 0.9]) * [3.0, 1.0, 0.5] + 0.1 * rng.normal(size=(160, 3))


@pytest.mark.parametrize(
    ("subject", "rate", "lengths"),
    [
        ("cine", 3.18, (6, 12, 18, 24, 30)),
        ("cine", 1 / 0.1675, (11, 23, 34, 45, 57)),
        ("markers", 3.33, (4, 8, 12, 16, 20)),
        ("markers", 10.0, (12, 24, 36, 48, 60)),
        ("markers", 30.0, (36, 72, 108, 144, 180)),
    ],
)
def test_histories_are_those_of_the_papers(subject: str, rate: float, lengths: tuple[int, ...]) -> None:
    assert paper_grid("linear", subject, rate).values == {"history_length": lengths}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "subject", "points"),
    [("snap1", "cine", 5 * 4 * 6), ("rtrl", "markers", 5 * 3 * 3), ("lms", "cine", 20), ("transformer", "cine", 40)],
)
def test_grids_have_as_many_points_as_those_of_the_papers(method: str, subject: str, points: int) -> None:
    grid = paper_grid(method, subject, 10.0)  # type: ignore[arg-type]
    assert len(grid) == len(list(grid.points())) == points


@pytest.mark.parametrize("method", LEARNERS)
@pytest.mark.parametrize("subject", ["cine", "markers"])
def test_every_point_is_a_valid_setting(method: str, subject: str) -> None:
    for point in paper_grid(method, subject, 3.18).points():  # type: ignore[arg-type]
        method_settings(method, point)


def test_histories_that_do_not_fit_are_left_out() -> None:
    assert paper_grid("linear", "cine", 3.18, longest=20).values["history_length"] == (6, 12, 18)


def test_a_method_whose_settings_come_with_a_file_has_no_grid() -> None:
    with pytest.raises(SettingsError, match="takes its settings from the file"):
        paper_grid("population_transformer", "cine", 3.18)


def test_what_is_made_to_be_left_as_it_is_has_no_grid() -> None:
    with pytest.raises(SettingsError, match="mixture has nothing to tune, got it for a grid; run it as it is"):
        paper_grid("mixture", "cine", 3.18)
    with pytest.raises(SettingsError, match="got 'mixture'; leave out --trials"):
        suggest(optuna.create_study().ask(), "mixture", 3.18, 40)


@pytest.mark.parametrize(("horizon", "judged"), [(41, 0), (40, 1)])
def test_a_horizon_that_leaves_nothing_to_judge_by_is_refused(series: Array, horizon: int, judged: int) -> None:
    spans = Series(series[:100], train_end=60, horizon=horizon)
    with pytest.raises(SettingsError, match=f"got {judged} at a horizon of {horizon} frames; ask for a shorter one"):
        search_settings(spans, "linear", grid_search(Grid("linear", {"history_length": (6,)})), Evaluation())


def test_a_span_too_short_for_every_history_is_refused() -> None:
    with pytest.raises(SettingsError, match="must fit into 5 samples, got 6"):
        paper_grid("linear", "cine", 3.18, longest=5)


@pytest.mark.parametrize("search", [grid_search(Grid("rls", {"history_length": (6, 24, 40)})), optuna_search(8, 9.0)])
def test_histories_that_no_stretch_between_long_gaps_holds_are_left_out(series: Array, search: Search) -> None:
    gappy = series[:110].copy()
    gappy[[20, 50]] = np.nan
    spans = Series(gappy, train_end=70, horizon=3, lost=frozenset((20, 50)))
    found, best = search_settings(spans, "rls", search, Evaluation())
    assert best is not None
    assert max(trial.settings["history_length"] for trial in found) in range(6, 27)  # 29 samples less the horizon


def test_a_given_history_longer_than_those_searched_is_judged_once_it_is_complete(rng: np.random.Generator) -> None:
    samples = np.cumsum(rng.normal(size=(200, 2)), axis=0)
    samples[100] = np.nan
    given = {"history_length": 20}
    task = SearchTask("rls", 3, SearchSpan(60, 200), (2,), 0, Evaluation(), None, 3, 1.0, fixed=given, given=given)
    series = Series(samples, 60, 3, lost=frozenset((100,)), compared_history=task.compared_history)
    found, best = search_settings(series, "rls", task.search, Evaluation())
    assert best is not None  # no run counts as one that diverged for want of a forecast
    assert [trial.diverged for trial in found] == [0, 0, 0]
    # The first history after the long gap ends at 120, and 3 later comes what is forecast from it.
    assert series.judged("causal") == [*range(62, 100), *range(123, 200)]


def test_a_given_history_that_no_stretch_between_long_gaps_holds_is_refused_by_trials_too(series: Array) -> None:
    gappy = series[:110].copy()
    gappy[30] = np.nan
    spans, given = Series(gappy, train_end=70, horizon=3, lost=frozenset((30,))), {"history_length": 37}
    with pytest.raises(SettingsError, match=r"tried for rls must be at most 36 frames"):
        search_settings(spans, "rls", optuna_search(2, 1.0, given, given), Evaluation())


def test_a_train_span_of_which_no_stretch_holds_a_history_is_refused(series: Array) -> None:
    gappy = series[:110].copy()
    gappy[10:70:10] = np.nan
    spans = Series(gappy, train_end=70, horizon=3, lost=frozenset(range(10, 70, 10)))
    with pytest.raises(
        SettingsError, match=r"tried for rls must be at most 7 frames, .* 3 frames ahead, got longer ones"
    ):
        search_settings(spans, "rls", grid_search(Grid("rls", {"history_length": (8, 24)})), Evaluation())


@given(st.lists(st.integers(1, 100), min_size=1, max_size=8, unique=True), st.integers(1, 9))
def test_a_thinned_grid_is_part_of_the_grid_with_its_ends(values: list[int], most: int) -> None:
    whole = Grid("linear", {"history_length": tuple(sorted(values))})
    kept = whole.thinned(most).values["history_length"]
    assert len(kept) == min(most, len(values))
    assert set(kept) <= set(values)
    assert most == 1 or (kept[0], kept[-1]) == (min(values), max(values))


@pytest.mark.parametrize(("most", "kept"), [(1, (30,)), (2, (10, 50)), (3, (10, 30, 50)), (4, (10, 20, 40, 50))])
def test_values_that_are_kept_lie_evenly(most: int, kept: tuple[int, ...]) -> None:
    grid = Grid("linear", {"history_length": (10, 20, 30, 40, 50)})
    assert grid.thinned(most).values == {"history_length": kept}


def test_a_grid_cannot_be_thinned_to_nothing() -> None:
    with pytest.raises(SettingsError, match="1 value of each setting or more, got 0"):
        Grid("linear", {}).thinned(0)


@pytest.mark.parametrize("method", LEARNERS)
def test_optuna_proposes_valid_settings(method: str) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3))
    for _ in range(20):
        proposed = suggest(study.ask(), method, 3.18, 40)
        assert method_settings(method, proposed).history_length <= 40


def test_optuna_has_nothing_to_search_for_persistence() -> None:
    with pytest.raises(SettingsError, match="got 'persistence'; leave out --trials"):
        suggest(optuna.create_study().ask(), "persistence", 3.18, 40)


def test_a_trial_is_the_error_over_the_validation_span(series: Array) -> None:
    judged = Series(series[:100], train_end=60, horizon=3)
    evaluation = Evaluation("causal", 1, 0)
    forecasts = validation_forecasts(judged, "linear", {"history_length": 5}, evaluation)[0]
    truth = series[62:100]
    expected = np.sqrt(((forecasts - truth) ** 2).sum() / ((truth - truth.mean(axis=0)) ** 2).sum())
    trial = judge(judged, "linear", {"history_length": 5}, evaluation)
    assert trial.nrmse == pytest.approx(expected)
    assert (trial.modes, trial.diverged) == (3, 0)


def test_no_setting_is_judged_by_samples_that_were_not_measured(series: Array) -> None:
    held = frozenset({30, 70, 71})
    judged = Series(series[:100], train_end=60, horizon=3, held=held)
    evaluation, settings = Evaluation("causal", 1, 0), {"history_length": 5}
    frames = [t for t in range(62, 100) if t not in held]
    assert judged.judged("causal") == frames
    forecasts = validation_forecasts(judged, "rls", settings, evaluation)[0]
    alone = forecast_series(
        series[:100], method="rls", settings=method_settings("rls", settings), horizon=3, train_end=60, held=held
    )
    np.testing.assert_array_equal(forecasts, alone.forecasts[0, frames])
    truth = series[frames]
    expected = np.sqrt(((forecasts - truth) ** 2).sum() / ((truth - truth.mean(axis=0)) ** 2).sum())
    assert judge(judged, "rls", settings, evaluation).nrmse == pytest.approx(expected)


def test_runs_that_diverge_are_counted(series: Array) -> None:
    trial = judge(Series(series[:100], 60, 3), "lms", {"learning_rate": 10.0, "clip_norm": 1e300}, Evaluation(runs=2))
    assert np.isnan(trial.nrmse)
    assert trial.diverged > 0


def test_a_setting_of_which_more_runs_diverge_than_need_be_is_out() -> None:
    best, unstable, lost = (
        Trial(3, {"a": 1}, 0.5, 0.0, 0),
        Trial(3, {"a": 2}, 0.1, 0.0, 1),
        Trial(3, {}, np.nan, 0.0, 2),
    )
    assert best_trial([unstable, best, lost]) is best
    assert best_trial([unstable, lost]) is unstable
    assert best_trial([lost]) is None


@pytest.fixture
def problem(rng: np.random.Generator) -> Problem:
    """Return frames that truly move along one mode, and a second mode that is only noise."""
    shape = (40, 36)
    grey, (x, y) = texture(rng), pixels((40, 36))
    amplitude = 2.0 * np.sin(np.arange(90) / 3)
    frames = np.stack([moved(grey, sinusoid(a, 80.0), shape) for a in amplitude])
    dvf = np.stack([sinusoid(a, 80.0)(x, y) for a in amplitude]) + 0.05 * rng.normal(size=(90, *shape, 2))
    model = fit_motion_model(dvf[:60], 2)
    return Problem(model.project(dvf), frames, model, reference=0, train_end=60, modes=(1, 2))


def test_the_choice_has_the_lowest_error_of_its_number_of_modes(problem: Problem) -> None:
    grid = Grid("rls", {"history_length": (2, 6), "ridge": (0.1, 1e6)})
    choice = choose(problem, "rls", 2, grid_search(grid), Evaluation())
    assert len(choice.trials) == 8
    same = [trial.nrmse for trial in choice.trials if trial.modes == choice.best.modes]
    assert choice.best.nrmse == min(same)
    assert choice.best.settings["ridge"] == 0.1
    assert choice.registration_nrmse[choice.best.modes] == min(choice.registration_nrmse.values())


@pytest.fixture
def swaying(rng: np.random.Generator) -> Problem:
    """Return frames that breathe, and sway by less in a way that is hard to forecast."""
    shape, time = (40, 36), np.arange(90)
    grey, (x, y) = texture(rng), pixels(shape)
    breathing, aside = 3.0 * np.sin(time / 3), 0.8 * np.sin(time / 5) + 0.3 * rng.normal(size=len(time))
    aside[0] = 0

    def field(t: int) -> Callable[[Array, Array], Array]:
        return lambda px, py: sinusoid(breathing[t], 80.0)(px, py) + translation(aside[t], 0.0)(px, py)

    frames = np.stack([moved(grey, field(t), shape) for t in time])
    dvf = np.stack([field(t)(x, y) for t in time])
    model = fit_motion_model(dvf[:60], 2)
    return Problem(model.project(dvf), frames, model, reference=0, train_end=60, modes=(1, 2))


SIX = grid_search(Grid("rls", {"history_length": (6,)}))


def test_modes_are_chosen_by_how_well_frames_are_carried_back_and_not_by_the_error_of_the_weights(
    swaying: Problem,
) -> None:
    """A second motion raises the error of the weights, which there are more of; without it frames fit worse still."""
    choice = choose(swaying, "rls", 2, SIX, Evaluation())
    errors = {trial.modes: trial.nrmse for trial in choice.trials}
    assert errors[1] < errors[2]
    assert choice.best.modes == 2
    y, x = np.indices(swaying.frames.shape[1:])
    real = swaying.frames[0]
    for modes, found in choice.registration_nrmse.items():
        apart = []
        for t, weights in enumerate(
            validation_forecasts(swaying.series(modes, 2), "rls", {"history_length": 6}, Evaluation())[0], start=61
        ):
            u = swaying.model.mean + np.tensordot(weights, swaying.model.modes[:modes], axes=1)
            places = [y + u[..., 1], x + u[..., 0]]
            back = ndimage.map_coordinates(swaying.frames[t], places, order=1, mode="nearest")
            apart.append(np.linalg.norm(back - real) / np.linalg.norm(real - real.mean()))
        assert found == pytest.approx(np.mean(apart), rel=1e-9)


def test_no_offset_of_the_grey_values_changes_how_many_modes_are_chosen(swaying: Problem) -> None:
    """As the default flow depends on none; the published criterion does, which takes 0 for what lies beyond."""
    brighter = replace(swaying, frames=swaying.frames + 4000)
    one, other = (choose(each, "rls", 2, SIX, Evaluation()).registration_nrmse for each in (swaying, brighter))
    assert one == pytest.approx(other, rel=1e-9)
    published = [
        choose(replace(each, black_beyond=True), "rls", 2, SIX, Evaluation()).registration_nrmse
        for each in (swaying, brighter)
    ]
    assert published[1][2] > 2 * published[0][2] > 2 * one[2]


def test_the_best_settings_of_a_net_are_run_once_more_with_more_runs(problem: Problem) -> None:
    grid = Grid("snap1", {"history_length": (2, 6), "hidden_units": (4,), "learning_rate": (0.001, 0.05)})
    once, twice = Evaluation(runs=1), Evaluation(runs=1, finalists=2, final_runs=4)
    few, more = (choose(problem, "snap1", 2, grid_search(grid), evaluation) for evaluation in (once, twice))
    assert len(more.trials) == len(few.trials) + 2 * len(problem.modes)
    assert np.isnan(few.best.half_range_95)
    assert more.best.half_range_95 > 0
    assert len(choose(problem, "rls", 2, grid_search(Grid("rls", {})), twice).trials) == len(problem.modes)


def test_a_setting_that_was_lucky_in_few_runs_is_not_chosen_by_them(series: Array) -> None:
    """The best two are run again, and the choice is by that alone."""
    lucky = {0.001: 1e-9, 0.02: 3e-9, 0.004: 2e-9}

    def search(spans: Series, method: str, evaluation: Evaluation) -> list[Trial]:
        return [
            Trial(3, {"history_length": 4, "hidden_units": 4, "learning_rate": rate}, error, np.nan, 0)
            for rate, error in lucky.items()
        ]

    spans = Series(series[:110], train_end=60, horizon=2)
    found, best = search_settings(spans, "snap1", search, Evaluation(runs=1, finalists=2, final_runs=3))
    assert [trial.settings["learning_rate"] for trial in found] == [*lucky, 0.001, 0.004]
    again = found[3:]
    assert min(trial.nrmse for trial in again) > 0.1
    assert best is min(again, key=lambda trial: trial.nrmse)
    assert search_settings(spans, "snap1", search, Evaluation(runs=3, finalists=2, final_runs=3))[0] == found[:3]


@pytest.mark.parametrize("search", [grid_search, optuna_search])
def test_settings_that_are_not_searched_for_stay_as_given(problem: Problem, search: Callable[..., Search]) -> None:
    """What is judged is what a run does with the same settings file."""
    tried = (Grid("kernel_ridge", {"history_length": (2,)}),) if search is grid_search else (2, 3.0)
    few, many = (
        choose(replace(problem, modes=(1,)), "kernel_ridge", 2, search(*tried, {"window": window}), Evaluation())
        for window in (4, 250)
    )
    assert [trial.settings["window"] for trial in few.trials] == [4] * len(few.trials)
    assert all(one.nrmse != other.nrmse for one, other in zip(few.trials, many.trials, strict=True))
    series = problem.series(1, 2)
    assert judge(series, "kernel_ridge", few.best.settings, Evaluation()).nrmse == few.best.nrmse


def test_settings_that_are_given_are_not_searched_for(problem: Problem) -> None:
    grid = Grid("rls", {"history_length": (2, 4), "ridge": (0.3, 3.0)}).holding({"ridge": 1.0, "window": 4})
    assert grid.values == {"history_length": (2, 4), "ridge": (1.0,)}
    one = replace(problem, modes=(1,))
    for search in (grid_search(grid), optuna_search(3, 3.0, {"ridge": 1.0}, {"ridge": 1.0})):
        trials = choose(one, "rls", 2, search, Evaluation()).trials
        assert {trial.settings["ridge"] for trial in trials} == {1.0}
        assert len({trial.settings["history_length"] for trial in trials}) > 1


def test_a_search_takes_any_seed_that_runs_take(problem: Problem) -> None:
    searched = choose(replace(problem, modes=(1,)), "rls", 2, optuna_search(2, 3.0), Evaluation(seed=2**40 + 3))
    assert len(searched.trials) == 2


def test_a_search_depends_on_every_setting_of_the_method() -> None:
    task = SearchTask(
        "kernel_ridge", 2, SearchSpan(60, 80), (1,), 0, Evaluation(), Grid("kernel_ridge", {"ridge": (1.0,)}), 0, 3.0
    )
    assert task.values() != replace(task, fixed={"window": 4}).values()
    assert task.values()["others"]["window"] == 250
    assert task.values() != replace(task, black_beyond=True).values()


def test_the_same_search_by_optuna_is_the_same_twice(problem: Problem) -> None:
    found = [choose(replace(problem, modes=(1,)), "rls", 2, optuna_search(6, 3.0), Evaluation()) for _ in range(2)]
    settings = [[trial.settings for trial in choice.trials] for choice in found]
    assert settings[0] == settings[1]
    assert [t.nrmse for t in found[0].trials] == [t.nrmse for t in found[1].trials]
    assert len({trial.nrmse for trial in found[0].trials}) > 1


def test_a_choice_among_settings_that_all_diverge_is_refused(problem: Problem) -> None:
    grid = Grid("lms", {"history_length": (12,), "learning_rate": (10.0,), "clip_norm": (1e300,)})
    with pytest.raises(SettingsError, match="must keep a run from diverging, got none among 2"):
        choose(problem, "lms", 2, grid_search(grid), Evaluation())


def test_a_choice_reads_back(problem: Problem, tmp_path: Path) -> None:
    choice = choose(problem, "rls", 2, grid_search(Grid("rls", {"history_length": (2, 6)})), Evaluation())
    write_choice(tmp_path, choice)
    tuned = read_choice(tmp_path, "rls", 2)
    assert (tuned.modes, tuned.settings) == (choice.best.modes, choice.best.settings)
    assert len((tmp_path / "trials.csv").read_text().splitlines()) == 5
