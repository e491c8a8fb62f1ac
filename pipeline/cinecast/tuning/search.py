"""Search the settings of one method at one horizon, and choose the number of modes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import Instants
from cinecast.errors import SettingsError
from cinecast.flow.registration import registration_nrmse
from cinecast.motion import MotionModel
from cinecast.settings import Protocol
from cinecast.tuning.grid import Grid
from cinecast.tuning.space import suggest
from cinecast.tuning.trial import Evaluation, Series, Trial, best_trial, judge, ranking, validation_forecasts
from cinecast_models import METHODS

# One frame has no deviation that its error could be related to.
_FEWEST_JUDGED = 2

Search = Callable[[Series, str, Evaluation], Iterable[Trial]]


@dataclass(frozen=True, eq=False)
class Problem:
    """What settings are searched for; nothing in it reaches beyond the validation span.

    Parameters
    ----------
    weights
        Weights of the motion model, shape (validation end, K), for the largest K that is tried.
    frames
        Frames up to the end of the validation span, shape (validation end, H, W).
    model
        The motion model of K modes, fitted to the train span.
    reference
        Index of the reference frame.
    train_end
        End of the train span.
    modes
        Numbers of modes to try, each at most K.
    held
        Frames whose motion was not measured but held.
    instants
        Where these frames lie on the clock; None where none is missing.
    compared_history
        The longest history of the settings that are compared.
    black_beyond
        Whether what lies beyond the image is black when frames are carried back, as published (`registration_nrmse`).
    """

    weights: NDArray[np.float64]
    frames: NDArray[Any]
    model: MotionModel
    reference: int
    train_end: int
    modes: tuple[int, ...]
    held: frozenset[int] = frozenset()
    instants: Instants | None = None
    compared_history: int = 0
    black_beyond: bool = False

    def series(self, modes: int, horizon: int) -> Series:
        """Return what a setting is judged on with a number of modes.

        Parameters
        ----------
        modes
            Number of modes, counted from the first.
        horizon
            Frames between the newest frame and the forecast one.

        Returns
        -------
        Series
            Their weights by instant, shape (instants, modes), with the train end in instants and what was held or lost.
        """
        weights = np.ascontiguousarray(self.weights[:, :modes])
        if self.instants is None:
            return Series(weights, self.train_end, horizon, self.held)
        return Series(
            self.instants.place(weights),
            int(self.instants.passed[self.train_end - 1]),
            horizon,
            self.instants.held(self.held),
            frozenset(np.flatnonzero(self.instants.lost).tolist()),
            self.compared_history,
        )

    def judged_frames(self, series: Series, protocol: Protocol) -> NDArray[Any]:
        """Return the frames at the instants by which settings are judged.

        Parameters
        ----------
        series
            From `series`.
        protocol
            ``causal`` or ``published``.

        Returns
        -------
        NDArray[Any]
            Shape (n, H, W), in the order of `Series.judged`.
        """
        judged = series.judged(protocol)
        return self.frames[judged if self.instants is None else self.instants.frame_at[judged]]


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What was chosen for a method at a horizon.

    Parameters
    ----------
    best
        The chosen trial.
    registration_nrmse
        Registration error over the validation span by number of modes, each with its best settings.
    trials
        Everything that was tried.
    """

    best: Trial
    registration_nrmse: dict[int, float]
    trials: list[Trial]


def grid_search(grid: Grid, fixed: Mapping[str, float | int] | None = None) -> Search:
    """Return the search that tries every point of a grid whose history fits.

    Parameters
    ----------
    grid
        The grid of a method.
    fixed
        Settings that are not in the grid; all others keep their defaults.

    Returns
    -------
    A function that yields one trial a point.
    """

    def search(series: Series, method: str, evaluation: Evaluation) -> Iterable[Trial]:
        for point in grid.points():
            settings = {**(fixed or {}), **point}
            if settings.get("history_length", 1) <= series.longest_history:
                yield judge(series, method, settings, evaluation)

    return search


def optuna_search(
    trials: int,
    rate_hz: float,
    fixed: Mapping[str, float | int] | None = None,
    given: Mapping[str, float | int] | None = None,
) -> Search:
    """Return the search of a larger space by optuna's tree of Parzen estimators, seeded.

    Parameters
    ----------
    trials
        Number of settings to try.
    rate_hz
        Frames per second: the space of histories is in seconds.
    fixed
        Settings that are not in the space; all others keep their defaults.
    given
        Settings that take the place of those that are proposed.

    Returns
    -------
    A function that yields one trial a setting; each proposal depends on the trials before it.
    """

    def search(series: Series, method: str, evaluation: Evaluation) -> Iterable[Trial]:
        import optuna

        if (given or {}).get("history_length", 1) > series.longest_history:
            return
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        # It takes seeds of 32 bits; those of the random runs may be larger.
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=evaluation.seed % 2**32))
        for _ in range(trials):
            proposed = study.ask()
            suggested = suggest(proposed, method, rate_hz, series.longest_history)
            done = judge(series, method, {**(fixed or {}), **suggested, **(given or {})}, evaluation)
            failed = not np.isfinite(done.nrmse)
            state = optuna.trial.TrialState.FAIL if failed else optuna.trial.TrialState.COMPLETE
            study.tell(proposed, None if failed else done.nrmse, state=state)
            yield done

    return search


