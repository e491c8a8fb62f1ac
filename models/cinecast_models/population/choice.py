"""Which of several populations serves a series and a horizon, and why none does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from cinecast_models.errors import ForecastingError
from cinecast_models.forecast_task import ForecastTask
from cinecast_models.population.population import Population

_LOG = logging.getLogger(__name__)

# Largest relative difference of the rates of a model and of what it forecasts: the jitter of frame times is less, the
# next lower rate of any scanner more.
RATE_TOLERANCE = 0.05


def choose_population(
    populations: Sequence[Population],
    task: ForecastTask,
    *,
    history_length: int = 0,
    where: str = "the populations given",
) -> Population:
    """Return the one population that was trained for a task.

    Parameters
    ----------
    populations
        One or more.
    task
        What is to be forecast.
    history_length
        L of the one wanted; 0 for any.
    where
        Where the populations come from, for sentences.

    Returns
    -------
    Population
        One of those given.

    Raises
    ------
    ForecastingError
        If none has the components, the rate, the history and the horizon; if several do; if the one was trained on
        the very series that it is to forecast.
    """
    fitting = _of_components(populations, task, where)
    fitting = _of_rate(fitting, task, where)
    fitting = _of_history(fitting, history_length, where)
    fitting = _of_horizon(fitting, task, where)
    if len(fitting) > 1:
        raise ForecastingError(
            f"one model must fit a horizon, got {len(fitting)} for {task.horizon} frames in {where}; name one file, "
            "or choose by population_transformer.history_length"
        )
    _check_unseen(fitting[0], task, where)
    return fitting[0]


def _of_components(populations: Sequence[Population], task: ForecastTask, where: str) -> list[Population]:
    fitting = [each for each in populations if each.components == task.components]
    if not fitting:
        raise ForecastingError(
            f"population_transformer forecasts as many components as its model was trained on, got {task.components} "
            f"in {task.name} for {_listed(each.components for each in populations)} in {where}; forecast as many, or "
            f"train a model with 'cinecast population --components {task.components}'"
        )
    return fitting


def _of_rate(populations: list[Population], task: ForecastTask, where: str) -> list[Population]:
    rate = task.rate_hz
    if rate is None:
        return populations
    fitting = [each for each in populations if abs(each.target_rate / rate - 1) <= RATE_TOLERANCE]
    if not fitting:
        raise ForecastingError(
            "population_transformer needs a model for the rate of what it forecasts, within "
            f"{100 * RATE_TOLERANCE:g} %, got {rate:.4g} Hz in {task.name} for "
            f"{_listed(each.target_rate for each in populations)} Hz in {where}; train one with 'cinecast population "
            f"--rate {rate:.4g}'"
        )
    return fitting


def _of_history(populations: list[Population], history_length: int, where: str) -> list[Population]:
    fitting = [each for each in populations if history_length in (0, each.settings.history_length)]
    if not fitting:
        raise ForecastingError(
            f"population_transformer.history_length must be that of a model, got {history_length} for "
            f"{_listed(each.settings.history_length for each in populations)} in {where}; leave it out to take the "
            "model's own"
        )
    return fitting


def _of_horizon(populations: list[Population], task: ForecastTask, where: str) -> list[Population]:
    fitting = [each for each in populations if each.settings.horizon == task.horizon]
    if not fitting:
        raise ForecastingError(
            f"population_transformer needs a model for the horizon, got {task.horizon} frames for models of "
            f"{_listed(each.settings.horizon for each in populations)} frames in {where}; ask for one of these, or "
            f"train one with 'cinecast population --horizon {task.horizon}'"
        )
    return fitting


def _check_unseen(population: Population, task: ForecastTask, where: str) -> None:
    if not population.trained_on:
        return
    digests = task.digests()
    for each in population.trained_on:
        if each.digests & digests:
            raise ForecastingError(
                f"population_transformer must forecast what its model has never seen, got {task.name}, which is "
                f"{each.name} of the training of {where}, or a part of it; train one on other sequences"
            )
        if each.name == task.name:
            _LOG.warning(
                "the model in %s was trained on a sequence called %s, too: if it is the same one, read in another way, "
                "its forecasts know their future",
                where,
                each.name,
            )


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in sorted(set(values)))
