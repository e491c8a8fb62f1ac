"""How much is tried of the papers' grids and runs, within a budget of time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cinecast.errors import SettingsError
from cinecast.settings import Protocol
from cinecast.tuning.trial import Evaluation


@dataclass(frozen=True)
class Effort:
    """One rung of the ladder from a quick look to the papers' own protocol.

    Parameters
    ----------
    name
        Name for people.
    values
        Values kept of each setting of the grid; None for all.
    selection_runs
        Random runs of each setting on the validation span.
    test_runs
        Random runs of the chosen setting on the test span.
    modes
        Numbers of modes that are tried.
    finalists, final_runs
        How many of the best settings are run once more, with how many runs.
    """

    name: str
    values: int | None
    selection_runs: int
    test_runs: int
    modes: tuple[int, ...] = (1, 2, 3, 4)
    finalists: int = 0
    final_runs: int = 0

    def evaluation(self, protocol: Protocol) -> Evaluation:
        """Return how settings are run."""
        return Evaluation(protocol, self.selection_runs, 0, self.finalists, self.final_runs)


PAPERS = Effort("the papers' grid, 250 runs for selection, 25 for test", None, 250, 25)
LADDER = (
    Effort("1 value of each setting, 3 modes, 1 run for selection, 2 for test", 1, 1, 2, (3,)),
    Effort("1 value of each setting, 1 run for selection, 5 for test", 1, 1, 5),
    Effort(
        "2 values of each setting, 1 run for selection, the best 3 again with 5, 5 for test",
        *(2, 1, 5),
        finalists=3,
        final_runs=5,
    ),
    Effort(
        "3 values of each setting, 1 run for selection, the best 5 again with 10, 5 for test",
        *(3, 1, 5),
        finalists=5,
        final_runs=10,
    ),
    Effort(
        "the papers' grid, 1 run for selection, the best 5 again with 10, 5 for test",
        *(None, 1, 5),
        finalists=5,
        final_runs=10,
    ),
    Effort(
        "the papers' grid, 5 runs for selection, the best 5 again with 50, 25 for test",
        *(None, 5, 25),
        finalists=5,
        final_runs=50,
    ),
    PAPERS,
)


def allocate(
    costs: Mapping[str, Sequence[float]], budget_s: float, workers: int, share: float = 1.0
) -> dict[str, Effort]:
    """Return the effort of each method that a budget allows.

    All start at the lowest rung; the cheapest next rung of all is taken again and again while it fits.

    Parameters
    ----------
    costs
        Processor seconds of each rung of `LADDER` for each method, growing.
    budget_s
        Seconds for all methods together.
    workers
        Processors that share the work.
    share
        Share of the whole ``--budget`` that these seconds are.

    Returns
    -------
    A rung of `LADDER` by name of the method.

    Raises
    ------
    SettingsError
        If the lowest rungs do not fit.
    """
    rungs = dict.fromkeys(costs, 0)
    spent = sum(each[0] for each in costs.values())
    if spent > budget_s * workers:
        needed, given = (seconds / share / 60 for seconds in (spent / workers, budget_s))
        raise SettingsError(
            f"--budget must be at least {math.ceil(10 * needed) / 10:.1f} minutes for the thinnest grids of these "
            f"methods and horizons on {workers} processors, got {given:.1f}; raise it, or name fewer methods"
        )
    while True:
        steps = {
            method: costs[method][rung + 1] - costs[method][rung]
            for method, rung in rungs.items()
            if rung + 1 < len(LADDER)
        }
        fitting = {method: step for method, step in steps.items() if spent + step <= budget_s * workers}
        if not fitting:
            return {method: LADDER[rung] for method, rung in rungs.items()}
        cheapest = min(fitting, key=lambda method: fitting[method])
        spent += fitting[cheapest]
        rungs[cheapest] += 1
