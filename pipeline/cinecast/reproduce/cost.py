"""What a grid costs: measured on a few of its points, not guessed."""

from __future__ import annotations

import time
from collections.abc import Mapping

from cinecast.reproduce.effort import Effort
from cinecast.single_thread import one_thread, thread_pools
from cinecast.tuning.grid import Grid
from cinecast.tuning.trial import Evaluation, Series, judge
from cinecast_models import METHODS

# Above this, a second measurement with several runs is left out: such methods take as long again for each run.
_SLOW_S = 1.0
_SEVERAL = 3


class MethodCost:
    """Seconds that one setting of a method takes on a series, by number of runs.

    Parameters
    ----------
    series
        What is measured on; its longest history and number of components should be typical.
    grid
        The method's grid: its first and its last point, the smallest and the largest, are timed.
    evaluation
        Protocol and seed.
    """

    def __init__(self, series: Series, grid: Grid, evaluation: Evaluation) -> None:
        points = list(grid.points())
        _seconds(series, grid.method, points[0], evaluation, 1)  # compiled code is compiled once
        largest = _seconds(series, grid.method, points[-1], evaluation, 1)
        self._first = (_seconds(series, grid.method, points[0], evaluation, 1) + largest) / 2
        self._more = 0.0 if METHODS[grid.method].deterministic else self._first
        if self._more and self._first < _SLOW_S:
            several = _seconds(series, grid.method, points[-1], evaluation, _SEVERAL)
            self._more = min(self._first, max(0.0, several - largest) / (_SEVERAL - 1))

    def of_setting(self, runs: int) -> float:
        """Return the seconds of one setting with a number of runs."""
        return self._first + self._more * (runs - 1)

    def of_search(self, grid: Grid, effort: Effort, searches: int) -> float:
        """Return the seconds of searching a grid at an effort.

        Parameters
        ----------
        grid
            The whole grid.
        effort
            How much of it is tried, with how many runs.
        searches
            How often it is searched: once for each number of modes.

        Returns
        -------
        Estimated processor seconds.
        """
        points = len(grid.thinned(effort.values) if effort.values else grid)
        finals = min(points, effort.finalists) * self.of_setting(effort.final_runs) if self._more else 0.0
        return searches * (points * self.of_setting(effort.selection_runs) + finals)


def _seconds(
    series: Series, method: str, settings: Mapping[str, float | int], evaluation: Evaluation, runs: int
) -> float:
    start = time.process_time()  # what else the machine does is not counted
    with one_thread(thread_pools()):
        judge(series, method, settings, Evaluation(evaluation.protocol, runs, evaluation.seed))
    return time.process_time() - start
