"""One search, of one method at one horizon of a run: what it depends on, what it reads, and how it is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cinecast.single_thread import one_thread, thread_pools
from cinecast.store import artifacts as art
from cinecast.tuning.grid import Grid
from cinecast.tuning.search import Problem, Search, SearchResult, choose, grid_search, optuna_search
from cinecast.tuning.space import longest_history
from cinecast.tuning.trial import Evaluation, judge
from cinecast_models import METHODS, method_settings


class SearchSpan(NamedTuple):
    """What a search may see: train end of the method, and end of the validation span, in frames."""

    train_end: int
    validation_end: int


@dataclass(frozen=True)
class SearchTask:
    """One search.

    Parameters
    ----------
    method, horizon
        Method, and horizon in frames.
    span
        Ends of the train and the validation span.
    modes
        Numbers of modes to try.
    reference
        Index of the reference frame.
    evaluation
        How each setting is run.
    grid
        The grid that is tried; None: optuna searches.
    trials, rate_hz
        Number of settings that optuna tries for each number of modes, and frames per second.
    fixed
        Settings of the method; those that are searched for take their place.
    given
        Those that optuna leaves as they are given. Of a grid they are part.
    held
        Frames whose motion was not measured but held: nothing is learned from them, and no setting judged by them.
    longest_gap_s
        Up to a gap of so many s lost frames are filled in; None where none is missing.
    black_beyond
        Whether what lies beyond the image is black when frames are carried back, as published.
    """

    method: str
    horizon: int
    span: SearchSpan
    modes: tuple[int, ...]
    reference: int
    evaluation: Evaluation
    grid: Grid | None
    trials: int
    rate_hz: float
    fixed: Mapping[str, Any] = field(default_factory=dict)
    held: tuple[int, ...] = ()
    longest_gap_s: float | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    black_beyond: bool = False

    @property
    def key(self) -> str:
        """Folder of the result in a run."""
        return f"tune/{self.evaluation.protocol}/{self.method}/h{self.horizon:03d}"

    def values(self) -> dict[str, Any]:
        """Return what the choice depends on beside the weights, as plain values."""
        grid = None if self.grid is None else dict(self.grid.values)
        others = method_settings(self.method, self.fixed).values()  # what is not searched for counts as well
        own = asdict(self) | {"grid": grid, "evaluation": self.evaluation.values(), "others": others}
        own |= METHODS[self.method].origin
        own["held_until_measured"] = own.pop("held")  # they stayed in histories under the other name
        absent = [name for name in ("held_until_measured", "given") if not own[name]]
        absent += [] if self.longest_gap_s is not None else ["longest_gap_s"]
        absent += ["black_beyond"] if self.black_beyond else []
        return {name: value for name, value in own.items() if name not in absent}

    @property
    def compared_history(self) -> int:
        """The longest history that is tried, in frames."""
        if self.grid is None:
            return max(int(self.given.get("history_length", 0)), longest_history(self.rate_hz))
        return max((int(length) for length in self.grid.values.get("history_length", ())), default=0)

    @property
    def search(self) -> Search:
        """The search that is asked for."""
        if self.grid is None:
            return optuna_search(self.trials, self.rate_hz, self.fixed, self.given)
        return grid_search(self.grid, self.fixed)


def load_problem(run: Path, task: SearchTask) -> Problem:
    """Return what a task searches, read from a run folder and cut off at the end of the validation span.

    Parameters
    ----------
    run
        A run folder with frames and motion models, finished up to the stage ``motion``.
    task
        The search.

    Returns
    -------
    Weights, frames and the motion model of the method's train span, without anything after the validation span.
    """
    folder = run / art.motion_key(task.span.train_end)
    end = task.span.validation_end
    instants = art.load_sequence(run / art.FRAMES).instants
    return Problem(
        weights=art.load_weights(folder)[:end],
        frames=art.load_array(run / art.FRAMES / "frames.npy")[:end],
        model=art.load_motion_model(folder),
        reference=task.reference,
        train_end=task.span.train_end,
        modes=task.modes,
        held=frozenset(task.held),
        instants=None if instants.regular else instants.first(end),
        compared_history=task.compared_history,
        black_beyond=task.black_beyond,
    )


class Tuned(NamedTuple):
    """What a search found, and nRMSE over the validation span without it: NaN where the defaults cannot be run."""

    choice: SearchResult
    default_nrmse: float


def run_search(run: Path, task: SearchTask) -> SearchResult:
    """Run a search on one processor, so that it gives the same bits on any machine.

    Parameters
    ----------
    run
        A run folder with frames and motion models, finished up to the stage ``motion``.
    task
        The search.

    Returns
    -------
    Every trial, and the settings and number of modes that were chosen.

    Raises
    ------
    SettingsError
        If every run of every setting diverged.
    """
    # As in a run: the number of processors must not get into the last bits of the results, nor the tasks of one
    # machine into each other's way.
    with one_thread(thread_pools()):
        return choose(load_problem(run, task), task.method, task.horizon, task.search, task.evaluation)


def run_search_and_defaults(run: Path, task: SearchTask) -> Tuned:
    """Run a search as `run_search` does, then the settings that the user would have without it.

    Parameters
    ----------
    run
        A run folder with frames and motion models, finished up to the stage ``motion``.
    task
        The search.

    Returns
    -------
    The choice, and the nRMSE of the other settings with the same number of modes over the same frames.

    Raises
    ------
    SettingsError
        If every run of every setting diverged.
    """
    choice = run_search(run, task)
    series = load_problem(run, task).series(choice.best.modes, task.horizon)
    if method_settings(task.method, task.fixed).history_length > series.longest_history:
        return Tuned(choice, float("nan"))
    with one_thread(thread_pools()):
        return Tuned(choice, judge(series, task.method, task.fixed, task.evaluation).nrmse)
