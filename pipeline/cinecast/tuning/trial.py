"""One setting of a method, judged on the validation span alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cinecast.clock.instants import scored_instants
from cinecast.settings import Protocol
from cinecast_models import DivergenceError, forecast_series, half_range_95, method_settings, nrmse


@dataclass(frozen=True, eq=False)
class Series:
    """What a setting is judged on; it ends with the validation span, so that no test sample can be seen.

    Parameters
    ----------
    samples
        Shape (validation end, K), by instant of the clock; NaN at one that stays unknown.
    train_end
        End of the train span of the method, in instants.
    horizon
        Frames.
    held
        Samples that were not measured but held: nothing is learned from them, and no setting judged by them.
    lost
        Instants that no sample came for: no setting is judged by them either.
    compared_history
        The longest history of the settings that are compared: after a long gap, they are judged once all of them have a
        forecast.
    """

    samples: NDArray[np.float64]
    train_end: int
    horizon: int
    held: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()
    compared_history: int = 0

    def judged(self, protocol: Protocol) -> list[int]:
        """Return the frames of the validation span that were measured and that a forecast is issued of."""
        first = self.train_end if protocol == "published" else self.train_end - 1 + self.horizon
        lost: NDArray[np.bool_] = np.zeros(len(self.samples), dtype=bool)
        lost[list(self.lost)] = True
        unknown, instants = np.asarray(np.isnan(self.samples).all(axis=1)), np.arange(len(lost))
        possible = scored_instants(lost, unknown, instants, self.horizon, self.compared_history)
        return [t for t in range(first, len(self.samples)) if possible[t] and t not in self.held]

    @property
    def longest_history(self) -> int:
        """Longest history that leaves a pair in the train span, without a long gap in it; 0 or less for none."""
        instants = np.arange(self.train_end)
        unknown = np.isnan(self.samples[: self.train_end]).all(axis=1)
        since = instants - np.maximum.accumulate(np.where(unknown, instants, -1))  # the instant itself counted
        return max((int(since[t]) for t in instants if t not in self.held | self.lost), default=0) - self.horizon


@dataclass(frozen=True)
class Evaluation:
    """How settings are run.

    Parameters
    ----------
    protocol
        ``causal`` or ``published``.
    runs
        Random runs, advanced together.
    seed
        Seed of the generators.
    finalists, final_runs
        How many of the best settings are run once more, with how many runs: a setting that did well in a few runs of
        a net that learns unsteadily may have been lucky. 0 for none.
    """

    protocol: Protocol = "causal"
    runs: int = 3
    seed: int = 0
    finalists: int = 0
    final_runs: int = 0

    def values(self) -> dict[str, Any]:
        """Return what a choice depends on, as plain values."""
        final = {"finalists": self.finalists, "final_runs": self.final_runs} if self.finalists else {}
        return {"protocol": self.protocol, "runs": self.runs, "seed": self.seed} | final


class Trial(NamedTuple):
    """One setting and how well it did.

    ``nrmse`` is the mean over the runs that did not diverge, NaN if all did, ``half_range_95`` its 95 % half range.
    """

    modes: int
    settings: Mapping[str, float | int]
    nrmse: float
    half_range_95: float
    diverged: int


def judge(series: Series, method: str, settings: Mapping[str, float | int], evaluation: Evaluation) -> Trial:
    """Return the nRMSE of a setting over the validation span, and how many of its runs diverged.

    Parameters
    ----------
    series
        What the setting is judged on.
    method
        Name of the method.
    settings
        Value by name of the setting; what is left out keeps its default.
    evaluation
        Protocol, random runs and seed.

    Returns
    -------
    The trial; its nRMSE is NaN where every run diverged.
    """
    forecasts = validation_forecasts(series, method, settings, evaluation)
    truth = series.samples[series.judged(evaluation.protocol)]
    correct = [run for run in forecasts if np.isfinite(run).all()]
    values = np.array([nrmse(run, truth) for run in correct])
    modes, lost = series.samples.shape[1], len(forecasts) - len(correct)
    if not correct:
        return Trial(modes, settings, float("nan"), float("nan"), lost)
    return Trial(modes, settings, float(values.mean()), half_range_95(values), lost)


def validation_forecasts(
    series: Series, method: str, settings: Mapping[str, float | int], evaluation: Evaluation
) -> NDArray[np.float64]:
    """Return the forecasts of the frames that a setting is judged by.

    Parameters
    ----------
    series
        What the setting is judged on.
    method
        Name of the method.
    settings
        Value by name of the setting; what is left out keeps its default.
    evaluation
        Protocol, random runs and seed.

    Returns
    -------
    Shape (R, frames, K), the frames being those of `Series.judged`; NaN for a run that diverged.
    """
    frames = len(series.judged(evaluation.protocol))
    try:
        result = forecast_series(
            series.samples,
            method=method,
            settings=method_settings(method, settings),
            horizon=series.horizon,
            train_end=series.train_end,
            protocol=evaluation.protocol,
            runs=evaluation.runs,
            seed=evaluation.seed,
            held=series.held,
            lost=series.lost,
        )
    except DivergenceError:  # a setting that cannot be chosen, not a mistake of the user's
        return np.full((evaluation.runs, frames, series.samples.shape[1]), np.nan)
    return result.forecasts[:, series.judged(evaluation.protocol)]


def best_trial(trials: list[Trial]) -> Trial | None:
    """Return the trial of lowest nRMSE among those of which the fewest runs diverged; None where all runs of all did.

    This is the rule of the code published with arXiv 2410.05882: a setting of which more runs diverge than of another
    is out, however well its other runs did.
    """
    ranked = ranking(trials)
    return ranked[0] if ranked else None


def ranking(trials: list[Trial]) -> list[Trial]:
    """Return the trials that the published rule allows, best first."""
    usable = [trial for trial in trials if np.isfinite(trial.nrmse)]
    fewest = min((trial.diverged for trial in usable), default=0)
    return sorted((trial for trial in usable if trial.diverged == fewest), key=lambda trial: trial.nrmse)