def choose(problem: Problem, method: str, horizon: int, search: Search, evaluation: Evaluation) -> SearchResult:
    """Search the settings with each number of modes by nRMSE, then choose the modes by registration error.

    The nRMSE of different numbers of modes cannot be compared; how well the predicted DVF carries a frame back to the
    reference can, and by that the number of modes is chosen in arXiv 2410.05882. Both are taken over the validation
    span.

    Parameters
    ----------
    problem
        Weights, frames and motion model up to the end of the validation span.
    method
        Name of the method.
    horizon
        Frames between the newest frame and the forecast one.
    search
        What is tried with each number of modes.
    evaluation
        How each setting is run.

    Returns
    -------
    The chosen trial beside all others, and the registration error of each number of modes; NaN where there is only one.

    Raises
    ------
    SettingsError
        If every run of every setting diverged.
    """
    trials: list[Trial] = []
    best: dict[int, Trial] = {}
    for modes in problem.modes:
        found, winner = search_settings(problem.series(modes, horizon), method, search, evaluation)
        trials += found
        if winner is not None:
            best[modes] = winner
    if not best:
        raise all_diverged(method, horizon, len(trials))
    errors = {modes: _registration(problem, method, horizon, trial, evaluation) for modes, trial in best.items()}
    chosen = min(errors, key=lambda modes: errors[modes])
    return SearchResult(best[chosen], errors, trials)


def all_diverged(method: str, horizon: int, tried: int) -> SettingsError:
    """Return the error that says that every run of every setting diverged.

    Parameters
    ----------
    method
        Name of the method.
    horizon
        Its horizon in frames.
    tried
        Number of settings that were tried.

    Returns
    -------
    The error, to be raised.
    """
    return SettingsError(
        f"a setting of {method} must keep a run from diverging, got none among {tried} at a horizon of {horizon} "
        "frames; try smaller learning rates"
    )


def search_settings(
    series: Series, method: str, search: Search, evaluation: Evaluation
) -> tuple[list[Trial], Trial | None]:
    """Search the settings of a method, and run the best ones again where that was asked for.

    Parameters
    ----------
    series
        What settings are judged on.
    method
        Name of the method.
    search
        What is tried.
    evaluation
        How each setting is run.

    Returns
    -------
    All trials, those that were run again last, and the best one: None where every run of every setting diverged.

    Raises
    ------
    SettingsError
        If the validation span leaves nothing to judge a setting by, or no history fits.
    """
    _check_judged(series, method, evaluation)
    found = list(search(series, method, evaluation))
    if not found:
        raise SettingsError(
            f"a history that is tried for {method} must be at most {series.longest_history} frames, the most that the "
            f"train span holds without a long gap before a target {series.horizon} frames ahead, got longer ones; "
            f"give a shorter one (--set {method}.history_length), ask for a shorter horizon, or lengthen the train span"
        )
    finals = _finals(series, method, found, evaluation)
    return found + finals, best_trial(finals or found)


def _check_judged(series: Series, method: str, evaluation: Evaluation) -> None:
    judged = series.samples[series.judged(evaluation.protocol)]
    if len(judged) < _FEWEST_JUDGED or (judged == judged[0]).all():
        raise SettingsError(
            f"settings of {method} are judged by {_FEWEST_JUDGED} or more different frames of the validation span, of "
            f"which all have forecasts, got {len(judged)} at a horizon of {series.horizon} frames; ask for a shorter "
            "one, or move frames.train_end and frames.validation_end apart"
        )


def _finals(series: Series, method: str, trials: list[Trial], evaluation: Evaluation) -> list[Trial]:
    """Run the best settings once more, with more runs; none for methods that draw no random numbers."""
    if METHODS[method].deterministic or evaluation.final_runs <= evaluation.runs:
        return []
    again = replace(evaluation, runs=evaluation.final_runs)
    return [judge(series, method, trial.settings, again) for trial in ranking(trials)[: evaluation.finalists]]


def _registration(problem: Problem, method: str, horizon: int, trial: Trial, evaluation: Evaluation) -> float:
    """Return the mean registration nRMSE over judged frames and runs."""
    series = problem.series(trial.modes, horizon)
    if len(problem.modes) == 1:
        return float("nan")
    forecasts = validation_forecasts(series, method, trial.settings, evaluation)
    model = problem.model.first(trial.modes)
    reference, frames = problem.frames[problem.reference], problem.judged_frames(series, evaluation.protocol)
    return float(
        np.mean(
            [
                registration_nrmse(reference, frame, model.reconstruct(weights), black_beyond=problem.black_beyond)
                for run in forecasts
                if np.isfinite(run).all()
                for frame, weights in zip(frames, run, strict=True)
            ]
        )
    )
