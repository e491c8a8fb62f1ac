"""One method at one horizon of a run: loaded, searched, and what was chosen as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from threadpoolctl import threadpool_limits

from cinecast.store import artifacts as art
from cinecast.tuning.grid import Grid
from cinecast.tuning.search import Choice, Problem, Search, choose, grid_search, optuna_search
from cinecast.tuning.trial import Evaluation
from cinecast_models import method_settings


class Span(NamedTuple):
    """What a search may see: train end of the method, and end of the validation span, in frames."""

    train_end: int
    validation_end: int


@dataclass(frozen=True)
class Cell:
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
        Settings of the method that the user has given; those that are searched for take their place.
    """

    method: str
    horizon: int
    span: Span
    modes: tuple[int, ...]
    reference: int
    evaluation: Evaluation
    grid: Grid | None
    trials: int
    rate_hz: float
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Folder of the result in a run."""
        return f"tune/{self.evaluation.protocol}/{self.method}/h{self.horizon:03d}"

    def values(self) -> dict[str, Any]:
        """Return what the choice depends on beside the weights, as plain values."""
        grid = None if self.grid is None else dict(self.grid.values)
        others = method_settings(self.method, self.fixed).values()  # what is not searched for counts as well
        return {**asdict(self), "grid": grid, "evaluation": self.evaluation.values(), "others": others}

    @property
    def search(self) -> Search:
        """The search that is asked for."""
        if self.grid is None:
            return optuna_search(self.trials, self.rate_hz, self.fixed)
        return grid_search(self.grid, self.fixed)


def load_problem(run: Path, cell: Cell) -> Problem:
    """Return what a cell searches, read from a run folder and cut off at the end of the validation span."""
    folder = run / art.motion_key(cell.span.train_end)
    end = cell.span.validation_end
    return Problem(
        weights=art.load_weights(folder)[:end],
        frames=art.load_array(run / art.FRAMES / "frames.npy")[:end],
        model=art.load_motion_model(folder),
        reference=cell.reference,
        train_end=cell.span.train_end,
        modes=cell.modes,
    )


def search_cell(run: Path, cell: Cell) -> Choice:
    """Return the choice of a cell of a run.

    Raises
    ------
    SettingsError
        If every run of every setting diverged.
    """
    # As in a run: the number of processors must not get into the last bits of the results, nor the cells of one
    # machine into each other's way.
    with threadpool_limits(1):
        return choose(load_problem(run, cell), cell.method, cell.horizon, cell.search, cell.evaluation)
